"""A phone that keeps a copy of the library, and catches up by what changed."""

from dataclasses import dataclass, field
from typing import Any

import httpx

SECTIONS = {
    "sources": "source",
    "groups": "group",
    "terms": "term",
    "conditions": "condition",
    "types": "type",
    "indicators": "indicator",
    "red_flags": "red-flag",
    "patterns": "movement-pattern",
    "exercises": "exercise",
    "retired": "retired-exercise",
}
Records = dict[tuple[str, str], Any]


@dataclass
class Phone:
    """A client that stays in sync."""

    client: httpx.Client
    records: Records = field(default_factory=dict)
    revision: int = 0
    library_id: str = ""
    seen: list[int] = field(default_factory=list)
    """The revisions that it was told of, each once for each time that it was told."""

    def begin(self) -> Records:
        """Fetch everything."""
        library = self.client.get("/library").json()
        self.records = {(kind, _key(kind, one)): one for section, kind in SECTIONS.items() for one in library[section]}
        self.revision, self.library_id = library["revision"], library["library_id"]
        return self.records

    def follow(self, limit: int = 100) -> None:
        """Fetch what changed, page by page, and go on from where the library was at the last one."""
        address = f"/changes?since={self.revision}&library_id={self.library_id}&limit={limit}"
        told: list[int] = []
        while address:
            answer = self.client.get(address)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for one in page["items"]:
                self._take(one)
                told.append(one["revision"])
            address = page["next"]
        assert told == sorted(told)
        assert all(number > self.revision for number in told)
        self.seen += sorted(set(told))
        self.revision = page["revision"]
        assert not told or self.revision >= told[-1]

    def _take(self, change: dict[str, Any]) -> None:
        if change["record"] is None:
            self.records.pop((change["kind"], change["slug"]), None)
        else:
            self.records[change["kind"], change["slug"]] = change["record"]


def _key(kind: str, record: dict[str, Any]) -> str:
    return f"{record['kind']}/{record['slug']}" if kind == "term" else record["slug"]
