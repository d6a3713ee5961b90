"""One write: a transaction, and a caller who has seen the record as it stands (RFC 9110, 13): nobody overwrites another's change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request

from api import formats
from api.errors import NotFound
from api.library.serialised import SerialisedRecord
from api.store import keys
from api.store.engine import Database
from api.store.journal import Journal
from api.store.keys import Key
from api.web.answers import listed, written
from api.web.etags import CODINGS, coded, etag, has_it, if_match, refuse_others
from api.web.keys import author
from api.web.problems import PreconditionFailed, PreconditionRequired

_Found = TypeVar("_Found")
_SAY = "Say what you are changing: 'If-Match' with the ETag that you read"
_OR_CREATE = ", or 'If-None-Match: *' to create what isn't there."


@contextmanager
def changing(request: Request, store: Database, key: Key) -> Iterator[Journal]:
    """Open the transaction of a change. It is committed when the block ends, before anything is answered."""
    with store.writing() as session:
        journal = Journal(session, author(request, key), datetime.now(UTC))
        yield journal
        keys.used(journal, key.name)


def as_seen(request: Request, found: _Found | None, content: Callable[[_Found], SerialisedRecord], missing: str) -> _Found:
    """Give a record that is there and is as the caller saw it.

    Raises NotFound, PreconditionRequired or PreconditionFailed; MalformedHeader where `If-Match` is no list of ETags.
    """
    seen = if_match(request)
    if found is None:
        raise NotFound(missing)
    _refuse_lost_race(request, seen, content(found), f"{_SAY}.")
    return found


def refuse_unseen(request: Request, current: SerialisedRecord | None, missing: str) -> None:
    """Refuse to write where the record isn't as the caller saw it, or isn't there and the caller doesn't create it. Raises as `as_seen`."""
    seen = if_match(request)
    if current is not None:
        _refuse_lost_race(request, seen, current, _SAY + _OR_CREATE)
    elif seen is not None:
        raise NotFound(missing)
    elif not _creates(request):
        raise PreconditionRequired(_SAY + _OR_CREATE)


def _creates(request: Request) -> bool:
    return listed(request, "if-none-match").strip() == "*"


def _refuse_lost_race(request: Request, seen: list[str] | None, current: SerialisedRecord, hint: str) -> None:
    if _creates(request):
        raise PreconditionFailed("It is there already: read it, and replace it with 'If-Match'.")
    if seen is None:
        raise PreconditionRequired(hint)
    refuse_others(seen, _tags(request, current))
    others = listed(request, "if-none-match")
    if others and any(has_it(others, tag) for tag in _tags(request, current)):
        raise PreconditionFailed("It is as 'If-None-Match' has it, so it stays.")


def _tags(request: Request, content: SerialisedRecord) -> Iterator[str]:
    """Give the ETags that we give for this state, one for each coding of each format: JSON first, which is edited and costs nothing."""
    kind: type = type(content)
    for chosen in formats.offered(kind).values():
        tag = etag(chosen.media_type, written(request, chosen, content))
        yield from (coded(tag, coding) for coding in CODINGS)
