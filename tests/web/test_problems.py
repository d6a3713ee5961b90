"""Every error there is has a status and a code of its own, and tells nobody what is none of their business."""

from collections.abc import Iterator
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import httpx
import pytest
import sqlalchemy as sa

import api
from api.errors import Complaint, ExerciseLibraryError, InvalidContent
from api.store.engine import Database
from api.web.problems import STATUS, status_of
from tests.web.test_refusals import problem

pytestmark = pytest.mark.any_engine

for module in walk_packages([str(Path(api.__file__).parent)], "api."):
    if not module.name.endswith("__main__"):
        import_module(module.name)


def tree(root: type[ExerciseLibraryError]) -> Iterator[type[ExerciseLibraryError]]:
    """Give an error and all its kinds."""
    yield root
    for kind in root.__subclasses__():
        yield from tree(kind)


EVERY = [one for one in tree(ExerciseLibraryError) if one is not ExerciseLibraryError]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.__name__)
def test_every_error_has_a_status_and_words(error: type[ExerciseLibraryError]) -> None:
    assert isinstance(status_of(error), HTTPStatus)
    assert status_of(error) >= HTTPStatus.BAD_REQUEST
    assert error.code != ExerciseLibraryError.code
    assert error.title != ExerciseLibraryError.title
    assert error.__doc__
    assert error.code == error.code.lower()
    assert " " not in error.code


def test_no_two_errors_share_a_code() -> None:
    assert len(EVERY) > 20
    codes = [error.code for error in EVERY]
    assert sorted(set(codes)) == sorted(codes)


def test_every_status_is_of_an_error_that_there_is() -> None:
    assert set(STATUS) <= set(EVERY)


def test_an_error_reads_as_lines_of_a_terminal() -> None:
    wrong = (Complaint("a.yaml:3: kind", "'strech' is not one of its words.", ("stretch",), "stretch"), Complaint("a.yaml:4", "No."))
    assert str(InvalidContent("2 things to correct.", complaints=wrong)).splitlines() == [
        "2 things to correct.",
        "  a.yaml:3: kind: 'strech' is not one of its words. Did you mean 'stretch'?",
        "  a.yaml:4: No.",
    ]


def test_rows_that_disagree_with_records_offer_nothing(client: httpx.Client, database: Database) -> None:
    with database.writing() as session:
        text = 'UPDATE exercise SET document = replace(document, \'"type":"stiff"\', \'"type":"other"\') WHERE slug = \'self-massage\''
        session.connection().execute(sa.text(text.replace(":", r"\:")))
    problem(client.get("/exercises?type=stiff"), 500, "inconsistent")
    assert client.get("/exercises?type=unstable").status_code == 200


def test_an_avoid_without_its_reason_is_said_to_be_inconsistent(client: httpx.Client, database: Database) -> None:
    with database.writing() as session:
        session.connection().execute(sa.text("DELETE FROM contraindication WHERE type = 'unstable'"))
    for path in ("/exercises?type=unstable", "/exercises?type=unstable&q=bridge", "/contraindications?type=unstable"):
        problem(client.get(path), 500, "inconsistent")
    assert client.get("/exercises?type=stiff").status_code == 200


def test_a_fault_of_our_own_is_told_without_its_details(client: httpx.Client, database: Database) -> None:
    with database.writing() as session:
        session.connection().execute(sa.text("UPDATE exercise SET document = '{' WHERE slug = 'self-massage'"))
    answer = client.get("/exercises?type=stiff")
    problem(answer, 500)
    assert "self-massage" not in answer.text
    assert "json" not in answer.text.lower().replace("problem+json", "")


def test_a_database_that_is_gone_is_unavailable_and_never_an_empty_answer(client: httpx.Client, database: Database) -> None:
    with database.writing() as session:
        session.connection().execute(sa.text("ALTER TABLE library RENAME TO gone"))
        session.connection().execute(sa.text("ALTER TABLE exercise RENAME TO gone_too"))
    for address in ("/exercises", "/exercises?type=stiff", "/exercises/cat-cow", "/health/ready"):
        answer = client.get(address)
        assert answer.status_code in (500, 503), address
        problem(answer, answer.status_code)
    assert client.get("/health/live").status_code == 200
