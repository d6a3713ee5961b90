"""Changing the catalogue over HTTP: whole records, never over somebody else's change, and nothing unsafe gets in."""

import json
from collections.abc import Iterator, Mapping

import httpx
import pytest

from api.library.vocabulary import Scope
from api.store import checking
from api.store.engine import Database
from tests.curating import SOURCE, Curator, Record, avoid, key_to, recommend
from tests.web.conftest import Trusted
from tests.writing import edited, load, state

BOOK = {"slug": "our-book", "citation": "A book.", "kind": "expert-opinion", "certainty": "verified"}
SIGNATURE = {"by": "Dr. A. Example", "role": "physiotherapist", "note": "As it stands."}


@pytest.fixture
def curator(client: httpx.Client, database: Database) -> Iterator[Curator]:
    """A curator of the test's own library, which stays whole whatever is done over HTTP."""
    yield Curator(client, key_to(database))
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []


@pytest.fixture
def reviewer(client: httpx.Client, database: Database) -> Curator:
    return Curator(client, key_to(database, "a-reviewer", Scope.REVIEW))


@pytest.fixture
def refused(trusted: Trusted) -> Iterator[Curator]:
    """A curator of a library that is shared, because everything that the test asks of it is refused."""
    before = trusted.client.get("/library").content
    yield Curator(trusted.client, trusted.edit["Authorization"].removeprefix("Bearer "))
    assert trusted.client.get("/library").content == before


def revision(client: httpx.Client) -> int:
    number: int = client.get("/library").json()["revision"]
    return number


# ── Preconditions ───────────────────────────────────────────────────────────────────────────────

GIVEN: dict[str, Mapping[str, str]] = {
    "nothing": {},
    "the tag": {"If-Match": "{tag}"},
    "the packed answer's tag": {"If-Match": "{packed}"},
    "anything": {"If-Match": "*"},
    "a list with the tag": {"If-Match": '"a", {tag} ,"b"'},
    "a list without it": {"If-Match": '"a", "b"'},
    "another tag": {"If-Match": '"a"'},
    "the tag, weak": {"If-Match": "W/{tag}"},
    "the tag without quotes": {"If-Match": "{bare}"},
    "an empty one": {"If-Match": ""},
    "commas": {"If-Match": " , "},
    "anything and the tag": {"If-Match": "*, {tag}"},
    "the tag and a word": {"If-Match": "{tag}, word"},
    "the tag, weak in small letters": {"If-Match": "w/{tag}"},
    "that it is not there": {"If-None-Match": "*"},
    "both": {"If-Match": "{tag}", "If-None-Match": "*"},
    "that it changed": {"If-None-Match": "{tag}"},
    "the tag, and that it changed": {"If-Match": "{tag}", "If-None-Match": '"x", {tag}'},
    "anything, and that it changed, weakly": {"If-Match": "*", "If-None-Match": "W/{packed}"},
    "the tag, and another that it isn't": {"If-Match": "{tag}", "If-None-Match": '"x"'},
}
# What is answered where the record is there, and where it isn't.
REPLACES = {"the tag", "the packed answer's tag", "anything", "a list with the tag", "the tag, and another that it isn't"}
UNDECIDED = dict.fromkeys(("nothing", "that it changed"), 428)
NO_LIST = (
    "the tag without quotes",
    "an empty one",
    "commas",
    "anything and the tag",
    "the tag and a word",
    "the tag, weak in small letters",
)
UNREAD = UNDECIDED | dict.fromkeys(NO_LIST, 400)
IS_THERE = {name: UNREAD.get(name, 200 if name in REPLACES else 412) for name in GIVEN}
IS_NOT = {name: UNREAD.get(name, 201 if name == "that it is not there" else 404) for name in GIVEN}


def given(name: str, curator: Curator, path: str) -> dict[str, str]:
    answer = curator.client.get(path)
    tag = answer.headers.get("etag", '"tag"')
    packed = curator.client.get(path, headers={"Accept-Encoding": "gzip"}).headers.get("etag", '"packed"')
    return {header: value.format(tag=tag, packed=packed, bare=tag.strip('"')) for header, value in GIVEN[name].items()}


