"""投诉与下架: decided with a reason, and a page that is taken down is gone at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.publishing import Status
from portal.cms.revisions.models import Revision
from staffing.models import Ticket, TicketEntry
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/ticket/"
Kind = TicketEntry.Kind


def about(item: Any, **fields: Any) -> Ticket:
    return cast.ticket(item=item, page=item.get_absolute_url(), **fields)


def press(client: Client, ticket: Ticket, verb: str, text: str = "已核实，对方有权利证明。") -> Any:
    data = {**values(client.get(form_of(ticket))), "text": text, verb: "1"}
    return client.post(form_of(ticket), data, follow=True)


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.entries.order_by("at", "pk").values_list("kind", flat=True))


# --- The list -----------------------------------------------------------------------------------------


def test_what_is_due_first_stands_first_and_what_is_overdue_says_so(chief: Client) -> None:
    today = timezone.localdate()
    for days in (3, -2, 0):
        cast.ticket(organisation=f"{days}天", due_on=today + timedelta(days=days))
    rows = chief.get(LIST).context["cl"].result_list
    assert [row.organisation for row in rows] == ["-2天", "0天", "3天"]
    html = chief.get(LIST).content.decode()
    assert "逾期" in html
    assert "还有 3 天" in html
    assert english_in(html, ["laozhou", *(row.number[3:] for row in rows)]) == []


def test_closed_tickets_are_out_of_the_way(chief: Client) -> None:
    done = {"status": Ticket.Status.CLOSED, "decision": Ticket.Decision.REJECT}
    cast.ticket(organisation="结了的", **done)
    assert not chief.get(LIST).context["cl"].result_count
    assert chief.get(f"{LIST}?status=all").context["cl"].result_count == 1
    assert chief.get(f"{LIST}?status=closed").context["cl"].result_count == 1
    assert chief.get(f"{LIST}?q=结了的").context["cl"].result_count == 1


# --- 下架 ------------------------------------------------------------------------------------------------


def test_a_page_that_is_taken_down_is_gone_everywhere_at_once(chief: Client) -> None:
    article = cast.article("转载来的派遣文章", tags=("派遣",))
    ticket, address = about(article), article.get_absolute_url()
    visitor = Client()
    seen = ["/articles/", "/search/?q=转载来的派遣文章", "/sitemap.xml", "/"]
    for page in ("/articles/", "/search/?q=转载来的派遣文章"):
        assert address in visitor.get(page).content.decode(), page
    assert visitor.get(address).status_code == 200
    assert "已下架" in said(press(chief, ticket, "take_down"))
    gone = visitor.get(address)
    assert gone.status_code == 410
    assert "application/ld+json" not in gone.content.decode()
    for page in seen:
        assert address not in visitor.get(page).content.decode(), page
    assert fresh(ticket).decision == Ticket.Decision.TAKEDOWN
    assert fresh(article).status == Status.WITHDRAWN
    entry = ticket.entries.get()
    assert (entry.kind, entry.by) == (Kind.DECIDED, cast.laozhou())
    assert "有权利证明" in entry.text
    assert Revision.objects.about(article).filter(event="withdrawn").exists()


def test_a_decision_is_undone_and_the_page_comes_back(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    press(chief, ticket, "take_down")
    press(chief, ticket, "answer", "邮件答复")
    assert "处理已撤销" in said(press(chief, ticket, "undo", "对方撤回了请求"))
    now = fresh(ticket)
    assert (now.decision, now.status) == (Ticket.Decision.NONE, Ticket.Status.OPEN)
    assert Client().get(article.get_absolute_url()).status_code == 200
    assert kinds(ticket) == [Kind.DECIDED, Kind.ANSWERED, Kind.UNDONE]


def test_who_may_not_publish_it_hands_the_ticket_over(staff: Client) -> None:
    article = cast.article()
    ticket = about(article)
    assert "下架这篇内容" not in staff.get(form_of(ticket)).content.decode()
    answer = press(staff, ticket, "take_down", "写了一半的理由")
    html = answer.content.decode()
    assert "交给有权限的同事" in html
    assert "写了一半的理由" in html
    assert fresh(article).status == Status.PUBLISHED
    assert not ticket.entries.exists()


def test_staff_take_down_their_own_jobs_and_not_bring_back_articles(
    staff: Client, chief: Client
) -> None:
    job = cast.job()
    ticket = about(job)
    press(staff, ticket, "take_down")
    assert Client().get(job.get_absolute_url()).status_code == 410
    article = cast.article()
    other = about(article)
    press(chief, other, "take_down")
    press(staff, other, "undo", "我觉得可以")
    assert fresh(article).status == Status.WITHDRAWN


def test_what_is_no_item_or_is_not_public_is_not_taken_down(owner: Client) -> None:
    loose = cast.ticket(page="/jobs/")
    assert "没有认出" in press(owner, loose, "take_down").content.decode()
    hidden = about(cast.draft())
    assert "没有发布" in press(owner, hidden, "take_down").content.decode()
    lost = about(cast.article())
    Article.objects.all().delete()
    assert "没有认出" in press(owner, lost, "take_down").content.decode()
    assert not TicketEntry.objects.exists()


def test_a_decision_and_its_page_go_together_or_not_at_all(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.cms.revisions import actions

    ticket = about(cast.article())

    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "withdraw", fail)
    with pytest.raises(RuntimeError):
        press(owner, ticket, "take_down")
    assert fresh(ticket).decision == Ticket.Decision.NONE
    assert not ticket.entries.exists()


# --- 更正, 不成立, 答复, 结案 --------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "decision"), [("correct", "correct"), ("reject", "reject")])
def test_a_ticket_is_decided_answered_and_closed(chief: Client, verb: str, decision: str) -> None:
    ticket = cast.ticket()
    press(chief, ticket, verb, "核对了原文。")
    assert fresh(ticket).decision == decision
    press(chief, ticket, "answer", "已发邮件说明。")
    press(chief, ticket, "close", "")
    assert fresh(ticket).status == Ticket.Status.CLOSED
    assert kinds(ticket) == [Kind.DECIDED, Kind.ANSWERED, Kind.CLOSED]
    html = chief.get(form_of(ticket)).content.decode()
    assert "核对了原文。" in html
    assert english_in(html, ["laozhou", "zhao", "example.com", ticket.number[3:]]) == []


@pytest.mark.parametrize("verb", ["note", "correct", "reject", "take_down", "answer", "undo"])
def test_nothing_is_done_without_words(owner: Client, verb: str) -> None:
    ticket = about(cast.article())
    press(owner, ticket, verb, "   ")
    assert not ticket.entries.exists()
    assert fresh(ticket).status == Ticket.Status.OPEN


@pytest.mark.parametrize("verb", ["answer", "close", "undo"])
def test_what_is_not_decided_is_not_answered(chief: Client, verb: str) -> None:
    ticket = cast.ticket()
    html = press(chief, ticket, verb, "已经说了").content.decode()
    assert "errorlist" in html
    assert "已经说了" in html
    assert not ticket.entries.exists()


def test_a_second_decision_is_refused_until_the_first_is_undone(chief: Client) -> None:
    ticket = cast.ticket()
    press(chief, ticket, "reject")
    assert "请先撤销" in press(chief, ticket, "correct").content.decode()
    assert fresh(ticket).decision == Ticket.Decision.REJECT


def test_of_two_colleagues_who_claim_the_second_is_told(chief: Client, staff: Client) -> None:
    ticket = cast.ticket()
    claim = f"{LIST}{ticket.pk}/claim/"
    chief.post(claim)
    assert "老周已经在处理" in said(staff.post(claim, follow=True))
    assert fresh(ticket).owner == cast.laozhou()
    assert kinds(ticket) == [Kind.OWNER]


def test_notes_hold_no_numbers(chief: Client) -> None:
    ticket = cast.ticket(statement="请打 13812348155", email="13812348155@example.com")
    press(chief, ticket, "note", "打了 13812348155")
    html = chief.get(form_of(ticket)).content.decode()
    assert "13812348155" not in html
    assert "138****8155" in html


def test_an_erased_ticket_takes_nothing_more(chief: Client) -> None:
    ticket = cast.ticket()
    blank = dict.fromkeys(["name", "organisation", "phone", "email", "statement", "right"], "")
    Ticket.objects.update(erased_at=timezone.now(), **blank)
    assert "只记备注" not in chief.get(form_of(ticket)).content.decode()
    chief.post(form_of(ticket), {"note": "1", "text": "还想写"})
    assert not ticket.entries.exists()


def test_a_ticket_that_is_not_there(chief: Client) -> None:
    assert chief.get(f"{LIST}99999/change/").status_code in (302, 404)
    assert chief.post(f"{LIST}99999/claim/").status_code == 404
    assert chief.get(f"{LIST}{cast.ticket().pk}/claim/").status_code == 405
