"""The clock of the hotlines: when somebody answers, told to the minute and over every holiday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from staffing.hotlines.hours import AHEAD, Offer, Reach, joined, offered, reachable
from staffing.models import Hotline, HotlineHours, SpecialDay
from tests import cast

REST, WORK = SpecialDay.Kind.REST, SpecialDay.Kind.WORK
# 国庆 of 2026, as the notice of the State Council set it: rest from the 1st to the 7th, two days made up.
NATIONAL_DAY = {
    date(2026, 9, 20): WORK,
    **{date(2026, 10, day): REST for day in range(1, 8)},
    date(2026, 10, 10): WORK,
}

Row = tuple[int, int, str, str]


def hotline(*rows: Row, **fields: Any) -> Hotline:
    """A number with hours, as `for_display` loads it; nothing is stored."""
    made = Hotline(pk=1, number="+8675588828155", **fields)
    hours = [
        HotlineHours(
            first_day=first,
            last_day=last,
            opens=time.fromisoformat(opens),
            closes=time.fromisoformat(closes),
        )
        for first, last, opens, closes in rows
    ]
    made._prefetched_objects_cache = {"hours": HotlineHours.objects.none()}  # type: ignore[attr-defined]
    made._prefetched_objects_cache["hours"]._result_cache = hours  # type: ignore[attr-defined]
    return made


WEEK = hotline((1, 6, "08:30", "18:00"))
LUNCH = hotline((1, 5, "08:30", "12:00"), (1, 5, "13:30", "18:00"))
NIGHT = hotline((1, 5, "20:00", "06:00"))
ALWAYS = hotline((1, 7, "00:00", "00:00"), on_holidays=True)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def at(text: str, hotline: Hotline = WEEK, *, special: Any = NATIONAL_DAY) -> Reach:
    return reachable(hotline, special, beijing(text))


def of(text: str, *hotlines: Hotline) -> Offer:
    return offered(hotlines, NATIONAL_DAY, beijing(text))


# --- An ordinary week: the 23rd of November 2026 is a Monday -----------------------------------------


@pytest.mark.parametrize(
    ("moment", "open", "changes", "words"),
    [
        ("11-23 08:29:59", False, "11-23 08:30", "还没有上班，今天 8:30 起接听"),
        ("11-23 08:30:00", True, "11-23 18:00", "正在接听，到今天 18:00"),
        ("11-23 17:59:59", True, "11-23 18:00", "正在接听，到今天 18:00"),
        ("11-23 18:00:00", False, "11-24 08:30", "今天 18:00 已下班，明天 8:30 起接听"),
        ("11-23 23:59:59", False, "11-24 08:30", "今天 18:00 已下班，明天 8:30 起接听"),
        ("11-24 00:00:00", False, "11-24 08:30", "还没有上班，今天 8:30 起接听"),
        ("11-28 18:00:00", False, "11-30 08:30", "今天 18:00 已下班，后天 8:30 起接听"),
        ("11-29 12:00:00", False, "11-30 08:30", "今天休息，明天 8:30 起接听"),
    ],
)
def test_the_week_opens_and_closes_to_the_second(
    moment: str, open: bool, changes: str, words: str
) -> None:
    reach = at(moment)
    assert (reach.open, reach.changes_at, reach.words) == (open, beijing(changes), words)


@pytest.mark.parametrize(
    ("moment", "open", "changes", "words"),
    [
        ("11-23 11:59:59", True, "11-23 12:00", "正在接听，到今天 12:00"),
        ("11-23 12:00:00", False, "11-23 13:30", "现在休息，今天 13:30 起接听"),
        ("11-23 13:30:00", True, "11-23 18:00", "正在接听，到今天 18:00"),
        ("11-27 18:00:00", False, "11-30 08:30", "今天 18:00 已下班，周一（11月30日）8:30 起接听"),
    ],
)
def test_lunch_is_a_break(moment: str, open: bool, changes: str, words: str) -> None:
    reach = at(moment, LUNCH)
    assert (reach.open, reach.changes_at, reach.words) == (open, beijing(changes), words)


@pytest.mark.parametrize(
    ("moment", "open", "changes", "words"),
    [
        ("11-23 19:59:59", False, "11-23 20:00", "还没有上班，今天 20:00 起接听"),
        ("11-23 20:00:00", True, "11-24 06:00", "正在接听，到明天 6:00"),
        ("11-24 00:00:00", True, "11-24 06:00", "正在接听，到今天 6:00"),
        ("11-24 06:00:00", False, "11-24 20:00", "现在休息，今天 20:00 起接听"),
        # Friday's night reaches into Saturday, Sunday has none.
        ("11-28 05:59:59", True, "11-28 06:00", "正在接听，到今天 6:00"),
        ("11-28 06:00:00", False, "11-30 20:00", "今天 6:00 已下班，后天 20:00 起接听"),
        ("11-30 05:00:00", False, "11-30 20:00", "还没有上班，今天 20:00 起接听"),
    ],
)
def test_a_night_belongs_to_the_day_it_began(
    moment: str, open: bool, changes: str, words: str
) -> None:
    reach = at(moment, NIGHT)
    assert (reach.open, reach.changes_at, reach.words) == (open, beijing(changes), words)


def test_until_midnight_is_until_today() -> None:
    reach = at("11-23 20:00", hotline((1, 5, "08:00", "00:00")))
    assert (reach.closes_at, reach.words) == (beijing("11-24 00:00"), "正在接听，到今天 24:00")


@pytest.mark.parametrize("moment", ["11-23 00:00:00", "11-29 03:00:00", "10-01 23:59:59"])
def test_round_the_clock_never_closes(moment: str) -> None:
    assert at(moment, ALWAYS) == Reach(True, words="全天有人接听")


def test_five_days_round_the_clock_close_for_the_week_end() -> None:
    reach = at("11-25 12:00", hotline((1, 5, "00:00", "00:00")))
    assert reach.closes_at == beijing("11-28 00:00")
    assert reach.words == "正在接听，到后天 24:00"


# --- Holidays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("09-30 18:00", "今天 18:00 已下班，周四（10月8日）8:30 起接听"),
        ("10-01 10:00", "今天休息，周四（10月8日）8:30 起接听"),
        ("10-06 10:00", "今天休息，后天 8:30 起接听"),
        ("10-07 23:00", "今天休息，明天 8:30 起接听"),
        ("10-08 10:00", "正在接听，到今天 18:00"),
    ],
)
def test_nobody_answers_on_holidays(moment: str, words: str) -> None:
    assert at(moment).words == words


def test_unless_the_hotline_says_so() -> None:
    assert at("10-01 10:00", hotline((1, 6, "08:30", "18:00"), on_holidays=True)).open


def test_a_holidays_eve_reaches_into_the_holiday() -> None:
    """A night that began on a working day is worked to its end."""
    assert at("10-01 05:00", hotline((1, 7, "20:00", "06:00"))).open
    assert not at("10-01 21:00", hotline((1, 7, "20:00", "06:00"))).open


@pytest.mark.parametrize(
    ("moment", "open"),
    [("09-20 10:00", True), ("10-10 10:00", True), ("10-10 18:00", False), ("10-17 10:00", False)],
)
def test_a_sunday_that_is_worked_is_a_monday(moment: str, open: bool) -> None:
    assert at(moment, LUNCH).open is open


def test_unless_the_hotline_does_not_work_it() -> None:
    lazy = hotline((1, 5, "08:30", "18:00"), on_makeup_days=False)
    assert not at("09-20 10:00", lazy).open
    # Then the day is what the week says: this one is answered on Saturdays, for half a day.
    half = hotline((1, 5, "08:30", "18:00"), (6, 6, "09:00", "12:00"), on_makeup_days=False)
    assert at("10-10 11:00", half).open
    assert not at("10-10 14:00", half).open


def test_without_a_calendar_the_week_alone_holds() -> None:
    assert at("10-01 10:00", special={}).open
    assert not at("09-20 10:00", LUNCH, special={}).open


# --- Several hotlines, or hours nobody gave -----------------------------------------------------------


def test_the_first_number_that_is_answered_is_offered_and_else_the_first_of_all() -> None:
    evening = hotline((1, 7, "17:00", "22:00"))
    lines = (WEEK, evening)
    for moment, shown, open, until in (
        ("11-23 10:00", WEEK, True, "11-23 18:00"),
        ("11-23 17:30", WEEK, True, "11-23 18:00"),
        ("11-23 18:00", evening, True, "11-23 22:00"),
        ("11-23 22:00", WEEK, False, "11-24 08:30"),
        ("11-29 12:00", WEEK, False, "11-29 17:00"),  # a Sunday: the other one opens first
    ):
        offer = of(moment, *lines)
        assert offer.hotline is shown, moment
        assert offer.reach == at(moment, shown), moment
        assert (offer.reach.open, offer.changes_at) == (open, beijing(until)), moment
    # While a later one is answered, the first may open.
    assert of("11-24 03:00", WEEK, ALWAYS).changes_at == beijing("11-24 08:30")


def test_a_number_without_hours_is_offered_at_any_time_and_takes_nobodys_place() -> None:
    silent = hotline()
    assert at("10-01 03:00", silent) == Reach(True)
    assert of("10-01 03:00") == Offer(None, Reach(True))
    assert of("10-01 03:00", silent, WEEK) == Offer(silent, Reach(True))
    offer = of("11-23 19:00", WEEK, silent)
    assert (offer.hotline, offer.reach.open) == (WEEK, False)


def test_a_hotline_that_never_answers_asks_for_the_visitors_number() -> None:
    resting = {date(2026, 11, 23) + timedelta(days=n): REST for n in range(30)}
    reach = at("11-23 10:00", special=resting)
    assert (reach.open, reach.changes_at) == (False, None)
    assert reach.words == "现在没有人接听"


def test_the_clock_is_beijings_whatever_zone_the_moment_is_told_in() -> None:
    utc = datetime.fromisoformat("2026-11-23T00:30:00+00:00")
    assert reachable(WEEK, {}, utc) == at("11-23 08:30")


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
ROWS = st.tuples(st.integers(1, 7), st.integers(1, 7), MINUTES, MINUTES).map(
    lambda row: (min(row[:2]), max(row[:2]), row[2].isoformat(), row[3].isoformat())
)
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 30)).map(
    lambda at: at.replace(microsecond=0, tzinfo=ZoneInfo("Asia/Shanghai"))
)


@given(st.lists(ROWS, min_size=1, max_size=3), MOMENTS, st.booleans(), st.booleans())
def test_nothing_changes_before_the_moment_it_names(
    rows: list[Row], now: datetime, holidays: bool, makeup: bool
) -> None:
    """So that a cached page may stand until then, and not a second longer."""
    line = hotline(*rows, on_holidays=holidays, on_makeup_days=makeup)
    reach = reachable(line, NATIONAL_DAY, now)
    assert bool(reach.words)
    if reach.changes_at is None:
        return
    assert now < reach.changes_at <= now + AHEAD + timedelta(days=2)
    second = timedelta(seconds=1)
    assert reachable(line, NATIONAL_DAY, reach.changes_at - second).open is reach.open
    assert reachable(line, NATIONAL_DAY, reach.changes_at).open is not reach.open
    between = now + (reach.changes_at - now) / 2
    assert reachable(line, NATIONAL_DAY, between).open is reach.open


@given(st.lists(st.lists(ROWS, max_size=2), min_size=1, max_size=3), MOMENTS)
def test_nor_does_the_number_that_is_offered(lines: list[list[Row]], now: datetime) -> None:
    hotlines = [hotline(*rows) for rows in lines]

    def shown(moment: datetime) -> tuple[int, bool]:
        offer = offered(hotlines, NATIONAL_DAY, moment)
        return hotlines.index(offer.hotline), offer.reach.open  # type: ignore[arg-type]

    changes_at = offered(hotlines, NATIONAL_DAY, now).changes_at
    last = changes_at or now + timedelta(days=9)
    assert last > now
    for n in range(12):
        assert shown(now + (last - now) * n / 12) == shown(now)


@given(st.lists(st.tuples(MOMENTS, st.integers(0, 3000)), max_size=8))
def test_joined_spans_have_gaps_between_them(parts: list[tuple[datetime, int]]) -> None:
    spans = joined((begin, begin + timedelta(minutes=n)) for begin, n in parts)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    for begin, n in parts:
        assert any(a <= begin and begin + timedelta(minutes=n) <= b for a, b in spans)


@pytest.mark.django_db
def test_hotlines_and_days_are_loaded_in_three_queries_and_then_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    cast.hotline()
    cast.special_day(date(2026, 10, 1))
    with django_assert_num_queries(3):
        lines = list(Hotline.objects.for_display())
        special = SpecialDay.objects.kinds(date(2026, 9, 30), date(2026, 10, 20))
    with django_assert_num_queries(0):
        assert not offered(lines, special, beijing("10-01 10:00")).reach.open
        offered(lines, special, timezone.now())
