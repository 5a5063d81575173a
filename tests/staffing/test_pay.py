"""Pay as people write it into sheets: read without guessing, or refused with a sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.jobs.pay import Pay, PayError, parse
from staffing.models import Job

Unit = Job.PayUnit
HOUR, DAY, WEEK, MONTH, PIECE = Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.PIECE


def pay(low: Any, high: Any = None, unit: Any = None, note: str = "") -> Pay:
    return Pay(Decimal(low), Decimal(high) if high is not None else None, unit, note)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("18-22元/时", pay(18, 22, HOUR)),
        ("18~22元/小时", pay(18, 22, HOUR)),
        ("18—22 元 / 小时", pay(18, 22, HOUR)),
        ("18到22元每小时", pay(18, 22, HOUR)),
        ("18元-22元/h", pay(18, 22, HOUR)),
        ("１８－２２元／时", pay(18, 22, HOUR)),
        ("22.5元/小时", pay("22.5", None, HOUR)),
        ("20块钱一小时", pay(20, None, HOUR)),
        ("时薪18-22", pay(18, 22, HOUR)),
        ("时薪：20元", pay(20, None, HOUR)),
        ("200元/天", pay(200, None, DAY)),
        ("200/天", pay(200, None, DAY)),
        ("200一天", pay(200, None, DAY)),
        ("￥200/日", pay(200, None, DAY)),
        ("230元/班", pay(230, None, DAY)),
        ("日薪200-250元", pay(200, 250, DAY)),
        ("1500元/周", pay(1500, None, WEEK)),
        ("5k-7k", pay(5000, 7000, MONTH)),
        ("5-7K", pay(5000, 7000, MONTH)),
        ("5000-7k", pay(5000, 7000, MONTH)),
        ("6-8千/月", pay(6000, 8000, MONTH)),
        ("8千-1.2万/月", pay(8000, 12000, MONTH)),
        ("0.8-1.2万/月", pay(8000, 12000, MONTH)),
        ("月薪5,000-7,000元", pay(5000, 7000, MONTH)),
        ("6000元/月起", pay(6000, None, MONTH)),
        ("6000元起/月", pay(6000, None, MONTH)),
        ("0.35元/件", pay("0.35", None, PIECE)),
        ("计件0.5元", pay("0.5", None, PIECE)),
        ("20+", pay(20)),
        ("20元以上", pay(20)),
        ("200", pay(200)),
        ("25-25元/时", pay(25, None, HOUR)),
        ("5000-7000元/月（包吃住）", pay(5000, 7000, MONTH, "包吃住")),
        ("22元/时，做满30天加2元", pay(22, None, HOUR, "做满30天加2元")),
        ("4000元/月+提成", pay(4000, None, MONTH, "提成")),
    ],
)
def test_pay_is_read_as_it_is_meant(text: str, read: Pay) -> None:
    assert parse(text) == read


@pytest.mark.parametrize("text", ["面议", "薪资面议", " 面 谈 ", "工资面议，包吃住"])
def test_negotiable_is_no_pay_and_no_mistake(text: str) -> None:
    read = parse(text)
    assert (read.low, read.high, read.unit) == (None, None, None)
    assert read.note == text.strip()


def test_the_column_tells_the_unit_where_the_cell_does_not() -> None:
    assert parse("20-22", HOUR) == pay(20, 22, HOUR)
    assert parse("200元/天", HOUR) == pay(200, None, DAY)
    assert parse("5k", MONTH) == pay(5000, None, MONTH)
    assert parse("面议", HOUR).unit is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "无法识别"),
        ("高薪", "无法识别"),
        ("两百一天", "无法识别"),
        ("加班另算", "无法识别"),
        ("-20元/时", "无法识别"),
        ("=18+4", "无法识别"),
        ("22-18元/时", "上限不得低于下限"),
        ("0元/时", "大于 0"),
        ("0.125元/件", "两位小数"),
        ("1" * 30, "小于一亿"),
        ("18 22元/时", "分不清"),
        ("5000/7000", "分不清"),
        ("20人", "无法识别"),
        ("18岁以上", "无法识别"),
        ("5k-7", "上限不得低于下限"),
        ("高" * 500, "……"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, why: str) -> None:
    with pytest.raises(PayError, match=why):
        parse(text)


AMOUNTS = st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2)
WRITTEN = st.sampled_from(
    ["{}-{}元/{}", "{}~{}元/{}", "{}—{} 元每{}", "{}元至{}元/{}", "{} - {}/{}"]
)


@given(AMOUNTS, AMOUNTS, st.sampled_from(Unit), WRITTEN)
def test_every_way_to_write_a_span_says_the_same(
    one: Decimal, other: Decimal, unit: Job.PayUnit, form: str
) -> None:
    low, high = sorted((one, other))
    read = parse(form.format(low, high, unit.label))
    assert read == Pay(low, high if high != low else None, unit)


@given(AMOUNTS, st.none() | AMOUNTS, st.sampled_from(Unit))
def test_what_a_page_shows_is_read_back(
    low: Decimal, high: Decimal | None, unit: Job.PayUnit
) -> None:
    if high is not None and high <= low:
        high = None
    shown = Job(pay_min=low, pay_max=high, pay_unit=unit).pay_text
    assert parse(shown) == Pay(low, high, unit)


@given(st.text() | st.text("0123456789.,-~/kK千万元块时天月周件面议薪+ 以上起每"))
def test_any_text_is_a_sound_pay_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except PayError:
        return
    assert len(read.note) <= 200
    assert read.note in text
    if read.low is None:
        assert (read.high, read.unit) == (None, None)
        return
    assert Decimal(0) < read.low < Decimal(10) ** 8
    assert read.low == read.low.quantize(Decimal("0.01"))
    assert read.high is None or read.high > read.low
