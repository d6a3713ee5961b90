"""An exercise that some type avoids must not come back under another name: what resembles it is pointed out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from api.library import derivation
from api.library.exercise import PossibleMatch
from api.library.exercise_draft import ExerciseDraft
from api.library.phrasing import unmarked
from api.library.resemblances import KEPT, Way, tokens, ways, without_denied
from api.library.spelling import words
from api.library.vocabulary import SubjectKind

# Words that don't tell one movement from another.
_COMMON = frozenset(words("a an and at by exercise for from in it no of opposite or other pose position the to with your"))
# Other spellings of a word: one way to say that a limb lies on another, and numbers.
_SAME = {
    **dict.fromkeys(("over", "across", "onto"), "on"),
    "fig": "figure",
    "gluteal": "glute",
    **dict(zip(words("one two three four five six seven eight nine"), "123456789", strict=True)),
    **dict(zip(words("ii iii iv vi vii viii ix"), "2346789", strict=True)),
}
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
    """All that an exercise may turn out to be."""

    def __init__(self, suspects: Iterable[Suspect]) -> None:
        """Index each phrase by its rarest word: a text without that word doesn't have the phrase."""
        self.all = list(suspects)
        self.told_otherwise = [(place, suspect) for place, suspect in enumerate(self.all) if suspect.slug in ways()]
        """Those that the table of resemblances knows, whatever their names are."""
        phrases = [
            _Phrase(place, suspect.slug, text, tuple(_content(tokens(text))), is_loose)
            for place, suspect in enumerate(self.all)
            for texts, is_loose in ((suspect.names, False), (suspect.terms, True))
            for text in texts
        ]
        times = Counter(word for phrase in phrases for word in phrase.core)
        self._by_word: dict[str, list[_Phrase]] = {}
        for phrase in phrases:
            rarest = min(phrase.core, key=times.__getitem__, default=None)
            if rarest:
                self._by_word.setdefault(rarest, []).append(phrase)

    def of(self, types: Iterable[str]) -> "Suspects":
        """Give the suspects that one of the types avoids."""
        asked = frozenset(types)
        return Suspects(suspect for suspect in self.all if suspect.types & asked)

    def with_a_word_of(self, texts: Iterable[Sequence[str]]) -> list["_Phrase"]:
        """Give the phrases that may be in one of these texts."""
        return [phrase for word in {word for text in texts for word in text} for phrase in self._by_word.get(word, ())]


class _Phrase(NamedTuple):
    place: int
    slug: str
    text: str
    words: tuple[str, ...]
    is_loose: bool

    @property
    def core(self) -> set[str]:
        """The words without which it is another phrase: that it is a stretch goes without saying."""
        return {word for word in self.words if word not in ("on", "stretch")}


class _Texts:
    """What an exercise is called and how it is told, as tokens and as the words that say which movement it is."""

    def __init__(self, names: Iterable[str], steps: Iterable[str]) -> None:
        self.named, self.told = [*map(tokens, names)], [*map(tokens, steps)]
        self.names, self.steps = [*map(_content, self.named)], [*map(_content_of_step, self.told)]

    def are(self, phrase: _Phrase) -> bool:
        """Say whether they have a phrase."""
        return _is_named(phrase, self.names) or (not phrase.is_loose and _is_told(phrase, self.steps))

    def without(self, way: Way) -> "_Texts":
        """Give them without what only sounds like a movement."""
        kept = copy(self)
        kept.names = [*map(_content, map(way.without_unlike, self.named))]
        kept.steps = [*map(_content, map(way.without_unlike, self.told))]
        return kept


def possible_matches(draft: ExerciseDraft, suspects: Suspects) -> list[PossibleMatch]:
    """Give what an exercise resembles, as long as nobody has decided: by a verdict, by `variant_of` or by `patterns`."""
    judged = derivation.judged(draft)
    decided = {draft.slug, draft.variant_of, *draft.patterns}
    found = recognised(*_texts_of(draft), suspects)
    return [match for of, match in found if of.slug not in decided and not of.types <= judged]


