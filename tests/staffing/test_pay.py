"""Pay as people write it into sheets: read without guessing, or refused with a sentence."""

from __future__ import annotations

import re
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
        ("26元/时起步", pay(26, None, HOUR)),
        ("每件120元", pay(120, None, PIECE)),
        ("计件120元/件", pay(120, None, PIECE)),
        ("5000-7000元/月（计件）", pay(5000, 7000, MONTH, "计件")),
        ("20+", pay(20)),
        ("20元以上", pay(20)),
        ("200", pay(200)),
        ("25-25元/时", pay(25, None, HOUR)),
        ("5000-7000元/月（包吃住）", pay(5000, 7000, MONTH, "包吃住")),
        ("22元/时，做满30天加2元", pay(22, None, HOUR, "做满30天加2元")),
        ("4000元/月+提成", pay(4000, None, MONTH, "提成")),
        # As people in Shenzhen say it.
        ("25元/个小时", pay(25, None, HOUR)),
        ("25元一个小时", pay(25, None, HOUR)),
        ("25/个钟", pay(25, None, HOUR)),
        ("25元一个钟头", pay(25, None, HOUR)),
        ("25.5元每个小时", pay("25.5", None, HOUR)),
        ("每小时25元", pay(25, None, HOUR)),
        ("25元/人/小时", pay(25, None, HOUR)),
        ("260元/天/人", pay(260, None, DAY)),
        ("一天200", pay(200, None, DAY)),
        ("200/d", pay(200, None, DAY)),
        ("300元/班次", pay(300, None, DAY)),
        ("1500元/个星期", pay(1500, None, WEEK)),
        ("5000元一个月", pay(5000, None, MONTH)),
        ("5000元/个月", pay(5000, None, MONTH)),
        ("一个月5000-6000元", pay(5000, 6000, MONTH)),
        ("0.5元/个", pay("0.5", None, PIECE)),
        ("每单0.8元", pay("0.8", None, PIECE)),
        # The unit said twice, the factor once or for one of two.
        ("25元/小时-28元/小时", pay(25, 28, HOUR)),
        ("25元/时~28元", pay(25, 28, HOUR)),
        ("8000-1万", pay(8000, 10000, MONTH)),
        ("3000-1万", pay(3000, 10000, MONTH)),
        ("8000-1.2万/月", pay(8000, 12000, MONTH)),
        ("800-1千/天", pay(800, 1000, DAY)),
        # When it is paid out is no unit; nor are thousands a month's then, nor what may be a year's.
        ("日结25", pay(25)),
        ("日结200元", pay(200)),
        ("日结200元/天", pay(200, None, DAY)),
        ("日结1k", pay(1000)),
        ("15-20万", pay(150_000, 200_000)),
        ("5-7k 包吃住", pay(5000, 7000, MONTH, "包吃住")),
        ("25元/时一天一结", pay(25, None, HOUR, "一天一结")),
        ("月薪5000，13薪", pay(5000, None, MONTH, "13薪")),
        ("5-7k/月 13薪", pay(5000, 7000, MONTH, "13薪")),
        ("22元/时，24元夜班", pay(22, None, HOUR, "24元夜班")),
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
    assert parse("0.5", PIECE) == pay("0.5", None, PIECE)
    with pytest.raises(PayError, match="请写每件多少"):
        parse("5000-7000", PIECE)


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
        ("9-1万", "差得太多"),
        ("15-20万/年", "是一年的"),
        ("20万+/年", "是一年的"),
        ("12万年薪", "是一年的"),
        ("年薪12万", "无法识别"),
        ("20元/m", "单位看不懂"),
        ("15000元/季度", "单位看不懂"),
        ("25元/个人", "单位看不懂"),
        ("25元/人", "单位看不懂"),
        ("20元单休", "单位看不懂"),
        ("25元班车接送", "单位看不懂"),
        ("25元每周结", "单位看不懂"),
        ("5k日结", "单位看不懂"),
        ("20%", "单位看不懂"),
        ("每天8小时200元", "单位看不懂"),
        ("200一天一结", "无法识别"),
        ("20+万/年", "无法识别"),
        ("时薪200元/天", "几个单位"),
        ("25元/时-200元/天", "几个单位"),
        ("22、24元/时", "分不清"),
        ("计件 5000-7000", "请写每件多少"),
        ("计件5-7k", "请写每件多少"),
        ("8:00-17:00", "分不清"),
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


@given(
    AMOUNTS,
    st.sampled_from(["", "元", "块"]),
    st.sampled_from(["/", "每", "一", ""]),
    st.sampled_from(
        ["个小时", "小时", "个钟", "个钟头", "钟", "个月", "个星期", "个班", "天", "月"]
    ),
    st.sampled_from(["", "起", "，包吃住", " 包吃住"]),
)
def test_a_span_of_time_is_never_a_piece(
    amount: Decimal, yuan: str, each: str, span: str, more: str
) -> None:
    try:
        read = parse(f"{amount}{yuan}{each}{span}{more}")
    except PayError:
        return
    assert read.unit not in (None, PIECE)


PARTS = st.lists(
    st.sampled_from(
        [
            *(
                "18",
                "22.5",
                "8000",
                "1.2",
                "-",
                "~",
                "到",
                "元",
                "块",
                "千",
                "k",
                "万",
                "/",
                "每",
                "一",
            ),
            *(
                "个",
                "件",
                "单",
                "小时",
                "时",
                "钟",
                "天",
                "日",
                "周",
                "月",
                "年",
                "人",
                "班",
                "m",
                "h",
            ),
            *("结", "薪", "休", "+", "起", "以上", "，", "（", " ", "时薪", "日结", "月薪", "计件"),
        ]
    ),
    max_size=9,
).map("".join)


@given(st.text() | st.text("0123456789.,-~/kK千万元块时天月周件面议薪+ 以上起每") | PARTS)
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
    if read.unit == PIECE:  # somebody said so
        assert re.search("[件单]|个(?!小时|钟|月|星期|班|人)", text)
