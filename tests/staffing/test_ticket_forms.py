"""Complaints and takedown requests: a number, a deadline, a message to colleagues."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from portal.cms.delivery.models import Delivery
from portal.cms.delivery.topics import topic_of
from portal.cms.private.models import PrivateFile
from staffing.models import Form, FormPolicy, SpecialDay, Ticket
from tests import cast
from tests.staffing import visitors
from tests.staffing.visitors import TICKET, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def takedown(page: str, **typed: str) -> dict[str, str]:
    return {
        "page": page,
        "right": "我是作者",
        "statement": "没有授权。",
        "name": "赵先生",
        "email": "zhao@example.com",
        **typed,
    }


def test_a_complaint_becomes_a_ticket(visitor: Client) -> None:
    visitors.somebody_to_tell()
    job = cast.job()
    response = send(visitor, f"/complaint/?from={job.get_absolute_url()}", TICKET)
    assert response.status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.kind, ticket.page, ticket.item) == ("complaint", job.get_absolute_url(), job)
    assert ticket.phone == "+8613712345678"
    assert ticket.notice == cast.notice("complaint")
    assert [entry.kind for entry in ticket.entries.all()] == ["received"]
    assert Delivery.objects.about(ticket).count() == 1
    thanks = visitor.get(response["Location"]).text
    assert ticket.number in thanks
    assert "押金" not in thanks


def test_a_request_names_the_page_as_the_browser_shows_it(visitor: Client) -> None:
    article = cast.article()
    address = f"http://127.0.0.1:8000{article.get_absolute_url()}?utm=wechat#top"
    assert send(visitor, "/takedown/", takedown(address)).status_code == 303
    ticket = Ticket.objects.get()
    assert (ticket.page, ticket.item) == (article.get_absolute_url(), article)


@pytest.mark.parametrize(
    "page", ["", "https://example.com/articles/1/", "//example.com/", "/no/such/", "/admin/", "x y"]
)
def test_what_is_no_page_of_ours_cannot_be_taken_down(visitor: Client, page: str) -> None:
    response = send(visitor, "/takedown/", takedown(page))
    assert response.status_code == 422
    assert 'id="id_page_error"' in response.text
    assert not Ticket.objects.exists()


def test_who_complains_can_be_answered(visitor: Client) -> None:
    response = send(visitor, "/complaint/", {"statement": "有人收费。"})
    assert response.status_code == 422
    assert "电话和邮箱请至少填一个" in response.text
    by_mail = {"statement": "有人收费。", "email": "a@example.com"}
    assert send(visitor, "/complaint/", by_mail).status_code == 303


def test_it_is_due_by_working_days(visitor: Client) -> None:
    FormPolicy.objects.filter(form=Form.TAKEDOWN).update(reply_working_days=2)
    for day in (5, 6, 7):
        cast.special_day(date(2026, 10, day))
    cast.special_day(date(2026, 10, 10), SpecialDay.Kind.WORK, "调休上班")
    # A Sunday; Monday to Wednesday rest, Thursday and Friday work.
    with time_machine.travel(timezone.make_aware(datetime(2026, 10, 4, 10))):
        send(visitor, "/takedown/", takedown("/articles/"))
    assert Ticket.objects.get().due_on == date(2026, 10, 9)


def test_the_proof_is_kept_privately(visitor: Client) -> None:
    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n")
    send(visitor, "/takedown/", {**takedown("/articles/"), "proof": paper})
    assert Ticket.objects.get().proof == PrivateFile.objects.get(used_for="proof")


def test_a_program_is_no_proof(visitor: Client) -> None:
    program = SimpleUploadedFile("证明.pdf", b"MZ\x90\x00 a program")
    response = send(visitor, "/takedown/", {**takedown("/articles/"), "proof": program})
    assert response.status_code == 422
    assert 'id="id_proof_error"' in response.text
    assert "重新选一次" in response.text
    assert not Ticket.objects.exists()
    assert not PrivateFile.objects.exists()


def test_the_button_pressed_twice_is_one_ticket(visitor: Client) -> None:
    html = visitor.get("/complaint/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **TICKET}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        first, second = (visitor.post("/complaint/", data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("slug", ["complaint", "takedown"])
def test_the_words_of_editors_stand_above_the_form(client: Client, slug: str) -> None:
    assert "工作日内答复您" in client.get(f"/{slug}/").text
    cast.page(slug, "怎样投诉", summary="说清楚时间和地点。", body="<p>先看看防骗提示。</p>")
    text = client.get(f"/{slug}/").text
    assert "<h1>怎样投诉</h1>" in text
    assert "说清楚时间和地点。" in text
    assert "<p>先看看防骗提示。</p>" in text
    assert 'name="statement"' in text


def test_the_message_says_nothing_of_the_person(visitor: Client) -> None:
    send(visitor, "/complaint/", {**TICKET, "name": "赵先生"})
    ticket = Ticket.objects.get()
    topic = topic_of("ticket")
    assert topic is not None
    text = topic.render([ticket]).text()
    assert ticket.number in text
    for secret in ("赵先生", "13712345678", "押金"):
        assert secret not in text
