"""投诉与下架: decided with a reason, and a page that is taken down is gone at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.preview import Preview
from portal.cms.publishing import State, Status
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import Revision
from staffing.models import Ticket, TicketEntry
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import agree, form_of, fresh, said, values
from tests.desk.forms import press as clicked

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


@pytest.mark.both_databases
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


def test_what_somebody_has_left_behind_is_claimed(chief: Client) -> None:
    gone = cast.person("xiaohong", "小红", "业务")
    ticket = cast.ticket(owner=gone)
    assert "由我处理" not in chief.get(form_of(ticket)).content.decode()
    gone.is_active = False
    gone.save()
    assert "由我处理" in chief.get(form_of(ticket)).content.decode()
    chief.post(f"{LIST}{ticket.pk}/claim/")
    assert fresh(ticket).owner == cast.laozhou()
    chief.post(f"{LIST}{ticket.pk}/claim/")
    assert kinds(ticket) == [Kind.OWNER]


def test_what_is_said_of_a_page_is_true_of_a_job_and_of_what_is_not_live_yet(
    owner: Client,
) -> None:
    for item in (cast.job(), cast.article(**cast.live(-60))):
        ticket = about(item)
        words = owner.get(form_of(ticket)).content.decode() + said(
            press(owner, ticket, "take_down")
        )
        assert "访客打不开这个页面了" in words
        assert "这篇内容" not in words


def test_a_number_that_is_searched_for_stands_in_no_address(staff: Client) -> None:
    number = "+8613812348155"
    ticket = cast.ticket(phone=number, status="closed", decision="reject")
    cast.ticket()
    assert 'method="post" role="search"' in staff.get(LIST).content.decode()
    answer = staff.post(LIST, {"q": "138 1234 8155"})
    assert "8155" not in answer["Location"]
    assert list(staff.get(answer["Location"]).context["cl"].result_list) == [ticket]
    by_number = staff.post(LIST, {"q": ticket.number})
    assert list(staff.get(by_number["Location"]).context["cl"].result_list) == [ticket]


# --- 下架 ------------------------------------------------------------------------------------------------


def test_a_page_that_is_taken_down_is_gone_everywhere_at_once(chief: Client) -> None:
    article = cast.article("转载来的派遣文章", tags=("派遣",))
    ticket, address = about(article), article.get_absolute_url()
    visitor = Client()
    seen = ["/articles/", "/search/?q=转载来的派遣文章", "/sitemap/", "/"]
    for page in seen:
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
    assert kinds(ticket) == [Kind.DECIDED, Kind.ANSWERED, Kind.UNDONE, Kind.NOTE]


def draft_of(article: Article, client: Client, words: str) -> None:
    """Write a change of a published article that nobody has released."""
    clicked(client, form_of(article), "_save", body=f"<p>{words}</p>")


def undone(client: Client, ticket: Ticket) -> str:
    """Undo a decision; return what is said of it, which stands in the journal too."""
    words = said(press(client, ticket, "undo", "对方撤回了请求"))
    assert "处理已撤销" in words
    now = fresh(ticket)
    assert (now.decision, now.status) == (Ticket.Decision.NONE, Ticket.Status.OPEN)
    assert ticket.entries.latest("pk").text in words
    return words


def test_undoing_says_that_the_page_is_back(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    press(chief, ticket, "take_down")
    assert "已重新发布" in undone(chief, ticket)
    assert fresh(article).is_public


def test_undoing_publishes_no_text_that_nobody_has_released(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    draft_of(article, chief, "还没有人看过的修改")
    press(chief, ticket, "take_down")
    assert "下架时有未发布的修改" in undone(chief, ticket)
    assert fresh(article).status == Status.WITHDRAWN
    assert "还没有人看过的修改" in fresh(article).body  # nothing of it is lost


def test_a_change_that_was_released_or_thrown_away_hinders_nothing(chief: Client) -> None:
    for button in ("_publish", "_discard"):
        article = cast.article()
        ticket = about(article)
        draft_of(article, chief, "改过的话")
        agree(chief, form_of(article), button)
        press(chief, ticket, "take_down")
        assert "已重新发布" in undone(chief, ticket), button


def test_undoing_publishes_nothing_that_was_changed_meanwhile(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    press(chief, ticket, "take_down")
    clicked(chief, form_of(article), "_save", body="<p>下架以后写的。</p>")
    assert "下架以后有同事改动过" in undone(chief, ticket)
    assert fresh(article).status == Status.WITHDRAWN


def test_undoing_brings_nothing_back_that_was_withdrawn_for_another_reason(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    press(chief, ticket, "take_down")
    with transaction.atomic():
        item = Article.objects.select_for_update().get()
        actions.publish(item, cast.laozhou())
        actions.withdraw(item, cast.laozhou())
    assert "下架以后有同事改动过" in undone(chief, ticket)
    assert fresh(article).status == Status.WITHDRAWN


def test_undoing_is_no_way_round_the_rules(owner: Client) -> None:
    job = cast.job(pay_min="23.50")
    ticket = about(job)
    press(owner, ticket, "take_down")
    cast.wage(monthly="9000.00", hourly="99.00")
    assert "没有重新发布" in undone(owner, ticket)
    assert fresh(job).status == Status.WITHDRAWN


def test_a_wrong_decision_does_not_stand_for_a_page_that_is_over_or_gone(owner: Client) -> None:
    over = cast.article(expire_at=timezone.now() + timedelta(hours=1))
    ticket = about(over)
    press(owner, ticket, "take_down")
    Article.objects.update(expire_at=timezone.now() - timedelta(minutes=1), go_live_at=None)
    assert "没有重新发布" in undone(owner, ticket)
    gone = cast.article()
    other = about(gone)
    press(owner, other, "take_down")
    gone.delete()
    assert "已经删除" in undone(owner, other)


def test_what_was_not_live_yet_is_scheduled_again(owner: Client) -> None:
    article = cast.article(**cast.live(-60))
    ticket = about(article)
    press(owner, ticket, "take_down")
    assert fresh(article).status == Status.DRAFT
    assert "已重新发布" in undone(owner, ticket)
    assert fresh(article).state == State.SCHEDULED


def test_a_shared_look_at_what_was_taken_down_is_good_no_longer(chief: Client) -> None:
    article = cast.article()
    ticket = about(article)
    with transaction.atomic():
        look = Preview.objects.keep(Article, article.pk, content_of(article), cast.laozhou())
    look.share()
    visitor = Client()
    assert visitor.get(look.get_absolute_url()).status_code == 200
    assert "预览也打不开" in chief.get(form_of(ticket)).content.decode()
    press(chief, ticket, "take_down")
    assert visitor.get(look.get_absolute_url()).status_code == 404


def test_a_long_title_cuts_no_reason_short(chief: Client) -> None:
    article = cast.article("很长的标题" * 24)
    ticket = about(article)
    reason = "理" * 499 + "由"
    press(chief, ticket, "take_down", reason)
    assert ticket.entries.get().text.endswith(reason)


@pytest.mark.both_databases
def test_a_text_that_no_table_takes_is_refused_and_stays(chief: Client) -> None:
    ticket = cast.ticket()
    for text in ("理由\x00", "理" * 501):
        answer = press(chief, ticket, "reject", text)
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
    assert not ticket.entries.exists()
    assert fresh(ticket).decision == Ticket.Decision.NONE


def test_who_may_not_publish_it_hands_the_ticket_over(staff: Client) -> None:
    article = cast.article()
    ticket = about(article)
    assert "下架这个页面" not in staff.get(form_of(ticket)).content.decode()
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


@pytest.mark.both_databases
def test_a_decision_and_its_page_go_together_or_not_at_all(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
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
