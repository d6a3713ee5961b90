"""An exercise that some type avoids must not come back under another name: what resembles it is pointed out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.library.exercise import ExerciseDraft, PossibleMatch
from api.library.spelling import words
from api.library.vocabulary import SubjectKind

# Words that say nothing of which movement it is.
_COMMON = frozenset(words("a an and at by exercise for from in it of opposite or other pose position the to with your"))
# One way to say that a limb lies on another.
_ON = {"over": "on", "across": "on", "onto": "on"}
_SLACK = 2
"""How many other words may stand between those of a phrase."""


class Suspect(NamedTuple):
    """An exercise or pattern that some types avoid, and by which phrases it is known."""

    kind: SubjectKind
    slug: str
    types: frozenset[str]
    """The types that avoid it."""
    names: tuple[str, ...]
    """What it is called: looked for in names and in steps."""
    terms: tuple[str, ...]
    """Looser words that find it: looked for in names alone."""


class Suspects:
    """All that an exercise may turn out to be, found by the words of their phrases."""

    def __init__(self, suspects: Iterable[Suspect]) -> None:
        """Index each phrase by its rarest word: a text that hasn't got that word hasn't got the phrase."""
        phrases = [
            _Phrase(place, suspect, text, tuple(_content(text)), is_loose)
            for place, suspect in enumerate(suspects)
            for texts, is_loose in ((suspect.names, False), (suspect.terms, True))
            for text in texts
        ]
        times = Counter(word for phrase in phrases for word in phrase.core)
        self._by_word: dict[str, list[_Phrase]] = {}
        for phrase in phrases:
            rarest = min(phrase.core, key=times.__getitem__, default=None)
            if rarest:
                self._by_word.setdefault(rarest, []).append(phrase)

    def with_a_word_of(self, texts: Iterable[Sequence[str]]) -> list["_Phrase"]:
        """Give the phrases that may be in one of these texts."""
        return [phrase for word in {word for text in texts for word in text} for phrase in self._by_word.get(word, ())]


class _Phrase(NamedTuple):
    place: int
    of: Suspect
    text: str
    words: tuple[str, ...]
    is_loose: bool

    @property
    def core(self) -> set[str]:
        """The words without which it is another phrase: that it is a stretch goes without saying."""
        return {word for word in self.words if word not in ("on", "stretch")}


def possible_matches(draft: ExerciseDraft, suspects: Suspects) -> list[PossibleMatch]:
    """Give what an exercise resembles, as long as nobody has decided: by a verdict, by `variant_of` or by `patterns`."""
    judged = {one.type for one in draft.recommendations} | {one.type for one in draft.contraindications}
    decided = {draft.slug, draft.variant_of, *draft.patterns}
    named = [_content(text) for text in (draft.name, *draft.aliases, *draft.search_terms)]
    told = [_content(text) for text in draft.steps]
    found: dict[int, tuple[Suspect, set[str]]] = {}
    for phrase in suspects.with_a_word_of(named + told):
        if phrase.of.slug in decided or phrase.of.types <= judged:
            continue
        if _is_named(phrase, named) or (not phrase.is_loose and _is_told(phrase, told)):
            found.setdefault(phrase.place, (phrase.of, set()))[1].add(phrase.text)
    return [PossibleMatch(kind=of.kind, slug=of.slug, words=sorted(phrases)) for _, (of, phrases) in sorted(found.items())]


def _is_named(phrase: _Phrase, names: Sequence[list[str]]) -> bool:
    """Say whether a name has all the words of a phrase, in any order."""
    core, wanted = phrase.core, set(phrase.words) - {"on"}
    needed = wanted if len(core) == 1 else core
    return any(needed <= set(name) for name in names)


def _is_told(phrase: _Phrase, steps: Sequence[list[str]]) -> bool:
    """Say whether a step has the words of a phrase in their order, close together."""
    wanted = [word for word in phrase.words if word != "stretch"]
    return any(_runs(wanted, step) for step in steps)


def _runs(wanted: Sequence[str], step: Sequence[str]) -> bool:
    return any(_follows(wanted[1:], step[at + 1 :]) for at, word in enumerate(step) if word == wanted[0])


def _follows(wanted: Sequence[str], rest: Sequence[str]) -> bool:
    if not wanted:
        return True
    near = rest[: _SLACK + 1]
    return wanted[0] in near and _follows(wanted[1:], rest[near.index(wanted[0]) + 1 :])


def _content(text: str) -> list[str]:
    """Give the words that say which movement it is, plural or not."""
    return [_singular(_ON.get(word, word)) for word in words(text) if _singular(word) not in _COMMON]


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word  # noqa: PLR2004
