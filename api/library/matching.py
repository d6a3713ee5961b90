"""An exercise that some type avoids must not come back under another name: what resembles it is pointed out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.library.exercise import ExerciseDraft, PossibleMatch
from api.library.spelling import words
from api.library.vocabulary import SubjectKind

# Words that say nothing of which movement it is.
_COMMON = frozenset(words("a an and at by exercise for from in it of opposite or other pose position the to with your"))
# One way to say that a limb lies on another.
_ON = {"over": "on", "across": "on", "onto": "on"}
_SLACK = 2
"""How many other words may stand between those of a phrase."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An exercise or pattern that some types avoid, and by which phrases it is known."""

    kind: SubjectKind
    slug: str
    types: frozenset[str]
    """The types that avoid it."""
    names: tuple[str, ...]
    """What it is called: looked for in names and in steps."""
    terms: tuple[str, ...]
    """Looser words that find it: looked for in names alone."""


def possible_matches(draft: ExerciseDraft, suspects: Iterable[Suspect]) -> list[PossibleMatch]:
    """Give what an exercise resembles, as long as nobody has decided: by a verdict, by `variant_of` or by `patterns`."""
    judged = {one.type for one in draft.recommendations} | {one.type for one in draft.contraindications}
    named = [_content(text) for text in (draft.name, *draft.aliases, *draft.search_terms)]
    told = [_content(text) for text in draft.steps]
    found = []
    for suspect in suspects:
        if suspect.slug in {draft.slug, draft.variant_of, *draft.patterns} or suspect.types <= judged:
            continue
        phrases = {phrase for phrase in suspect.names if _is_named(phrase, named) or _is_told(phrase, told)}
        phrases |= {phrase for phrase in suspect.terms if _is_named(phrase, named)}
        if phrases:
            found.append(PossibleMatch(kind=suspect.kind, slug=suspect.slug, words=sorted(phrases)))
    return found


def _is_named(phrase: str, names: Sequence[list[str]]) -> bool:
    """Say whether a name has all the words of a phrase, in any order; that it is a stretch goes without saying."""
    wanted = set(_content(phrase)) - {"on"}
    core = wanted - {"stretch"}
    return len(core) > 0 and any((wanted if len(core) == 1 and core != wanted else core) <= set(name) for name in names)


def _is_told(phrase: str, steps: Sequence[list[str]]) -> bool:
    """Say whether a step has the words of a phrase in their order, close together."""
    wanted = [word for word in _content(phrase) if word != "stretch"]
    return bool(wanted) and any(_runs(wanted, step) for step in steps)


def _runs(wanted: Sequence[str], step: Sequence[str]) -> bool:
    return any(_follows(wanted[1:], step[at + 1 :]) for at, word in enumerate(step) if word == wanted[0])


def _follows(wanted: Sequence[str], rest: Sequence[str]) -> bool:
    if not wanted:
        return True
    near = rest[: _SLACK + 1]
    return wanted[0] in near and _follows(wanted[1:], rest[near.index(wanted[0]) + 1 :])


def _content(text: str) -> list[str]:
    """Give the words that say which movement it is, plural or not."""
    singular = (word.removesuffix("s") if len(word) > 3 else word for word in words(text))  # noqa: PLR2004
    return [_ON.get(word, word) for word in singular if word not in _COMMON]
