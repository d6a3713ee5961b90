"""Words as people type them."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.library.spelling import deletions, fold, is_one_slip, may_be_meant, nearest, words
from tests.slips import slips

word = st.text("abcdefgh", min_size=1, max_size=8)


@given(word)
def test_every_slip_is_one_slip_away_and_shares_a_shortened_form(known: str) -> None:
    for typed in slips(known):
        assert typed == known or is_one_slip(typed, known)
        assert deletions(typed) & deletions(known)


@given(word, word)
def test_a_slip_is_a_slip_both_ways_and_nothing_is_a_slip_of_itself(one: str, other: str) -> None:
    assert is_one_slip(one, other) == is_one_slip(other, one)
    assert not is_one_slip(one, one)
    if is_one_slip(one, other):
        assert deletions(one) & deletions(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words(" ".join(words(text))) == words(text)


def test_folding_any_letter_twice_is_folding_it_once() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [one for one in letters if fold(fold(one)) != fold(one)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TheraBand™ row", "theraband row"),
        ("Fysiotape℠", "fysiotape"),
        ("𝗕𝗜𝗥𝗗 𝗗𝗢𝗚", "bird dog"),
        ("Ｂｉｒｄ Ⓓⓞⓖ", "bird dog"),
        ("Kalça sıkıştırma", "KALÇA SIKIŞTIRMA"),
        ("kalça sikiştirma", "KALÇA SİKİŞTİRMA"),
        ("pel\u00advic t\u200bilt", "pelvic tilt"),
        ("pel\u2060vic \u202etilt\ufeff", "pelvic tilt"),
        ("Bækkenløft", "baekkenloft"),
        ("Œuvre", "oeuvre"),
        ("Þorn, Łódź, Đà, ħ, ɓ", "thorn lodz da h b"),
        ("GROẞ Straße", "gross strasse"),
        ("child’s child‘s childʼs child`s child´s child′s child＇s", " ".join(["child's"] * 7)),
        ("٤ ４ ⁴ ④ 𝟰", "4 4 4 4 4"),
        ("ﬁgure", "figure"),
    ],
)
def test_one_word_is_spelled_in_many_ways(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cat/cow", ["cat", "cow"]),
        ("  FIGURE-4  stretch! ", ["figure", "4", "stretch"]),
        ("Ehlers\u2013Danlos", ["ehlers", "danlos"]),
        ("Bekkenkanteling é", ["bekkenkanteling", "e"]),
        ("Straße", ["strasse"]),
        ("snake_case", ["snake", "case"]),
        ("don't", ["don", "t"]),
        ("…!?", []),
    ],
)
def test_words_are_folded_and_split(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("typed", "meant"), [("unstabel", "unstable"), ("Stiff", "stiff"), ("STIFF", "stiff"), ("stif", "stiff"), ("loose", None), ("", None)]
)
def test_the_nearest_word_is_offered_where_one_is_near(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["stiff", "unstable"]) == meant


def test_no_slip_makes_another_word_of_a_short_one_or_of_one_with_a_digit() -> None:
    assert may_be_meant("cirlce", "circle")
    assert not may_be_meant("hop", "hip")
    assert not may_be_meant("lumbarx", "lumbar4")
    assert not may_be_meant("lumbar5", "lumbarx")
