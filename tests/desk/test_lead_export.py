"""Leads as a sheet: with a reason, by right, masked, harmless."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from staffing.enquiries import exporting
from staffing.models import Enquiry, EnquiryEvent, PrivacyAct
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import act, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/enquiry/"
NUMBER, DIGITS = "+8613812348155", "13812348155"


def export(client: Client, *leads: Enquiry, **more: Any) -> Any:
    return act(client, LIST, "export_selected", *leads, **more)


def rows(answer: Any) -> list[dict[str, Any]]:
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


def test_the_reason_is_asked_for_first(owner: Client) -> None:
    lead = cast.enquiry(phone=NUMBER)
    page = export(owner, lead)
    html = page.content.decode()
    assert "将导出 1 条线索" in html
    assert english_in(html, ["laochen"]) == []
    assert not PrivacyAct.objects.exists()
    empty = owner.post(LIST, {**values(page), "reason": "  "})
    assert "请写明导出的理由" in empty.content.decode()
    answer = owner.post(LIST, {**values(page), "reason": "十一月汇总"})
    assert rows(answer)[0]["编号"] == lead.reference


def test_a_reason_that_no_table_takes_is_asked_for_again(owner: Client) -> None:
    for reason in ("汇总\x00", "话" * 201):
        answer = export(owner, cast.enquiry(), reason=reason)
        assert "errorlist" in answer.content.decode()
    assert not PrivacyAct.objects.exists()


def test_numbers_are_masked_unless_they_are_asked_for(owner: Client) -> None:
    lead = cast.enquiry("王女士", phone=NUMBER, message=f"打 {DIGITS}")
    row = rows(export(owner, lead, reason="汇总"))[0]
    assert (row["电话"], row["留言"]) == ("138****8155", "打 138****8155")
    full = rows(export(owner, lead, reason="汇总", full="1"))[0]
    assert full["电话"] == "138 1234 8155"
    assert DIGITS in full["留言"]


def test_who_may_not_read_numbers_gets_none_whatever_they_send() -> None:
    from django.contrib.auth.models import Permission

    user = cast.person("xiaohe", "小何", "编辑")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_enquiry", "export_enquiry"])
    )
    lead = cast.enquiry(phone=NUMBER)
    client = browser_of(user)
    assert "包含完整的电话号码" not in export(client, lead).content.decode()
    answer = export(client, lead, reason="想要", full="1")
    assert rows(answer)[0]["电话"] == "138****8155"
    assert "电话已打码" in PrivacyAct.objects.get().text


def test_what_was_taken_out_is_written_down(owner: Client) -> None:
    leads = [cast.enquiry(), cast.enquiry()]
    export(owner, *leads, reason=f"问过 {DIGITS}", full="1")
    done = PrivacyAct.objects.get()
    assert (done.act, done.count, done.by) == ("export_list", 2, cast.laochen())
    assert done.text == "含完整电话：问过 138****8155"
    events = EnquiryEvent.objects.filter(kind="exported", by=cast.laochen())
    assert {event.enquiry_id for event in events} == {lead.pk for lead in leads}
    assert not events.filter(text__contains=DIGITS).exists()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_what_visitors_typed_is_never_a_formula(owner: Client, text: str) -> None:
    lead = cast.enquiry(text, company=text, message=text)
    sheet = load_workbook(BytesIO(export(owner, lead, reason="汇总").content)).active
    assert sheet is not None
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value).startswith(("=", "+", "-", "@", "＝"))


def test_staff_are_not_offered_it_and_cannot_do_it(staff: Client) -> None:
    lead = cast.enquiry()
    assert "导出所选" not in staff.get(LIST).content.decode()
    answer = export(staff, lead, reason="想要")
    assert "spreadsheetml" not in answer["Content-Type"]
    assert not PrivacyAct.objects.exists()


def test_too_many_at_once_are_refused(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST", 1)
    leads = [cast.enquiry(), cast.enquiry()]
    assert "一次最多导出 1 条" in said(export(owner, *leads, reason="汇总"))
    assert not PrivacyAct.objects.exists()


def test_no_cache_keeps_the_sheet_and_its_name_is_chinese(owner: Client) -> None:
    answer = export(owner, cast.enquiry(), reason="汇总")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert "xlsx" in answer["Content-Disposition"]


def test_a_long_sheet_asks_no_more_than_a_short_one(
    owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    leads = [cast.application(), *(cast.enquiry(service=None) for _ in range(5))]
    leads += [cast.enquiry(service=cast.service(slug=f"s{n}"), owner=cast.amin()) for n in range(5)]
    with django_assert_max_num_queries(20):
        assert len(rows(export(owner, *leads, reason="汇总"))) == 11