def recognised(names: Iterable[str], steps: Iterable[str], suspects: Suspects) -> list[tuple[Suspect, PossibleMatch]]:
    """Give what is recognised in names and steps, and by which words, even where somebody has decided."""
    found = [(suspects.all[place], said) for place, said in sorted(_said(_Texts(names, steps), suspects).items())]
    return [(of, PossibleMatch(kind=of.kind, slug=of.slug, words=sorted(said))) for of, said in found]


def _texts_of(draft: ExerciseDraft) -> tuple[list[str], list[str]]:
    """Give what an exercise is called, and how it is told."""
    variants = draft.variants
    names = [draft.name, *draft.aliases, *draft.search_terms, *(variant.name for variant in variants)]
    told = [draft.summary, draft.start, *draft.steps, *(text for other in variants for text in (other.start, *other.steps))]
    return names, [text for text in told if text]


def _said(texts: _Texts, suspects: Suspects) -> dict[int, set[str]]:
    """Give by which words each suspect is recognised: those it is called by or, for want of them, those that tell its movement."""
    found: dict[int, set[str]] = {}
    for phrase in suspects.with_a_word_of(texts.names + texts.steps):
        if texts.are(phrase) and (phrase.slug not in ways() or texts.without(ways()[phrase.slug]).are(phrase)):
            found.setdefault(phrase.place, set()).add(phrase.text)
    for place, suspect in suspects.told_otherwise:
        said = ways()[suspect.slug].found(texts.named, texts.told)
        if said:
            found.setdefault(place, set(said))
    return found


def _is_named(phrase: _Phrase, names: Sequence[Sequence[str]]) -> bool:
    """Say whether a name has all the words of a phrase, in any order, but each number after its word."""
    core, wanted = phrase.core, set(phrase.words) - {"on"}
    needed = wanted if len(core) == 1 else core
    numbered = _numbered(phrase.words)
    return any(needed <= set(name) and numbered <= _numbered(name) for name in names)


def _numbered(words_: Sequence[str]) -> set[tuple[str, str]]:
    return {(word, number) for word, number in pairwise(words_) if number.isdecimal()}


def _is_told(phrase: _Phrase, steps: Sequence[Sequence[str]]) -> bool:
    """Say whether a step has the words of a phrase in their order, close together."""
    wanted = [word for word in phrase.words if word != "stretch"]
    return any(_runs(wanted, step) for step in steps if wanted[0] in step)


def _runs(wanted: Sequence[str], step: Sequence[str]) -> bool:
    reach = (_SLACK + 1) * len(wanted)
    return any(_follows(wanted[1:], step[at + 1 : at + reach]) for at, word in enumerate(step) if word == wanted[0])


def _follows(wanted: Sequence[str], rest: Sequence[str]) -> bool:
    if not wanted:
        return True
    near = rest[: _SLACK + 1]
    return wanted[0] in near and _follows(wanted[1:], rest[near.index(wanted[0]) + 1 :])


@lru_cache(KEPT)
def _content(text: str) -> Sequence[str]:
    """Give the words that say which movement it is, plural or not."""
    return tuple(word for spoken in text.split() if (word := _telling(spoken)))


@lru_cache(KEPT)
def _content_of_step(text: str) -> Sequence[str]:
    return _content(without_denied(text))


@lru_cache(maxsize=10_000)
def _telling(token: str) -> str:
    """Give a word in the form in which it is compared; nothing for a word without meaning here."""
    word = unmarked(token)
    same = _singular(_SAME.get(word) or _SAME.get(_singular(word), word))
    return "" if _singular(word) in _COMMON or not word[0].isalnum() else same


def _singular(word: str) -> str:
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word.removesuffix("s") if len(word) > len("his") else word
