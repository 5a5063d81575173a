"""线索: the inbox, and working on one lead until it is won."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.phones import phone_key
from staffing.enquiries import verbs
from staffing.models import Enquiry, EnquiryEvent
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/enquiry/"
S = Enquiry.Status


def names(client: Client, query: str = "") -> list[str]:
    return [lead.name for lead in client.get(f"{LIST}{query}").context["cl"].result_list]


def save(client: Client, lead: Enquiry, **fields: Any) -> Any:
    """Open a lead, fill in the follow-up form, and save it."""
    address = form_of(lead)
    return client.post(address, {**values(client.get(address)), **fields}, follow=True)


def kinds(lead: Enquiry) -> list[str]:
    return list(lead.events.order_by("at", "pk").values_list("kind", flat=True))


def closed(status: str, name: str) -> Enquiry:
    return cast.enquiry(name, status=status, closed_at=timezone.now())


# --- The inbox ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_overdue_leads_come_first_the_longest_of_all_first(staff: Client) -> None:
    now = timezone.now()
    cast.enquiry("早来的")
    cast.enquiry("刚来的")
    cast.enquiry("明天打的", next_call_at=now + timedelta(days=1))
    cast.enquiry("昨天该打的", next_call_at=now - timedelta(days=1))
    cast.enquiry("上周该打的", next_call_at=now - timedelta(days=7))
    assert names(staff) == ["上周该打的", "昨天该打的", "明天打的", "刚来的", "早来的"]


@pytest.mark.both_databases
def test_what_is_closed_is_out_of_the_way_until_it_is_asked_for(staff: Client) -> None:
    cast.enquiry("还在谈的")
    closed(S.WON, "成交的")
    assert names(staff) == ["还在谈的"]
    assert names(staff, "?status=won") == ["成交的"]
    assert set(names(staff, "?status=all")) == {"还在谈的", "成交的"}


@pytest.mark.both_databases
def test_leads_are_filtered_by_owner_and_by_what_is_suspicious(staff: Client) -> None:
    cast.enquiry("我的", owner=cast.amin())
    cast.enquiry("没人的")
    cast.enquiry("老板的", owner=cast.laochen(), suspicious=True)
    assert names(staff, "?owner=me") == ["我的"]
    assert names(staff, "?owner=none") == ["没人的"]
    assert names(staff, f"?owner={cast.laochen().pk}") == ["老板的"]
    assert names(staff, "?suspicious__exact=1") == ["老板的"]
    assert names(staff, "?days=1&owner=me") in (["我的"], [])
    assert len(names(staff, "?days=7&owner=99999")) == 3


def test_the_list_shows_no_number_and_says_how_often_the_same_one_wrote(staff: Client) -> None:
    cast.enquiry("王女士", phone="+8613812348155", company="")
    cast.enquiry("又是王女士", phone="+8613812348155", company="电话13812348155的公司")
    html = staff.get(LIST).content.decode()
    assert "138****8155" in html
    assert "同号 2 条" in html
    assert "13812348155" not in html
    assert len(names(staff, f"?phone={phone_key('+8613812348155')}")) == 2


def test_a_number_that_is_searched_for_stands_in_no_address(staff: Client) -> None:
    cast.enquiry("王女士", phone="+8613812348155")
    cast.enquiry("别人")
    closed(S.LOST, "也是别人")
    answer = staff.post(LIST, {"q": "138 1234 8155", "status": "all"})
    assert "8155" not in answer["Location"]
    assert [lead.name for lead in staff.get(answer["Location"]).context["cl"].result_list] == [
        "王女士"
    ]
    by_name = staff.post(LIST, {"q": "也是别人"})
    assert [lead.name for lead in staff.get(by_name["Location"]).context["cl"].result_list] == [
        "也是别人"
    ]
    half = staff.post(LIST, {"q": "王女士 13812348155"})
    assert "13812348155" not in half["Location"]


def test_a_full_list_costs_as_much_as_a_short_one(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.enquiry()
    staff.get(LIST)
    with django_assert_num_queries(13):
        staff.get(LIST)
    for n in range(20):
        cast.enquiry(f"第{n}位", owner=cast.amin(), district=cast.district())
    with django_assert_num_queries(13):
        staff.get(LIST)


def test_the_list_says_what_became_of_telling_colleagues(staff: Client) -> None:
    lead = cast.enquiry()
    target = DeliveryTarget.objects.create(name="业务组", address="a@example.com")
    Delivery.objects.create(topic="enquiry", subject=lead, target=target, state="failed")
    assert "失败" in staff.get(LIST).content.decode()
    html = staff.get(form_of(lead)).content.decode()
    assert "业务组" in html
    assert "失败" in html
    assert "没有通知任何人" not in html


def test_a_lead_of_which_nobody_was_told_says_so(staff: Client) -> None:
    lead = cast.enquiry()
    assert "没有通知任何人" in staff.get(form_of(lead)).content.decode()
    assert "没有通知" in staff.get(LIST).content.decode()
    # Messages of long ago are forgotten.
    Enquiry.objects.update(received_at=timezone.now() - timedelta(days=500))
    assert "没有通知" not in staff.get(form_of(lead)).content.decode()
    assert "没有通知" not in staff.get(LIST).content.decode()


def test_an_empty_inbox_says_what_will_stand_there(staff: Client) -> None:
    assert "没有未关闭的线索" in staff.get(LIST).content.decode()


# --- One lead -----------------------------------------------------------------------------------------


def test_a_lead_is_worked_on_until_it_is_won(staff: Client) -> None:
    lead = cast.enquiry("王女士")
    staff.post(f"{form_of(lead).removesuffix('change/')}claim/")
    assert fresh(lead).owner == cast.amin()
    tomorrow = timezone.localtime() + timedelta(days=1)
    save(
        staff,
        lead,
        status=S.CONTACTED,
        next_call_at=f"{tomorrow:%Y-%m-%dT%H:%M}",
        note="要三十人，报价后再打。",
    )
    now = fresh(lead)
    assert now.status == S.CONTACTED
    assert now.next_call_at == tomorrow.replace(second=0, microsecond=0)
    answer = save(staff, lead, status=S.WON, note="签了。")
    assert "已保存" in said(answer)
    now = fresh(lead)
    assert (now.status, now.next_call_at) == (S.WON, None)
    assert now.closed_at is not None
    kind = EnquiryEvent.Kind
    assert kinds(lead) == [
        kind.OWNER, kind.STATUS, kind.CALL_PLANNED, kind.NOTE, kind.STATUS, kind.NOTE
    ]  # fmt: skip
    html = staff.get(form_of(lead)).content.decode()
    assert "新线索 → 已联系" in html
    assert "签了。" in html


def test_who_works_on_what_nobody_has_makes_it_their_own(staff: Client) -> None:
    lead = cast.enquiry()
    save(staff, lead, status=S.CONTACTED)
    assert fresh(lead).owner == cast.amin()


def test_who_lays_a_lead_back_does_not_take_it_by_saying_how_far_it_is(staff: Client) -> None:
    lead = cast.enquiry(owner=cast.amin())
    save(staff, lead, owner="", status=S.CONTACTED)
    now = fresh(lead)
    assert (now.owner, now.status) == (None, S.CONTACTED)
    assert kinds(lead) == [EnquiryEvent.Kind.STATUS, EnquiryEvent.Kind.OWNER]
    assert lead.events.latest("pk").text == "放回，等人认领"
    save(staff, lead, owner=str(cast.laochen().pk), status=S.FOLLOWING)
    assert fresh(lead).owner == cast.laochen()
    assert lead.events.filter(kind=EnquiryEvent.Kind.OWNER).count() == 2


def test_what_somebody_has_left_behind_is_claimed(staff: Client) -> None:
    gone = cast.person("xiaohong", "小红", "业务")
    lead = cast.enquiry(owner=gone)
    assert "由我认领" not in staff.get(form_of(lead)).content.decode()
    gone.is_active = False
    gone.save()
    assert "由我认领" in staff.get(form_of(lead)).content.decode()
    staff.post(f"{form_of(lead).removesuffix('change/')}claim/")
    assert fresh(lead).owner == cast.amin()


def test_a_lead_is_reopened(staff: Client) -> None:
    lead = closed(S.LOST, "改主意的")
    save(staff, lead, status=S.FOLLOWING)
    assert fresh(lead).closed_at is None


def test_of_two_colleagues_who_claim_the_second_is_told_who_has_it(staff: Client) -> None:
    lead = cast.enquiry()
    claim = f"{form_of(lead).removesuffix('change/')}claim/"
    staff.post(claim)
    answer = browser_of(cast.laochen()).post(claim, follow=True)
    assert "阿敏已经认领了这条线索" in said(answer)
    assert fresh(lead).owner == cast.amin()
    assert kinds(lead) == [EnquiryEvent.Kind.OWNER]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_the_same_moment_one_has_it(staff: Client, owner: Client) -> None:
    lead = cast.enquiry()
    ready = Barrier(2)

    def claim(client: Client) -> None:
        ready.wait()
        try:
            client.post(f"{form_of(lead).removesuffix('change/')}claim/")
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        list(pool.map(claim, (staff, owner)))
    event = lead.events.get()
    assert (event.kind, event.by) == (EnquiryEvent.Kind.OWNER, fresh(lead).owner)


def test_after_a_conflict_what_was_not_touched_is_as_the_colleague_left_it(staff: Client) -> None:
    lead = cast.enquiry()
    opened = values(staff.get(form_of(lead)))
    colleague = browser_of(cast.laochen())
    colleague.post(f"{form_of(lead).removesuffix('change/')}claim/")
    tomorrow = timezone.localtime() + timedelta(days=1)
    save(colleague, lead, status=S.FOLLOWING, next_call_at=f"{tomorrow:%Y-%m-%dT%H:%M}")
    answer = staff.post(form_of(lead), {**opened, "note": "打不通"})
    html = answer.content.decode()
    assert "负责人是老陈" in html
    assert staff.post(form_of(lead), values(answer)).status_code == 302
    now = fresh(lead)
    assert (now.owner, now.status) == (cast.laochen(), S.FOLLOWING)
    assert now.next_call_at == tomorrow.replace(second=0, microsecond=0)
    assert kinds(lead)[-1] == EnquiryEvent.Kind.NOTE


def test_a_save_on_top_of_a_colleagues_is_shown_first_and_loses_nothing(staff: Client) -> None:
    lead = cast.enquiry()
    opened = values(staff.get(form_of(lead)))
    save(browser_of(cast.laochen()), lead, status=S.FOLLOWING)
    late = {**opened, "status": S.INVALID, "note": "打不通"}
    answer = staff.post(form_of(lead), late)
    html = answer.content.decode()
    assert "刚才有同事改过" in html
    assert "打不通" in html
    assert fresh(lead).status == S.FOLLOWING
    assert staff.post(form_of(lead), values(answer)).status_code == 302
    assert fresh(lead).status == S.INVALID


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"next_call_at": "2020-01-01T09:00"}, "已经过去"),
        ({"next_call_at": "明天"}, "输入一个有效"),
        ({"status": "售出"}, "选择一个有效"),
        ({"owner": "99999"}, "选择一个有效"),
        ({"note": "话" * 501}, "500"),
    ],
)
def test_nonsense_is_refused_and_what_was_typed_stays(
    staff: Client, fields: dict[str, str], problem: str
) -> None:
    lead = cast.enquiry()
    answer = save(staff, lead, **{"note": "谈了价格", **fields})
    html = answer.content.decode()
    assert problem in html
    assert fields.get("note", "谈了价格") in html
    assert english_in(html, ["amin", lead.reference[3:]]) == []
    assert not lead.events.exists()
    assert fresh(lead).status == S.NEW


def test_numbers_in_notes_and_in_what_visitors_wrote_are_masked(staff: Client) -> None:
    lead = cast.enquiry(message="打我另一个号 139 1234 5678", call_when="13912345678")
    save(staff, lead, note="换成 13912345678 了")
    html = staff.get(form_of(lead)).content.decode()
    assert "13912345678" not in html
    assert "139 1234 5678" not in html
    assert "139****5678" in html
    assert not EnquiryEvent.objects.filter(text__contains="12345678").exists()


def test_other_leads_of_the_same_number_are_linked(staff: Client) -> None:
    one = cast.enquiry(phone="+8613812348155")
    other = closed(S.LOST, "上次")
    Enquiry.objects.filter(pk=other.pk).update(phone_key=one.phone_key)
    assert form_of(other) in staff.get(form_of(one)).content.decode()


def test_the_log_of_the_desk_names_no_one(staff: Client) -> None:
    lead = cast.enquiry("王女士")
    save(staff, lead, status=S.CONTACTED, note="谈了")
    assert not LogEntry.objects.filter(object_repr__contains="王女士").exists()


def test_an_erased_lead_is_shown_and_takes_nothing_more(staff: Client) -> None:
    lead = cast.enquiry()
    Enquiry.objects.filter(pk=lead.pk).update(
        erased_at=timezone.now(), name="", company="", phone="", message=""
    )
    html = staff.get(form_of(lead)).content.decode()
    assert "已清除" in html
    assert "由我认领" not in html
    with transaction.atomic(), pytest.raises(ValidationError):
        verbs.note(fresh(lead), "还想写", cast.amin())
    data = {"seen": "new//", "status": "new", "note": "还想写"}
    assert "已经清除" in said(staff.post(form_of(lead), data, follow=True))
    assert not lead.events.exists()


def test_a_lead_that_is_not_there(staff: Client) -> None:
    assert staff.get(f"{LIST}99999/change/").status_code == 404
    assert staff.post(f"{LIST}99999/claim/").status_code == 404
    assert staff.get(f"{LIST}{cast.enquiry().pk}/claim/").status_code == 405


def test_every_page_of_leads_is_chinese(owner: Client) -> None:
    lead = cast.application(page="/jobs/", landing_page="/", referrer_host="www.baidu.com")
    pages = [LIST, f"{LIST}?status=all&owner=me", form_of(lead), f"{LIST}{lead.pk}/history/"]
    typed = ["baidu.com", "www", "jobs", "laochen", lead.reference[3:]]
    found = {
        page: english_in(owner.get(page, follow=True).content.decode(), typed) for page in pages
    }
    assert {page: words for page, words in found.items() if words} == {}
