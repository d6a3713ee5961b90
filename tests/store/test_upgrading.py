"""A new version's seed data reaches a library that was edited: what is untouched follows, an edit stays, avoid wins."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from api.store import checking, opening, reference, seeding
from api.store import differences as differences_
from api.store.engine import Database
from api.store.journal import Journal
from api.store.opening import prepare
from api.store.reference import edits
from tests.writing import AUTHOR, SEED, as_yaml, document, edited, load, retire, state

SOURCE = {"slug": "source-text", "quote": "Isometric squats"}
Json = dict[str, object]
Ship = Callable[..., None]


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ship:
    """Make a next version, whose seed data differs from this one's; each call changes one record of it, or adds one."""
    folder = Path(shutil.copytree(SEED, tmp_path / "seed_data"))
    for module in (seeding, opening):
        monkeypatch.setattr(module, "folder", lambda _: folder)

    def change(file: str, section: str, slug: str, **changes: object) -> None:
        path = folder / file
        content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {section: []}
        found = content[section] if isinstance(content[section], list) else [content[section]]
        record = next((one for one in found if one["slug"] == slug), None)
        if record is None:
            found.append(record := {"slug": slug, "name": slug.title()} if section == "exercises" else {"slug": slug})
        record |= changes
        path.write_text(as_yaml(content), encoding="utf-8")

    return change


def upgrade(database: Database) -> None:
    prepare(database, datetime.now(UTC))
    with database.reading() as connection:
        assert list(checking.wrong(connection)) == []
    before = state(database)
    prepare(database, datetime.now(UTC))
    assert state(database) == before


def record(database: Database, slug: str) -> Json:
    found: Json = json.loads(document(database, slug))
    return found


def avoid(*types: str) -> list[Json]:
    return [{"type": one, "reason": "A study says so.", "source": SOURCE} for one in types]


def recommend(**places: tuple[int, int]) -> list[Json]:
    return [{"type": type_, "position": position, "choice": choice, "source": SOURCE} for type_, (position, choice) in places.items()]


def verdicts(database: Database, slug: str) -> dict[str, str]:
    """Give an exercise's verdict for each type that has one."""
    with database.reading() as connection:
        rows = connection.execute(
            sa.text("SELECT type, verdict FROM verdict JOIN exercise ON exercise.id = exercise_id WHERE slug = :slug"), {"slug": slug}
        )
        return {type_: verdict for type_, verdict in rows}  # noqa: C416  (rows are no pairs to the type checker)


def place(database: Database, slug: str, type_: str) -> tuple[int, int] | None:
    with database.reading() as connection:
        row = connection.execute(
            sa.text("SELECT position, choice FROM recommendation JOIN exercise ON id = exercise_id WHERE slug = :slug AND type = :type"),
            {"slug": slug, "type": type_},
        ).first()
    return None if row is None else (row.position, row.choice)


