"""Programs and floods: asked, slowed down, folded; and nobody is lost, and nothing leaks."""

from __future__ import annotations

import logging
import re
import threading
import traceback
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.deadlocks import DEADLOCK
from portal.cms.delivery.claiming import claim
from portal.cms.delivery.models import Delivery
from portal.cms.delivery.topics import topic_of
from portal.cms.media.admission import UploadError
from staffing.enquiries import receiving
from staffing.incoming import turns
from staffing.incoming.token import DIGITS
from staffing.models import Enquiry, EnquiryEvent, FormPolicy
from staffing.privacy.erasing import erase_enquiries
from tests import cast
from tests.staffing import visitors
from tests.staffing.visitors import APPLICATION, CALL_BACK, COMPANY, send

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAPER = b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n"


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def the_answer(html: str) -> str:
    found = re.search(r"(.)加(.)等于几？", html)
    assert found is not None
    return str(DIGITS.index(found[1]) + DIGITS.index(found[2]))


def again(visitor: Client, address: str, response: Any, **typed: str) -> Any:
    """Send what came back once more, as it stands but for what is typed."""
    data = visitors.typed_in(response.text)
    return visitor.post(address, {**data, **visitors.agreeing(response.text), **typed})


def send_as_asked(visitor: Client, address: str, typed: dict[str, Any]) -> Any:
    """Send a form, and answer the question if one is asked."""
    response = send(visitor, address, typed)
    if response.status_code != 422:
        return response
    return again(visitor, address, response, **typed, answer=the_answer(response.text))


# --- The question -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ({}, 1),
        ({"website": "http://example.com"}, 20),
        ({"message": "http://a http://b www.c.com [url=d]"}, 20),
    ],
    ids=["too fast", "in the trap", "full of links"],
)
def test_what_looks_odd_is_asked_one_question_and_then_taken(
    visitor: Client, typed: dict[str, str], after: float
) -> None:
    asked = send(visitor, "/enquiry/", {**COMPANY, **typed}, after=after)
    assert asked.status_code == 422
    assert re.search(r'<label for="id_answer">.加.等于几？', asked.text)
    assert not Enquiry.objects.exists()
    assert "深圳市示例电子有限公司" in asked.text
    wrong = again(visitor, "/enquiry/", asked, answer="99")
    assert "答案不对" in wrong.text
    assert not Enquiry.objects.exists()
    taken = again(visitor, "/enquiry/", wrong, answer=the_answer(wrong.text))
    assert taken.status_code == 303
    assert Enquiry.objects.get().suspicious is False


def test_the_answer_may_be_a_chinese_numeral(visitor: Client) -> None:
    asked = send(visitor, "/enquiry/", COMPANY, after=1)
    answer = DIGITS[int(the_answer(asked.text))] if int(the_answer(asked.text)) <= 10 else ""
    assert again(visitor, "/enquiry/", asked, answer=answer).status_code == 303


def test_nobody_is_asked_who_fills_it_in_as_people_do(client: Client) -> None:
    assert "等于几" not in client.get("/enquiry/").text


# --- The token --------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "forged", "e30:1abc:xyz"])
def test_without_our_token_it_comes_back_whole(visitor: Client, token: str) -> None:
    response = send(visitor, "/enquiry/", {**COMPANY, "token": token})
    assert response.status_code == 422
    assert "您填的内容都还在" in response.text
    assert not Enquiry.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert again(visitor, "/enquiry/", response).status_code == 303


def test_a_token_of_one_form_opens_no_other(visitor: Client) -> None:
    token = visitors.opened(visitor, "/complaint/")["token"]
    assert send(visitor, "/enquiry/", {**COMPANY, "token": token}).status_code == 422
    assert not Enquiry.objects.exists()


def test_a_page_left_open_overnight_keeps_what_was_typed(visitor: Client) -> None:
    response = send(visitor, "/enquiry/", COMPANY, after=13 * 3600)
    assert response.status_code == 422
    assert "王女士" in response.text
    # And who presses again at once is not taken for a program.
    with time_machine.travel(timezone.now() + timedelta(hours=13, seconds=1)):
        assert again(visitor, "/enquiry/", response).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_has_a_browser_send_is_asked_a_question(
    visitor: Client, headers: dict[str, str]
) -> None:
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        asked = visitor.post("/enquiry/", data, headers=headers)
        assert asked.status_code == 422
        assert "等于几" in asked.text
        assert not Enquiry.objects.exists()
        data = {**visitors.typed_in(asked.text), **visitors.agreeing(asked.text)}
        data["answer"] = the_answer(asked.text)
        assert visitor.post("/enquiry/", data, headers=headers).status_code == 303


# --- Sent twice -------------------------------------------------------------------------------------