@pytest.mark.any_engine
def test_a_write_says_what_it_is_about(curator: Curator, reviewer: Curator) -> None:
    def ask(who: Curator, method: str, path: str, body: object, of: str | None = None) -> int:
        return who.ask(method, path, body, given(name, curator, of or path)).status_code

    for name, expected in IS_THERE.items():
        curator.create("lunge")
        curator.ask("PUT", "/sources/our-book", BOOK, {"If-None-Match": "*"})
        before = revision(curator.client)
        assert ask(reviewer, "PUT", "/exercises/lunge/review", SIGNATURE, "/exercises/lunge") == expected, name
        assert ask(curator, "PUT", "/exercises/lunge", {"slug": "lunge", "name": "Step"}) == expected, name
        assert ask(curator, "PUT", "/sources/our-book", BOOK | {"citation": "Another."}) == expected, name
        assert ask(curator, "DELETE", "/exercises/lunge", None) == (204 if expected == 200 else expected), name
        assert ask(curator, "DELETE", "/sources/our-book", None) == (204 if expected == 200 else expected), name
        assert revision(curator.client) == before + (5 if expected == 200 else 0), name


@pytest.mark.any_engine
def test_a_write_to_what_is_not_there(curator: Curator, reviewer: Curator) -> None:
    for n, (name, expected) in enumerate(IS_NOT.items()):
        before = revision(curator.client)
        found = given(name, curator, f"/exercises/lunge-{n}")
        missing = 400 if expected == 400 else 404
        assert reviewer.ask("PUT", f"/exercises/lunge-{n}/review", SIGNATURE, found).status_code == missing, name
        assert curator.ask("DELETE", f"/exercises/lunge-{n}", headers=found).status_code == missing, name
        assert curator.ask("DELETE", f"/sources/book-{n}", headers=found).status_code == missing, name
        assert curator.ask("PUT", f"/exercises/lunge-{n}", {"slug": f"lunge-{n}", "name": "Lunge"}, found).status_code == expected, name
        assert curator.ask("PUT", f"/sources/book-{n}", BOOK | {"slug": f"book-{n}"}, found).status_code == expected, name
        assert revision(curator.client) == before + (2 if expected == 201 else 0), name


@pytest.mark.any_engine
def test_a_precondition_may_come_in_several_lines(curator: Curator) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    lines = [("Authorization", f"Bearer {curator.secret}"), ("If-Match", '"a"'), ("If-Match", tag)]
    assert curator.client.put("/exercises/cat-cow", json=record, headers=lines).status_code == 200


@pytest.mark.any_engine
def test_a_precondition_that_cannot_hold_is_told_from_one_that_does_not(curator: Curator) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    told = {}
    for given_ in ("", tag.strip('"'), f"W/{tag}", '"old"'):
        answer = curator.ask("PUT", "/exercises/cat-cow", record, {"If-Match": given_})
        told[given_] = (answer.status_code, answer.json()["code"], answer.json()["detail"])
    malformed = (400, "malformed-header", "'If-Match' is '*' or a list of ETags, each in its double quotes, as 'ETag' had it.")
    weak = "A weak ETag ('W/…') never matches here: send the one that was answered, as it was."
    assert list(told.values()) == [
        malformed,
        malformed,
        (412, "precondition-failed", weak),
        (412, "precondition-failed", "It is not as you saw it: read it again, and decide again."),
    ]


@pytest.mark.any_engine
def test_a_tag_of_a_list_or_of_another_exercise_is_not_the_exercises(curator: Curator) -> None:
    record, _ = curator.read("/exercises/cat-cow")
    for path in ("/exercises", "/exercises?q=cat", "/exercises/pelvic-tilts", "/exercises/cat-cow/history", "/library"):
        _, tag = curator.read(path)
        assert curator.ask("PUT", "/exercises/cat-cow", record, {"If-Match": tag}).status_code == 412, path


