"""A small language for how a thing is said, so that a rule is a line that anybody can read.

In `FEET ... wide/wider`, FEET is any word of that class and `...` a gap of a few other words:

- `word`, `one/other`: one of these words
- `CLASS`, `CLASS*`: a word of this class; up to eight of them, or none
- `...`, `...9`: at most eight (nine) words of the same sentence that name no other thing; `..2`: two of the same clause
- `!word`: the word before isn't this one
- `~item`: the item, even where it was struck out
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from api.library.spelling import fold

_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|[^\W_0-9]+|[,.;:!?()\n]")
_STOPS = {"(": ",", ")": ",", ";": ".", ":": ".", "!": ".", "?": ".", "\n": "."}
_STRUCK = "~"
# Greek and Cyrillic letters that look like Latin ones: a name that is written with them reads like the other.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u0442\u043a\u043c\u03b1\u03b5\u03bf\u03b9\u03ba\u03bd\u03c1\u03c4\u03c5\u03c7",
    "aeopcyxijsdhqwtkmaeoikvptux",
)
_GAP = 8


def tokens(text: str) -> str:
    """Write a text as folded words with a space around each, and `,` and `.` where a clause and a sentence end."""
    return f" {' '.join(_STOPS.get(one, one) for one in _TOKEN.findall(fold(text).translate(_LOOKALIKES)))} "


def unstruck(text: str) -> str:
    """Give tokens without what was struck out."""
    return " ".join(word for word in text.split() if not word.startswith(_STRUCK))


class Sayings:
    """Several ways to say one thing."""

    def __init__(self, sayings: Sequence[str], classes: Mapping[str, str], others: str) -> None:
        """Compile them; a gap doesn't reach across a word of the class `others`."""
        self._classes, self._others = classes, others
        self._pattern = re.compile("|".join("(?<= )" + "".join(map(self._compiled, one.split())) for one in sayings))
        self._needed = {word for one in sayings for word in self._rarest(one.split())}

    def found_in(self, text: str) -> list[str]:
        """Give each place where tokens say it, in their own words."""
        if self._needed.isdisjoint(text.replace(_STRUCK, "").split()):
            return []
        return [match.group().strip().replace(_STRUCK, "").replace(" ,", ",") for match in self._pattern.finditer(text)]

    def strike(self, text: str) -> str:
        """Mark each place where tokens say it as struck out."""
        return self._pattern.sub(lambda match: re.sub(r"(?<![^ ])(?=[^ ~.,])", _STRUCK, match.group()), text)

    def _rarest(self, items: Iterable[str]) -> set[str]:
        """Give the shortest list of words of which a saying needs one."""
        required = [item for item in items if not item.startswith((".", "!")) and not item.endswith("*")]
        return min((self._words(item) for item in required), key=len)

    def _compiled(self, item: str) -> str:
        if item.startswith(".."):
            most = int(item.lstrip(".") or _GAP)
            stops = r"\." if item.startswith("...") else r"\.|,|and|but|then|while"
            return rf"(?:(?!(?:{stops}|{self._any_of(self._others)}) )[^ ]+ ){{0,{most}}}?"
        if item.startswith("!"):
            return "".join(f"(?<! {word} )" for word in self._words(item))
        struck = f"{_STRUCK}?" if item.startswith(_STRUCK) else ""
        word = f"{struck}(?:{self._any_of(item)}) "
        return f"(?:{word}){{0,{_GAP}}}" if item.endswith("*") else word

    def _any_of(self, item: str) -> str:
        return "|".join(re.escape(word) for word in sorted(self._words(item)))

    def _words(self, item: str) -> set[str]:
        named = item.lstrip("!~").rstrip("*").split("/")
        return {word for one in named for word in (self._classes[one].split() if one.isupper() else [one])}
