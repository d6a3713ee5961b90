"""Small facts as they read on paper."""

import pytest

from api.formats import phrases
from api.library.exercise_draft import Dosage
from api.library.record import Attribution, Range

_SOURCE = Attribution(slug="a")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"reps": Range(min=10, max=15), "sessions_per_day": Range(min=1, max=1)}, "10\u201315 repetitions, once a day."),
        ({"sets": Range(min=1, max=1), "reps": Range(min=1, max=1)}, "1 set, 1 repetition."),
        ({"hold_seconds": Range(min=2.5, max=5), "per_side": True}, "Hold 2.5\u20135 s, on each side."),
        ({"sessions_per_day": Range(min=2, max=2), "per_side": False}, "Twice a day, in all, not on each side."),
        ({"sessions_per_day": Range(min=2, max=3), "note": "Slowly."}, "2\u20133 times a day. Slowly."),
        ({"note": "A few times."}, "A few times."),
        ({}, ""),
    ],
)
def test_a_dosage_is_what_the_source_prints_and_no_more(given: dict[str, object], text: str) -> None:
    assert phrases.dosage(Dosage.model_validate({"printed_for": "x", "source": _SOURCE, **given})) == text


def test_a_publication_is_named_in_few_words() -> None:
    assert phrases.short("NHS. Lower back pain exercises (Sinfield).") == "NHS"
    assert (
        phrases.short("A very long citation without a full stop that goes on and on for ever")
        == "A very long citation without a full stop that …"
    )
    assert phrases.short("Short.") == "Short"


def test_slugs_are_read_aloud() -> None:
    assert phrases.title("after-16-weeks") == "After 16 weeks"
