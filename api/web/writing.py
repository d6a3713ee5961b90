"""One write: a transaction, the record as it stands, and a caller who has seen it (RFC 9110, 13): nobody overwrites another's change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from fastapi import Request

from api import formats
from api.errors import NotFound
from api.library.serialised import SerialisedRecord
from api.store import keys
from api.store.engine import Database
from api.store.journal import Journal
from api.store.keys import Key
from api.web.answers import written
from api.web.etags import CODINGS, coded, etag, if_match, refuse_others
from api.web.keys import author
from api.web.problems import PreconditionFailed, PreconditionRequired

_Found = TypeVar("_Found")


class Writer(NamedTuple):
    """Who writes."""

    request: Request
    store: Database
    key: Key


@contextmanager
def replacing(
    writer: Writer, load: Callable[[sa.Connection], _Found | None], content: Callable[[_Found], SerialisedRecord], missing: str
) -> Iterator[tuple[Journal, _Found]]:
    """Open the transaction of a change to a record that is there, and that is as the caller saw it.

    It is committed when the block ends, before anything is answered. Raises NotFound, PreconditionRequired or PreconditionFailed;
    MalformedHeader where `If-Match` is no list of ETags.
    """
    with _changing(writer) as journal:
        found, said = load(journal.connection), _Precondition.of(writer.request)
        if found is None:
            raise NotFound(missing)
        said.refuse_lost_race(writer.request, content(found), "read.")
        yield journal, found


@contextmanager
def writing(
    writer: Writer, load: Callable[[sa.Connection], _Found], content: Callable[[_Found], SerialisedRecord | None], missing: str
) -> Iterator[tuple[Journal, _Found]]:
    """Open the transaction of a change to a record that is as the caller saw it, or that is made where what is found has no content.

    Otherwise as `replacing`.
    """
    with _changing(writer) as journal:
        found, said = load(journal.connection), _Precondition.of(writer.request)
        current, or_creates = content(found), "read, or 'If-None-Match: *' to create what isn't there."
        if current is not None:
            said.refuse_lost_race(writer.request, current, or_creates)
        elif said.seen is not None:
            raise NotFound(missing)
        elif not said.creates:
            raise PreconditionRequired(_SAY + or_creates)
        yield journal, found


@contextmanager
def _changing(writer: Writer) -> Iterator[Journal]:
    with writer.store.writing() as session:
        journal = Journal(session, author(writer.request, writer.key), datetime.now(UTC))
        yield journal
        keys.used(journal, writer.key.name)


_SAY = "Say what you are changing: 'If-Match' with the ETag that you "


class _Precondition(NamedTuple):
    """What a caller says of the record as it stands."""

    seen: list[str] | None
    """The ETags of `If-Match`, or `*` alone."""
    creates: bool

    @classmethod
    def of(cls, request: Request) -> "_Precondition":
        return cls(if_match(request), ",".join(request.headers.getlist("if-none-match")).strip() == "*")

    def refuse_lost_race(self, request: Request, current: SerialisedRecord, hint: str) -> None:
        if self.creates:
            raise PreconditionFailed("It is there already: read it, and replace it with 'If-Match'.")
        if self.seen is None:
            raise PreconditionRequired(_SAY + hint)
        refuse_others(self.seen, _tags(request, current, self.seen))


def _tags(request: Request, content: SerialisedRecord, given: Sequence[str]) -> set[str]:
    """Give the ETags that we give for this state, one for each coding of each format, as far as it takes to find one of those given."""
    found: set[str] = set()
    for one in formats.FORMATS.values():  # JSON first: that is what is edited, and costs nothing to write
        if one.writer(type(content)) is None:
            continue
        tag = etag(one.media_type, written(request, one, content))
        found |= {coded(tag, coding) for coding in CODINGS}
        if not found.isdisjoint(given):
            break
    return found
