"""线索报表: which pages bring calls and leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.enquiries import report
from staffing.models import DailyCalls, Enquiry
from tests import cast
from tests.desk.english import english_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REPORT = "/admin/staffing/enquiry/report/"


def calls(page: str, count: int, days_ago: int = 0) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    DailyCalls.objects.create(day=day, page=page, count=count)


def lines(client: Client, query: str = "", table: str = "by_page") -> dict[str, Any]:
    return {line.page: line for line in client.get(f"{REPORT}{query}").context[table]}


def test_calls_and_leads_are_counted_by_the_page_they_came_from(staff: Client) -> None:
    service = cast.service(slug="dispatch", name="劳务派遣")
    page = service.get_absolute_url()
    calls(page, 3)
    calls(page, 4, days_ago=2)
    cast.enquiry(page=page)
    cast.enquiry(page=page, status=Enquiry.Status.WON, closed_at=timezone.now())
    cast.enquiry(page=page, kind=Enquiry.Kind.CALL_BACK)
    cast.application(page=page)
    cast.enquiry(page=page, status=Enquiry.Status.INVALID, closed_at=timezone.now())
    line = lines(staff)[page]
    counted = (line.taps, line.companies, line.call_backs, line.applications, line.won)
    assert counted == (7, 2, 1, 1, 1)
    assert line.title == "劳务派遣"
    html = staff.get(REPORT).content.decode()
    assert "劳务派遣" in html
    assert page in html


def test_by_landing_page(staff: Client) -> None:
    article = cast.article("派遣和外包有什么区别")
    landing = article.get_absolute_url()
    cast.enquiry(page="/", landing_page=landing)
    assert lines(staff, table="by_landing")[landing].title == article.title
    assert lines(staff)["/"].title == "首页"


def test_the_span_is_chosen_and_anything_else_is_the_shortest(staff: Client) -> None:
    calls("/jobs/", 1, days_ago=40)
    calls("/services/", 1, days_ago=29)
    calls("/licences/", 1, days_ago=30)
    assert set(lines(staff)) == {"/services/"}
    assert set(lines(staff, "?days=90")) == {"/services/", "/jobs/", "/licences/"}
    assert set(lines(staff, "?days=坏")) == {"/services/"}
    assert set(lines(staff, "?days=31")) == {"/services/"}


def test_pages_that_bring_most_stand_first(staff: Client) -> None:
    calls("/jobs/", 99)
    cast.enquiry(page="/services/")
    assert list(lines(staff)) == ["/services/", "/jobs/"]


def test_leads_without_a_page_are_counted_all_the_same(staff: Client) -> None:
    cast.enquiry(page="")
    cast.enquiry(page="/services/")
    cast.application(page="", status=Enquiry.Status.WON, closed_at=timezone.now())
    calls("", 2)
    context = staff.get(REPORT).context
    total, unknown = context["total"], lines(staff)[""]
    assert (total.companies, total.applications, total.won, total.taps) == (2, 1, 1, 2)
    assert (unknown.title, unknown.companies, unknown.taps) == ("没有记录来源", 1, 2)
    html = staff.get(REPORT).content.decode()
    assert "没有记录来源" in html
    assert 'href=""' not in html


def test_a_number_in_the_address_of_a_page_is_not_read_there(staff: Client) -> None:
    page = "/jobs/13812348155/"
    cast.enquiry(page=page, landing_page=page)
    calls(page, 2)
    html = staff.get(REPORT).content.decode()
    assert "13812348155" not in html
    assert "/jobs/138****8155/" in html
    assert lines(staff)[page].taps == 2


def test_the_report_counts_what_its_tables_leave_out(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "COUNTED", 1)
    for page in ("/jobs/", "/services/"):
        cast.enquiry(page=page)
        calls(page, 5)
    total = staff.get(REPORT).context["total"]
    assert (total.companies, total.taps) == (2, 10)


def test_the_report_is_only_read(staff: Client) -> None:
    assert staff.post(REPORT).status_code == 405


def test_many_pages_are_cut_and_cost_no_more(
    staff: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(report, "MOST", 5)
    for n in range(8):
        cast.enquiry(page=cast.article().get_absolute_url(), landing_page=f"/p{n}/")
    with django_assert_max_num_queries(15):
        assert len(lines(staff)) == 5
    assert "只列前 5 个页面" in staff.get(REPORT).content.decode()


def test_an_empty_report_says_what_will_stand_there(staff: Client) -> None:
    html = staff.get(REPORT).content.decode()
    assert "这段时间还没有记录" in html
    assert english_in(html, ["amin"]) == []
    assert "线索报表" in staff.get("/admin/staffing/enquiry/").content.decode()
