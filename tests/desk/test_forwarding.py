"""转给用工单位: by a living consent that names them, and by nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from staffing.enquiries import verbs
from staffing.models import Consent, Enquiry, EnquiryEvent, PrivacyNotice
from tests import cast
from tests.desk.forms import form_of, said

pytestmark = pytest.mark.django_db

FACTORY = "深圳市甲电子厂"


def post(client: Client, lead: Enquiry, verb: str, **data: Any) -> Any:
    return client.post(f"{form_of(lead).removesuffix('change/')}{verb}/", data, follow=True)


def consent(lead: Enquiry, recipient: str = FACTORY, **fields: Any) -> Consent:
    notice = cast.notice(purpose=PrivacyNotice.Purpose.FORWARDING)
    return lead.consents.create(notice=notice, recipient=recipient, **fields)


def test_an_application_is_forwarded_to_whom_its_consent_names(staff: Client) -> None:
    lead = cast.application()
    given = consent(lead)
    assert "记为已转交" in staff.get(form_of(lead)).content.decode()
    assert "转交已记下" in said(post(staff, lead, "forward", consent=given.pk))
    made = lead.forwardings.get()
    assert (made.recipient, made.consent, made.by) == (FACTORY, given, cast.amin())
    assert lead.events.get().kind == EnquiryEvent.Kind.FORWARDED
    assert f"已转给{FACTORY}" in staff.get(form_of(lead)).content.decode()


def test_a_button_pressed_twice_leaves_one_forwarding(staff: Client) -> None:
    lead = cast.application()
    given = consent(lead)
    post(staff, lead, "forward", consent=given.pk)
    assert "刚才已经记为转给" in said(post(staff, lead, "forward", consent=given.pk))
    assert lead.forwardings.count() == lead.events.count() == 1
    other = consent(lead, recipient="深圳市乙电子厂")
    assert "转交已记下" in said(post(staff, lead, "forward", consent=other.pk))
    # Another day the papers may be asked for again.
    lead.forwardings.update(at=timezone.now() - timedelta(days=1))
    assert "转交已记下" in said(post(staff, lead, "forward", consent=given.pk))


def test_a_consent_is_written_down_once_until_it_is_withdrawn(staff: Client) -> None:
    lead = cast.application()
    for _ in range(2):
        answer = post(staff, lead, "consent", recipient=FACTORY, how="电话里同意")
    assert "已经记过了" in answer.content.decode()
    assert lead.consents.count() == lead.events.count() == 1
    post(staff, lead, "withdraw", consent=lead.consents.get().pk)
    post(staff, lead, "consent", recipient=FACTORY, how="又改主意了")
    assert lead.consents.count() == 2


def test_without_a_consent_there_is_no_button_and_it_is_said_what_to_do(staff: Client) -> None:
    lead = cast.application()
    html = staff.get(form_of(lead)).content.decode()
    assert "记为已转交" not in html
    assert "本人还没有同意" in html
    assert post(staff, lead, "forward").status_code == 404
    assert not lead.forwardings.exists()


def test_consent_to_handling_is_no_consent_to_forwarding(staff: Client) -> None:
    lead = cast.application()
    ours = lead.consents.create(notice=cast.notice())
    unnamed = consent(lead, recipient="")
    for given in (ours, unnamed):
        assert post(staff, lead, "forward", consent=given.pk).status_code == 404
        with pytest.raises(ValidationError, match="没有对方"), transaction.atomic():
            verbs.forward(lead, given, cast.amin())


def test_the_consent_of_another_application_does_not_serve(staff: Client) -> None:
    lead, other = cast.application(), cast.application()
    given = consent(other)
    assert post(staff, lead, "forward", consent=given.pk).status_code == 404
    with pytest.raises(ValidationError), transaction.atomic():
        verbs.forward(lead, given, cast.amin())


def test_a_consent_is_withdrawn_and_serves_no_more(staff: Client) -> None:
    lead = cast.application()
    given = consent(lead)
    post(staff, lead, "forward", consent=given.pk)
    assert "撤回已记下" in said(post(staff, lead, "withdraw", consent=given.pk))
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert "没有对方" in said(post(staff, lead, "forward", consent=given.pk))
    assert lead.forwardings.count() == 1
    html = staff.get(form_of(lead)).content.decode()
    assert "撤回" in html
    assert "记为已转交" not in html
    before = given.withdrawn_at
    post(staff, lead, "withdraw", consent=given.pk)
    given.refresh_from_db()
    assert given.withdrawn_at == before


def test_the_words_to_be_read_out_stand_beside_the_boxes(staff: Client) -> None:
    cast.profile(legal_name="深圳市鹏聘人力资源有限公司")
    cast.notice(purpose=PrivacyNotice.Purpose.FORWARDING, text="{公司}会把资料交给{用工单位}。")
    html = staff.get(form_of(cast.application())).content.decode()
    assert "深圳市鹏聘人力资源有限公司会把资料交给用工单位。" in html


def test_a_consent_by_word_of_mouth_is_written_down_with_the_words_in_force(staff: Client) -> None:
    lead = cast.application()
    newer = cast.notice(purpose=PrivacyNotice.Purpose.FORWARDING, text="新的告知")
    future = timezone.localdate() + timedelta(days=9)
    cast.notice(purpose=PrivacyNotice.Purpose.FORWARDING, text="以后的", in_force_from=future)
    post(staff, lead, "consent", recipient=FACTORY, how="电话里念过告知，同意")
    given = lead.consents.get()
    assert (given.recipient, given.notice) == (FACTORY, newer)
    assert "电话里念过告知" in lead.events.get().text


@pytest.mark.parametrize("data", [{}, {"recipient": FACTORY}, {"how": "同意"}, {"recipient": " "}])
def test_half_a_consent_is_none(staff: Client, data: dict[str, str]) -> None:
    lead = cast.application()
    answer = post(staff, lead, "consent", **data)
    assert "必填" in answer.content.decode()
    assert "<details open>" in answer.content.decode()
    for typed in data.values():
        assert typed.strip() in answer.content.decode()
    assert not lead.consents.exists()


@pytest.mark.parametrize("nobody", ["电子制造企业（宝安沙井）", "电子厂（宝安），报名时告知名称"])
def test_a_client_without_a_name_gets_nothing(staff: Client, nobody: str) -> None:
    lead = cast.application()
    given = consent(lead, recipient=nobody)
    assert "接收单位要写全称" in said(post(staff, lead, "forward", consent=given.pk))
    assert not lead.forwardings.exists()
    html = post(staff, lead, "consent", recipient=nobody, how="电话里同意").content.decode()
    assert "接收单位要写全称" in html
    assert "电话里同意" in html
    assert lead.consents.get() == given


@pytest.mark.parametrize(
    "data",
    [
        {"recipient": f"{FACTORY}\x00", "how": "同意"},
        {"recipient": FACTORY, "how": "同意\x00"},
        {"recipient": FACTORY, "how": "话" * 301},
    ],
)
def test_what_no_table_takes_is_refused(staff: Client, data: dict[str, str]) -> None:
    lead = cast.application()
    assert "errorlist" in post(staff, lead, "consent", **data).content.decode()
    assert not lead.consents.exists()


def test_only_applications_are_forwarded(staff: Client) -> None:
    lead = cast.enquiry()
    assert "转给用工单位" not in staff.get(form_of(lead)).content.decode()
    answer = post(staff, lead, "consent", recipient=FACTORY, how="同意")
    assert answer.status_code == 200
    assert not lead.consents.exists()


def test_nothing_is_recorded_twice_where_it_fails(staff: Client) -> None:
    lead = cast.application()
    Enquiry.objects.filter(pk=lead.pk).update(
        erased_at=timezone.now(), name="", phone="", birth_year=None, company="", message=""
    )
    assert "已经清除" in said(post(staff, lead, "consent", recipient=FACTORY, how="同意"))
    assert not lead.consents.exists()
