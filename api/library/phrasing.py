"""A small language for ways to say a thing, so that anybody can read a rule.

In `FEET ... wide/wider`, FEET is any word of that class and `...` a gap of a few other words:

- `word`, `one/other`: one of these words
- `CLASS`, `CLASS*`: a word of this class; up to eight of them, or none
- `...`, `...9`: at most eight (nine) words of the same sentence that name no other thing; `..2`: two of the same clause
- `!word`: the word before isn't this one
- `~item`: the item, even where it was struck out
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from html import unescape
from typing import NamedTuple

from api.library.spelling import fold

_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|[^\W_0-9]+|[,.;:!?()\n]")
_SHORTENED = re.compile(r"\b(approx|ca|ft)\.")
"""Words whose dot ends no sentence."""
_WITHIN_WORDS = re.compile(r"</?(?:a|abbr|b|em|font|i|mark|small|span|strong|sub|sup|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_STOPS = {"(": ",", ")": ",", ";": ".", ":": ".", "!": ".", "?": ".", "\n": "."}
_STRUCK = "~"
_OTHER = "^"
_MARKS = str.maketrans("", "", _STRUCK + _OTHER)
# Greek and Cyrillic letters that look like Latin ones: a name that is written with them reads like the original.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u0442\u043a\u043c\u03b1\u03b5\u03bf\u03b9\u03ba\u03bd\u03c1\u03c4\u03c5\u03c7",
    "aeopcyxijsdhqwtkmaeoikvptux",
)
_GAP = 8


def without_markup(text: str) -> str:
    """Give a text as a browser shows it, where it is HTML: other catalogues' names and steps often are."""
    if "<" not in text and "&" not in text:
        return text
    return _TAG.sub("\n", _WITHIN_WORDS.sub("", unescape(text)))


def tokens(text: str, others: Container[str] = ()) -> str:
    """Write a text as folded words with a space around each, `.` and `,` where a sentence and a clause end, `others` marked."""
    spoken = _TOKEN.findall(_SHORTENED.sub(r"\1", fold(without_markup(text))).translate(_LOOKALIKES))
    return f" {' '.join(_OTHER + word if word in others else _STOPS.get(word, word) for word in spoken)} "


def unmarked(word: str) -> str:
    """Give a word of tokens as it was spoken."""
    return word.translate(_MARKS)


def unstruck(text: str) -> str:
    """Give tokens without what was struck out."""
    return " ".join(word for word in text.split() if not word.startswith(_STRUCK))


def found_in(text: str, sayings: Iterable["Saying"]) -> list[str]:
    """Give each place where tokens say it, in their own words."""
    matches = (match.group() for saying in sayings for match in saying.pattern.finditer(text))
    return [unmarked(match).strip().replace(" ,", ",") for match in matches]


class Saying(NamedTuple):
    """One way to say a thing."""

    needed: tuple[frozenset[str], ...]
    """Of each of these it needs a word."""
    pattern: re.Pattern[str]


class Sayings:
    """Several ways to say one thing."""

    def __init__(self, sayings: Iterable[str], classes: Mapping[str, str], others: Container[str]) -> None:
        """Compile them; a gap doesn't reach across a word of `others`."""
        self._classes, self._others = classes, others
        self._sayings = [self._saying(saying.split()) for saying in sayings]

    def likely_in(self, text: str) -> list[Saying]:
        """Give the sayings whose words all occur, in any order: a quick test that rules out most texts."""
        spoken = set(unmarked(text).split())
        return [saying for saying in self._sayings if not any(map(spoken.isdisjoint, saying.needed))]

    def strike(self, text: str) -> str:
        """Mark each place where tokens say it as struck out."""
        for saying in self.likely_in(text):
            text = saying.pattern.sub(lambda match: re.sub(r"(?<![^ ])(?=[^ ~.,])", _STRUCK, match.group()), text)
        return text

    def _saying(self, items: Sequence[str]) -> Saying:
        required = [item for item in items if not item.startswith((".", "!")) and not item.endswith("*")]
        pattern = "(?<= )" + "".join(map(self._compiled, items))
        return Saying(tuple(frozenset(self._words(item)) for item in required), re.compile(pattern))

    def _compiled(self, item: str) -> str:
        if item.startswith(".."):
            most = int(item.lstrip(".") or _GAP)
            stops = rf"[.\{_OTHER}]" if item.startswith("...") else rf"[.,\{_OTHER}]|(?:and|but|then|while) "
            return rf"(?:(?!{stops})[^ ]+ ){{0,{most}}}?"
        if item.startswith("!"):
            return "".join(f"(?<! {self._marked(word)} )" for word in self._words(item))
        struck = f"{_STRUCK}?" if item.startswith(_STRUCK) else ""
        word = f"{struck}(?:{'|'.join(map(self._marked, sorted(self._words(item))))}) "
        return f"(?:{word}){{0,{_GAP}}}" if item.endswith("*") else word

    def _marked(self, word: str) -> str:
        return re.escape(_OTHER + word if word in self._others else word)

    def _words(self, item: str) -> set[str]:
        named = item.lstrip("!~").rstrip("*").split("/")
        return {word for name in named for word in (self._classes[name].split() if name.isupper() else [name])}
