"""The marks in what was found, and the passage around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cms.search.snippets import (
    ELLIPSIS,
    LEFT_OVER,
    Piece,
    _folded,
    html_of,
    marked,
    snippet,
)
from portal.cms.search.tokens import fold, offsets

TEXTS = st.text(st.sampled_from("劳务派遣 2026,.5元ＱＣqcSMT\u200b\u0301ﬁ後，\n"), max_size=60)
WORDS = st.lists(TEXTS.map(lambda text: "".join(fold(text).split())).filter(bool), max_size=4)


def marks(text: str, *words: str) -> list[str]:
    """Return what is marked in the text, for words as somebody types them."""
    return [piece.text for piece in marked(text, [fold(word) for word in words]) if piece.is_mark]


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("劳务派遣与派遣工", "派遣", ["派遣", "派遣"]),
        ("勞務派遣", "劳务", ["勞務"]),
        ("ＱＣ质检", "qc", ["ＱＣ"]),
        ("环境\u200b污染", "环境污染", ["环境\u200b污染"]),
        ("招“普工”若干", '"普工"', ["“普工”"]),
        ("C++工程师", "c++", ["C++"]),
        ("没有这个词", "派遣", []),
        ("", "派遣", []),
    ],
)
def test_a_word_is_marked_as_the_text_spells_it(text: str, word: str, found: list[str]) -> None:
    assert marks(text, word) == found


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("招 SMT 普工十名", "SMT普工", ["SMT 普工"]),
        ("2026 年 11 月起", "2026年11月", ["2026 年 11 月"]),
        ("2026年11月起", "2026年11月", ["2026年11月"]),
        ("Wi-Fi 测试", "wi-fi测试", ["Wi-Fi 测试"]),
        ("劳务 派遣分开写", "劳务派遣", []),
        ("web app", "webapp", []),
    ],
)
def test_a_space_between_latin_and_chinese_parts_no_word(
    text: str, word: str, found: list[str]
) -> None:
    assert marks(text, word) == found


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("每月2,520元，押2元", "2元", ["2元"]),
        ("时薪22元", "2元", []),
        ("每月2,520元", "520元", []),
        ("每月2,520元", "2", []),
        ("每月2,520元", "2,520元", ["2,520元"]),
        ("费率0.5%", "5%", []),
        ("费率0.5%", "0.5%", ["0.5%"]),
        ("2026年", "202", []),
        ("第3名，第30名", "3", ["3"]),
        ("2月，3月", "2", ["2"]),
        ("共2,派3人", "2", ["2"]),
    ],
)
def test_of_a_number_all_is_marked_or_nothing(text: str, word: str, found: list[str]) -> None:
    assert marks(text, word) == found


def test_a_latin_word_is_marked_from_its_beginning() -> None:
    assert marks("Chrome 与 HR、HRBP", "hr") == ["HR", "HR"]
    assert marks("SMT 普工", "sm") == ["SM"]


def test_words_that_touch_or_overlap_are_one_mark() -> None:
    assert marks("深圳派遣公司", "深圳", "圳派", "派遣") == ["深圳派遣"]


def test_the_passage_holds_most_of_the_different_words() -> None:
    text = "派遣。" + "别的话" * 60 + "宝安的派遣比例" + "再说" * 60
    pieces = snippet(text, ["派遣", "比例", "宝安"])
    assert [piece.text for piece in pieces if piece.is_mark] == ["宝安", "派遣比例"]
    assert pieces[0].text == pieces[-1].text == ELLIPSIS
    assert sum(len(piece.text) for piece in pieces) == 92


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    assert snippet("一\n二　三", ["派遣"]) == [("一 二 三", False)]
    assert snippet("", ["派遣"]) == []


def test_where_the_passage_is_cut_no_number_begins_anew() -> None:
    text = "每月2,520元" + "一" * 50 + "520元" + "二" * 50
    for length in range(60, 110):
        marks = [piece.text for piece in snippet(text, ["520元"], length) if piece.is_mark]
        assert marks == ["520元"], length


@given(st.one_of(TEXTS, st.text()))
def test_a_text_is_folded_as_a_query_is(text: str) -> None:
    assert _folded(text) == (fold(text), offsets(text))


def test_on_a_page_marks_are_elements_and_everything_else_is_text() -> None:
    pieces = [Piece("<b>{0}&'"), Piece('"派<遣', is_mark=True), Piece("工")]
    assert html_of(pieces) == "&lt;b&gt;{0}&amp;&#x27;<mark>&quot;派&lt;遣</mark>工"
    assert html_of([]) == ""
    assert html_of(marked("<script>派遣</script>", ["派遣"])).count("<") == 2


@given(TEXTS, WORDS)
def test_the_pieces_are_the_text(text: str, words: list[str]) -> None:
    assert "".join(piece.text for piece in marked(text, words)) == text
    assert all(piece.text for piece in marked(text, words))


@given(TEXTS, WORDS, st.integers(min_value=5, max_value=40))
def test_a_passage_is_no_longer_than_wanted(text: str, words: list[str], length: int) -> None:
    pieces = snippet(text, words, length)
    line = " ".join(text.split())
    passage = "".join(piece.text for piece in pieces if piece.text != ELLIPSIS)
    assert passage in line
    assert len(passage) <= length
    left_over = sum(map(line.count, LEFT_OVER))
    assert len(passage) >= min(length, len(line)) - left_over


def test_no_passage_begins_with_a_left_over_sign() -> None:
    text = "一" * 40 + "。人数不多，岗位临时，用派遣工。" + "二" * 60
    for length in range(20, 40):
        pieces = [piece.text for piece in snippet(text, ["派遣"], length)]
        assert pieces[0] == ELLIPSIS
        assert pieces[1][0] not in LEFT_OVER, length
