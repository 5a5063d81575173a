"""The calendar's supplier: what it knows, what becomes of it, and that no web worker ever loads it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from portal.cms.delivery import due
from portal.cms.pagecache.models import Changes
from staffing.hotlines import calendar
from staffing.hotlines.calendar import Year, fill, known_days
from staffing.models import SpecialDay
from tests import cast

ROOT = Path(__file__).resolve().parents[2]
REST, WORK = SpecialDay.Kind.REST, SpecialDay.Kind.WORK
DAY = date(2026, 10, 1)


def year(*days: tuple[date, str], certain: bool = True) -> Year:
    return Year(2026, {day: (SpecialDay.Kind(kind), "国庆节") for day, kind in days}, certain)


def rests(first: tuple[int, int], last: tuple[int, int]) -> set[date]:
    begin, end = date(2026, *first), date(2026, *last)
    return {date.fromordinal(n) for n in range(begin.toordinal(), end.toordinal() + 1)}


# The notice of the State Council for 2026: every span counts the week-ends beside it in.
NOTICE = (
    rests((1, 1), (1, 3)) | rests((2, 15), (2, 23)) | rests((4, 4), (4, 6)) | rests((5, 1), (5, 5))
    | rests((6, 19), (6, 21)) | rests((9, 25), (9, 27)) | rests((10, 1), (10, 7))
)  # fmt: skip
MADE_UP = {date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}


def test_the_supplier_knows_the_notice_of_2026() -> None:
    known = known_days(2026)
    assert {day for day, (kind, _) in known.days.items() if kind == REST} == NOTICE
    assert {day for day, (kind, _) in known.days.items() if kind == WORK} == MADE_UP
    assert known.certain
    assert known.days[DAY] == (REST, "国庆节")


def test_of_a_year_without_a_notice_it_knows_the_statutory_days_and_says_so() -> None:
    known = known_days(2029)
    assert not known.certain
    assert known.days[date(2029, 10, 1)] == (REST, "国庆节")
    assert WORK not in {kind for kind, _ in known.days.values()}


@pytest.mark.parametrize("day", [date(2023, 12, 30), date(2023, 12, 31)])
def test_the_week_end_before_a_new_year_s_day_on_a_monday_rests_with_it(day: date) -> None:
    known = known_days(2023)
    assert known.days[day] == (REST, "周末连休")
    assert {day.year for day in known.days} == {2023}
    assert known.days[date(2023, 1, 1)][0] == REST


@pytest.mark.django_db
def test_days_are_written_once_and_pages_are_told() -> None:
    known = year((DAY, REST), (date(2026, 10, 10), WORK))
    before = generation()
    assert fill([known]) == 2
    assert generation() == before + 1
    assert fill([known]) == 0
    assert SpecialDay.objects.kinds(DAY, DAY) == {DAY: REST}
    assert set(SpecialDay.objects.values_list("source", "certain")) == {("library", True)}


def generation() -> int:
    return sum(Changes.objects.values_list("count", flat=True))


@pytest.mark.django_db
def test_what_the_notice_brings_takes_the_place_of_what_was_guessed() -> None:
    fill([year((DAY, REST), (date(2026, 10, 8), REST), certain=False)])
    assert fill([year((DAY, REST), (date(2026, 10, 10), WORK))]) == 3
    rows = SpecialDay.objects.order_by("day").values_list("day", "kind", "certain")
    assert list(rows) == [(DAY, REST, True), (date(2026, 10, 10), WORK, True)]


@pytest.mark.django_db
def test_a_guess_does_not_take_the_place_of_a_notice() -> None:
    """As after going back to an older version of the library."""
    fill([year((DAY, REST), (date(2026, 10, 10), WORK))])
    assert fill([year((DAY, REST), (date(2026, 10, 8), REST), certain=False)]) == 0
    assert SpecialDay.objects.filter(certain=True).count() == 2


@pytest.mark.django_db
def test_what_the_staff_entered_stays() -> None:
    cast.special_day(DAY, WORK, "我们照常上班")
    cast.special_day(date(2026, 10, 15), REST, "公司年会")
    cast.special_day(date(2025, 10, 1), REST)
    assert fill([year((DAY, REST))]) == 0
    assert SpecialDay.objects.count() == 3
    assert SpecialDay.objects.get(day=DAY).kind == WORK


@pytest.mark.django_db
def test_the_command_fills_two_years_and_tells_what_is_uncertain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {2026: year((DAY, REST)), 2027: Year(2027, {date(2027, 1, 1): (REST, "元旦")}, False)}
    monkeypatch.setattr(calendar, "known_days", asked.__getitem__)
    told = StringIO()
    with time_machine.travel("2026-11-23 10:00 +0800"):
        call_command("fill_calendar", stdout=told)
    assert told.getvalue().splitlines() == [
        "2026 年：1 天（含调休）",
        "2027 年：1 天（调休尚未公布，按法定节日推算）",
        "更新了 2 天。",
    ]
    assert {*SpecialDay.objects.values_list("day", flat=True)} == {DAY, date(2027, 1, 1)}


def test_the_worker_fills_it_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: ran.append(command))
    assert due.label_of("calendar") == "更新节假日与调休"
    calendar.refresh(timezone.now())
    assert ran == [
        [sys.executable, str(ROOT / "manage.py"), "fill_calendar", "--verbosity=0"],
    ]


def test_no_web_worker_loads_the_library(tmp_path: Path) -> None:
    program = (
        "import sys, portal.wsgi; from django.urls import get_resolver; "
        "get_resolver().url_patterns; import staffing.hotlines.calendar; "
        "print('holidays' in sys.modules)"
    )
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SECRET_KEY": "k"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout == "False\n", result.stderr
