"""Retiring forgets no avoid, and no single write turns one into a recommendation."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.store import checking, differences
from api.store.engine import Database
from tests.curating import SOURCE, Curator, avoid, key_to, recommend
from tests.writing import load

Json = dict[str, Any]
UNSTABLE = avoid("unstable")


@pytest.fixture
def curator(client: httpx.Client, database: Database) -> Iterator[Curator]:
    yield Curator(client, key_to(database))
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


def said(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["code"]) == (409, "contradiction"), answer.text
    return str(answer.json()["detail"])


def test_what_is_revived_repeats_what_it_was_to_be_avoided_for(curator: Curator) -> None:
    assert curator.create("twist", contraindications=UNSTABLE).status_code == 201
    assert curator.retire("twist").status_code == 204
    assert "'twist' was to be avoided for the type 'unstable' when it was retired" in said(curator.create("twist"))
    assert "unstable" in said(curator.create("twist", recommendations=recommend(unstable=(90, 1))))
    assert curator.create("twist", contraindications=UNSTABLE, recommendations=recommend(stiff=(90, 1))).status_code == 201


def test_no_write_turns_an_avoid_into_a_recommendation(curator: Curator) -> None:
    assert curator.create("twist", contraindications=UNSTABLE).status_code == 201
    turned = curator.edit("twist", contraindications=[], recommendations=recommend(unstable=(90, 1)))
    assert "'twist' is to be avoided for the type 'unstable', and one write" in said(turned)
    assert curator.edit("twist", contraindications=[], reason="A study says so.").status_code == 200
    assert curator.edit("twist", recommendations=recommend(unstable=(90, 1))).status_code == 200
    history = curator.ask("GET", "/exercises/twist/history").json()["items"]
    assert [("contraindications" in one["fields"], one["reason"]) for one in history] == [
        (False, None),
        (True, "A study says so."),
        (True, None),
    ]


@pytest.mark.parametrize("way", [{"patterns": ["wide-legs"]}, {"variant_of": "figure-4-stretch"}], ids=["pattern", "variant"])
def test_nor_one_that_was_inherited(curator: Curator, way: Json) -> None:
    assert curator.create("twist", **way).status_code == 201
    without: Json = {"patterns": [], "variant_of": None}
    assert "unstable" in said(curator.edit("twist", **without, recommendations=recommend(unstable=(90, 1))))
    assert curator.edit("twist", **without).status_code == 200
    assert curator.edit("twist", recommendations=recommend(unstable=(90, 1))).status_code == 200


@pytest.mark.parametrize("was_retired", [False, True])
def test_no_import_does_either(curator: Curator, database: Database, was_retired: bool) -> None:  # noqa: FBT001
    assert curator.create("twist", contraindications=UNSTABLE).status_code == 201
    if was_retired:
        curator.retire("twist")
    twist = {"slug": "twist", "name": "Twist", "recommendations": recommend(unstable=(90, 1))}
    with pytest.raises(Exception, match=r"'twist' is to be avoided for the type 'unstable'"):
        load(database, json.dumps({"exercises": [twist]}))


def test_nor_one_that_takes_the_avoid_from_a_pattern_at_the_same_time(curator: Curator, database: Database) -> None:
    assert curator.create("twist", patterns=["wide-legs"]).status_code == 201
    pattern = {"slug": "wide-legs", "name": "Wide legs", "contraindications": [], "source": SOURCE}
    twist = {"slug": "twist", "name": "Twist", "patterns": ["wide-legs"], "recommendations": recommend(unstable=(90, 1))}
    with pytest.raises(Exception, match=r"'twist' is to be avoided for the type 'unstable'"):
        load(database, json.dumps({"exercises": [twist], "patterns": [pattern]}))


def test_the_source_of_a_retired_avoid_stays_for_what_may_inherit_it(curator: Curator) -> None:
    def drop(slug: str) -> httpx.Response:
        return curator.ask("DELETE", f"/sources/{slug}", headers={"If-Match": curator.read(f"/sources/{slug}")[1]})

    for slug in ("our-book", "our-dose"):
        book = {"slug": slug, "citation": "A book.", "kind": "trial", "certainty": "verified"}
        assert curator.ask("PUT", f"/sources/{slug}", book, {"If-None-Match": "*"}).status_code == 201
    why = [avoid("unstable")[0] | {"source": {"slug": "our-book"}}]
    dosages = [{"printed_for": "Somebody", "source": {"slug": "our-dose"}}]
    assert curator.create("twist", contraindications=why, dosages=dosages).status_code == 201
    assert curator.retire("twist").status_code == 204
    refused = drop("our-book")
    assert (refused.status_code, refused.json()["code"]) == (409, "in-use")
    assert "retired exercise 'twist'" in refused.json()["detail"]
    assert drop("our-dose").status_code == 204, "nobody inherits a dose"
    inherited = curator.create("small-twist", variant_of="twist").json()["contraindications"]
    assert [curator.read(f"/sources/{one['source']['slug']}")[0]["slug"] for one in inherited] == ["our-book"]


def test_check_lists_each_avoid_that_has_gone(curator: Curator, database: Database) -> None:
    curator.create("twist", contraindications=UNSTABLE)
    curator.create("turn", contraindications=UNSTABLE)
    curator.edit("twist", contraindications=[])
    curator.retire("turn")
    assert _gone(database) == ["The exercise 'twist' was to be avoided for the type 'unstable' until revision 5, and no longer is."]
    curator.edit("twist", contraindications=UNSTABLE)
    assert _gone(database) == []


def _gone(database: Database) -> list[str]:
    with database.reading() as connection:
        return [line for line in differences.listed(connection) if "no longer is" in line]
