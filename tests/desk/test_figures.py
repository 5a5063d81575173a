"""社保公积金费率 and 用工方式对比 at the desk."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from staffing.models import ComparisonRow, ContributionRate
from tests.desk.english import english_in
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db

RATES = "/admin/staffing/contributionrate/"
ROWS = "/admin/staffing/comparisonrow/"
PENSION = {"kind": "pension", "in_force_from": "2026-07-01", "employer_percent": "16"}


def test_a_rate_is_entered_and_waits_to_be_checked(staff: Client) -> None:
    press(staff, f"{RATES}add/", "_save", **PENSION)

    rate = ContributionRate.objects.get()
    assert (rate.city, rate.worker_percent, rate.is_checked) == ("深圳市", Decimal(0), False)
    assert "待核对" in staff.get(RATES).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"employer_percent": "101"}, "100"),
        ({"worker_percent": "-1"}, "0"),
        ({"base_min": "5000", "base_max": "4000"}, "缴费基数的上限不能低于下限"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(
    staff: Client, fields: dict[str, str], words: str
) -> None:
    page = press(staff, f"{RATES}add/", "_save", **{**PENSION, **fields})

    assert words in page.text
    assert not ContributionRate.objects.exists()


def test_a_rate_is_refused_twice(staff: Client) -> None:
    press(staff, f"{RATES}add/", "_save", **PENSION)
    page = press(staff, f"{RATES}add/", "_save", **PENSION)

    assert "在这一天已经有费率了" in page.text


def test_a_row_of_the_comparison_is_rewritten(staff: Client, client: Client) -> None:
    row = ComparisonRow.objects.get(aspect="发票")
    press(staff, form_of(row), "_save", dispatch="以主管税务机关的答复为准")

    assert "以主管税务机关的答复为准" in client.get("/tools/compare/").text


def test_their_pages_speak_chinese(staff: Client) -> None:
    row = ComparisonRow.objects.all()[0]
    for path in (RATES, f"{RATES}add/", ROWS, f"{ROWS}add/", form_of(row)):
        assert english_in(staff.get(path).text) == [], path


@pytest.mark.parametrize("path", [RATES, ROWS])
def test_they_are_the_staffs(editor: Client, path: str) -> None:
    assert editor.get(path).status_code == 403
