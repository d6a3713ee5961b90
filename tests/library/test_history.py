"""Why a change was made: one line, of any script."""

import re

import pytest

from api.library.history import LONGEST_REASON, PORTABLE_REASON, is_reason


def test_every_reason_that_the_document_describes_is_one() -> None:
    described = [chr(n) for n in range(0x110000) if re.search(PORTABLE_REASON, chr(n)) and chr(n) != "\n"]
    assert len(described) == 95
    assert all(map(is_reason, described))
    assert is_reason("x" * LONGEST_REASON)


@pytest.mark.parametrize("text", ["Die Ärztin hat es verlangt", "猫", ""])
def test_a_reason_is_of_any_script(text: str) -> None:
    assert is_reason(text)


@pytest.mark.parametrize("text", ["x" * (LONGEST_REASON + 1), "two\nlines", "a\tb", "a\x00b", "a\u2028b", "a\u202eb"])
def test_a_reason_is_one_line_that_can_be_seen(text: str) -> None:
    assert not is_reason(text)
