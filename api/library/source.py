"""Publications: what statements rest on."""

from api.library.record import Doi, Record, Slug, Text, WebAddress
from api.library.vocabulary import Certainty, SourceKind


class Source(Record):
    """A publication, or the honest lack of one, that statements name."""

    slug: Slug
    """The name in URLs."""
    citation: Text
    """Authors, title, journal, year: what a reader needs to find it."""
    kind: SourceKind
    """What kind of publication it is."""
    doi: Doi | None = None
    """Digital object identifier; null where there is none or it was not checked."""
    url: WebAddress | None = None
    """Where it can be read; null where there is no stable address."""
    certainty: Certainty
    """Whether this project checked it against a copy."""
    note: Text | None = None
    """What a reader should know of it."""
    misprints: list[Text] = []
    """Misprints of the publication that quotes of it keep: where one is printed for clinicians, it is marked `[sic]`."""
