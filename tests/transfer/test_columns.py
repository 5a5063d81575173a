"""Headers, dates and bodies as old systems write them."""

from __future__ import annotations

import pytest

from portal.transfer import columns


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022年01月26日", "2022-01-26 00:00"),
        ("于2022年1月6日发表", "2022-01-06 00:00"),
        ("２０２２／１／２６", "2022-01-26 00:00"),
        ("2022.1.26 18:05:09", "2022-01-26 18:05"),
        ("2022-01-26T08:30", "2022-01-26 08:30"),
        ("二〇二二年一月二十六日", "2022-01-26 00:00"),
        ("二零二一年十二月十日", "2021-12-10 00:00"),
    ],
)
def test_dates(text: str, day: str) -> None:
    parsed = columns.parse_date(text)
    assert parsed is not None
    assert f"{parsed:%Y-%m-%d %H:%M}" == day
    assert f"{parsed:%z}" == "+0800"


@pytest.mark.parametrize(
    "text", ["昨天", "2022年13月40日", "26/01/2022", "0001-01-01", "9999-12-31"]
)
def test_a_date_that_is_none_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        columns.parse_date(text)


def test_no_date_is_no_error() -> None:
    assert columns.parse_date(" 　") is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("标题", "title"),
        (" 发布 时间 ", "date"),
        ("ＩＤ", "legacy_id"),
        ("正文（HTML）", None),
        ("Title", "title"),
    ],
)
def test_headers(header: str, field: str | None) -> None:
    assert columns.field_of(header) == field


def test_plain_text_becomes_paragraphs_and_html_stays() -> None:
    assert (
        columns.as_html("一行 <b>\n\n　　二行 & 三")
        == "<p>一行 &lt;b&gt;</p>\n<p>二行 &amp; 三</p>"
    )
    assert columns.as_html("<p>已有标记</p>") == "<p>已有标记</p>"
