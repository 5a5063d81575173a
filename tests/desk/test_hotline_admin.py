"""Hotlines at the desk."""

from __future__ import annotations

import pytest
from django.test import Client

from staffing.models import Hotline
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/hotline/"
ADD = f"{LIST}add/"


def test_a_number_is_typed_as_people_write_it(staff: Client) -> None:
    press(staff, ADD, "_save", number="0755-8882 8155", display="0755-8882 8155", primary="on")

    hotline = Hotline.objects.get()
    assert hotline.number == "+8675588828155"
    assert hotline.display == "0755-8882 8155"


@pytest.mark.parametrize("number", ["", "12345", "没有号码", "0755-88\x0028155", "9" * 500])
def test_what_is_no_number_is_refused(staff: Client, number: str) -> None:
    page = press(staff, ADD, "_save", number=number)

    assert page.status_code == 200
    assert not Hotline.objects.exists()


def test_what_is_shown_must_be_what_is_dialled(staff: Client) -> None:
    page = press(staff, ADD, "_save", number="0755-88828155", display="0755-8882 8156")

    assert "显示方式里的数字与号码不一致" in page.content.decode()
    assert not Hotline.objects.exists()


def test_a_new_primary_takes_the_place_of_the_old_one(staff: Client) -> None:
    cast.hotline()

    press(staff, ADD, "_save", number="400-123-4567", primary="on")

    assert Hotline.objects.get(primary=True).number == "+864001234567"
    assert Hotline.objects.count() == 2


def test_hours_are_part_of_the_hotline(staff: Client) -> None:
    hotline = cast.hotline()
    data = {"hours-0-first_day": "1", "hours-0-last_day": "5", "hours-0-closes": "17:30"}

    press(staff, form_of(hotline), "_save", **data)

    assert [str(hours) for hours in hotline.hours.all()] == ["周一至周五 8:30–17:30"]


def test_a_night_reaches_into_the_next_day_and_a_day_is_round_the_clock(staff: Client) -> None:
    hotline = cast.hotline()
    night = {"hours-0-opens": "20:00", "hours-0-closes": "06:00"}
    day = {"hours-0-opens": "0:00", "hours-0-closes": "0:00"}

    press(staff, form_of(hotline), "_save", **night)
    assert hotline.hours_text == "周一至周六 20:00–次日 6:00"
    press(staff, form_of(hotline), "_save", **day)
    assert hotline.hours_text == "周一至周六 全天"


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"hours-0-closes": "08:30"}, "开始与结束不能相同"),
        ({"hours-0-first_day": "6", "hours-0-last_day": "1"}, "跨周的请分成两行"),
    ],
)
def test_hours_that_say_nothing_are_refused(
    staff: Client, typed: dict[str, str], refusal: str
) -> None:
    page = press(staff, form_of(cast.hotline()), "_save", **typed)

    assert refusal in page.content.decode()


def test_list_and_form_show_the_link_that_dials(staff: Client) -> None:
    hotline = cast.hotline()

    for path in (LIST, form_of(hotline)):
        assert '<a href="tel:+8675588828155">0755-8882 8155</a>' in staff.get(path).content.decode()
    assert "周一至周六 8:30–18:00" in staff.get(LIST).content.decode()


def test_the_pages_of_hotlines_speak_chinese(staff: Client) -> None:
    hotline = cast.hotline()

    for path in (LIST, ADD, form_of(hotline)):
        assert english_in(staff.get(path).content.decode()) == []


def test_editors_have_no_business_here(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403
    assert editor.post(ADD, {"number": "0755-88828155"}).status_code == 403