def test_who_comes_second_has_to_read_again(curator: Curator) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    assert curator.ask("PUT", "/exercises/cat-cow", record | {"summary": "First."}, {"If-Match": tag}).status_code == 200
    lost = curator.ask("PUT", "/exercises/cat-cow", record | {"summary": "Second."}, {"If-Match": tag})
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition-failed")
    assert curator.read("/exercises/cat-cow")[0]["summary"] == "First."


# ── The order of errors ─────────────────────────────────────────────────────────────────────────


@pytest.mark.any_engine
def test_errors_come_in_their_order(refused: Curator, trusted: Trusted) -> None:
    """One request with everything wrong, put right one thing after the other."""
    clash = {"slug": "cat-cow", "name": "Cat", "recommendations": recommend(stiff=(9, 1)), "contraindications": avoid("stiff")}
    unknown = clash | {"regions": ["low-bak"]}
    steps: list[tuple[str, Record, bytes, int]] = [
        ("/nowhere", {}, b"", 404),
        ("/exercises/cat-cow?typ=x", {}, b"", 401),
        ("/exercises/cat-cow?typ=x", {"Authorization": "Bearer nonsense"}, b"", 401),
        ("/exercises/cat-cow?typ=x", {"Authorization": trusted.review["Authorization"]}, b"", 403),
        ("/exercises/cat-cow?typ=x", {}, b"{", 422),
        ("/exercises/cat-cow", {"Content-Type": "text/plain"}, b"{", 415),
        ("/exercises/cat-cow", {}, b"{", 400),
        ("/exercises/cat-cow", {"If-Match": '"old"'}, json.dumps(unknown).encode(), 422),
        ("/exercises/lunge", {"If-Match": "old"}, json.dumps(clash | {"slug": "lunge"}).encode(), 400),
        ("/exercises/lunge", {"If-Match": '"old"'}, json.dumps(clash | {"slug": "lunge"}).encode(), 404),
        ("/exercises/cat-cow", {}, json.dumps(clash).encode(), 428),
        ("/exercises/cat-cow", {"If-Match": '"old"'}, json.dumps(clash).encode(), 412),
        ("/exercises/cat-cow", {"If-Match": "*"}, json.dumps(clash).encode(), 409),
    ]
    for path, headers, body, status in steps:
        key = {} if status in (404, 401) and "lunge" not in path else {"Authorization": f"Bearer {refused.secret}"}
        answer = refused.client.put(path, content=body, headers={"Content-Type": "application/json"} | key | headers)
        assert answer.status_code == status, (path, headers, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.any_engine
@pytest.mark.parametrize("precondition", ["*", '"old"'])
def test_what_is_wrong_with_the_body_is_said_before_anything_else(curator: Curator, precondition: str) -> None:
    assert curator.create("seated-cat", variant_of="cat-cow").status_code == 201
    record, _ = curator.read("/exercises/cat-cow")
    for parent in ("cat-cow", "seated-cat"):
        circle = curator.ask("PUT", "/exercises/cat-cow", record | {"variant_of": parent}, {"If-Match": precondition})
        assert (circle.status_code, circle.json()["errors"][0]["field"]) == (422, "variant_of")


# ── Bodies ──────────────────────────────────────────────────────────────────────────────────────


def test_what_was_read_can_be_written_back_and_changes_nothing(curator: Curator) -> None:
    before = revision(curator.client)
    for slug in [one["slug"] for one in curator.client.get("/exercises").json()["items"]]:
        record, tag = curator.read(f"/exercises/{slug}")
        listed = next(
            one for one in curator.client.get("/exercises?type=stiff&limit=100").json()["items"] + [record] if one["slug"] == slug
        )
        for body in (record, listed):
            answer = curator.ask("PUT", f"/exercises/{slug}", body, {"If-Match": tag})
            assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, tag, record)
            assert answer.headers["cache-control"] == "no-store"
    for one in curator.client.get("/sources").json()["items"]:
        source, tag = curator.read(f"/sources/{one['slug']}")
        answer = curator.ask("PUT", f"/sources/{one['slug']}", source, {"If-Match": tag})
        assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, tag, source)
    assert revision(curator.client) == before


