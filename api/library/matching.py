"""An exercise that some type avoids must not come back under another name: what resembles it is pointed out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.library.exercise import ExerciseDraft, PossibleMatch
from api.library.record import Text
from api.library.spelling import words
from api.library.vocabulary import SubjectKind

# Words that say nothing of which movement it is.
_COMMON = frozenset(words("a an and at by exercise for from in it of on or over pose position stretch stretching the to with your"))
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
        phrases = [*_found(suspect.names, [*named, *told]), *_found(suspect.terms, named)]
        if phrases:
            found.append(PossibleMatch(kind=suspect.kind, slug=suspect.slug, words=sorted(set(phrases))))
    return found


def _found(phrases: Sequence[str], texts: Sequence[list[str]]) -> Iterator[Text]:
    for phrase in phrases:
        wanted = set(_content(phrase))
        if wanted and any(_has(text, wanted) for text in texts):
            yield phrase


def _has(text: list[str], wanted: set[str]) -> bool:
    """Say whether all the words stand close together, in any order."""
    if not wanted <= set(text):
        return False
    span = len(wanted) + _SLACK
    return any(wanted <= set(text[at : at + span]) for at in range(max(1, len(text) - span + 1)))


def _content(text: str) -> list[str]:
    """Give the words that say which movement it is, plural or not."""
    return [word.removesuffix("s") if len(word) > 3 else word for word in words(text) if word not in _COMMON]  # noqa: PLR2004
