"""Changing a library over HTTP, as a curator's program does: read, edit, write back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from api.library.vocabulary import Scope
from api.store import keys
from api.store.engine import Database
from api.store.journal import Journal
from tests.writing import AUTHOR

SOURCE = {"slug": "source-text", "quote": "Isometric squats"}
Record = dict[str, Any]


def key_to(database: Database, name: str = "a-curator", scope: Scope = Scope.EDIT, expires_at: datetime | None = None) -> str:
    """Make a key."""
    with database.writing() as session:
        return keys.create(Journal(session, AUTHOR, datetime.now(UTC)), name, scope, expires_at)


def recommend(**places: tuple[int, int]) -> list[Record]:
    """Recommend an exercise for some types, each with its position and choice."""
    return [{"type": type_, "position": position, "choice": choice, "source": SOURCE} for type_, (position, choice) in places.items()]


def avoid(*types: str) -> list[Record]:
    """Say that some types should avoid it."""
    return [{"type": one, "reason": "It hurts.", "source": SOURCE} for one in types]


@dataclass(frozen=True)
class Curator:
    """Someone with a key."""

    client: httpx.Client
    secret: str

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask with the key, with a body where there is one."""
        given = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        if body is None:
            return self.client.request(method, path, headers=given)
        return self.client.request(method, path, headers=given, json=body)

    def read(self, path: str) -> tuple[Record, str]:
        """Give a record and its ETag."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["etag"]

    def create(self, slug: str, reason: str | None = None, **fields: object) -> httpx.Response:
        """Create an exercise, or revive it."""
        headers = {"If-None-Match": "*"} | ({"X-Change-Reason": reason} if reason else {})
        return self.ask("PUT", f"/exercises/{slug}", {"slug": slug, "name": slug.title(), **fields}, headers)

    def edit(self, slug: str, reason: str | None = None, **changes: object) -> httpx.Response:
        """Read an exercise, change some fields, and write it back."""
        record, tag = self.read(f"/exercises/{slug}")
        headers = {"If-Match": tag} | ({"X-Change-Reason": reason} if reason else {})
        return self.ask("PUT", f"/exercises/{slug}", record | changes, headers)

    def retire(self, slug: str) -> httpx.Response:
        """Read an exercise, and retire it."""
        return self.ask("DELETE", f"/exercises/{slug}", headers={"If-Match": self.read(f"/exercises/{slug}")[1]})
