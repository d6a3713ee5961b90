"""Ranks the exercises that a search found."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from api.library.spelling import folded, joined, words

_WHOLE = "\u01bb"
"""A letter that no language writes, so no word that is typed begins like a whole phrase."""
_LONGEST = 50


class Wanted(NamedTuple):
    """One word of a question: the catalogue's words that it may stand for."""

    words: tuple[str, ...]
    """The word itself and what it makes up with a neighbour, where the catalogue knows them, else what a slip may have meant."""
    prefix: bool
    """Whether it may be the beginning of a word."""

    def is_in(self, phrase: Sequence[str]) -> bool:
        """Say whether a phrase has it."""
        return any(word == known or (self.prefix and known.startswith(word)) for word in self.words for known in phrase)


class Phrases(NamedTuple):
    """What an exercise is found by: folded words, phrase by phrase."""

    name: str
    aliases: tuple[str, ...]
    terms: tuple[str, ...]


def phrases(name: str, aliases: Iterable[str], terms: Iterable[str]) -> Phrases:
    """Fold and split what an exercise is found by."""
    return Phrases(folded(name), tuple(map(folded, aliases)), tuple(map(folded, terms)))


def compounds(found: Phrases) -> list[str]:
    """Give the neighbours of each phrase as one word: `cat cow` is found by `catcow` too."""
    return sorted({word for phrase in (found.name, *found.aliases, *found.terms) for word in joined(phrase.split())})


def whole_phrases(found: Phrases) -> list[str]:
    """Give each name and alias as a single word that finds only the exercises called exactly that."""
    return sorted({key for phrase in (found.name, *found.aliases) if (key := whole(phrase))})


def whole(phrase: str) -> str:
    """Write a phrase as one word that nobody types."""
    spoken = words(phrase)
    return _WHOLE + "".join(spoken)[:_LONGEST] if spoken else ""


def is_whole(word: str) -> bool:
    """Say whether a word of the index stands for a whole phrase."""
    return word.startswith(_WHOLE)


def rank(wanted: Sequence[Wanted], found: Phrases) -> int:
    """Rank a match, best 0: the whole name; a whole alias or term; words of the name, of an alias, of a term, of several."""
    typed = "".join(word.words[0] for word in wanted)
    if typed == _unspaced(found.name):
        return 0
    if typed in map(_unspaced, (*found.aliases, *found.terms)):
        return 1
    for place, group in enumerate(((found.name,), found.aliases, found.terms), start=2):
        if any(_has_all(phrase.split(), wanted) for phrase in group):
            return place
    return 5


def _unspaced(phrase: str) -> str:
    return phrase.replace(" ", "")


def _has_all(spoken: Sequence[str], wanted: Sequence[Wanted]) -> bool:
    either = [*spoken, *joined(spoken)]
    return all(word.is_in(either) for word in wanted)