def test_what_is_answered_is_what_is_read_next(curator: Curator) -> None:
    made = curator.create("lunge", aliases=["Step"], recommendations=recommend(stiff=(2, 5)))
    assert made.status_code == 201
    assert made.headers["location"] == "/exercises/lunge"
    assert (made.json(), made.headers["etag"]) == curator.read("/exercises/lunge")
    changed = curator.edit("lunge", summary="A step forward.")
    assert changed.status_code == 200
    assert "location" not in changed.headers
    assert (changed.json(), changed.headers["etag"]) == curator.read("/exercises/lunge")
    assert changed.json()["created_at"] == made.json()["created_at"]
    book = curator.ask("PUT", "/sources/our-book", BOOK, {"If-None-Match": "*"})
    assert (book.status_code, book.headers["location"]) == (201, "/sources/our-book")
    assert (book.json(), book.headers["etag"]) == curator.read("/sources/our-book")


def test_what_is_derived_is_computed_again(curator: Curator) -> None:
    record, _ = curator.read("/exercises/cat-cow")
    nonsense = dict.fromkeys(["tags", "images", "possible_match", "review", "revision", "created_at", "updated_at", "suitability"], "x")
    recommended = [one | {"purpose": "stabilize", "alternatives": ["nonsense"]} for one in record["recommendations"]]
    answer = curator.edit("cat-cow", **nonsense, recommendations=recommended)
    assert (answer.status_code, answer.json()) == (200, record)
    record, _ = curator.read("/exercises/figure-4-stretch")
    via = [one | {"type": "stiff", "via": {"kind": "variant-of", "slug": "cat-cow"}} for one in record["contraindications"]]
    answer = curator.edit("figure-4-stretch", contraindications=record["contraindications"] + via)
    assert (answer.status_code, answer.json()) == (200, record)


def test_what_it_resembles_is_shown_until_there_is_a_verdict_for_each_type_that_avoids_that(curator: Curator) -> None:
    shown = ["figure-4-stretch"]  # which unstable joints should avoid
    alike = {"name": "Seated figure 4 stretch"}
    assert [one["slug"] for one in curator.create("seated", **alike).json()["possible_match"]] == shown
    judged = curator.edit("seated", recommendations=recommend(stiff=(9, 1)))
    assert [one["slug"] for one in judged.json()["possible_match"]] == shown
    assert curator.edit("seated", contraindications=avoid("unstable")).json()["possible_match"] == []


def test_what_was_inherited_hides_no_resemblance_once_it_is_gone(curator: Curator) -> None:
    made = curator.create("seated", name="Seated figure 4 stretch", patterns=["wide-legs"], recommendations=recommend(stiff=(9, 1))).json()
    assert made["contraindications"][0]["via"] == {"kind": "movement-pattern", "slug": "wide-legs"}
    edited = curator.edit("seated", patterns=[]).json()  # what was inherited is still in the body
    assert edited["contraindications"] == []
    assert [one["slug"] for one in edited["possible_match"]] == ["figure-4-stretch"]


@pytest.mark.any_engine
def test_what_is_absent_is_empty(curator: Curator) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    assert record["steps"]
    answer = curator.ask("PUT", "/exercises/cat-cow", {"slug": "cat-cow", "name": "Cat"}, {"If-Match": tag})
    kept = {"slug", "name", "images", "revision", "created_at", "updated_at"}
    assert {name: part for name, part in answer.json().items() if part and name not in kept} == {}


@pytest.mark.any_engine
def test_200_aliases_fit(curator: Curator) -> None:
    assert curator.create("lunge", aliases=[f"alias number{n}" for n in range(200)]).status_code == 201
    found = curator.client.get("/exercises?q=number199").json()["items"]
    assert [one["slug"] for one in found] == ["lunge"]
    refused = curator.edit("lunge", aliases=[f"alias number{n}" for n in range(201)])
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "aliases")


def test_a_name_longer_than_any_index_takes_is_still_a_name(curator: Curator) -> None:
    long = "".join(chr(ord("a") + n * n % 26) for n in range(4000))
    assert curator.create("lunge", aliases=[long, "猫" * 4000]).status_code == 201
    assert [one["slug"] for one in curator.client.get(f"/exercises?q={long[:200]}").json()["items"]] == ["lunge"]


