"""Words as people type them: folding, and the nearest right one."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_NEAR_ENOUGH = 70.0
_LONGEST = 50
"""Letters of a word that count: longer ones name nothing, and an index has to hold them."""


def fold(text: str) -> str:
    """Fold case and accents away: `Bekkenkanteling é` → `bekkenkanteling e`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """Split into folded words of letters and digits: `Cat/cow` → `cat`, `cow`."""
    return [word[:_LONGEST] for word in _WORD.findall(fold(text))]


def is_one_slip(typed: str, known: str) -> bool:
    """Say whether one insertion, deletion, substitution or neighbour swap turns one into the other."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415  (most questions are spelled well, and a start needn't wait for it)

    return OSA.distance(typed, known, score_cutoff=1) == 1


def deletions(word: str) -> set[str]:
    """Give the word and all its forms with one letter missing.

    Two words that are one slip apart share a member of these sets, so an index of them finds every
    candidate by equality, in a vocabulary of any size (symmetric deletion, after W. Garbe's SymSpell).
    """
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """Give the allowed word that was probably meant, or None where nothing is near."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  (see above)

    found = process.extractOne(fold(typed), list(allowed), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
    return found[0] if found else None
