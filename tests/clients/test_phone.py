"""A phone that is offline most of the time shows nothing that the library wouldn't, whatever interrupts it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.store.engine import Database
from tests.clients.phone import SECTIONS, Phone
from tests.writing import load, retire

VARIANTS = """\
exercises:
  - slug: split
    name: Split
    contraindications:
      - {type: unstable, reason: Too wide., source: {slug: source-text}}
  - slug: half-split
    name: Half split
    variant_of: split
"""


@pytest.fixture
def phone(tmp_path: Path, client: httpx.Client) -> Iterator[Phone]:
    phone = Phone(tmp_path / "phone.db", client)
    phone.sync()
    yield phone
    phone.close()


def matches(phone: Phone, client: httpx.Client) -> None:
    library = client.get("/library").json()
    for section, kind in SECTIONS.items():
        assert sorted(map(str, phone.all_of(kind))) == sorted(map(str, library[section])), section


def test_it_screens_without_the_service(phone: Phone, client: httpx.Client) -> None:
    listed = client.get("/exercises?type=unstable&view=summary").json()
    form = client.get("/screenings/form").json()
    assert set(phone.questions()) <= {one["question"] for one in form["questions"]}
    assert phone.known("disclaimer") == listed["disclaimer"]
    assert phone.screened({"recent-trauma"}, {"very-flexible"})["program"] == []
    told = phone.screened(set(), {"very-flexible"})
    assert told["types"] == ["unstable"]
    assert sorted(told["program"]) == sorted(one["slug"] for one in listed["items"])
    assert "figure-4-stretch" not in phone.screened(set(), {"very-flexible", "very-sedentary"})["program"]


def test_it_follows_deletions_page_by_page(phone: Phone, client: httpx.Client, database: Database) -> None:
    load(database, VARIANTS)
    phone.sync(limit=1)
    retire(database, "split")
    retire(database, "cat-cow")
    phone.sync(limit=1)
    matches(phone, client)
    assert [one["slug"] for one in phone.all_of("retired-exercise")] == ["split"]
    assert "cat-cow" not in phone.screened(set(), {"very-flexible"})["program"]


def test_an_interruption_costs_nothing_but_time(tmp_path: Path, client: httpx.Client, database: Database) -> None:
    asked = 0

    def interrupted(_: httpx.Request) -> None:
        nonlocal asked
        asked += 1
        if asked % 2 == 0:
            raise httpx.ConnectError("There is no network just now.")

    phone = Phone(tmp_path / "phone.db", client)
    phone.sync()
    load(database, VARIANTS)
    retire(database, "cat-cow")
    client.event_hooks["request"] = [interrupted]
    with pytest.raises(httpx.ConnectError):
        phone.sync(limit=1)
    phone.close()
    client.event_hooks["request"] = []
    phone = Phone(tmp_path / "phone.db", client)
    phone.sync()
    matches(phone, client)
    phone.close()


def test_another_library_makes_it_begin_again(phone: Phone, client: httpx.Client) -> None:
    with phone._kept as kept:  # noqa: SLF001  (as if it had seen another library)
        kept.execute("UPDATE known SET value = '00000000-0000-4000-8000-000000000000' WHERE name = 'library_id'")
        kept.execute("DELETE FROM record WHERE kind = 'exercise'")
    phone.sync()
    matches(phone, client)


def test_a_library_that_is_behind_makes_it_begin_again(phone: Phone, client: httpx.Client) -> None:
    with phone._kept as kept:  # noqa: SLF001
        kept.execute("UPDATE known SET value = '1000' WHERE name = 'revision'")
    phone.sync()
    assert phone.known("revision") == str(client.get("/library").json()["revision"])