# A body, the field that is wrong, and what was probably meant.
WRONG: dict[str, tuple[Record, str, str | None]] = {
    "an unknown field": ({"regoins": []}, "regoins", "regions"),
    "an unknown field of a part": ({"cautions": [{"grop": "pregnant"}]}, "cautions[0].grop", "group"),
    "an unknown region": ({"regions": ["low-bak"]}, "regions[0]", "low-back"),
    "an unknown parent": ({"variant_of": "cat-cwo"}, "variant_of", "cat-cow"),
    "an unknown type": ({"recommendations": recommend(unstabel=(9, 1))}, "recommendations[0].type", "unstable"),
    "an unknown source": ({"evidence": [{"text": "So.", "source": {"slug": "source-txt"}}]}, "evidence[0].source.slug", "source-text"),
    "an unknown word": ({"kind": "strech"}, "kind", "stretch"),
    "a list that is null": ({"aliases": None}, "aliases", None),
    "a number as a word": ({"name": 1}, "name", None),
    "a word as a number": (
        {"recommendations": [{"type": "stiff", "position": "9", "source": SOURCE}]},
        "recommendations[0].position",
        None,
    ),
    "an empty name": ({"name": " "}, "name", None),
    "a null character": ({"name": "a\x00b"}, "name", None),
    "two verdicts of one kind": ({"recommendations": recommend(stiff=(8, 1)) + recommend(stiff=(9, 1))}, "", None),
    "one alias twice": ({"aliases": ["a", "a"]}, "", None),
    "a place before the first": ({"recommendations": recommend(stiff=(0, 1))}, "recommendations[0].position", None),
    "another slug": ({"slug": "lunge-2"}, "slug", None),
}


