"""隐私: notices in versions, the rules of the forms, and one person's data by their number."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from portal.cms.phones import phone_key
from staffing.models import Enquiry, FormPolicy, PrivacyAct, PrivacyNotice
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, press, said, values
from tests.staffing.test_erasing import everything

pytestmark = pytest.mark.django_db

NUMBER, DIGITS = "+8613812348155", "13812348155"
ACTS = "/admin/staffing/privacyact/"
PERSON = f"{ACTS}person/"
NOTICES = "/admin/staffing/privacynotice/"


# --- One person ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_person_is_looked_up_by_their_number_and_that_is_written_down(owner: Client) -> None:
    lead, ticket = cast.enquiry(phone=NUMBER), cast.ticket(phone=NUMBER)
    cast.enquiry()
    html = owner.post(PERSON, {"contact": "138 1234 8155"}).content.decode()
    assert "留有个人信息的记录 2 条" in html
    assert str(lead) in html
    assert "还没有答复" in html
    row = PrivacyAct.objects.get()
    assert (row.act, row.count, row.by) == ("looked", 2, cast.laochen())
    assert (row.phone_key, row.text) == (phone_key(NUMBER), "")
    typed = ["laochen", lead.reference[3:], ticket.number[3:], "JSON", "Excel"]
    assert english_in(html, typed) == []


def test_a_number_nobody_wrote_from_and_one_that_is_none(owner: Client) -> None:
    assert "没有记录" in owner.post(PERSON, {"contact": DIGITS}).content.decode()
    for bad in ("", "12", "+1 212 555 0100", "王女士"):
        html = owner.post(PERSON, {"contact": bad}).content.decode()
        assert "errorlist" in html, bad
        for verb in ("export", "erase"):
            assert owner.post(f"{PERSON}{verb}/", {"contact": bad}).status_code == 200
    assert PrivacyAct.objects.count() == 1


def test_the_number_is_asked_for_and_stands_in_no_address(owner: Client) -> None:
    html = owner.get(PERSON).content.decode()
    assert 'method="post"' in html
    assert owner.get(f"{PERSON}?contact={DIGITS}").context["found"] is None
    assert owner.get(f"{PERSON}erase/").status_code == 405


def test_a_person_gets_their_data_as_a_sheet_and_as_json(owner: Client) -> None:
    cast.enquiry("=王女士", phone=NUMBER)
    sheet = owner.post(f"{PERSON}export/", {"contact": DIGITS, "kind": "xlsx"})
    page = load_workbook(BytesIO(sheet.content)).active
    assert page is not None
    cells = [cell for row in page.iter_rows(values_only=True) for cell in row]
    assert "'=王女士" in cells
    assert "138 1234 8155" in cells
    told = json.loads(owner.post(f"{PERSON}export/", {"contact": DIGITS, "kind": "json"}).content)
    assert ["称呼", "=王女士"] in told[0]["内容"]
    assert list(PrivacyAct.objects.values_list("act", flat=True)) == ["exported", "exported"]


def test_a_person_is_erased_with_a_reason_and_a_yes(owner: Client) -> None:
    lead = cast.enquiry(phone=NUMBER)
    asked = owner.post(f"{PERSON}erase/", {"contact": DIGITS, "reason": "本人要求"})
    assert "不要写姓名和电话号码" in asked.content.decode()
    assert "errorlist" in asked.content.decode()
    assert "本人要求" in asked.content.decode()
    assert fresh(lead).erased_at is None
    data = {"contact": DIGITS, "reason": "本人要求", "checked": "1"}
    assert "已清除 138****8155 的 1 条记录" in said(
        owner.post(f"{PERSON}erase/", data, follow=True)
    )
    assert fresh(lead).erased_at is not None
    assert "都已经清除" in owner.post(PERSON, {"contact": DIGITS}).content.decode()
    assert "没有可以清除" in said(owner.post(f"{PERSON}erase/", data, follow=True))


@pytest.mark.both_databases
def test_a_complaint_with_a_mail_address_alone_is_found_and_erased_by_it(owner: Client) -> None:
    ticket = cast.ticket(email="Zhao@example.com", phone="", status="answered", decision="reject")
    html = owner.post(PERSON, {"contact": "zhao@example.com"}).content.decode()
    assert str(ticket) in html
    told = owner.post(f"{PERSON}export/", {"contact": "zhao@example.com", "kind": "json"})
    assert "赵先生" in told.content.decode()
    data = {"contact": "zhao@example.com", "reason": "本人要求", "checked": "1"}
    answer = owner.post(f"{PERSON}erase/", data, follow=True)
    assert "1 条记录" in said(answer)
    assert "zhao@" not in said(answer)
    assert fresh(ticket).erased_at is not None
    assert not PrivacyAct.objects.filter(text__contains="zhao").exists()


def test_by_a_mail_address_it_is_said_that_a_number_was_left_too(owner: Client) -> None:
    lead = cast.enquiry(phone=NUMBER)
    cast.ticket(email="zhao@example.com", phone=NUMBER, status="answered", decision="reject")
    html = owner.post(PERSON, {"contact": "zhao@example.com"}).content.decode()
    assert str(lead) not in html
    assert "再按电话查一次" in html
    assert "再按电话查一次" not in owner.post(PERSON, {"contact": DIGITS}).content.decode()
    cast.ticket(email="li@example.com", phone="")
    html = owner.post(PERSON, {"contact": "li@example.com"}).content.decode()
    assert "再按电话查一次" not in html


def test_it_is_said_that_an_open_complaint_waits_for_its_answer(owner: Client) -> None:
    ticket = cast.ticket(phone=NUMBER)
    data = {"contact": DIGITS, "reason": "本人要求", "checked": "1"}
    words = said(owner.post(f"{PERSON}erase/", data, follow=True))
    assert "还有 1 张投诉或下架请求没有答复" in words
    assert "没有可以清除" not in words
    assert fresh(ticket).erased_at is None


@pytest.mark.both_databases
def test_the_journal_is_read_and_nothing_else(owner: Client) -> None:
    cast.enquiry(phone=NUMBER)
    owner.post(PERSON, {"contact": DIGITS})
    row = PrivacyAct.objects.get()
    html = owner.get(ACTS).content.decode()
    assert "1 条个人信息操作记录" in html
    assert "查询个人" in html
    assert DIGITS not in html
    assert row.phone_key not in html
    assert english_in(html, ["laochen"]) == []
    assert owner.post(f"{ACTS}{row.pk}/delete/").status_code == 403
    act(owner, ACTS, "delete_selected", row, post="yes")
    assert PrivacyAct.objects.exists()


# --- Notices --------------------------------------------------------------------------------------------


def test_a_new_version_begins_with_the_words_of_the_last(owner: Client) -> None:
    old = cast.notice("company")
    page = owner.get(f"{NOTICES}add/?after={old.pk}")
    shown = values(page)
    assert shown["text"] == old.text
    assert shown["version"] == "2"
    data: dict[str, Any] = {**shown, "text": "换了说法。", "_save": "1"}
    assert owner.post(f"{NOTICES}add/", data).status_code == 302
    new = PrivacyNotice.objects.get(form="company", version=2)
    assert (new.text, fresh(old).text) == ("换了说法。", old.text)
    assert values(owner.get(f"{NOTICES}add/?after=坏"))["version"] == "1"


def test_a_version_somebody_agreed_to_is_only_read(owner: Client) -> None:
    notice = cast.notice("company")
    cast.enquiry().consents.create(notice=notice)
    address = form_of(notice)
    assert "_save" not in owner.get(address).content.decode()
    data = {"form": "company", "purpose": "handling", "version": "1", "title": "改", "text": "改"}
    assert owner.post(address, {**data, "_save": "1"}).status_code == 403
    assert fresh(notice).text == notice.text
    html = owner.get(NOTICES).content.decode()
    assert "1 人同意过" in html
    assert english_in(html, ["laochen"]) == []


def test_a_version_nobody_saw_may_be_put_right_and_the_one_in_force_stays(owner: Client) -> None:
    notice = cast.notice("company")
    press(owner, form_of(notice), "_save", title="更清楚的标题")
    assert fresh(notice).title == "更清楚的标题"
    owner.post(f"{NOTICES}{notice.pk}/delete/", {"post": "yes"})
    act(owner, NOTICES, "delete_selected", notice, post="yes")
    assert PrivacyNotice.objects.filter(pk=notice.pk).exists()
    newer = cast.notice("company", text="新的")
    owner.post(f"{NOTICES}{notice.pk}/delete/", {"post": "yes"})
    assert list(PrivacyNotice.objects.filter(form="company")) == [newer]


# --- Rules of the forms -----------------------------------------------------------------------------------


def test_the_owner_sets_how_long_things_are_kept_and_staff_only_read_it(
    owner: Client, staff: Client
) -> None:
    policy = FormPolicy.objects.get(form="company")
    press(owner, form_of(policy), "_save", retention_days="90")
    assert fresh(policy).retention_days == 90
    press(owner, form_of(policy), "_save", retention_days="0")
    assert fresh(policy).retention_days == 90
    assert staff.post(form_of(policy), {"retention_days": "9", "_save": "1"}).status_code == 403
    html = owner.get("/admin/staffing/formpolicy/").content.decode()
    assert "天数不一致" in html
    assert english_in(html, ["laochen"]) == []
    assert Enquiry.objects.count() == 0


def test_days_that_the_notice_does_not_name_are_pointed_out(owner: Client) -> None:
    policy = FormPolicy.objects.get(form="company")
    assert "天数不一致" not in owner.get("/admin/staffing/formpolicy/").content.decode()
    answer = owner.post(
        form_of(policy),
        {**values(owner.get(form_of(policy))), "retention_days": "36", "_save": "1"},
        follow=True,
    )
    assert "现行的隐私告知里没有写“36 天”" in said(answer)
    cast.notice("company", text="保存 36 天。")
    assert "天数不一致" not in owner.get("/admin/staffing/formpolicy/").content.decode()


# --- Everything together ----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_after_all_the_desk_has_done_with_a_person_erasing_leaves_no_row_that_names_them(
    owner: Client, staff: Client
) -> None:
    lead = cast.application("王小丽", phone=NUMBER, experience=f"沙井做过三年，电话 {DIGITS}")
    ticket = cast.ticket("沙井做过三年", phone=NUMBER, name="王小丽", email="")
    leads, tickets = "/admin/staffing/enquiry/", "/admin/staffing/ticket/"
    for listed in (leads, tickets):
        staff.post(listed, {"q": DIGITS}, follow=True)
        staff.post(listed, {"q": f"王小丽 {DIGITS}"}, follow=True)
    for row, listed in ((lead, leads), (ticket, tickets)):
        staff.post(f"{listed}{row.pk}/claim/", follow=True)
        assert "138 1234 8155" in staff.post(f"{listed}{row.pk}/reveal/").content.decode()
    note = {"note": f"王小丽说打 {DIGITS}", "status": "following"}
    staff.post(form_of(lead), {**values(staff.get(form_of(lead))), **note}, follow=True)
    given = {"recipient": "深圳市甲电子厂", "how": "王小丽在电话里同意"}
    staff.post(f"{leads}{lead.pk}/consent/", given, follow=True)
    consent = lead.consents.get()
    staff.post(f"{leads}{lead.pk}/forward/", {"consent": consent.pk}, follow=True)
    for verb, text in (("reject", f"问过王小丽 {DIGITS}"), ("answer", "回了王小丽")):
        staff.post(form_of(ticket), {verb: "1", "text": text}, follow=True)
    act(owner, leads, "export_selected", lead, reason="汇总", full="1")
    owner.post(PERSON, {"contact": DIGITS})
    assert "王小丽" in everything()
    asked = {"contact": DIGITS, "reason": f"本人要求 {DIGITS}", "checked": "1"}
    assert "的 2 条记录" in said(owner.post(f"{PERSON}erase/", asked, follow=True))
    told = everything()
    for word in ("王小丽", DIGITS, "138 1234 8155", "沙井做过三年", "深圳市甲电子厂"):
        assert word not in told, word
