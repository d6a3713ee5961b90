"""Keys to the writing half of the API: high entropy, only a hash stored, gone from the next request on when revoked."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from json import dumps
from secrets import token_urlsafe
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from api.errors import Duplicate, NotFound
from api.library.vocabulary import ChangeAction, Scope
from api.store.journal import Entry, Journal
from api.store.tables import ApiKey, of

PREFIX = "exl_"
_BYTES = 32
KIND = "key"
_TABLE = of(ApiKey)
_OPENED = _TABLE.select().where(_TABLE.c.hash == sa.bindparam("hashed"))
_USED = sa.update(_TABLE).where(_TABLE.c.name == sa.bindparam("its_name")).values(last_used_at=sa.bindparam("at"))


class Key(NamedTuple):
    """A key as far as it may be shown."""

    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def create(journal: Journal, name: str, scope: Scope, expires_at: datetime | None) -> str:
    """Make a key and give it, this once; a name is used once, so that history says who it was."""
    if journal.connection.execute(select(ApiKey.name).where(col(ApiKey.name) == name)).first():
        raise Duplicate(f"There is, or was, a key named '{name}'; history knows keys by their names, so choose another.")
    secret = PREFIX + token_urlsafe(_BYTES)
    row = {"name": name, "hash": _hash(secret), "scope": scope, "created_at": journal.at, "expires_at": expires_at}
    journal.connection.execute(sa.insert(ApiKey).values(row))
    expires = expires_at.isoformat() if expires_at else None
    journal.log([Entry(KIND, name, ChangeAction.CREATED, None, dumps({"name": name, "scope": scope, "expires_at": expires}))])
    return secret


def revoke(journal: Journal, name: str) -> None:
    """Close a key for good."""
    live = sa.update(ApiKey).where(col(ApiKey.name) == name, col(ApiKey.revoked_at).is_(None)).values(revoked_at=journal.at)
    if journal.connection.execute(live).rowcount == 0:
        raise NotFound(f"There is no live key named '{name}'.")
    journal.log([Entry(KIND, name, ChangeAction.REVOKED, None, None)])


def every(connection: sa.Connection) -> list[Key]:
    """Give every key there is or was, oldest first."""
    rows = connection.execute(_TABLE.select().order_by(_TABLE.c.created_at, _TABLE.c.name)).mappings()
    return [_shown(row) for row in rows]


def opens(connection: sa.Connection, secret: str, at: datetime) -> Key | None:
    """Give the key that this secret is, if it is live."""
    hashed = _hash(secret)
    row = connection.execute(_OPENED, {"hashed": hashed}).mappings().first()
    if row is None or not compare_digest(row["hash"], hashed):
        return None
    key = _shown(row)
    is_live = key.revoked_at is None and (key.expires_at is None or key.expires_at > at)
    return key if is_live else None


def used(journal: Journal, name: str) -> None:
    """Remember that a key was used; that is no change of the library."""
    journal.connection.execute(_USED, {"its_name": name, "at": journal.at})


def _shown(row: sa.RowMapping) -> Key:
    return Key(**{name: value for name, value in row.items() if name != "hash"})


def _hash(secret: str) -> str:
    # A secret of 256 random bits can't be guessed from its hash, so the hash need not be slow.
    return sha256(secret.encode()).hexdigest()
