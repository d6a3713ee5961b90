"""YAML, and so JSON, with the line on which each part stands."""

import re
from json import loads

import yaml

from api.library.record import Location

_TWO_ESCAPES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(Exception):
    """A text that can't be parsed."""

    def __init__(self, problem: str, line: int = 1) -> None:
        """Say what is wrong, and on which line."""
        super().__init__(problem)
        self.line = line


def parse(text: str) -> tuple[object, dict[Location, int]]:
    """Parse YAML, remembering on which line each part stands."""
    lines: dict[Location, int] = {}
    try:
        loader = _Loader(_json_as_yaml(text) if text.lstrip().startswith(("{", "[")) else text)
        try:
            node = loader.get_single_node()
            data = _construct(loader, node, (), lines) if node else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NotYaml(str(error.problem), line) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotYaml(type(error).__name__) from None
    return data, lines


def _json_as_yaml(text: str) -> str:
    """Rewrite what JSON may have and YAML may not: letters outside the basic plane in two escapes, and tabs before a line."""
    joined = _TWO_ESCAPES.sub(lambda pair: loads(f'"{pair[0]}"'), text)
    return _TABS.sub(lambda tabs: "  " * len(tabs[0]), joined)


def _construct(loader: yaml.SafeLoader, node: yaml.Node, at: Location, lines: dict[Location, int]) -> object:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, one, (*at, n), lines) for n, one in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    content: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem="a key has to be a word", problem_mark=key_node.start_mark)
        if key in content:
            raise yaml.MarkedYAMLError(problem=f"the key '{key}' stands here twice", problem_mark=key_node.start_mark)
        lines[*at, key] = key_node.start_mark.line + 1
        content[key] = _construct(loader, value_node, (*at, key), lines)
    return content
