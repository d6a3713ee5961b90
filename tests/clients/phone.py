"""A small phone: keeps a copy of the library in SQLite, catches up by what changed, and screens without the service."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx

SECTIONS = {
    "types": "type",
    "indicators": "indicator",
    "red_flags": "red-flag",
    "groups": "group",
    "patterns": "movement-pattern",
    "sources": "source",
    "terms": "term",
    "conditions": "condition",
    "exercises": "exercise",
    "retired": "retired-exercise",
}
TEXTS = ("intended_use", "disclaimer", "licence", "symptoms_question")
Record = dict[str, Any]


class Phone:
    """What is installed on somebody's phone; its file outlives the program."""

    def __init__(self, file: Path, client: httpx.Client) -> None:
        self._client = client
        self._kept = sqlite3.connect(file)
        with self._kept:
            self._kept.execute("CREATE TABLE IF NOT EXISTS record (kind TEXT, slug TEXT, document TEXT, PRIMARY KEY (kind, slug))")
            self._kept.execute("CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT)")

    def close(self) -> None:
        self._kept.close()

    def sync(self, limit: int = 100) -> None:
        """Catch up; begin again where there is nothing yet, or the library is another one."""
        revision = self.known("revision")
        address = f"/changes?since={revision}&library_id={self.known('library_id')}&limit={limit}" if revision else "/library"
        while address:
            answer = self._client.get(address)
            if answer.status_code == httpx.codes.GONE:
                address = "/library"
                continue
            answer.raise_for_status()
            address = self._begin(answer.json()) if address == "/library" else self._take(answer.json())

    def _begin(self, library: Record) -> str:
        """Replace everything, all or nothing."""
        with self._kept:
            self._kept.execute("DELETE FROM record")
            for section, kind in SECTIONS.items():
                self._keep((kind, one["kind"] + "/" + one["slug"] if kind == "term" else one["slug"], one) for one in library[section])
            self._know({name: library[name] for name in ("library_id", "revision", *TEXTS)})
        return ""

    def _take(self, page: Record) -> str:
        """Keep a page of changes; only after the last page is it known that everything before was seen."""
        with self._kept:
            self._keep((one["kind"], one["slug"], one["record"]) for one in page["items"])
            if page["next"] is None:
                self._know({"revision": page["revision"]})
        return str(page["next"] or "")

    def _keep(self, changes: Any) -> None:  # noqa: ANN401  (an iterable of kind, slug and record)
        for kind, slug, record in changes:
            self._kept.execute("DELETE FROM record WHERE kind = ? AND slug = ?", (kind, slug))
            if record is not None:
                self._kept.execute("INSERT INTO record VALUES (?, ?, ?)", (kind, slug, json.dumps(record)))

    def _know(self, values: Record) -> None:
        self._kept.executemany("INSERT OR REPLACE INTO known VALUES (?, ?)", [(name, str(value)) for name, value in values.items()])

    def known(self, name: str) -> str | None:
        found = self._kept.execute("SELECT value FROM known WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def all_of(self, kind: str) -> list[Record]:
        """Give every record of a kind; without the service."""
        rows = self._kept.execute("SELECT document FROM record WHERE kind = ? ORDER BY slug", (kind,))
        return [json.loads(document) for (document,) in rows]

    def questions(self) -> list[str]:
        """Ask, without the service: red flags first, then the symptoms, then what makes a type likely."""
        flags = [one["question"] for one in self.all_of("red-flag") if one["group"] is None]
        return [*flags, self.known("symptoms_question") or "", *(one["question"] for one in self.all_of("indicator"))]

    def screened(self, red_flags: set[str], indicators: set[str]) -> Record:
        """Screen, without the service: no program with a red flag; only what every likely type recommends and none avoids."""
        types = {one["type"] for one in self.all_of("indicator") if one["slug"] in indicators}
        suiting = [] if red_flags else [one["slug"] for one in self.all_of("exercise") if types and _suits(one, types)]
        return {"outcome": "refer" if red_flags else "likely" if types else "undetermined", "types": sorted(types), "program": suiting}


def _suits(exercise: Record, types: set[str]) -> bool:
    recommended = {one["type"] for one in exercise["recommendations"]}
    return types <= recommended and not types & {one["type"] for one in exercise["contraindications"]}
