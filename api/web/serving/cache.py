"""Answers of the catalogue, kept for as long as nothing is committed: around the finished application, which doesn't know of it.

The application is the only source of answers. What it says to a question that was asked before is kept together with the state of
the library that was read before it was asked, and given again only where a state read after a question arrived is still that one.
So an answer is never older than the last commit acknowledged before its question, whoever committed. Where the state can't be read,
nothing is kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.store.freshness import Freshness, State
from api.web.answers import coding
from api.web.etags import has_it
from api.web.negotiation import best
from api.web.paths import asked
from api.web.serving.messages import WHOLE, Answering, WholeSend, written
from api.web.serving.watch import REQUEST_ID

ANSWERS = 10_000
"""How many answers are kept at most: those used last."""
BYTES = 64 * 2**20
"""How much memory they may take."""
QUESTIONS = 10_000
"""So many questions that were asked last are recognized when they are asked again; only then are their answers kept."""
LONGEST = BYTES // 16
"""An answer longer than this isn't kept: it would drive out too many others."""
OVERHEAD = 2_000
"""What keeping an answer takes beside its bytes, generously."""
LONGEST_PATH = 400
"""No record's path is longer, and what is remembered of paths has an end."""
MOST_HEADERS, LONGEST_HEADERS, LONGEST_PREFERENCE = 50, 4_000, 500
"""Browsers and programs need less, and say in fewer bytes what they accept; the application answers whoever needs more."""

_READING = frozenset(("GET", "HEAD"))
_NOT_FOR_ALL = frozenset((b"authorization", b"cookie", b"content-length", b"transfer-encoding", b"if-match"))
_LISTS = (b"accept", b"accept-encoding", b"if-none-match")
_REQUEST_ID = b"x-request-id"
_OF_CONTENT = frozenset((b"content-length", b"content-type", b"content-encoding"))

Headers = list[tuple[bytes, bytes]]
Choice = tuple[str | None, str | None]
"""The media type and the coding that a caller gets."""
Key = tuple[bytes, bytes, Choice]
"""Path, query and what the caller gets of what the path offers: requests of the same key have the same answer."""
KeptAt = Callable[[str], tuple[str, ...]]
"""Gives the media types that a path offers to everybody; none where its answers aren't for everybody."""


class Question(NamedTuple):
    """A request: its key, the answers that the caller has already, and the caller's own name for it."""

    key: Key
    if_none_match: bytes
    request_id: bytes


