"""Every program of the seed, read as it stands on paper: nothing in it is about something that isn't on it, or contradicts itself."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from api.formats.layout import lay_out
from api.formats.sheet import Exercised, Sheet
from api.library.program import Printout, Program, ProgramExercise
from api.library.vocabulary import Edition
from api.store.exercises import read as exercises
from tests.engines import SQLiteFiles
from tests.facts import AVOIDED, EXERCISES, RECOMMENDED
from tests.formats.given import Page, rows, written
from tests.screened import Asked

TYPES: list[tuple[str, ...]] = [("stiff",), ("unstable",), ("stiff", "unstable")]

CLASHES = {
    r"(n't|not to) lie (flat )?on (your|the) back|instead of flat on your back": r"^(lie )?on your back|lying on (your|the) back",
    r"don't lie on your front": r"lie on your (front|stomach|belly)|face down",
    r"back hollow|without arching": r"\barch(ed)?\b|let your belly sink|hollow your back",
    r"you don't kneel|don't kneel": r"on hands and knees|on your knees|kneel on",
    r"don't lean on (bent |your )*wrists": r"on hands and knees|hands under your shoulders|lean on your hands",
    r"don't stand on one leg": r"weight on one leg|stand on one leg",
    r"hold on the whole time|keep (a|your) hand on": r"without holding|let go of the (wall|rail)|hands on your hips",
    r"no wider than your hips|never wide|not wide": r"feet (far apart|wide(r)? than|wide apart)|straddle",
    r"stay high|don't go deep|bend your knees only a little|only a little": r"right angle|90 degrees|as deep as|thighs level",
    r"only your hands or a soft ball": r"roller|firmer|hard ball",
    r"press softly": r"press (hard|firmly)|firmer|as hard as",
    r"don't push (it|your back) to its limit|middle of your range": r"as far as you can|to the end|fully",
    r"never hold your breath|go on breathing": r"hold your breath(?! while)(?!\.)|breathe in and hold",
    r"don't press|no pressure on your abdomen": r"press on your (abdomen|belly)",
}
"""Words that forbid something: words that tell somebody to do it."""


class Made(NamedTuple):
    """A program of the seed, and what it was made for."""

    types: tuple[str, ...]
    groups: tuple[str, ...] | None
    program: Program
    sheet: Sheet

    @property
    def shown(self) -> list[ProgramExercise]:
        return [one for slot in self.program.slots for one in slot.choices]

    @property
    def laid_out(self) -> list[Exercised]:
        return [one for place in self.sheet.places for one in place.exercises]


@pytest.fixture(scope="session")
def asked(sqlite: SQLiteFiles) -> Asked:
    return Asked.of(sqlite.seeded())


@pytest.fixture(scope="session")
def every_program(asked: Asked) -> list[Made]:
    """All types, with all groups none, one and two at a time, and with nobody asked; as clinicians get it, which is most."""
    known = list(asked.questions.groups)
    groups = [None, *(chosen for size in range(3) for chosen in combinations(known, size))]
    return [_made(asked, types, chosen) for types, chosen in product(TYPES, groups)]


def _made(asked: Asked, types: tuple[str, ...], groups: tuple[str, ...] | None) -> Made:
    program = asked.program(types, None if groups is None else list(groups))
    return Made(types, groups, program, lay_out(Printout(program, Edition.CLINICIAN)))


def test_cautions_doses_and_pictures_are_of_the_variants_shown(every_program: list[Made]) -> None:
    for made in every_program:
        variants = {one.slug: one.variant for one in made.shown}
        for caution in made.program.cautions:
            assert caution.exercise in variants, made[:2]
            assert caution.group in made.program.groups
            assert caution.for_variant in (None, variants[caution.exercise]), made[:2]
        for one in made.shown:
            assert [caution for caution in one.heed if caution.group not in made.program.groups] == []
            assert {dosage.for_variant for dosage in one.dosages} <= {one.variant}
            assert {image.role for image in one.images} <= {f"variant:{one.variant}" if one.variant else "exercise"}
            assert not (one.variant and (one.easier or one.harder))


def test_no_program_loses_an_exercise_to_variants_that_clash(every_program: list[Made]) -> None:
    lost = {(made.types, made.groups, one.slug) for made in every_program for one in made.program.withheld if one.cautions}
    assert lost == set()


@pytest.fixture(scope="session")
def names(library: sa.Connection) -> Mapping[str, re.Pattern[str]]:
    """Give each exercise's names as they would stand in a sentence."""
    found = exercises.load(library, EXERCISES)
    return {
        slug: re.compile("|".join(rf"\b{re.escape(name)}\b" for name in (one.exercise.name, *one.exercise.aliases)), re.IGNORECASE)
        for slug, one in found.items()
    }


