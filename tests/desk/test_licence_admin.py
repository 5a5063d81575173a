"""Licences at the desk: valid, ending, lapsed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from staffing.models import Licence
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press, url

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/licence/"
ADD = f"{LIST}add/"


@pytest.fixture
def licences() -> None:
    today = timezone.localdate()
    cast.licence(number="长期号")
    cast.licence(number="有效号", valid_to=today + timedelta(days=121))
    cast.licence(number="快到期号", valid_to=today + timedelta(days=120))
    cast.licence(number="最后一天号", valid_to=today)
    cast.licence(number="过期号", valid_to=today - timedelta(days=1))


@pytest.mark.usefixtures("licences")
@pytest.mark.parametrize(
    ("validity", "numbers", "word"),
    [
        ("valid", {"长期号", "有效号"}, "有效"),
        ("ending", {"快到期号", "最后一天号"}, "将到期"),
        ("lapsed", {"过期号"}, "已过期"),
    ],
)
def test_column_and_filter_agree(
    staff: Client, validity: str, numbers: set[str], word: str
) -> None:
    page = staff.get(LIST, {"validity": validity})

    assert {licence.number for licence in page.context["cl"].result_list} == numbers
    assert page.content.decode().count(f">{word}</span>") == len(numbers)


@pytest.mark.usefixtures("licences")
def test_an_unknown_filter_shows_all(staff: Client) -> None:
    page = staff.get(LIST, {"validity": "x"})

    assert len(page.context["cl"].result_list) == 5
    assert "还有 120 天" in page.content.decode()


def test_a_licence_is_registered(staff: Client) -> None:
    press(staff, ADD, "_save", kind="dispatch", number="示例 440306000000", valid_to="2028-05-01")

    assert Licence.objects.get().number == "示例 440306000000"


def test_a_term_that_ends_before_it_begins_is_refused(staff: Client) -> None:
    page = press(
        staff,
        ADD,
        "_save",
        kind="dispatch",
        number="示例1号",
        valid_from="2026-05-01",
        valid_to="2026-05-01",
    )

    assert "有效期的结束须晚于开始" in page.content.decode()
    assert not Licence.objects.exists()


def test_a_licence_a_service_needs_is_not_deleted(staff: Client) -> None:
    licence = cast.licence()
    cast.service(required_licence=licence)

    staff.post(url("staffing_licence", "delete", licence.pk), {"post": "yes"})

    assert Licence.objects.exists()


@pytest.mark.usefixtures("licences")
def test_the_pages_of_licences_speak_chinese(staff: Client) -> None:
    first = Licence.objects.all()[0]

    for path in (LIST, ADD, form_of(first)):
        assert english_in(staff.get(path).content.decode()) == []
