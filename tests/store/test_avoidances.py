"""What to avoid, where there is more of it than an answer shows, and where words name some of it."""

import pytest

from api.library.query import LONGEST_PAGE, CatalogueQuery
from api.store import catalogue
from api.store.engine import Database
from tests.writing import as_yaml, load

SOURCE = {"slug": "source-text", "quote": None}


def avoided(name: str, slug: str) -> dict[str, object]:
    return {"slug": slug, "name": name, "contraindications": [{"type": "unstable", "reason": "A test says so.", "source": SOURCE}]}


def first_and_total(database: Database, q: str | None = None) -> tuple[str, int | None]:
    with database.reading() as connection:
        avoid = catalogue.find(connection, CatalogueQuery(types=("unstable",), q=q)).avoid
    assert avoid is not None
    return avoid.items[0].slug, avoid.total


@pytest.mark.parametrize("more", [LONGEST_PAGE - 2, LONGEST_PAGE - 1, LONGEST_PAGE])
def test_all_that_is_to_be_avoided_is_counted_past_what_an_answer_shows(database: Database, more: int) -> None:
    load(database, as_yaml({"exercises": [avoided(f"Made up {n}", f"made-up-{n}") for n in range(more)]}))
    assert first_and_total(database) == ("wide-legs", more + 2)  # beside the pattern and the figure 4


def test_a_pattern_is_named_by_all_the_words_of_a_search_not_by_some(database: Database) -> None:
    load(database, as_yaml({"exercises": [avoided("Straddle lunge", "straddle-lunge")]}))
    assert first_and_total(database, "straddle lunge")[0] == "straddle-lunge"
    assert first_and_total(database, "straddle")[0] == "wide-legs"


def test_what_postgresql_planned_for_a_question_serves_the_next(shared: Database) -> None:
    if shared.is_postgresql:
        for _ in range(8):  # the driver prepares what it is asked a sixth time
            with shared.reading() as connection:
                catalogue.find(connection, CatalogueQuery(types=("unstable",)))
        with shared.reading() as connection:
            prepared = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
        assert prepared >= 3
