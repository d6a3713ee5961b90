"""Addresses in records: they lead back to where they were asked, also through a proxy that serves this service under a path."""

from dataclasses import replace

from api.formats import Answer
from api.library.listing import Avoided, Listed, Listing, Page
from api.library.program import Printout, Program
from api.library.serialised import SerialisedRecord, SerialisedRecords

# Within JSON no text has a quote that isn't escaped, so this is always a field.
_PICTURE = '"url":"/images/'


def rooted(document: str, root: str) -> str:
    """Put the path of the service before the addresses of pictures in a record's JSON."""
    return document.replace(_PICTURE, f'"url":"{root}/images/') if root else document


def located(content: Answer, root: str) -> Answer:
    """Put the path of the service before the addresses of pictures in what is answered."""
    if not root:
        return content
    match content:
        case SerialisedRecord():
            return content._replace(document=rooted(content.document, root))
        case SerialisedRecords():
            return content._replace(documents=[rooted(document, root) for document in content.documents])
        case Listing():
            return content._replace(page=_page(content.page, root), undecided=content.undecided and _page(content.undecided, root))
        case Printout():
            return content._replace(program=Program.model_validate_json(rooted(content.program.model_dump_json(), root)))
        case Avoided():
            return content


def _page(page: Page[Listed], root: str) -> Page[Listed]:
    return page._replace(items=[replace(listed, document=rooted(listed.document, root)) for listed in page.items])
