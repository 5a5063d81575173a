"""Erasing: nothing of a person is left in any table, by their wish or by the clock."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from portal.cms import private
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.phones import phone_key
from portal.cms.private.models import PrivateFile
from staffing.enquiries import verbs
from staffing.models import (
    Consent,
    Enquiry,
    EnquiryEvent,
    PrivacyAct,
    PrivacyNotice,
    Ticket,
    TicketEntry,
)
from staffing.privacy import erasing, people
from staffing.privacy.files import CV, PROOF
from staffing.tickets import verbs as ticket_verbs
from tests import cast
from tests.cms import samples

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NUMBER = "+8613812348155"
PERSONAL = [
    "13812348155", "138 1234 8155", "王小丽", "小丽电子", "沙井做过三年", "急招普工",
    "小丽的简历", "203.0.113.7", "深圳市甲电子厂", "备注里的话", "xiaoli@example.com", "小丽的证明",
    "抄了我的文章", "著作权人小丽", "怎样同意的话", "小丽搜过的词",
]  # fmt: skip


def paper(name: str, used_for: str) -> PrivateFile:
    return private.keep(samples.named(samples.PDF, name), used_for)


def everything() -> str:
    """Return all rows of all tables, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            rows += [repr(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def left() -> list[str]:
    told = everything()
    return [word for word in PERSONAL if word in told]


@pytest.fixture
def people_of_the_number() -> None:
    """An application and a ticket of one number, with all that can be known of its owner."""
    lead = cast.application(
        "王小丽", phone=NUMBER, company="小丽电子", experience="沙井做过三年",
        message="急招普工", job_type="普工", search_words="小丽搜过的词",
        cv=paper("小丽的简历.pdf", CV),
    )  # fmt: skip
    notice = cast.notice()
    Consent.objects.create(enquiry=lead, notice=notice, address="203.0.113.7")
    with transaction.atomic():
        lead = Enquiry.objects.select_for_update().get()
        by = cast.amin()
        verbs.note(lead, "备注里的话", by)
        consent = verbs.record_consent(lead, "深圳市甲电子厂", "怎样同意的话", by)
        verbs.forward(lead, consent, by)
        verbs.plan_call(lead, timezone.now() + timedelta(days=1), by)
    ticket = cast.ticket(
        "抄了我的文章", phone=NUMBER, name="王小丽", organisation="小丽电子",
        email="xiaoli@example.com", right="著作权人小丽", proof=paper("小丽的证明.pdf", PROOF),
    )  # fmt: skip
    ticket_verbs.reject(ticket, by, "备注里的话")
    ticket_verbs.answer(ticket, by, "备注里的话")
    target = DeliveryTarget.objects.create(name="业务组", address="a@example.com")
    for subject in (lead, ticket):
        Delivery.objects.create(topic="enquiry", subject=subject, target=target)


@pytest.mark.usefixtures("people_of_the_number")
def test_everything_about_a_person_is_there_before_and_nothing_after(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    # The number is stored as +86138…; how it is read aloud stands nowhere.
    assert left() == [word for word in PERSONAL if word != "138 1234 8155"]
    stored = [file.file.path for file in PrivateFile.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        assert people.erase(NUMBER, cast.laochen(), "本人来电要求") == (2, 0)
    assert left() == []
    assert not PrivateFile.objects.exists()
    assert len(stored) == 2
    assert not any(map(exists, stored))


def exists(path: str) -> bool:
    return Path(path).exists()


@pytest.mark.usefixtures("people_of_the_number")
def test_what_stays_says_when_and_how_it_ended_and_names_nobody() -> None:
    people.erase(NUMBER, cast.laochen(), "本人来电要求")
    lead = Enquiry.objects.get()
    assert (lead.status, lead.next_call_at) == (Enquiry.Status.LOST, None)
    assert lead.job is not None
    assert lead.phone_key == phone_key(NUMBER)
    assert lead.consents.count() == 2
    assert list(lead.forwardings.values_list("recipient", flat=True)) == [""]
    assert lead.events.latest("pk").text == "本人要求清除"
    ticket = Ticket.objects.get()
    assert ticket.decision == Ticket.Decision.REJECT
    assert ticket.entries.latest("pk").kind == TicketEntry.Kind.ERASED
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped"}
    act = PrivacyAct.objects.get()
    assert (act.act, act.count, act.phone_key) == ("erased", 2, phone_key(NUMBER))


@pytest.mark.usefixtures("people_of_the_number")
def test_erasing_twice_finds_nothing_more() -> None:
    assert people.erase(NUMBER, cast.laochen(), "本人要求") == (2, 0)
    assert people.erase(NUMBER, cast.laochen(), "再来一次") == (0, 0)
    assert EnquiryEvent.objects.filter(kind="erased").count() == 1


def test_others_keep_theirs() -> None:
    cast.enquiry("王小丽", phone=NUMBER)
    other = cast.enquiry("李先生", message="急招普工")
    people.erase(NUMBER, cast.laochen(), "本人要求")
    other.refresh_from_db()
    assert (other.name, other.message, other.erased_at) == ("李先生", "急招普工", None)


def test_a_ticket_that_waits_for_its_answer_is_not_erased_by_wish() -> None:
    cast.ticket(phone=NUMBER)
    assert people.erase(NUMBER, cast.laochen(), "本人要求") == (0, 1)
    assert people.look_up(NUMBER, cast.laochen()).waiting == [Ticket.objects.get()]


def test_a_reason_with_a_number_in_it_is_kept_without() -> None:
    cast.enquiry(phone=NUMBER)
    people.erase(NUMBER, cast.laochen(), "机主 13812348155 来电")
    assert "13812348155" not in everything()


def test_a_lead_that_was_erased_meanwhile_takes_no_more_words() -> None:
    lead = cast.enquiry(phone=NUMBER)
    people.erase(NUMBER, cast.laochen(), "本人要求")
    with pytest.raises(ValidationError):
        verbs.note(Enquiry.objects.get(pk=lead.pk), "还想写", cast.amin())


# --- By the clock --------------------------------------------------------------------------------------


def kept_until(days: int, **fields: Any) -> Enquiry:
    return cast.enquiry(keep_until=timezone.localdate() + timedelta(days=days), **fields)


def test_the_night_erases_what_has_been_kept_long_enough() -> None:
    old, last_day, young = kept_until(-1), kept_until(0), kept_until(1)
    ticket = cast.ticket(keep_until=timezone.localdate() - timedelta(days=1))
    assert not erasing.run(timezone.now())
    erased = set(Enquiry.objects.exclude(erased_at=None).values_list("pk", flat=True))
    assert erased == {old.pk}
    assert {last_day.pk, young.pk}.isdisjoint(erased)
    ticket.refresh_from_db()
    assert ticket.erased_at is not None
    assert not erasing.run(timezone.now())


def test_a_night_goes_on_where_the_last_one_was_cut_off(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(erasing, "BATCH", 3)
    monkeypatch.setattr(erasing, "let_others_write", lambda: None)
    for _ in range(7):
        kept_until(-1)
    with django_assert_max_num_queries(35):
        assert erasing.run(timezone.now())
    assert Enquiry.objects.exclude(erased_at=None).count() == 3
    assert erasing.run(timezone.now())
    assert not erasing.run(timezone.now())
    assert Enquiry.objects.exclude(erased_at=None).count() == 7


def test_the_key_goes_when_nobody_has_to_be_shown_any_more() -> None:
    lead = kept_until(-1, phone=NUMBER)
    now = timezone.now()
    erasing.run(now)
    erasing.run(now + erasing.LEDGER - timedelta(days=1))
    lead.refresh_from_db()
    assert lead.phone_key
    erasing.run(now + erasing.LEDGER + timedelta(days=1))
    lead.refresh_from_db()
    assert not lead.phone_key


@pytest.mark.usefixtures("people_of_the_number")
def test_a_name_in_the_reason_stands_in_one_place_until_the_ledger_ends() -> None:
    people.erase(NUMBER, cast.laochen(), "王小丽本人来信")
    assert left() == ["王小丽"]
    assert PrivacyAct.objects.get().text == "王小丽本人来信"
    now = timezone.now()
    erasing.run(now + erasing.LEDGER - timedelta(days=1))
    assert left() == ["王小丽"]
    # A list that was exported has no key.
    PrivacyAct.objects.create(act="export_list", text="电话已打码：王小丽要的")
    erasing.run(now + erasing.LEDGER + timedelta(days=1))
    assert left() == []


def test_the_notices_tell_that_a_key_outlives_erasing_and_how_long() -> None:
    assert timedelta(days=3 * 365) == erasing.LEDGER
    for notice in PrivacyNotice.objects.filter(purpose="handling"):
        assert "清除后三年内保留电话号码的加密标识" in notice.text, notice
        assert "与您无关" not in notice.text


def test_the_journal_of_acts_ends_its_ledger_too() -> None:
    people.look_up(NUMBER, cast.laochen())
    now = timezone.now()
    erasing.run(now + erasing.LEDGER - timedelta(days=1))
    assert PrivacyAct.objects.get().phone_key == phone_key(NUMBER)
    erasing.run(now + erasing.LEDGER + timedelta(days=1))
    assert PrivacyAct.objects.get().phone_key == ""


def test_a_file_of_a_night_that_fails_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.application(cv=paper("简历.pdf", CV), keep_until=timezone.localdate() - timedelta(days=1))

    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(erasing, "_forget", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        erasing.run(timezone.now())
    assert Enquiry.objects.get().erased_at is None
    assert exists(PrivateFile.objects.get().file.path)


# --- Handing out ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("people_of_the_number")
def test_a_person_gets_all_there_is_about_them() -> None:
    told = people.export(NUMBER, cast.laochen(), "json").decode()
    for word in PERSONAL:
        if word != "13812348155":
            assert word in told, word
    assert told.count("备注里的话") == 3
    assert "阿敏" not in told
    assert PrivacyAct.objects.get().act == PrivacyAct.Act.EXPORTED
    people.erase(NUMBER, cast.laochen(), "本人要求")
    assert people.export(NUMBER, cast.laochen(), "json").decode() == "[]"


def test_several_consents_and_forwardings_are_all_handed_out() -> None:
    cast.application(phone=NUMBER)
    by = cast.amin()
    with transaction.atomic():
        lead = Enquiry.objects.select_for_update().get()
        for client in ("深圳市甲电子厂", "深圳市乙电子厂"):
            verbs.forward(lead, verbs.record_consent(lead, client, "电话里", by), by)
    for kind in ("json", "xlsx"):
        content = people.export(NUMBER, cast.laochen(), kind)
        told = content.decode() if kind == "json" else sheet(content)
        for client in ("深圳市甲电子厂", "深圳市乙电子厂"):
            assert told.count(client) == 3, (kind, client)  # consent, forwarding, what was noted


def sheet(content: bytes) -> str:
    page = load_workbook(BytesIO(content)).active
    assert page is not None
    return "\n".join(str(cell) for row in page.iter_rows(values_only=True) for cell in row)
