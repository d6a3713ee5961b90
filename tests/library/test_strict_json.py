"""JSON that two programs could read differently is read by none of ours."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.library.strict_json import NotJson, refuse_ambiguous

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
VALUES = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(max_size=3), part))


@given(VALUES)
def test_what_can_be_read_in_one_way_only_passes(value: object) -> None:
    refuse_ambiguous(json.dumps(value))
    refuse_ambiguous(json.dumps(value, ensure_ascii=False, indent=1))


@given(VALUES, VALUES, st.text(), st.lists(st.sampled_from(["list", "object"]), max_size=20))
def test_a_key_twice_is_refused_at_any_depth_and_however_it_is_escaped(one: object, other: object, key: str, around: list[str]) -> None:
    plain, escaped = json.dumps(key, ensure_ascii=False), "".join(f"\\u{ord(unit):04x}" for unit in _units(key))
    text = f'{{"other-key":1,{plain}:{json.dumps(one)},"{escaped}":{json.dumps(other)}}}'
    for way in around:
        text = f"[1,{text}]" if way == "list" else f'{{"a":{text}}}'
    with pytest.raises(NotJson, match="twice"):
        refuse_ambiguous(text)


def _units(key: str) -> list[str]:
    """Split into what `\\uXXXX` can write: units of UTF-16."""
    raw = key.encode("utf-16-be", "surrogatepass")
    return [chr(int.from_bytes(raw[n : n + 2])) for n in range(0, len(raw), 2)]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(NotJson, match=f"{number} is not a number"):
        refuse_ambiguous(f'{{"a":[{number}]}}')


def test_a_megabyte_takes_milliseconds() -> None:
    text = json.dumps({"slug": "a", "steps": ["x" * 100] * 10_000})
    assert len(text) > 1_000_000
    took = []
    for _ in range(5):
        start = time.process_time()
        refuse_ambiguous(text)
        took.append(time.process_time() - start)
    assert min(took) < 0.1


@pytest.mark.parametrize("text", ["[" * 500_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000])
def test_what_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(NotJson, match="too deeply"):
        refuse_ambiguous(text)


@given(st.text())
def test_any_other_text_is_left_to_the_parser(text: str) -> None:
    with suppress(NotJson):
        refuse_ambiguous(text)
