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
from staffing.privacy.erasing import erase_tickets
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
    ("typed", "page"),
    [
        ("http://LocalHost/services/", "/services/"),
        ("localhost/services/", "/services/"),
        ("http://localhost:8000/articles/tag/%E5%8A%B3%E5%8A%A8/", "/articles/tag/劳动/"),
        ("http://127.0.0.1:8000/articles/tag/" + "%E5%8A%B3" * 150 + "/", None),
        ("/media/2026/11/0a1b-large.webp", "/media/2026/11/0a1b-large.webp"),
        ("http://127.0.0.1:8000/media/2026/0a1b.jpg?v=1", "/media/2026/0a1b.jpg"),
    ],
)
def test_an_address_may_be_written_as_people_copy_it(
    visitor: Client, typed: str, page: str | None
) -> None:
    response = send(visitor, "/takedown/", takedown(typed))
    assert response.status_code == 303
    assert Ticket.objects.get().page == (page or "/articles/tag/" + "劳" * 150 + "/")


@pytest.mark.parametrize(
    "page",
    [
        "/media/",
        "/media/x y.jpg",
        "/media/" + "a" * 300,
        "/media/../admin/",
        "/media/a/../../admin/",
        "/static/site.css",
    ],
)
def test_what_is_no_file_of_ours_is_refused(visitor: Client, page: str) -> None:
    assert send(visitor, "/takedown/", takedown(page)).status_code == 422


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


@pytest.mark.parametrize("email", ["a" * 60 + "@" + "b" * 60 + ".example.com" * 17, "a@b\0.com"])
def test_an_address_that_is_too_long_is_refused_at_its_box(visitor: Client, email: str) -> None:
    response = send(visitor, "/complaint/", {"statement": "有人收费。", "email": email})
    assert response.status_code == 422
    assert 'id="id_email_error"' in response.text


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


def test_what_is_added_on_the_page_as_it_was_left_is_another_ticket(visitor: Client) -> None:
    html = visitor.get("/complaint/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **TICKET}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        first = visitor.post("/complaint/", data)
        second = visitor.post("/complaint/", {**data, "statement": "还有一件事。"})
    assert first["Location"] != second["Location"]
    assert Ticket.objects.count() == 2


def test_what_is_sent_again_after_it_was_erased_is_another_ticket(visitor: Client) -> None:
    html = visitor.get("/complaint/").text
    typed = {"statement": "有人收费。", "email": "zhao@example.com"}
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **typed}
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        first = visitor.post("/complaint/", data)
        erase_tickets([Ticket.objects.get().pk], None, "本人要求")
        second = visitor.post("/complaint/", data)
    assert first["Location"] != second["Location"]
    assert Ticket.objects.filter(erased_at=None).count() == 1


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


@pytest.mark.parametrize("word", ["13812345678", "http:%2F%2Fevil.example%2F领奖"])
def test_nor_does_it_repeat_the_address_that_was_typed(visitor: Client, word: str) -> None:
    """Any word may be the name of a page: it would be a number, or a link, in the colleagues' chat."""
    send(visitor, "/complaint/", {**TICKET, "page": f"/articles/tag/{word}/"})
    article = cast.article("怎样签合同")
    send(visitor, "/complaint/", {**TICKET, "page": article.get_absolute_url()})
    topic = topic_of("ticket")
    assert topic is not None
    text = topic.render(list(Ticket.objects.all())).text()
    assert "本站页面" in text
    assert "怎样签合同" in text
    assert "13812345678" not in text
    assert "evil" not in text