def test_no_sentence_is_about_an_exercise_that_is_not_on_the_sheet(every_program: list[Made], names: Mapping[str, re.Pattern[str]]) -> None:
    for made in every_program:
        absent = names.keys() - {one.slug for one in made.shown}
        said = [text for one in made.laid_out for text in _told(one)] + [rule.text for rule in made.sheet.stop_rules]
        assert [(slug, text) for slug in absent for text in said if names[slug].search(text)] == [], made[:2]


def _told(one: Exercised) -> list[str]:
    """Give every sentence that tells how an exercise is done."""
    heeded = [heed.said.text for heed in one.heed]
    return [*heeded, *(note.text for note in one.notes), one.start or "", *one.steps, *one.easier, *(d.amount for d in one.printed)]


def clashing(one: Exercised) -> Iterator[tuple[str, str]]:
    """Give each sentence that forbids what another tells."""
    forbidding = [*(heed.said.text for heed in one.heed), one.variant or "", *one.steps]
    telling = [one.start or "", *one.steps, *one.easier, *(heed.said.text for heed in one.heed), *(d.printed_for for d in one.printed)]
    for never, always in CLASHES.items():
        for sentence in forbidding:
            if re.search(never, sentence, re.IGNORECASE):
                yield from ((sentence, other) for other in telling if other != sentence and re.search(always, other, re.IGNORECASE))


def test_no_sentence_forbids_what_another_tells(every_program: list[Made]) -> None:
    clashes = {(one.name, *both) for made in every_program for one in made.laid_out for both in clashing(one)}
    assert clashes == set()


def test_a_clash_is_found(every_program: list[Made]) -> None:
    """Before there were variants: a caution against lying flat, over steps that say to."""
    by_name = {one.name: one for made in every_program if made.groups == ("after-16-weeks",) for one in made.laid_out}
    as_it_stands = {one.name: one for made in every_program if made.groups == () for one in made.laid_out}
    for name in ("Pelvic tilts", "Cat/cow"):
        heed = by_name[name].heed
        before = as_it_stands[name]
        twisted = Exercised(**{field: getattr(before, field) for field in before.__slots__} | {"heed": heed})
        assert list(clashing(twisted)), name


def offered_in_csv(body: bytes) -> list[str]:
    return [row["slug"] for row in rows(body) if row["section"] == "exercise"]


def taught_in_markdown(body: bytes) -> str:
    """Give what stands under the exercises."""
    return re.sub(r"(?m)^\*\*Leave it out.*$", "", body.decode().partition("\n## Your exercises\n")[2].partition("\n## ")[0])


def taught_in_html(body: bytes) -> str:
    sections: list[bytes] = re.findall(rb'<section class="exercises".*?</section>', body, re.DOTALL)
    return " ".join(word for section in sections for word in Page(section).words)


def taught_in_pdf(body: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    taught = text.partition("Your exercises")[2].partition("Left out of this program")[0].partition("For your clinician to decide")[0]
    return re.sub(r"What to avoid.*?(?=\n2 )", "", taught, flags=re.DOTALL)


def distinct(every: Sequence[Made]) -> list[Made]:
    """Give the programs that signs lead to, each once."""
    signs = {"pregnant", "after-16-weeks", "recently-pregnant", "hypermobile"}
    found = {(tuple(sorted(made.program.types)), *made.program.groups): made for made in every if {*(made.groups or ())} <= signs}
    return list(found.values())


def refuse_the_avoided(made: Made, text: str, names: Mapping[str, re.Pattern[str]]) -> None:
    avoided = [slug for type_ in made.program.types for slug in AVOIDED[type_] if slug in names]
    assert [slug for slug in avoided if names[slug].search(text)] == [], made[:2]
    allowed = [slug for slug in EXERCISES if all(slug in RECOMMENDED[type_] for type_ in made.program.types)]
    assert [slug for slug in allowed if slug not in avoided and not names[slug].search(text)] == [], made[:2]


@pytest.mark.parametrize("edition", Edition)
def test_no_format_teaches_what_a_type_of_the_person_avoids(
    every_program: list[Made], names: Mapping[str, re.Pattern[str]], edition: Edition
) -> None:
    for made in distinct(every_program):
        printout = Printout(made.program, edition)
        slugs = [one.slug for one in made.shown]
        assert offered_in_csv(written("csv", printout)) == slugs
        refuse_the_avoided(made, taught_in_markdown(written("markdown", printout)).replace("\\", ""), names)
        refuse_the_avoided(made, taught_in_html(written("html", printout)), names)


@pytest.mark.parametrize("groups", [("pregnant",), ("hypermobile", "recently-pregnant")])
def test_no_pdf_teaches_what_a_type_of_the_person_avoids(
    every_program: list[Made], names: Mapping[str, re.Pattern[str]], groups: tuple[str, ...]
) -> None:
    for made in every_program:
        if {*(made.groups or ())} == {*groups} and made.types == ("stiff",):
            refuse_the_avoided(made, taught_in_pdf(written("pdf", made.program)), names)
