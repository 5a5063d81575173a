"""Words of an old site, cut to what our columns hold; and whether they are about the trade."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.transfer.fitting import cut, one_line, summary
from portal.transfer.topic import WORDS, is_about_labour


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("不长", 2, "不长"),
        ("没有标点的一句话", 6, "没有标点的…"),
        ("招工旺，用工成本怎么算", 9, "招工旺，用工成本…"),
        ("招工旺季用，成本怎么算", 9, "招工旺季用…"),
        ("涨了。涨了多少？看这里", 9, "涨了。涨了多少？"),
    ],
)
def test_a_text_is_cut_where_one_would_pause(text: str, most: int, kept: str) -> None:
    assert cut(text, most) == kept


def test_a_summary_ends_with_a_sentence() -> None:
    assert summary("七月起执行，\n新的基数。八月补差，九月结清", 14) == "七月起执行， 新的基数。"


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_nothing_is_longer_than_it_may_be(text: str, most: int) -> None:
    line = one_line(text)
    assert len(cut(line, most)) <= most
    assert line == one_line(line)
    line.encode()


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("加班工资怎么算", "", True),
        ("五一去哪里玩", "海边。", False),
        ("招聘", "招聘，招聘", False),  # one word is no subject
        ("通知", "七月起社保基数调整，员工请留意。", True),
        ("旧闻", "无关。" * 9000 + "劳务派遣员工", False),
    ],
)
def test_two_words_of_the_trade_are_a_subject(title: str, text: str, expected: bool) -> None:
    assert is_about_labour(title, text) is expected
    assert len(set(WORDS)) == 40
