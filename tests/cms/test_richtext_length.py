"""Counting 字, as the editor's status line does."""

from __future__ import annotations

import pytest

from portal.cms.richtext.length import length_of, minutes_for


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("劳务派遣", 4),
        ("劳务派遣，不超过10%。", 8),
        ("iPhone 15 Pro", 3),
        ("18-22元/小时", 4),
        ("3.5小时", 3),
        ("合同API文档", 5),
        ("人々、〇一", 4),
        ("𠮷野家", 3),
        ("——……！？", 0),
        ("snake_case", 2),
        ("", 0),
    ],
)
def test_a_character_is_one_and_so_is_a_word(text: str, length: int) -> None:
    assert length_of(text) == length


@pytest.mark.parametrize(("length", "minutes"), [(0, 0), (1, 1), (400, 1), (401, 2), (1597, 4)])
def test_a_begun_minute_counts(length: int, minutes: int) -> None:
    assert minutes_for(length) == minutes
