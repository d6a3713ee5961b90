"""Text that people can see. Characters that are invisible, reorder their neighbours or aren't assigned hide what a record says.

Joiners, soft hyphens, direction marks and variation selectors are part of how scripts and emoji are written, so they may stand inside a
text; a text of nothing else is empty to its readers.
"""

import re
from unicodedata import category, name

# Embeddings, overrides and isolates: what follows is shown in another order than it is stored.
_REORDERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Symmetric swapping and digit shapes (deprecated), and the frame of interlinear annotations.
_OBSOLETE = frozenset("\u206a\u206b\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb")
# Letters and symbols without a shape: the fillers of Hangul, and Braille without dots.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_TAGS = re.compile("[\U000e0001\U000e0020-\U000e007f]")
# The flag of a part of a country is a black flag with tags: these are seen.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,10}\U000e007f")
# Reserved for emoji: a newer one than this Python knows.
_EMOJI_TO_BE = range(0x1F000, 0x1FB00)

_NO_CHARACTERS = {
    "Cc": "a control character",
    "Cs": "half a character",
    "Co": "a character for private use",
    "Cn": "which is no character",
}

PLAIN = re.compile("[!-~\u00c0-\u024f][ -~\u00c0-\u024f\u2010-\u2027]*")
"""A text that begins with something seen and has Latin letters and their punctuation alone: nothing in it is unseen."""


def unseen(text: str) -> str | None:
    """Complete 'It …' with what a reader couldn't see in a text; None where all can be seen."""
    if text.isascii() and text.isprintable() and text.strip():
        return None
    for character in _FLAG.sub("", text):
        why = _why_not(character)
        if why:
            return f"has U+{ord(character):04X} in it, {why}; take it out"
    return None if can_be_seen(text) else "has nothing in it that can be seen"


def can_be_seen(text: str) -> bool:
    """Say whether there is anything in a text that has a shape of its own."""
    return any(map(_is_visible, text))


def _why_not(character: str) -> str | None:
    if character in "\t\n" or ord(character) in _EMOJI_TO_BE:
        return None
    if character in _REORDERS:
        return f"{name(character)}, which shows text in another order than it is written"
    if character in _OBSOLETE or _TAGS.match(character):
        return f"{name(character)}, which nobody sees"
    return _NO_CHARACTERS.get(category(character))


def _is_visible(character: str) -> bool:
    """Say whether a character has a shape of its own; a combining mark needs one to stand on."""
    return (category(character)[0] in "LNPS" and character not in _BLANK) or ord(character) in _EMOJI_TO_BE


_ADDRESS = re.compile(
    r"""https?://(?:[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*\.?|\[[0-9a-f:.]+\])  # a host, no user before it
        (?::\d{1,5})?
        (?:[/?#][^\s<>"\\^`{|}]*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_DOI = re.compile(r"10\.\d+(?:\.\d+)*/\S+", re.ASCII)


def no_address(text: str) -> str | None:
    """Complete 'It …' where a text is no address that a browser can open without running anything."""
    return None if _ADDRESS.fullmatch(text) else "has to be an address with a host, such as https://example.org/page"


def no_doi(text: str) -> str | None:
    """Complete 'It …' where a text is no DOI."""
    return None if _DOI.fullmatch(text) else "has to be a DOI alone, such as 10.1000/182, without 'doi:' or 'https://doi.org/' before it"