@pytest.mark.any_engine
@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_understood_is_refused_with_the_nearest_right_word(refused: Curator, what: str) -> None:
    body, field, meant = WRONG[what]
    answer = refused.ask("PUT", "/exercises/lunge", {"slug": "lunge", "name": "Lunge"} | body, {"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-content")
    told = [(one["field"], one["did_you_mean"]) for one in answer.json()["errors"]]
    assert (field, meant) in told


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"slug":"lunge","name":"\xff"}', "application/json", 400),
        (b'{"slug":"lunge","name":"\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"slug":"lunge","name":NaN}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"slug":"lunge","name":"L"}', "text/plain", 415),
        (b'{"slug":"lunge","name":"L"}', "", 415),
        (b'{"slug":"lunge","name":"L"}', "application/jsonx", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_is_json_of_a_size(refused: Curator, body: bytes, kind: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {refused.secret}", "If-None-Match": "*", "Content-Type": kind}
    answer = refused.client.put("/exercises/lunge", content=body, headers=headers)
    assert answer.status_code == status, answer.text


@pytest.mark.any_engine
def test_a_megabyte_fits_and_a_media_type_may_have_parameters(curator: Curator) -> None:
    body = b'{"slug":"lunge","name":"L"}'
    headers = {"Authorization": f"Bearer {curator.secret}", "If-None-Match": "*", "Content-Type": "Application/JSON; charset=utf-8"}
    assert curator.client.put("/exercises/lunge", content=body.rjust(1024 * 1024), headers=headers).status_code == 201


@pytest.mark.any_engine
@pytest.mark.parametrize(
    "slug", ["Lunge", "lun ge", "-lunge", "lunge-", "lun--ge", "lun_ge", "lúnge", "l" * 101, "%00", "lunge%0A", "..%2f"]
)
def test_a_slug_is_lower_case_words(refused: Curator, slug: str) -> None:
    body = {"slug": slug.replace("%00", "\x00").replace("%0A", "\n"), "name": "Lunge"}
    assert refused.ask("PUT", f"/exercises/{slug}", body, {"If-None-Match": "*"}).status_code in (404, 422)
    assert refused.ask("PUT", f"/exercises/{slug}", {"slug": "lunge", "name": "L"}, {"If-None-Match": "*"}).status_code in (404, 422)
    assert refused.ask("DELETE", f"/exercises/{slug}", headers={"If-Match": "*"}).status_code == 404
    assert refused.client.get(f"/exercises/{slug}/history").status_code == 404


# ── What must never be ──────────────────────────────────────────────────────────────────────────

NEVER: dict[str, tuple[Record, str, str]] = {
    "recommended and avoided": (
        {"recommendations": recommend(stiff=(9, 1)), "contraindications": avoid("stiff")},
        "contradiction",
        "recommended for the type 'stiff' and to be avoided",
    ),
    "by a pattern": ({"recommendations": recommend(unstable=(9, 1)), "patterns": ["wide-legs"]}, "contradiction", "wide-legs"),
    "as a variant": (
        {"recommendations": recommend(unstable=(9, 1)), "variant_of": "figure-4-stretch"},
        "contradiction",
        "figure-4-stretch",
    ),
    "a place that is taken": ({"recommendations": recommend(stiff=(2, 1))}, "duplicate", "place 2, choice 1 for the type 'stiff'"),
}


@pytest.mark.any_engine
@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_refused(refused: Curator, what: str) -> None:
    body, code, said = NEVER[what]
    for answer in (refused.create("lunge", **body), refused.edit("self-massage", **body)):
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert said in answer.json()["detail"]
        assert answer.json()["errors"][0]["field"] == "recommendations"


def test_a_parent_cannot_come_to_avoid_what_its_variant_recommends(curator: Curator, database: Database) -> None:
    assert curator.create("seated-cat", variant_of="cat-cow", recommendations=recommend(stiff=(9, 1))).status_code == 201
    before = state(database)
    refused = curator.edit("cat-cow", recommendations=[], contraindications=avoid("stiff"))
    assert refused.status_code == 409
    assert "'seated-cat' is recommended for the type 'stiff'" in refused.json()["detail"]
    assert state(database) == before


# ── Retiring ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_retired_is_gone_from_every_read_but_its_history(curator: Curator) -> None:
    assert curator.retire("cat-cow").status_code == 204
    for path in ("/exercises/cat-cow", "/exercises/cat-cow/suitability?type=stiff"):
        assert curator.client.get(path).status_code == 404
    for path in (
        "/exercises",
        "/exercises?type=stiff",
        "/exercises?q=cat",
        "/exercises?unjudged=stiff",
        "/library",
        "/programs?type=stiff",
    ):
        assert '"cat-cow"' not in json.dumps(curator.client.get(path).json()), path
    told = curator.client.get("/exercises/cat-cow/history").json()["items"]
    assert [(one["action"], one["before"] is None, one["after"] is None) for one in told] == [
        ("retired", False, True),
        ("created", True, False),
    ]
    assert curator.retire("pelvic-tilts").status_code == 204


def test_who_was_the_other_choice_stands_alone(curator: Curator) -> None:
    before, tag = curator.read("/exercises/pelvic-tilts")
    assert [one["alternatives"] for one in before["recommendations"]] == [["cat-cow"], ["cat-cow"]]
    curator.retire("cat-cow")
    after, other = curator.read("/exercises/pelvic-tilts")
    assert [one["alternatives"] for one in after["recommendations"]] == [[], []]
    assert other != tag


def test_a_variant_goes_on_inheriting_from_what_was_retired(curator: Curator) -> None:
    assert curator.create("seated-4", variant_of="figure-4-stretch").status_code == 201
    before = curator.read("/exercises/seated-4")
    curator.retire("figure-4-stretch")
    assert curator.read("/exercises/seated-4") == before
    assert [one["via"]["slug"] for one in before[0]["contraindications"]] == ["figure-4-stretch"]
    assert curator.edit("seated-4", name="Seated").json()["contraindications"] == before[0]["contraindications"]
    assert curator.edit("seated-4", recommendations=recommend(unstable=(9, 1))).status_code == 409
    assert curator.create("another-4", variant_of="figure-4-stretch").json()["contraindications"][0]["type"] == "unstable"


def test_what_was_retired_can_be_revived(curator: Curator) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    curator.retire("cat-cow")
    assert curator.ask("PUT", "/exercises/cat-cow", record, {"If-Match": tag}).status_code == 404
    revived = curator.ask("PUT", "/exercises/cat-cow", record, {"If-None-Match": "*"})
    assert revived.status_code == 201
    back, _ = curator.read("/exercises/cat-cow")
    moving = {"revision", "updated_at"}
    assert {name: part for name, part in back.items() if name not in moving} == {
        name: part for name, part in record.items() if name not in moving
    }
    assert back["revision"] > record["revision"]
    newest = curator.client.get("/exercises/cat-cow/history").json()["items"][0]
    assert (newest["action"], newest["before"], newest["after"]) == ("revived", None, {n: p for n, p in back.items() if n != "suitability"})


def test_the_place_of_what_was_retired_is_free(curator: Curator) -> None:
    record, _ = curator.read("/exercises/cat-cow")
    curator.retire("cat-cow")
    assert curator.create("lunge", recommendations=recommend(stiff=(2, 1))).status_code == 201
    refused = curator.ask("PUT", "/exercises/cat-cow", record, {"If-None-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")


def test_a_source_in_use_stays(curator: Curator) -> None:
    def retire() -> httpx.Response:
        return curator.ask("DELETE", "/sources/our-book", headers={"If-Match": "*"})

    curator.ask("PUT", "/sources/our-book", BOOK, {"If-None-Match": "*"})
    curator.create("lunge", evidence=[{"text": "So.", "source": {"slug": "our-book"}}])
    refused = retire()
    assert (refused.status_code, refused.json()["code"]) == (409, "in-use")
    assert "exercise 'lunge'" in refused.json()["detail"]
    curator.retire("lunge")
    assert retire().status_code == 204
    assert curator.client.get("/sources/our-book").status_code == 404
    assert "our-book" not in curator.client.get("/sources").text
    assert curator.create("lunge", evidence=[{"text": "So.", "source": {"slug": "our-book"}}]).status_code == 422
    assert curator.ask("PUT", "/sources/our-book", BOOK, {"If-None-Match": "*"}).status_code == 201


# ── Neighbours ──────────────────────────────────────────────────────────────────────────────────


def tags(client: httpx.Client) -> dict[str, str]:
    slugs = [one["slug"] for one in client.get("/exercises?limit=100").json()["items"]]
    return {slug: client.get(f"/exercises/{slug}").headers["etag"] for slug in slugs}


def test_an_exercises_tag_changes_only_when_its_own_answer_does(curator: Curator, database: Database) -> None:
    curator.create("seated-4", variant_of="figure-4-stretch")
    curator.create("wide", patterns=["wide-legs"])
    changes: list[tuple[object, set[str]]] = [
        (lambda: curator.create("lunge"), set()),
        (lambda: curator.edit("lunge", aliases=["Step"]), {"lunge"}),
        (lambda: curator.edit("lunge", recommendations=recommend(stiff=(9, 1))), {"lunge"}),
        (lambda: curator.edit("lunge", recommendations=recommend(stiff=(2, 3))), {"lunge", "cat-cow", "pelvic-tilts"}),
        (lambda: curator.edit("cat-cow", summary="Ours."), {"cat-cow"}),
        (lambda: curator.edit("figure-4-stretch", summary="Ours."), {"figure-4-stretch"}),
        (lambda: curator.edit("figure-4-stretch", contraindications=avoid("unstable")), {"figure-4-stretch", "seated-4"}),
        (lambda: load(database, edited("si-joint-dysfunction.yaml", "patterns", name="Ours")), set()),
        (lambda: load(database, edited("si-joint-dysfunction.yaml", "patterns", contraindications=avoid("unstable"))), {"wide"}),
        (lambda: curator.ask("PUT", "/sources/our-book", BOOK, {"If-None-Match": "*"}), set()),
        (lambda: curator.retire("lunge"), {"cat-cow", "pelvic-tilts"}),
    ]
    for n, (change, expected) in enumerate(changes):
        before = tags(curator.client)
        assert callable(change)
        change()
        after = tags(curator.client)
        assert {slug for slug in before.keys() & after.keys() if before[slug] != after[slug]} == expected, n


# ── Signing ─────────────────────────────────────────────────────────────────────────────────────


def test_a_signature_stands_until_a_clinical_edit(curator: Curator, reviewer: Curator) -> None:
    def sign(slug: str) -> httpx.Response:
        return reviewer.ask("PUT", f"/exercises/{slug}/review", SIGNATURE, {"If-Match": curator.read(f"/exercises/{slug}")[1]})

    def signed(slug: str = "cat-cow") -> bool:
        return curator.read(f"/exercises/{slug}")[0]["review"] is not None

    answer = sign("cat-cow")
    assert answer.status_code == 200
    assert {**answer.json()["review"], "at": None} == {**SIGNATURE, "at": None}
    assert (answer.json(), answer.headers["etag"]) == curator.read("/exercises/cat-cow")
    assert curator.edit("cat-cow").status_code == 200
    assert signed()
    assert curator.edit("cat-cow", aliases=["Cat"], search_terms=["kitten"]).status_code == 200
    assert signed()
    assert curator.create("lunge", recommendations=recommend(stiff=(2, 7))).status_code == 201
    assert signed(), "a neighbour at its place is no change of the exercise"
    record, _ = curator.read("/exercises/cat-cow")
    clinical: list[Record] = [
        {"name": "Cat"},
        {"steps": ["One."]},
        {"cautions": record["cautions"][:-1]},
        {"regions": []},
        {"recommendations": record["recommendations"][:1]},
        {"contraindications": avoid("unstable"), "recommendations": record["recommendations"][:1]},
        {"patterns": ["wide-legs"], "contraindications": [], "recommendations": record["recommendations"][:1]},
        {"dosages": []},
        {"summary": "Other words."},
    ]
    for change in clinical:
        assert sign("cat-cow").status_code == 200
        assert curator.edit("cat-cow", **change).status_code == 200, change
        assert not signed(), change


def test_a_signature_falls_with_what_is_inherited(curator: Curator, reviewer: Curator) -> None:
    curator.create("seated-cat", variant_of="cat-cow")
    assert reviewer.ask("PUT", "/exercises/seated-cat/review", {}, {"If-Match": "*"}).json()["review"]["by"] == "a-reviewer"
    curator.edit("cat-cow", recommendations=[], contraindications=avoid("stiff"))
    assert curator.read("/exercises/seated-cat")[0]["review"] is None


@pytest.mark.any_engine
def test_a_signature_cannot_be_written_by_an_edit(curator: Curator) -> None:
    assert curator.create("lunge", review={"by": "Me", "at": "2026-01-01T00:00:00Z", "note": None}).json()["review"] is None


# ── Why ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.any_engine
@pytest.mark.parametrize("reason", ["The source was corrected.", "Die Ärztin hat es verlangt, 猫", "x" * 1000])
def test_history_keeps_the_reason(curator: Curator, reason: str) -> None:
    record, tag = curator.read("/exercises/cat-cow")
    headers = {b"Authorization": f"Bearer {curator.secret}".encode(), b"If-Match": tag.encode(), b"X-Change-Reason": reason.encode()}
    answer = curator.client.put("/exercises/cat-cow", json=record | {"summary": "Ours."}, headers=headers)
    assert answer.status_code == 200
    told = curator.ask("GET", "/exercises/cat-cow/history").json()["items"][0]
    assert (told["reason"], told["by"], told["channel"]) == (reason, "a-curator", "http")


@pytest.mark.any_engine
@pytest.mark.parametrize("reason", [b"x" * 1001, b"a\x01b", b"a\tb"])
def test_a_reason_is_one_line(refused: Curator, reason: bytes) -> None:
    headers = {b"Authorization": f"Bearer {refused.secret}".encode(), b"If-Match": b"*", b"X-Change-Reason": reason}
    answer = refused.client.put("/exercises/cat-cow", json={"slug": "cat-cow", "name": "Cat"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-reason")
