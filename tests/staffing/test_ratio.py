"""派遣比例: the rule of one in ten, to the last person."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.tools.ratio import MOST, RULE, SOURCE, Ratio

PEOPLE = st.integers(0, MOST)


@pytest.mark.parametrize(
    ("own", "agency", "allowed", "room", "excess", "needed", "percent"),
    [
        (180, 12, 20, 8, 0, 0, "6.3"),
        (180, 20, 20, 0, 0, 0, "10.0"),
        (180, 21, 20, 0, 1, 9, "10.5"),
        (89, 9, 9, 0, 0, 0, "9.2"),
        (89, 10, 9, 0, 1, 1, "10.2"),
        (8, 0, 0, 0, 0, 0, "0.0"),
        (8, 1, 0, 0, 1, 1, "11.2"),
        (9, 1, 1, 0, 0, 0, "10.0"),
        (0, 5, 0, 0, 5, 45, "100.0"),
        (0, 0, 0, 0, 0, 0, "0.0"),
        # A tenth of a per cent too many is too many.
        (89_999, 10_000, 9_999, 0, 1, 1, "10.1"),
    ],
)
def test_the_rule_to_the_last_person(
    own: int, agency: int, allowed: int, room: int, excess: int, needed: int, percent: str
) -> None:
    ratio = Ratio(own, agency)
    assert (ratio.allowed, ratio.room, ratio.excess, ratio.own_needed) == (
        allowed,
        room,
        excess,
        needed,
    )
    assert ratio.percent == Decimal(percent)
    assert ratio.is_kept is (excess == 0)


@given(PEOPLE, PEOPLE)
def test_it_is_the_law_word_for_word(own: int, agency: int) -> None:
    ratio = Ratio(own, agency)
    kept = agency == 0 or Fraction(agency, own + agency) <= Fraction(1, 10)
    assert ratio.is_kept is kept
    assert (ratio.percent <= 10) is kept
    assert Ratio(own, ratio.allowed).is_kept
    assert not Ratio(own, min(ratio.allowed + 1, MOST)).is_kept
    assert ratio.agency + ratio.room - ratio.excess == ratio.allowed


@given(PEOPLE, st.integers(0, MOST // 10))
def test_what_is_lacking_would_be_enough(own: int, agency: int) -> None:
    lacking = Ratio(own, agency).own_needed
    if own + lacking <= MOST:
        assert Ratio(own + lacking, agency).is_kept
    if lacking:
        assert not Ratio(own + lacking - 1, agency).is_kept


@pytest.mark.parametrize(
    ("own", "agency", "words"),
    [
        (180, 12, "符合规定：最多可用 20 名派遣员工，还可以增加 8 名。"),
        (180, 20, "符合规定：已达到上限 20 名，不能再增加派遣员工。"),
        (180, 25, "超出 5 人：按 180 份自有劳动合同，最多可用 20 名派遣员工。"),
        (0, 3, "超出 3 人：按 0 份自有劳动合同，最多可用 0 名派遣员工。"),
        (0, 0, "请填写人数。"),
    ],
)
def test_the_result_is_a_sentence(own: int, agency: int, words: str) -> None:
    assert Ratio(own, agency).verdict == words


@pytest.mark.parametrize(("own", "agency"), [(-1, 0), (0, -1), (MOST + 1, 0), (0, MOST + 1)])
def test_no_employer_has_such_numbers(own: int, agency: int) -> None:
    with pytest.raises(ValueError, match="number of people"):
        Ratio(own, agency)


def test_the_rule_names_its_source() -> None:
    assert "10%" in RULE
    assert "劳务派遣暂行规定" in SOURCE
