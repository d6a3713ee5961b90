"""What the seed asks and what its answers come to, gathered once and then decided without a database."""

from itertools import combinations
from typing import Self

from api.library.composing import Ingredients, compose, reach
from api.library.program import Program
from api.library.screening import Answers, Screening, assess
from api.library.screening_items import implied
from api.library.vocabulary import Intensity
from api.store import programs
from api.store.engine import Database

CONDITION = "si-joint-dysfunction"


class Asked:
    """The questions, and what programs are made from."""

    def __init__(self, database: Database) -> None:
        with database.reading() as connection:
            self.questions = programs.questions(connection, CONDITION)
            self.made: dict[tuple[str, ...], Ingredients] = {
                types: programs.ingredients(connection, types, ()) for size in (1, 2) for types in combinations(self.questions.types, size)
            }

    @classmethod
    def of(cls, url: str) -> Self:
        """Ask a library that isn't needed afterwards."""
        database = Database(url)
        gathered = cls(database)
        database.close()
        return gathered

    def program(self, types: tuple[str, ...], groups: list[str] | None) -> Program:
        """Make the program that the service would make."""
        known = self.made[types]
        minded = None if groups is None else implied(groups, known.known_groups)
        within = reach(types, minded or (), known.known_types, known.known_groups)
        in_order = tuple(slug for slug in self.questions.types if slug in within.types)
        return compose(self.made[in_order]._replace(reach=within, groups=minded))

    def screen(self, answers: Answers) -> Screening:
        """Screen as the service does."""
        assessment = assess(answers, self.questions)
        safe_for = tuple(assessment.safe_for)
        return assessment.with_program(self.program(safe_for, list(assessment.groups)) if safe_for else None)

    def answers(self, **given: object) -> Answers:
        """Answer all red flags with no, unless told otherwise."""
        flags = list(self.questions.red_flags)
        return Answers.model_validate({"asked": flags, "red_flags": [], "symptoms": True, "indicators": [], **given})


def offered(screening: Screening) -> dict[str, Intensity | None]:
    """Give each exercise that a screening offers, with its intensity."""
    slots = screening.program.slots if screening.program else []
    return {one.slug: one.suitability.intensity for slot in slots for one in slot.choices if one.suitability}