def test_the_button_pressed_twice_is_one_lead(visitor: Client) -> None:
    visitors.somebody_to_tell()
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        first, second = (visitor.post("/enquiry/", data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Enquiry.objects.count() == Delivery.objects.count() == 1


def test_the_same_text_within_a_day_is_one_lead(visitor: Client) -> None:
    send(visitor, "/enquiry/", COMPANY)
    send(visitor, "/enquiry/", COMPANY, after=60)
    assert Enquiry.objects.count() == 1
    send(visitor, "/enquiry/", {**COMPANY, "message": "还要五个质检"}, after=90)
    assert Enquiry.objects.count() == 2
    send(visitor, "/enquiry/", COMPANY, after=25 * 3600 - 3600 * 13.5)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        send(visitor, "/enquiry/", COMPANY)
    assert Enquiry.objects.count() == 3


def test_what_is_corrected_and_sent_from_the_page_as_it_was_left_is_news(visitor: Client) -> None:
    visitors.somebody_to_tell()
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        wrong = visitor.post("/enquiry/", data)
        right = visitor.post("/enquiry/", {**data, "phone": "13900000001"})
    assert wrong["Location"] != right["Location"]
    assert set(Enquiry.objects.values_list("phone", flat=True)) == {
        "+8613812348155",
        "+8613900000001",
    }
    assert Delivery.objects.count() == 2


def test_who_asks_again_after_somebody_has_called_is_heard_again(visitor: Client) -> None:
    visitors.somebody_to_tell()
    send(visitor, "/enquiry/call-back/", CALL_BACK)
    Enquiry.objects.update(status=Enquiry.Status.CONTACTED)
    send(visitor, "/enquiry/call-back/", CALL_BACK, after=3600)
    assert Enquiry.objects.count() == Delivery.objects.count() == 2


@pytest.mark.parametrize("seen_to", ["called", "erased"])
def test_nor_is_it_lost_when_sent_from_the_page_as_it_was_left(
    visitor: Client, seen_to: str
) -> None:
    visitors.somebody_to_tell()
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        first = visitor.post("/enquiry/", data)
    for _ in range(2):
        if seen_to == "called":
            Enquiry.objects.update(status=Enquiry.Status.CONTACTED)
        else:
            erase_enquiries([lead.pk for lead in Enquiry.objects.all()], None, "本人要求")
        with time_machine.travel(timezone.now() + timedelta(hours=6)):
            later, pressed_twice = (visitor.post("/enquiry/", data) for _ in range(2))
        assert later.status_code == 303
        assert later["Location"] == pressed_twice["Location"] != first["Location"]
    assert Enquiry.objects.count() == Delivery.objects.count() == 3
    assert Enquiry.objects.filter(erased_at=None, status=Enquiry.Status.NEW).count() == 1


def test_what_was_left_out_the_first_time_is_taken_the_second(visitor: Client) -> None:
    """The same words, and now with a CV; with another one; with consent to hand them on."""
    policy("application", per_address_hour=99)
    job = cast.job(client_name="深圳市示例电子有限公司")
    address = f"/jobs/{job.pk}/apply/"
    boxes = re.search(r'name="forward" value="([^"]+)"', visitor.get(address).text)
    assert boxes is not None
    more: list[dict[str, Any]] = [
        {},
        {"cv": SimpleUploadedFile("简历.pdf", PAPER)},
        {"cv": SimpleUploadedFile("简历.pdf", PAPER.replace(b"1 0", b"2 0"))},
        {"forward": boxes[1]},
        {},
    ]
    for n, what in enumerate(more):
        visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}"
        assert send(visitor, address, {**APPLICATION, **what}).status_code == 303
    leads = list(Enquiry.objects.order_by("pk"))
    assert [bool(lead.cv) for lead in leads] == [False, True, True, False]
    assert [lead.consents.count() for lead in leads] == [1, 1, 1, 2]


def test_what_is_folded_uses_up_no_limit(visitor: Client) -> None:
    policy("company", per_phone_day=1, per_address_hour=1)
    for after in range(20, 30):
        assert send(visitor, "/enquiry/", COMPANY, after=after).status_code == 303


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_counts_as_a_try(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one address could keep the site drawing its pictures anew for ever."""
    monkeypatch.setattr(turns, "TRIES", 2)
    job = cast.job()
    drawn = []

    def admitted(file: Any, use: str) -> Any:
        assert not connection.in_atomic_block, "others wait for the lock meanwhile"
        drawn.append(use)
        raise UploadError("只接受 PDF。")

    monkeypatch.setattr("portal.cms.private.admitted", admitted)
    codes = []
    for n in range(3):
        paper = SimpleUploadedFile("简历.pdf", PAPER + bytes([n]))
        codes.append(send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "cv": paper}))
    assert [response.status_code for response in codes] == [422, 422, 429]
    assert "这一次没有收到" in codes[2].text
    assert drawn == ["cv", "cv"]


@pytest.mark.django_db(transaction=True)
def test_who_had_to_yield_to_another_is_stored_the_second_time(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def receive(*args: Any, **options: Any) -> Enquiry:
        calls.append(args)
        if len(calls) == 1:
            deadlock = Exception()
            deadlock.sqlstate = DEADLOCK  # type: ignore[attr-defined]
            raise OperationalError("deadlock detected") from deadlock
        return receiving.receive(*args, **options)

    monkeypatch.setattr("staffing.enquiries.views.receive", receive)
    monkeypatch.setattr("portal.cms.deadlocks.PAUSE", 0)
    assert send(visitor, "/enquiry/", COMPANY).status_code == 303
    assert (len(calls), Enquiry.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_the_same_time_it_is_one_lead() -> None:
    visitor = Client()
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    answers: list[Any] = []
    start = threading.Barrier(4)

    def press() -> None:
        start.wait()
        answers.append(Client().post("/enquiry/", data))
        connection.close()

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        threads = [threading.Thread(target=press) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer["Location"] for answer in answers}) == 1
    assert Enquiry.objects.count() == 1


# --- Limits -----------------------------------------------------------------------------------------


def policy(form: str, **rules: int) -> None:
    FormPolicy.objects.filter(form=form).update(**rules)


def test_one_address_is_asked_and_then_refused_until_the_hour_is_over(visitor: Client) -> None:
    policy("call_back", per_address_hour=3)
    cast.hotline()
    now = timezone.make_aware(datetime(2026, 11, 24, 10, 10))
    with time_machine.travel(now) as clock:
        for n in range(3):
            html = visitor.get("/enquiry/call-back/").text
            data = {**visitors.typed_in(html), **visitors.agreeing(html)}
            data["phone"] = f"1381234{n:04d}"
            clock.shift(20)
            response = visitor.post("/enquiry/call-back/", data)
            if response.status_code == 422:
                response = again(
                    visitor, "/enquiry/call-back/", response, answer=the_answer(response.text)
                )
            assert response.status_code == 303
        html = visitor.get("/enquiry/call-back/").text
        data = {**visitors.typed_in(html), **visitors.agreeing(html), "phone": "13812340009"}
        clock.shift(20)
        refused = visitor.post("/enquiry/call-back/", data)
        assert refused.status_code == 429
        assert "这一次没有收到，请在 11:00 之后再试" in refused.text
        assert 'href="#id_answer"' not in refused.text
        assert "13812340009" in refused.text
        assert 'href="tel:+8675588828155"' in refused.text
        assert 0 < int(refused["Retry-After"]) < 3600
        assert Enquiry.objects.count() == 3
        clock.shift(3600)
        assert send(visitor, "/enquiry/call-back/", {"phone": "13812340010"}).status_code == 303


def test_another_address_is_not_in_the_way(visitor: Client) -> None:
    policy("call_back", per_address_hour=2, per_phone_day=9)
    for n in range(6):
        visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}"
        assert send(visitor, "/enquiry/call-back/", {"phone": f"1381234{n:04d}"}).status_code == 303


def test_one_number_is_taken_a_few_times_a_day(visitor: Client) -> None:
    policy("call_back", per_phone_day=2)
    for n in range(2):
        typed = {**CALL_BACK, "call_when": f"{n + 1} 点"}
        assert send(visitor, "/enquiry/call-back/", typed).status_code == 303
    refused = send(visitor, "/enquiry/call-back/", {**CALL_BACK, "call_when": "三点"})
    assert refused.status_code == 429
    assert "已经提交过 2 次，这一次没有收到，请明天再试" in refused.text


def test_who_looks_for_work_may_try_many_jobs(visitor: Client) -> None:
    for _ in range(10):
        job = cast.job()
        assert send_as_asked(visitor, f"/jobs/{job.pk}/apply/", APPLICATION).status_code == 303


def test_a_dormitory_behind_one_address_is_asked_from_the_fourth_on_and_taken(
    visitor: Client,
) -> None:
    address = f"/jobs/{cast.job().pk}/apply/"
    asked = []
    now = timezone.make_aware(datetime(2026, 11, 24, 20, 5))
    with time_machine.travel(now):
        for n in range(31):
            typed = {**APPLICATION, "phone": f"1391234{n:04d}"}
            response = send(visitor, address, typed)
            asked.append("等于几" in response.text)
            if asked[-1]:
                answer = {**typed, "answer": the_answer(response.text)}
                response = again(visitor, address, response, **answer)
            assert response.status_code == (303 if n < 30 else 429)
    assert asked == [False] * 3 + [True] * 27 + [False]
    assert Enquiry.objects.count() == 30


def test_a_flood_is_stored_and_told_in_one_message_when_the_hour_is_over(
    visitor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    visitors.somebody_to_tell()
    policy("call_back", all_per_hour=1, per_address_hour=99)
    now = timezone.make_aware(datetime(2026, 11, 24, 10, 10))
    with time_machine.travel(now):
        for n in range(45):
            visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}"
            send(visitor, "/enquiry/call-back/", {"phone": f"1381234{n:04d}"})
    suspicious = list(Enquiry.objects.order_by("pk").values_list("suspicious", flat=True))
    assert suspicious == [False, *[True] * 44]
    due = sorted(Delivery.objects.values_list("due_at", flat=True))
    assert due[0] < now + timedelta(minutes=1)
    # After what comes in its first minute.
    assert all(now + timedelta(minutes=50) < at < now + timedelta(minutes=52) for at in due[1:])
    with time_machine.travel(now + timedelta(hours=1)):
        first, second = claim("worker"), claim("worker")
        assert (len(first), len(second)) == (45, 0)
    topic = topic_of("enquiry")
    assert topic is not None
    with django_assert_max_num_queries(3):
        message = topic.render(list(Enquiry.objects.all()))
    assert message.title == "45 条新线索"
    assert len(message.text().encode()) <= 1900


# --- Too large, too busy ----------------------------------------------------------------------------


def test_what_is_too_large_is_not_even_read(visitor: Client) -> None:
    job = cast.job()
    response = visitor.post(
        f"/jobs/{job.pk}/apply/", APPLICATION, headers={"Content-Length": str(7 * 2**20)}
    )
    assert response.status_code == 413
    assert "文件太大" in response.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "words", ["database is locked", "server closed the connection unexpectedly"]
)
def test_while_the_database_is_busy_nothing_typed_is_lost(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    def locked(*args: object, **options: object) -> None:
        raise OperationalError(words)

    monkeypatch.setattr("staffing.enquiries.views.receive", locked)
    response = send(visitor, "/enquiry/", COMPANY)
    assert response.status_code == 503
    assert "王女士" in response.text
    assert "<title>网站正忙，还没有收到。" in response.text
    assert response["Retry-After"] == "60"
    assert f"a form could not be stored: {words}" in caplog.text


# --- What leaks ---------------------------------------------------------------------------------------


def test_no_number_reaches_logs_journals_or_messages(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitors.somebody_to_tell()
    tag = "/articles/tag/13999998888/"
    typed = {"message": "也可以打 13999998888", "source": tag, "landing_page": tag}
    send(visitor, "/enquiry/", {**COMPANY, **typed, "search_words": "找 13999998888"})
    lead = Enquiry.objects.get()
    topic = topic_of("enquiry")
    assert topic is not None
    message = topic.render([lead]).text()
    assert lead.reference in message
    assert "138****8155" in message
    assert lead.page == lead.landing_page == "/articles/tag/139****8888/"
    rows = [str(event) for event in EnquiryEvent.objects.all()]
    rows += [lead.page, lead.landing_page, lead.search_words]
    rows += [str(vars(row)) for row in Delivery.objects.all()]
    rows += [str(vars(row)) for row in LogEntry.objects.all()]
    told = "\n".join([message, *rows, *(str(sent.body) for sent in mail.outbox), caplog.text])
    for secret in ("13812348155", "138 1234 8155", "王女士", "13999998888", "也可以打"):
        assert secret not in told


@pytest.mark.django_db(transaction=True)
def test_a_row_that_breaks_a_rule_does_not_bring_its_number_into_the_log() -> None:
    def store(late: timedelta | None) -> Enquiry:
        raise IntegrityError("Failing row contains (王女士, +8613812348155)")

    with pytest.raises(IntegrityError) as refused:
        turns.store_once(lambda: None, lambda: None, store)

    assert "13812348155" not in "".join(traceback.format_exception(refused.value))


def test_nor_does_the_name_of_another_site_or_a_long_path(visitor: Client) -> None:
    path = "/" + "a".join(["06603381234"] * 16) + "/"
    told = {"referrer_host": "13812345678.com", "source": path, "landing_page": path}
    send(visitor, "/enquiry/", {**COMPANY, **told})
    lead = Enquiry.objects.get()
    assert lead.referrer_host == "138****5678.com"
    assert len(lead.page) == len(lead.landing_page) == 200
    assert "06603381234" not in lead.page


def test_what_is_not_stored_is_told_to_nobody(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors.somebody_to_tell()

    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("the outbox is broken")

    monkeypatch.setattr(receiving, "enqueue", fail)
    with pytest.raises(RuntimeError):
        send(visitor, "/enquiry/", COMPANY)
    assert not Enquiry.objects.exists()
    assert not Delivery.objects.exists()
