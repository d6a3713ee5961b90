"""Words as people type them: folding, and the nearest right one."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+")
_NEAR_ENOUGH = 70.0
_LONGEST = 50
"""Letters of a word that count: longer ones name nothing, and an index has to hold them."""
_SHORTEST = 4
"""Letters of a word in which a slip is forgiven: one letter more or less makes another word of a shorter one."""
_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u2032\u2035\ua78b\ua78c\u0060\u00b4\uff07"
# What no decomposition spells out.
_SPELLED = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "þ": "th",
        **dict(zip("ðŋĸ\u0131ȷəƿʒ", "dnkijewz", strict=True)),
        **dict.fromkeys("\u2122\u2120", " "),  # trade marks, which would run into the word before
        **{chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)},  # white on black
    }
)
_LATIN = re.compile(r"LATIN (?:SMALL LETTER|LETTER SMALL CAPITAL) ([A-Z])(?: WITH .*)?")
_UNSEEN = re.compile(r"SELECTOR|GRAPHEME JOINER|FILLER|BRAILLE PATTERN BLANK|VOWEL INHERENT")


def fold(text: str) -> str:
    """Fold case, accents and forms of letters away, until nothing changes: `Bækkenløft é` → `baekkenloft e`."""
    if text.isascii():
        return text.lower().replace("`", "'")
    folded = "".join(map(_plain, unicodedata.normalize("NFKD", text.translate(_SPELLED).casefold())))
    return folded if folded == text else fold(folded)


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """Give a letter without stroke, hook or the like, and a digit of any script; nothing for an accent or what only formats."""
    name = unicodedata.name(letter, "")
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Me") or _UNSEEN.search(name):
        return ""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    latin = _LATIN.fullmatch(name)
    return latin[1].lower() if latin else letter


def words(text: str) -> list[str]:
    """Split into folded words of letters and digits: `Cat/cow` → `cat`, `cow`."""
    return [word[:_LONGEST] for word in _WORD.findall(fold(text))]


def folded(name: str) -> str:
    """Fold a name so that it is the same however it is written: its words, with a space between them."""
    return " ".join(words(name))


def joined(spoken: Sequence[str]) -> list[str]:
    """Join every two neighbouring words, as some people do: `cat`, `cow` → `catcow`."""
    return [(first + other)[:_LONGEST] for first, other in pairwise(spoken)]


def is_one_slip(typed: str, known: str) -> bool:
    """Say whether one insertion, deletion, substitution or neighbour swap turns one into the other."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415  (most questions are spelled well, and a start needn't wait for it)

    return OSA.distance(typed, known, score_cutoff=1) == 1


def may_be_meant(typed: str, known: str) -> bool:
    """Say whether a slip of the keyboard explains what was typed: not where a digit or a short word would become another."""
    return is_one_slip(typed, known) and bool(reached_by(known)) and not _has_digit(typed)


def deletions(word: str) -> set[str]:
    """Give the word and all its forms with one letter missing.

    Two words that are one slip apart share a member of these sets, so an index of them finds every
    candidate by equality, in a vocabulary of any size (symmetric deletion, after W. Garbe's SymSpell).
    """
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def reached_by(known: str) -> set[str]:
    """Give the forms under which a known word is looked up after a slip; none where a slip would turn it into another word."""
    return set() if len(known) < _SHORTEST or _has_digit(known) else deletions(known)


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """Give the allowed word that was probably meant; None where none is near."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  (see above)

    found = process.extractOne(fold(typed), list(allowed), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    return found[0] if found else None
