"""Who may write: `Authorization: Bearer` with a key. Keys are never in URLs, logs or errors."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.library.history import LONGEST_REASON, is_reason
from api.library.vocabulary import Channel, Scope
from api.store import keys
from api.store.engine import Database
from api.store.journal import Author
from api.store.keys import Key
from api.web.deps import Store
from api.web.problems import Forbidden, InvalidReason, Unauthorized
from api.web.serving.limits import Limits


def known_key(request: Request, store: Store) -> Key | None:
    """Give the caller's key; None where the caller shows none. A key that isn't live is refused."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    with store.reading() as connection:
        key = keys.opens(connection, secret.strip(), datetime.now(UTC)) if scheme.lower() == "bearer" else None
    if key is None:
        limits_of(request).failed_key(request.client.host if request.client else "")
        raise Unauthorized("This key doesn't open anything: it is unknown, expired or revoked.")
    return key


def limits_of(request: Request) -> Limits:
    """Give the application's rate limits."""
    found: Limits = request.app.state.limits
    return found


def key_with(scope: Scope) -> Callable[[Request, Database], Key]:
    """Make the dependency that wants a key of this scope."""

    def allowed(request: Request, store: Store) -> Key:
        key = known_key(request, store)
        if key is None:
            raise Unauthorized("Writing needs a key: send 'Authorization: Bearer KEY'.")
        if key.scope is not scope:
            raise Forbidden(f"This key has the scope '{key.scope}'; this needs '{scope}'.")
        limits_of(request).write(key.name)
        return key

    return allowed


editing = key_with(Scope.EDIT)
reviewing = key_with(Scope.REVIEW)
Editor = Annotated[Key, Depends(editing)]
Reviewer = Annotated[Key, Depends(reviewing)]
Caller = Annotated[Key | None, Depends(known_key)]


def _as_typed(header: str) -> str:
    """Read a header as UTF-8, which is what people's programs send; HTTP itself knows only its bytes."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header


def author(request: Request, key: Key) -> Author:
    """Say who changes the library, and why."""
    reason = _as_typed(request.headers.get("x-change-reason", "")).strip()
    if not is_reason(reason):
        raise InvalidReason(f"'X-Change-Reason' is one line of at most {LONGEST_REASON} characters.")
    return Author(by=key.name, channel=Channel.HTTP, reason=reason or None)
