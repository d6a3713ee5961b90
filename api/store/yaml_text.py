"""YAML, and so JSON, with the line on which each part stands.

Only what all readers take the same way is read: one document of lists, mappings and scalars, without anchors, aliases, merge keys and tags.
A plain scalar is null (`null`, `~` or nothing), `true`, `false` or a decimal number; anything else is text to the letter. That is a subset
of YAML 1.2: what YAML 1.1 makes of `010`, `0x1A`, `1_000`, `1:30`, `.inf`, `yes` or `2024-01-01`, nobody has to know.
"""

import re
from collections.abc import Iterator
from json import loads
from typing import NoReturn, Protocol

import yaml

from api.library.record import Location

_DEEPEST = 50
_TWO_ESCAPES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_JSON_NUMBER = re.compile(rf"{_DECIMAL.pattern}(?:[eE][+-]?\d{{1,3}})?", re.ASCII)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Scalar = str | int | float | bool | None


class NotYaml(Exception):
    """A text that isn't read; the message says why."""

    def __init__(self, problem: str, line: int = 1) -> None:
        """Say what is wrong, and on which line."""
        super().__init__(problem)
        self.line = line


def parse(text: str) -> tuple[object, dict[Location, int]]:
    """Parse one document, remembering on which line each part stands.

    Raises NotYaml.
    """
    unfit = _UNFIT.search(text)
    if unfit:
        raise NotYaml(f"the character U+{ord(unfit[0]):04X} can't stand in it", text.count("\n", 0, unfit.start()) + 1)
    is_json = text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    try:
        return _Reading(_json_as_yaml(text) if is_json else text, _JSON_NUMBER if is_json else _DECIMAL).document()
    except yaml.MarkedYAMLError as error:
        _refuse(str(error.problem), error.problem_mark)
    except yaml.YAMLError as error:
        raise NotYaml(str(error)) from None


def _json_as_yaml(text: str) -> str:
    """Rewrite what JSON allows and YAML doesn't: letters outside the basic plane in two escapes, and tabs before a line."""
    joined = _TWO_ESCAPES.sub(lambda pair: loads(f'"{pair[0]}"'), text)
    return _TABS.sub(lambda tabs: "  " * len(tabs[0]), joined)


class _Mark(Protocol):
    @property
    def line(self) -> int: ...


def _line(mark: _Mark | None) -> int:
    """Count from 1; an error without a place is put at the beginning."""
    return mark.line + 1 if mark else 1


def _refuse(problem: str, mark: _Mark | None) -> NoReturn:
    raise NotYaml(problem, _line(mark)) from None


class _Reading:
    """One reading of a text, event by event: nothing is built of what is refused."""

    def __init__(self, text: str, number: re.Pattern[str]) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_Loader)
        self._number = number
        self._lines: dict[Location, int] = {}

    def document(self) -> tuple[object, dict[Location, int]]:
        next(self._events)  # the stream's own beginning
        data = None
        for number, start in enumerate(self._until(yaml.StreamEndEvent)):
            if number:
                _refuse("a second document begins here; one file is one document", start.start_mark)
            data = self._part(next(self._events), ())
            next(self._events)  # the document's end
        return data, self._lines

    def _part(self, event: yaml.Event, at: Location) -> object:
        _refuse_hidden(event)
        if len(at) > _DEEPEST:
            _refuse("it is nested too deeply", event.start_mark)
        self._lines.setdefault(at, _line(event.start_mark))
        match event:
            case yaml.SequenceStartEvent():
                return [self._part(event, (*at, n)) for n, event in enumerate(self._until(yaml.SequenceEndEvent))]
            case yaml.MappingStartEvent():
                return self._mapping(at)
            case yaml.ScalarEvent():
                return self._scalar(event)
        _refuse("it can't be read", event.start_mark)

    def _mapping(self, at: Location) -> dict[str, object]:
        content: dict[str, object] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._key(event)
            if key in content:
                _refuse(f"the key '{key}' stands here twice", event.start_mark)
            self._lines[*at, key] = _line(event.start_mark)
            content[key] = self._part(next(self._events), (*at, key))
        return content

    def _key(self, event: yaml.Event) -> str:
        _refuse_hidden(event)
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            _refuse("merge keys ('<<') aren't read; write each field where it belongs", event.start_mark)
        key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if not isinstance(key, str):
            _refuse("a key has to be a word", event.start_mark)
        return key

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        """Give the events that begin the parts of a list or mapping; whoever takes one reads on to its end."""
        while not isinstance(event := next(self._events), end):
            yield event

    def _scalar(self, event: yaml.ScalarEvent) -> _Scalar:
        if event.style:  # quoted, or a block
            return str(event.value)
        if event.value in _WORDS:
            return _WORDS[event.value]
        if self._number.fullmatch(event.value):
            return int(event.value) if event.value.lstrip("-").isdigit() else float(event.value)
        return str(event.value)


def _refuse_hidden(event: yaml.Event) -> None:
    """Refuse anchors, aliases and tags, which refer to other text or change what is written."""
    if isinstance(event, yaml.AliasEvent):
        _refuse(f"aliases ('*{event.anchor}') aren't read; write out what it stands for", event.start_mark)
    if isinstance(event, yaml.NodeEvent) and event.anchor:
        _refuse(f"anchors ('&{event.anchor}') aren't read; write out what is meant where it is meant", event.start_mark)
    if tag := str(getattr(event, "tag", None) or "").replace("tag:yaml.org,2002:", "!!"):
        _refuse(f"tags ('{tag}') aren't read; write text, numbers, lists and fields as they are", event.start_mark)