def differences(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(differences_.listed(connection))


CAT_COW = "exercises/cat-cow.yaml"


def test_an_untouched_record_follows_the_new_version(database: Database, ship: Ship) -> None:
    ship(CAT_COW, "exercise", "cat-cow", summary="A better summary.")
    ship("sources.yaml", "sources", "source-text", note="A better note.")
    upgrade(database)
    assert record(database, "cat-cow")["summary"] == "A better summary."
    with database.reading() as connection:
        rows = connection.execute(sa.text('SELECT kind, slug, action, channel, "by" FROM change WHERE revision = 2 ORDER BY kind')).all()
    assert [tuple(row) for row in rows] == [
        ("exercise", "cat-cow", "updated", "seed", "exercise-library"),
        ("source", "source-text", "updated", "seed", "exercise-library"),
    ]
    assert differences(database) == []


def test_an_edit_stays_the_rest_follows_and_warnings_are_added(database: Database, ship: Ship) -> None:
    load(database, edited(CAT_COW, "exercise", summary="Ours.", aliases=["Our name"]))
    variant = {"slug": "on-a-chair", "name": "On a chair", "source": {"slug": "common-knowledge"}}
    caution = {"group": "osteoporosis", "action": "modify", "variant": "on-a-chair", "text": "Sit.", "source": {"slug": "common-knowledge"}}
    old = yaml.safe_load((SEED / CAT_COW).read_text(encoding="utf-8"))["exercise"]
    ship(
        CAT_COW,
        "exercise",
        "cat-cow",
        summary="A better summary.",
        steps=["Do nothing."],
        cautions=[*old["cautions"], caution],
        variants=[*old.get("variants", []), variant],
    )
    upgrade(database)
    now = record(database, "cat-cow")
    assert (now["summary"], now["aliases"]) == ("Ours.", ["Our name"])
    assert now["steps"] == ["Do nothing."]
    assert isinstance(now["cautions"], list)
    assert isinstance(now["variants"], list)
    assert [one["text"] for one in now["cautions"]].count("Sit.") == 1
    assert now["variants"][-1]["slug"] == "on-a-chair"
    [told] = differences(database)
    assert told.startswith("The exercise 'cat-cow' was edited: ")
    assert told.endswith(" A later version of the seed data added cautions, at revision 3.")


def test_where_a_new_avoid_meets_an_edited_recommended_avoid_wins(database: Database, ship: Ship) -> None:
    load(database, edited(CAT_COW, "exercise", summary="Ours."))
    ship(CAT_COW, "exercise", "cat-cow", contraindications=avoid("unstable"), recommendations=recommend(stiff=(2, 1)))
    upgrade(database)
    assert verdicts(database, "cat-cow") == {"stiff": "recommended", "unstable": "avoid"}
    assert record(database, "cat-cow")["summary"] == "Ours."


def test_an_avoid_that_was_taken_away_by_an_edit_does_not_come_back(database: Database, ship: Ship) -> None:
    load(database, edited("exercises/figure-4-stretch.yaml", "exercise", contraindications=[]))
    ship("exercises/figure-4-stretch.yaml", "exercise", "figure-4-stretch", summary="A better summary.")
    upgrade(database)
    assert verdicts(database, "figure-4-stretch") == {"stiff": "recommended"}


@pytest.mark.parametrize("how", [{"patterns": ["wide-legs"]}, {"variant_of": "figure-4-stretch"}], ids=str)
def test_an_avoid_reaches_an_edited_exercise_by_pattern_and_as_a_variant(database: Database, ship: Ship, how: Json) -> None:
    load(database, edited("exercises/pelvic-list.yaml", "exercise", summary="Ours."))
    ship("exercises/pelvic-list.yaml", "exercise", "pelvic-list", recommendations=[], **how)
    upgrade(database)
    assert verdicts(database, "pelvic-list") == {"unstable": "avoid"}
    assert record(database, "pelvic-list")["summary"] == "Ours."


@pytest.mark.parametrize("edit", [False, True], ids=["untouched", "edited"])
def test_a_new_avoid_reaches_what_a_clinic_recommends_as_a_variant(database: Database, ship: Ship, edit: bool) -> None:  # noqa: FBT001
    if edit:
        load(database, edited(CAT_COW, "exercise", summary="Ours."))
    seated: Json = {"slug": "seated-cat", "name": "Seated cat", "variant_of": "cat-cow", "recommendations": recommend(stiff=(9, 1))}
    load(database, json.dumps({"exercise": seated}))
    load(database, json.dumps({"exercise": {"slug": "our-cat", "name": "Our cat", "variant_of": "seated-cat", "recommendations": []}}))
    ship(CAT_COW, "exercise", "cat-cow", contraindications=avoid("stiff"), recommendations=recommend(unstable=(3, 1)))
    upgrade(database)
    assert verdicts(database, "seated-cat") == verdicts(database, "our-cat") == {"stiff": "avoid"}


def test_a_new_avoid_of_a_pattern_reaches_what_a_clinic_recommends(database: Database, ship: Ship) -> None:
    wide: Json = {"slug": "our-lunge", "name": "Our lunge", "patterns": ["wide-legs"], "recommendations": recommend(stiff=(9, 1))}
    load(database, json.dumps({"exercise": wide}))
    load(database, edited("si-joint-dysfunction.yaml", "patterns", name="Ours"))
    ship("si-joint-dysfunction.yaml", "patterns", "wide-legs", contraindications=avoid("stiff", "unstable"))
    upgrade(database)
    assert verdicts(database, "our-lunge") == {"stiff": "avoid", "unstable": "avoid"}


def test_a_new_red_flag_is_added_and_an_edited_one_stays(database: Database, ship: Ship) -> None:
    content = yaml.safe_load((SEED / "si-joint-dysfunction.yaml").read_text(encoding="utf-8"))
    first = content["red_flags"][0]
    load(database, json.dumps({"red_flags": [first | {"question": "Ours?"}]}))
    ship("si-joint-dysfunction.yaml", "red_flags", first["slug"], question="Theirs?")
    ship("si-joint-dysfunction.yaml", "red_flags", "new-flag", **{name: part for name, part in first.items() if name != "slug"})
    upgrade(database)
    with database.reading() as connection:
        flags = [json.loads(one) for one in connection.execute(sa.text("SELECT document FROM red_flag ORDER BY position")).scalars()]
    assert flags[0]["question"] == "Ours?"
    assert (flags[-1]["slug"], flags[-1]["question"]) == ("new-flag", first["question"])
    assert len(flags) == len(content["red_flags"]) + 1


def test_what_was_retired_stays_retired(database: Database, ship: Ship) -> None:
    retire(database, "cat-cow")
    ship(CAT_COW, "exercise", "cat-cow", summary="A better summary.")
    upgrade(database)
    assert verdicts(database, "cat-cow") == {}
    assert differences(database) == ["The exercise 'cat-cow' was retired."]


def test_a_new_exercise_stands_beside_one_that_a_clinic_put_at_its_place(database: Database, ship: Ship) -> None:
    load(database, json.dumps({"exercise": {"slug": "ours", "name": "Ours", "recommendations": recommend(stiff=(9, 1), unstable=(9, 1))}}))
    ship("exercises/new.yaml", "exercises", "theirs", recommendations=recommend(stiff=(9, 1), unstable=(10, 1)))
    ship("exercises/new.yaml", "exercises", "theirs-too", recommendations=recommend(stiff=(9, 2)))
    upgrade(database)
    assert (place(database, "ours", "stiff"), place(database, "theirs", "stiff"), place(database, "theirs-too", "stiff")) == (
        (9, 1),
        (9, 2),
        (9, 3),
    )
    assert place(database, "theirs", "unstable") == (10, 1)


def test_a_new_order_stands_beside_an_edited_one(database: Database, ship: Ship) -> None:
    load(database, edited(CAT_COW, "exercise", recommendations=recommend(stiff=(9, 1))))
    for number in range(2):
        ship(CAT_COW, "exercise", "cat-cow", recommendations=recommend(stiff=(8, 1)))
        ship("exercises/pelvic-tilts.yaml", "exercise", "pelvic-tilts", recommendations=recommend(stiff=(9, 1)), summary=f"{number}")
        upgrade(database)
        assert place(database, "cat-cow", "stiff") == (9, 1)
        assert place(database, "pelvic-tilts", "stiff") == (9, 2)
    assert differences(database) == ["The exercise 'cat-cow' was edited: recommendations."]


def test_a_new_order_reaches_an_exercise_that_was_edited_elsewhere(database: Database, ship: Ship) -> None:
    cat, tilts = place(database, "cat-cow", "stiff"), place(database, "pelvic-tilts", "stiff")
    load(database, edited(CAT_COW, "exercise", summary="Ours."))
    ship(CAT_COW, "exercise", "cat-cow", recommendations=recommend(stiff=tilts or (0, 0)))
    ship("exercises/pelvic-tilts.yaml", "exercise", "pelvic-tilts", recommendations=recommend(stiff=cat or (0, 0)))
    upgrade(database)
    assert (place(database, "cat-cow", "stiff"), place(database, "pelvic-tilts", "stiff")) == (tilts, cat)


def test_a_source_that_is_named_anew_comes_back(database: Database, ship: Ship) -> None:
    ship("sources.yaml", "sources", "book", citation="A book.", kind="expert-opinion", certainty="verified")
    upgrade(database)
    with database.writing() as session:
        journal = Journal(session, AUTHOR, datetime.now(UTC))
        edits.retire_source(journal, "book", reference.document(journal.connection, "source", "book") or "")
    ship("sources.yaml", "sources", "book", citation="A better book.")
    upgrade(database)
    assert stored_source(database) is None
    ship("exercises/new.yaml", "exercises", "theirs", evidence=[{"text": "It is so.", "source": {"slug": "book"}}])
    upgrade(database)
    assert "A better book." in (stored_source(database) or "")


def stored_source(database: Database) -> str | None:
    with database.reading() as connection:
        return reference.document(connection, "source", "book")


def test_what_a_clinic_named_as_the_new_version_does_stays_and_is_warned(database: Database, ship: Ship) -> None:
    ours: Json = {"slug": "lunge", "name": "Our lunge", "recommendations": recommend(stiff=(9, 1), unstable=(9, 1))}
    load(database, json.dumps({"exercise": ours}))
    ship("exercises/new.yaml", "exercises", "lunge", contraindications=avoid("unstable"), summary="Theirs.")
    upgrade(database)
    assert record(database, "lunge")["name"] == "Our lunge"
    assert record(database, "lunge")["summary"] is None
    assert verdicts(database, "lunge") == {"stiff": "recommended", "unstable": "avoid"}


def test_starting_again_never_undoes_an_edit(database: Database) -> None:
    load(database, edited(CAT_COW, "exercise", summary="Ours.", recommendations=[]))
    retire(database, "pelvic-list")
    before = state(database)
    for _ in range(2):
        prepare(database, datetime.now(UTC))
    assert state(database) == before


def test_every_difference_is_listed(database: Database) -> None:
    assert differences(database) == []
    load(database, edited(CAT_COW, "exercise", summary="Ours.", steps=["One."]))
    load(database, edited("si-joint-dysfunction.yaml", "patterns", name="Ours"))
    load(database, "sources: [{slug: our-book, citation: Ours., kind: expert-opinion, certainty: verified}]")
    load(database, "exercises: [" + ", ".join(f"{{slug: ours-{n}, name: Ours}}" for n in range(12)) + "]")
    retire(database, "pelvic-list")
    assert sorted(differences(database)) == [
        "1 records of the kind 'source' were added: our-book.",
        "12 records of the kind 'exercise' were added: " + ", ".join(sorted(f"ours-{n}" for n in range(12))[:10]) + " ….",
        "The exercise 'cat-cow' was edited: summary, steps.",
        "The exercise 'pelvic-list' was retired.",
        "The movement-pattern 'wide-legs' was edited: name.",
    ]