class _Answer(NamedTuple):
    """An answer for everybody, for any ASGI server and for ours."""

    start: Message
    headers: bytes
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Headers, body: bytes) -> "_Answer":
        return cls({"type": "http.response.start", "status": status, "headers": headers}, written(headers), body)

    def sent_whole(self, scope: Scope) -> bool:
        """Send it in one go; False where this server can't, or can't just now."""
        send_whole: WholeSend | None = scope.get("extensions", {}).get(WHOLE)
        return send_whole is not None and send_whole(self.start["status"], self.headers, self._body(scope))

    async def send(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it, as an application does."""
        if not self.sent_whole(scope):
            await send(self.start)
            await send({"type": "http.response.body", "body": self._body(scope)})

    def _body(self, scope: Scope) -> bytes:
        return b"" if scope["method"] == "HEAD" else self.body


class Kept:
    """An answer, ready to send: whole, or as the news that the caller has it already."""

    __slots__ = ("_etag", "_unchanged", "_whole", "size", "state")

    def __init__(self, state: State, headers: Headers, body: bytes, etag: bytes) -> None:
        """Prepare the first; the second, when somebody has it."""
        headers = [header for header in headers if header[0] != _REQUEST_ID]
        self.state = state
        self._etag = etag
        self._whole = _Answer.of(HTTPStatus.OK.value, headers, body)
        self._unchanged: _Answer | None = None
        self.size = OVERHEAD + len(body) + 3 * len(self._whole.headers)

    def answer(self, question: Question) -> _Answer:
        """Give what to send to somebody, under their own name for the request."""
        answer = self._unnamed(question.if_none_match)
        name = question.request_id
        if name and REQUEST_ID.fullmatch(name.decode("latin-1")):
            return _Answer.of(answer.start["status"], [*answer.start["headers"], (_REQUEST_ID, name)], answer.body)
        return answer

    def _unnamed(self, if_none_match: bytes) -> _Answer:
        if if_none_match and (if_none_match == self._etag or has_it(if_none_match.decode("latin-1"), self._etag.decode("latin-1"))):
            if self._unchanged is None:
                headers = [header for header in self._whole.start["headers"] if header[0] not in _OF_CONTENT]
                self._unchanged = _Answer.of(HTTPStatus.NOT_MODIFIED.value, headers, b"")
            return self._unchanged
        return self._whole


class Cache(Answering):
    """Wraps the finished application; counts how many answers it gave in its place."""

    def __init__(self, app: ASGIApp, freshness: Freshness, kept_at: KeptAt) -> None:
        """Wrap an application whose answers change only where `freshness` tells another state."""
        self.hits = 0
        self.bytes = 0
        self._app = app
        self._freshness = freshness
        self._kept_at = kept_at
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._met: dict[int, bool] = {}
        self._asked: dict[tuple[Key, State], asyncio.Future[Kept | None]] = {}

    def __len__(self) -> int:
        """Count the answers kept."""
        return len(self._kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, for any ASGI server."""
        chosen: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
        # A task waits for it already, so nothing is sent without one.
        self.answer({**scope, "extensions": {}}, lambda app: None if chosen.done() else chosen.set_result(app))
        app = await chosen
        await app(scope, receive, send)

    def answer(self, scope: Scope, instead: Callable[[ASGIApp], None]) -> None:
        """Answer one request when the state is known, or tell which application is to answer instead."""
        question = _question(scope, self._kept_at)
        if question is None:
            instead(self._app)
        else:
            self._freshness.tell(partial(self._told, question, scope, instead))

    def _told(self, question: Question, scope: Scope, instead: Callable[[ASGIApp], None], state: State | None) -> None:
        if state is None:
            instead(self._app)
        elif (kept := self._find(question.key, state)) is None:
            instead(partial(self._ask, question, state))
        elif not (answer := kept.answer(question)).sent_whole(scope):
            instead(answer.send)

    def _find(self, key: Key, state: State) -> Kept | None:
        kept = self._kept.get(key)
        if kept is None or kept.state != state:
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return kept

    async def _ask(self, question: Question, state: State, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the application, together with everybody who asks the same now."""
        key = question.key
        asked = self._asked.get((key, state))
        if asked:
            kept = await asyncio.shield(asked)
        else:
            kept = self._find(key, state) or await self._ask_for_all(key, state, scope, receive, send)
        if kept is not None:
            await kept.answer(question).send(scope, receive, send)
        elif asked:
            await self._app(scope, receive, send)

    async def _ask_for_all(self, key: Key, state: State, scope: Scope, receive: Receive, send: Send) -> Kept | None:
        kept = None
        was_met = self._meet(key)
        messages: list[Message] = []
        asked = self._asked[key, state] = asyncio.get_running_loop().create_future()
        try:
            await self._app(_whole(scope), receive, _into(messages))
            kept = _prepared(state, messages)
        finally:
            del self._asked[key, state]
            asked.set_result(kept)
            for message in messages if kept is None else ():
                await send({**message, "body": b""} if scope["method"] == "HEAD" and "body" in message else message)
        if kept is not None and was_met:
            self._keep(key, kept)
        return kept

    def _meet(self, key: Key) -> bool:
        """Say whether a question was met before: most never are again, and what they are answered would drive out the rest."""
        name = hash(key)
        was_met = key in self._kept or self._met.pop(name, False)
        self._met[name] = True
        if len(self._met) > QUESTIONS:
            del self._met[next(iter(self._met))]
        return was_met

    def _keep(self, key: Key, kept: Kept) -> None:
        self._forget(key)
        if kept.size > LONGEST:
            return
        self._kept[key] = kept
        self.bytes += kept.size
        while len(self._kept) > ANSWERS or self.bytes > BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.bytes -= kept.size


def _question(scope: Scope, kept_at: KeptAt) -> Question | None:
    """Read a request; None where it isn't one to the catalogue that everybody may ask."""
    if scope["type"] != "http" or scope["method"] not in _READING or len(scope["raw_path"]) > LONGEST_PATH:
        return None
    offered = kept_at(asked(scope))
    if not offered:
        return None
    headers = _headers(scope["headers"])
    if not _NOT_FOR_ALL.isdisjoint(headers) or len(scope["headers"]) > MOST_HEADERS or sum(map(len, headers.values())) > LONGEST_HEADERS:
        return None
    accept, accept_encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    if len(accept) + len(accept_encoding) > LONGEST_PREFERENCE:
        return None
    key = scope["raw_path"], scope["query_string"], _choice(accept, accept_encoding, offered)
    return Question(key, headers.get(b"if-none-match", b""), headers.get(_REQUEST_ID, b""))


def _headers(given: Headers) -> dict[bytes, bytes]:
    """Read headers as the application does: lists from all their lines, of others given twice the first."""
    headers = dict(reversed(given))
    if len(headers) < len(given):
        headers |= {list_: b",".join(value for name, value in given if name == list_) for list_ in _LISTS if list_ in headers}
    return headers


@lru_cache(maxsize=1_000)
def _choice(accept: bytes, accept_encoding: bytes, offered: tuple[str, ...]) -> Choice:
    """Say what two headers choose of what is offered: the same choice gets the same answer."""
    return best(accept.decode("latin-1"), offered), coding(accept_encoding.decode("latin-1"))


def _whole(scope: Scope) -> Scope:
    """Ask for the whole answer, whatever of it the caller has already."""
    return {**scope, "method": "GET", "headers": [header for header in scope["headers"] if header[0] != b"if-none-match"]}


def _into(messages: list[Message]) -> Send:
    async def send(message: Message) -> None:
        messages.append(message)

    return send


def _prepared(state: State, messages: list[Message]) -> Kept | None:
    """Prepare an answer for everybody; None where it isn't meant for them."""
    start, *rest = messages
    headers = dict(start["headers"])
    if start["status"] != HTTPStatus.OK or b"public" not in headers.get(b"cache-control", b"") or b"etag" not in headers:
        return None
    return Kept(state, start["headers"], b"".join(message.get("body", b"") for message in rest), headers[b"etag"])
