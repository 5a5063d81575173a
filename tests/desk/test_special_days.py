"""节假日与调休 and 最低工资标准 at the desk."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from staffing.hotlines.calendar import Year, fill
from staffing.models import MinimumWage, SpecialDay
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db

DAYS = "/admin/staffing/specialday/"
WAGES = "/admin/staffing/minimumwage/"


@pytest.fixture
def filled() -> SpecialDay:
    """The first of October, as the library gave it."""
    day = date(2026, 10, 1)
    fill([Year(2026, {day: (SpecialDay.Kind.REST, "国庆节")}, certain=False)])
    return SpecialDay.objects.get(day=day)


def test_a_day_is_added_and_is_the_staffs_own(staff: Client) -> None:
    press(staff, f"{DAYS}add/", "_save", day="2026-10-10", kind="work", name="国庆调休")

    day = SpecialDay.objects.get()
    assert (day.kind, day.source, day.certain) == ("work", "own", True)


def test_what_the_staff_changed_the_library_leaves_alone(staff: Client, filled: SpecialDay) -> None:
    press(staff, form_of(filled), "_save")
    filled.refresh_from_db()
    assert filled.source == "library"  # nothing was changed

    press(staff, form_of(filled), "_save", kind="work")
    filled.refresh_from_db()
    assert (filled.kind, filled.source) == ("work", "own")
    assert fill([Year(2026, {filled.day: (SpecialDay.Kind.REST, "国庆节")}, certain=True)]) == 0


def test_a_day_is_refused_twice(staff: Client, filled: SpecialDay) -> None:
    page = press(staff, f"{DAYS}add/", "_save", day="2026-10-01")

    assert "这一天已经录入过了" in page.content.decode()


@time_machine.travel("2026-11-23 10:00 +0800")
@pytest.mark.parametrize(
    ("year", "shown"), [("2026", 1), ("2027", 1), ("2025", 0), ("1066", 2), ("x", 2)]
)
def test_the_list_shows_a_year(staff: Client, filled: SpecialDay, year: str, shown: int) -> None:
    cast.special_day(date(2027, 1, 1), name="元旦")
    page = staff.get(DAYS, {"year": year})

    assert len(page.context["cl"].result_list) == shown


def test_the_list_says_the_weekday_and_what_is_guessed(staff: Client, filled: SpecialDay) -> None:
    html = staff.get(DAYS).content.decode()

    assert "周四" in html
    assert "推算" in html


def test_the_wage_is_checked_at_the_desk(staff: Client) -> None:
    wage = MinimumWage.objects.get()
    assert "待核对" in staff.get(WAGES).content.decode()

    press(staff, form_of(wage), "_save", monthly="2520", checked_on="2026-11-23")

    wage.refresh_from_db()
    assert wage.checked_on == date(2026, 11, 23)


@pytest.mark.parametrize("field", ["monthly", "hourly"])
def test_a_wage_of_nothing_is_refused(staff: Client, field: str) -> None:
    page = press(staff, form_of(MinimumWage.objects.get()), "_save", **{field: "0"})

    assert "最低工资须大于 0" in page.content.decode()


def test_their_pages_speak_chinese(staff: Client, filled: SpecialDay) -> None:
    wage = cast.wage("广州市")
    for path in (DAYS, f"{DAYS}add/", form_of(filled), WAGES, f"{WAGES}add/", form_of(wage)):
        assert english_in(staff.get(path).content.decode()) == [], path


@pytest.mark.parametrize("path", [DAYS, WAGES])
def test_they_are_the_staffs(editor: Client, path: str) -> None:
    assert editor.get(path).status_code == 403
