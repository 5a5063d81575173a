"""The outbox: what is put in, who takes it out, and that nothing is ever sent twice by itself."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery import Message, claiming, enqueue, outbox, sending, topics
from portal.cms.delivery import mail as mail_channel
from portal.cms.delivery.claiming import BACK_OFF, FAILURES, LEASE, MOST_ATTEMPTS, PAUSE, claim
from portal.cms.delivery.fates import (
    NotSentError,
    Taken,
    UnclearError,
)
from portal.cms.delivery.models import MOST_ADDRESSES, Delivery, DeliveryTarget
from portal.cms.delivery.sending import deliver_next
from portal.cms.delivery.topics import Topic
from portal.cms.site import Page
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

S = Delivery.State
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ME = "worker"


def render(pages: list[Page]) -> Message:
    lines = [page.title for page in pages]
    return Message(f"新单页 {len(pages)} 个", lines, "/admin/cms/page/")


@pytest.fixture(autouse=True)
def news(monkeypatch: pytest.MonkeyPatch) -> Topic:
    """Two topics about pages: one whose messages are sent once, one that may be repeated."""
    known: dict[str, Topic] = {}
    monkeypatch.setattr(topics, "_topics", known)
    topics.topic("echo", "可以重复的消息", render, repeatable=True)
    return topics.topic("news", "新单页", render, wanted=lambda page: page.title != "已清除")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], list[str]]:
    """Let whatever is sent end as told: by an exception, or well. Returns what was sent."""

    def ends(fate: Exception | None) -> list[str]:
        sent: list[str] = []

        def send(target: DeliveryTarget, message: Message, reference: str) -> None:
            sent.append(message.text())
            if fate is not None:
                raise fate

        monkeypatch.setattr(mail_channel, "send", send)
        return sent

    return ends


def target(name: str = "业务组", **fields: Any) -> DeliveryTarget:
    values = {"address": "amin@example.com", "topics": ["news", "echo"], **fields}
    return DeliveryTarget.objects.create(name=name, **values)


def told(page: Page, topic: str = "news", occasion: str = "") -> int:
    with transaction.atomic():
        return enqueue(topic, page, occasion=occasion)


def states() -> list[str]:
    return [str(state) for state in Delivery.objects.order_by("id").values_list("state", flat=True)]


def only() -> Delivery:
    return Delivery.objects.get()


# --- Putting in -------------------------------------------------------------------------------------


def test_every_active_target_of_the_topic_gets_a_row_and_no_other(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    wanted = {target("业务组"), target("群")}
    target("停用的", active=False)
    target("别的消息", topics=["echo"])
    page = cast.page()
    told(page)  # content types are known from here on
    Delivery.objects.all().delete()
    with transaction.atomic(), django_assert_num_queries(2):
        assert enqueue("news", page) == 2
    assert {row.target for row in Delivery.objects.all()} == wanted
    assert set(states()) == {S.PENDING}
    assert set(Delivery.objects.about(page)) == set(Delivery.objects.all())


def test_nothing_is_told_twice_unless_it_is_another_occasion() -> None:
    target()
    page = cast.page()
    for occasion in ("", "", "60 天", "60 天", "30 天"):
        told(page, occasion=occasion)
    assert Delivery.objects.count() == 3


def test_what_is_rolled_back_was_never_told() -> None:
    target()
    page = cast.page()
    with transaction.atomic():
        enqueue("news", page)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_a_mistake_of_ours() -> None:
    page = cast.page()
    with pytest.raises(RuntimeError, match="transaction"):
        enqueue("news", page)


def test_so_is_a_topic_that_nobody_has_registered() -> None:
    with pytest.raises(LookupError, match="gossip"):
        enqueue("gossip", cast.page())


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "sending"}, "cms_delivery_lease"),
        ({"state": "pending", "lease_until": NOON}, "cms_delivery_lease"),
        ({"state": "lost"}, "cms_delivery_state"),
        ({"state": "delivered"}, "cms_delivery_sent"),
    ],
)
def test_no_row_can_say_what_cannot_be(fields: dict[str, Any], constraint: str) -> None:
    target()
    told(cast.page())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Delivery.objects.update(**fields)


# --- Sending ----------------------------------------------------------------------------------------


def test_a_message_is_sent_once_and_noted() -> None:
    cast.profile(name="鹏聘人力")
    target(address="amin@example.com\nboss@example.com")
    told(cast.page(title="加入我们"))
    assert deliver_next(ME)
    assert not deliver_next(ME)
    (sent,) = mail.outbox
    assert sent.to == ["amin@example.com", "boss@example.com"]
    assert sent.subject == "【鹏聘人力】新单页 1 个"
    assert sent.body == f"{sent.subject}\n加入我们\nhttp://127.0.0.1:8000/admin/cms/page/"
    row = only()
    assert row.state == S.DELIVERED
    assert row.sent_at is not None
    assert row.lease_until is None
    assert sent.extra_headers["Message-ID"].startswith(f"<delivery-{row.pk}@")


def test_what_is_due_together_goes_as_one_message_and_shares_its_fate(
    channel: Callable[..., list[str]],
) -> None:
    target()
    for n in range(3):
        told(cast.page(slug=f"p{n}", title=f"第{n}页"))
    sent = channel(UnclearError("没有回答。"))
    assert deliver_next(ME)
    assert len(sent) == 1
    assert "第0页\n第1页\n第2页" in sent[0]
    assert states() == [S.UNCLEAR] * 3


def test_no_more_than_a_topic_allows_go_as_one(channel: Callable[..., list[str]]) -> None:
    topics.topic("news", "新单页", render, batch=2)
    target()
    for n in range(3):
        told(cast.page(slug=f"p{n}"))
    sent = channel(None)
    while deliver_next(ME):
        pass
    assert [text.splitlines()[0][-7:] for text in sent] == ["新单页 2 个", "新单页 1 个"]


def test_what_may_wait_is_collected_into_one(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    target()
    sent = channel(None)
    for n in range(3):
        with transaction.atomic():
            enqueue("news", cast.page(slug=f"p{n}"), delay=timedelta(minutes=10))
        clock.shift(timedelta(minutes=3))
        assert not deliver_next(ME)
    clock.shift(timedelta(minutes=10))
    while deliver_next(ME):
        pass
    assert [text.splitlines()[0][-7:] for text in sent] == ["新单页 3 个"]


def test_targets_and_topics_are_not_mixed(channel: Callable[..., list[str]]) -> None:
    target("业务组")
    target("群")
    page = cast.page()
    told(page)
    told(page, "echo")
    sent = channel(None)
    while deliver_next(ME):
        pass
    assert len(sent) == 4


def test_what_is_gone_or_erased_meanwhile_is_not_sent(channel: Callable[..., list[str]]) -> None:
    target()
    gone, erased, stays = (cast.page(slug=f"p{n}", title=f"第{n}页") for n in range(3))
    for page in (gone, erased, stays):
        told(page)
    Page.objects.filter(pk=gone.pk).delete()
    Page.objects.filter(pk=erased.pk).update(title="已清除")
    sent = channel(None)
    while deliver_next(ME):
        pass
    assert len(sent) == 1
    assert "第2页" in sent[0]
    assert "已清除" not in sent[0]
    assert states() == [S.DROPPED, S.DROPPED, S.DELIVERED]


def test_what_waits_for_a_target_that_was_switched_off_is_sent_when_it_is_on_again(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    receiver = target()
    told(cast.page())
    DeliveryTarget.objects.update(active=False)
    sent = channel(None)
    for _ in range(12):
        assert not deliver_next(ME)
        clock.shift(timedelta(days=1))
    assert (sent, only().state, only().attempts) == ([], S.PENDING, 0)
    DeliveryTarget.objects.update(active=True)
    outbox.hurry(receiver)
    assert deliver_next(ME)
    assert (len(sent), only().state) == (1, S.DELIVERED)


def test_what_is_for_colleagues_never_goes_to_a_search_engine(
    channel: Callable[..., list[str]],
) -> None:
    receiver = target()
    told(cast.page())
    sent = channel(None)
    DeliveryTarget.objects.update(kind="baidu", secret="ceshi12345678abc")
    assert deliver_next(ME)
    assert (sent, only().state) == ([], S.DROPPED)
    assert "不适合" in only().problem
    receiver.topics = []
    with pytest.raises(ValidationError, match="不能互换"):
        receiver.full_clean()
    receiver.refresh_from_db()
    receiver.kind = DeliveryTarget.Kind.MAIL
    with pytest.raises(ValidationError, match="不能互换"):
        receiver.full_clean()


def test_a_topic_that_this_program_does_not_know_is_left_to_one_that_does(
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    channel: Callable[..., list[str]],
    news: Topic,
) -> None:
    target()
    told(cast.page())
    monkeypatch.delitem(topics._topics, "news")
    assert deliver_next(ME), "the worker of before the update"
    assert only().state == S.PENDING
    monkeypatch.setitem(topics._topics, "news", news)
    sent = channel(None)
    clock.move_to(only().due_at)
    assert deliver_next(ME)
    assert (len(sent), only().state) == (1, S.DELIVERED)


def test_a_flood_is_one_message_also_when_it_has_to_be_tried_again(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    receiver = target()
    pages = [Page(slug=f"p{n}", title=f"第{n}页") for n in range(250)]
    for page in Page.objects.bulk_create(pages):
        outbox.put("news", page, [receiver])
    sent = channel(NotSentError("太频繁。"))
    assert deliver_next(ME)
    assert not deliver_next(ME)
    clock.shift(2 * BACK_OFF[0])
    sent = channel(None)
    assert deliver_next(ME)
    assert not deliver_next(ME)
    assert len(sent) == 1
    assert "新单页 250 个" in sent[0]
    assert set(states()) == {S.DELIVERED}


def test_the_reference_of_a_message_is_short_and_its_own() -> None:
    many = [Delivery(pk=n) for n in range(1, 5000)]
    assert sending.reference_of(many[:1]) == "delivery-1"
    assert len(sending.reference_of(many)) < 40
    assert sending.reference_of(many) == sending.reference_of(list(many))
    assert sending.reference_of(many[:9]) != sending.reference_of(many[:8])


# --- When it does not go well -----------------------------------------------------------------------


def test_what_was_certainly_not_sent_is_tried_again_later_and_given_up_in_the_end(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    target()
    told(cast.page())
    sent = channel(NotSentError("连接不上。"))
    for attempt in range(1, MOST_ATTEMPTS):
        DeliveryTarget.objects.update(failures=0, paused_until=None)  # the pause is another test's
        assert deliver_next(ME)
        row = only()
        assert (row.state, row.attempts, row.problem) == (S.PENDING, attempt, "连接不上。")
        usual = BACK_OFF[min(attempt, len(BACK_OFF)) - 1]
        assert usual * 0.9 <= row.due_at - timezone.now() <= usual * 1.1
        assert not deliver_next(ME), "not before its time"
        clock.move_to(row.due_at)
    assert deliver_next(ME)
    assert only().state == S.FAILED
    clock.shift(timedelta(days=30))
    assert not deliver_next(ME)
    assert len(sent) == MOST_ATTEMPTS


def test_what_may_have_arrived_is_never_sent_again_by_itself(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    target()
    told(cast.page())
    sent = channel(UnclearError("没有回答。"))
    assert deliver_next(ME)
    assert (only().state, only().problem) == (S.UNCLEAR, "没有回答。")
    clock.shift(timedelta(days=30))
    assert not deliver_next(ME)
    assert not claiming.expire()
    assert len(sent) == 1


def test_a_mistake_of_ours_while_sending_counts_as_unclear(
    channel: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    target()
    told(cast.page())
    channel(ZeroDivisionError("13812348155"))
    assert deliver_next(ME)
    assert only().state == S.UNCLEAR
    assert "ZeroDivisionError" in only().problem
    assert "ZeroDivisionError" in caplog.text
    assert "13812348155" not in caplog.text, "the words of an error may be anything"


def test_a_message_that_cannot_be_made_waits_and_is_not_the_target_s_fault(
    channel: Callable[..., list[str]],
) -> None:
    def fail(pages: list[Page]) -> Message:
        raise KeyError("title")

    topics.topic("news", "新单页", fail)
    receiver = target()
    gone = cast.page("gone")
    told(gone)
    told(cast.page())
    gone.delete()
    sent = channel(None)
    assert deliver_next(ME)
    assert not sent
    assert states() == [S.DROPPED, S.PENDING]
    assert Delivery.objects.latest("id").problem == "消息没有做成（KeyError）。"
    receiver.refresh_from_db()
    assert receiver.failures == 0


def test_one_that_cannot_be_made_does_not_hold_up_the_others(
    channel: Callable[..., list[str]],
) -> None:
    def render_most(pages: list[Page]) -> Message:
        if any(page.title == "坏的" for page in pages):
            raise KeyError("title")
        return render(pages)

    topics.topic("news", "新单页", render_most)
    target()
    for slug, title in {"a": "甲", "b": "坏的", "c": "乙"}.items():
        told(cast.page(slug, title=title))
    sent = channel(None)
    assert deliver_next(ME)
    assert len(sent) == 1
    assert "甲\n乙" in sent[0]
    assert states() == [S.DELIVERED, S.PENDING, S.DELIVERED]


def test_a_database_that_goes_away_while_it_is_made_leaves_nothing_unclear(
    monkeypatch: pytest.MonkeyPatch, channel: Callable[..., list[str]]
) -> None:
    """Nothing was sent yet, and that is noted when it is back."""
    target()
    for n in range(2):
        told(cast.page(slug=f"p{n}"))
    made: list[int] = []

    def fail(pages: list[Page]) -> Message:
        made.append(len(pages))
        raise OperationalError("server closed the connection")

    topics.topic("news", "新单页", fail)
    noted, tries = claiming.not_sent, []

    def not_sent(rows: list[Delivery], problem: str, *, by_target: bool) -> None:
        tries.append(rows)
        if len(tries) < 3:
            raise OperationalError("server closed the connection")
        noted(rows, problem, by_target=by_target)

    monkeypatch.setattr(claiming, "not_sent", not_sent)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(sending, "connection", type("Line", (), {"close": lambda self: None})())
    sent = channel(None)
    assert deliver_next(ME)
    assert not sent
    assert made == [2], "nobody looks which of them is at fault"
    assert states() == [S.PENDING] * 2


def test_nor_is_one_that_cannot_say_whether_it_is_wanted(
    channel: Callable[..., list[str]],
) -> None:
    topics.topic("news", "新单页", render, wanted=lambda page: page.no_such_field)
    target()
    told(cast.page())
    sent = channel(None)
    assert deliver_next(ME)
    assert not sent
    assert (only().state, only().problem) == (S.PENDING, "消息没有做成（AttributeError）。")


def test_a_target_that_is_down_waits_and_holds_up_nobody_else(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics.topic("news", "新单页", render, batch=1)
    down, up = target("坏的", address="down@example.com"), target("好的")
    for n in range(FAILURES + 2):
        told(cast.page(slug=f"p{n}"))
    tried = []

    def send(receiver: DeliveryTarget, message: Message, reference: str) -> None:
        tried.append(receiver)
        if receiver == down:
            raise NotSentError("连接不上。")

    monkeypatch.setattr(mail_channel, "send", send)
    while deliver_next(ME):
        pass
    assert tried.count(down) == FAILURES
    assert tried.count(up) == FAILURES + 2
    waiting = Delivery.objects.filter(target=down)
    assert {row.state for row in waiting} == {S.PENDING}
    assert DeliveryTarget.objects.get(pk=down.pk).paused_until == timezone.now() + PAUSE
    told(cast.page(slug="later"))
    while deliver_next(ME):
        pass
    assert tried.count(down) == FAILURES

    clock.shift(PAUSE)
    monkeypatch.setattr(mail_channel, "send", lambda *sent: None)
    while deliver_next(ME):
        pass
    assert set(states()) == {S.DELIVERED}
    down.refresh_from_db()
    assert (down.failures, down.paused_until) == (0, None)


# --- Killed in between ------------------------------------------------------------------------------


def test_killed_after_the_claim_it_is_unclear_when_the_lease_has_run_out_and_never_sent_again(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    target()
    told(cast.page())
    sent = channel(None)
    assert len(claim("worker that is killed")) == 1  # committed; what follows never happens
    assert only().state == S.SENDING
    assert not deliver_next(ME), "it is in somebody's hand"
    clock.shift(LEASE)
    assert not claiming.expire()
    clock.shift(timedelta(seconds=1))
    assert claiming.expire() == 1
    assert only().state == S.UNCLEAR
    assert only().problem == claiming.CUT_OFF
    clock.shift(timedelta(days=30))
    assert not claiming.expire()
    assert not deliver_next(ME)
    assert not sent


def test_what_may_be_repeated_is_sent_when_the_lease_has_run_out(
    clock: time_machine.Traveller, channel: Callable[..., list[str]]
) -> None:
    target()
    told(cast.page(), "echo")
    sent = channel(None)
    claim("worker that is killed")
    clock.shift(LEASE + timedelta(seconds=1))
    assert claiming.expire() == 1
    assert deliver_next(ME)
    assert len(sent) == 1
    assert only().state == S.DELIVERED


def test_what_may_be_repeated_and_kills_its_worker_each_time_is_left_alone_in_the_end(
    clock: time_machine.Traveller,
) -> None:
    target()
    told(cast.page(), "echo")
    for _ in range(MOST_ATTEMPTS):
        assert claim(ME)
        clock.shift(LEASE + timedelta(seconds=1))
        assert claiming.expire() == 1
    assert only().state == S.UNCLEAR


def test_the_lease_is_longer_than_the_slowest_mail() -> None:
    assert timedelta(seconds=10) * (11 + MOST_ADDRESSES) < LEASE


def test_who_was_only_slow_still_tells_how_it_ended(clock: time_machine.Traveller) -> None:
    target()
    told(cast.page())
    rows = claim("slow worker")
    clock.shift(2 * LEASE)
    claiming.expire()
    claiming.delivered(rows)
    assert only().state == S.DELIVERED


def test_but_not_of_a_message_that_somebody_has_sent_again_since(
    clock: time_machine.Traveller,
) -> None:
    target()
    told(cast.page())
    rows = claim("slow worker")
    clock.shift(2 * LEASE)
    claiming.expire()
    outbox.send_again(Delivery.objects.all())
    claiming.delivered(rows)
    assert only().state == S.PENDING
    claim("another worker")
    claiming.unclear(rows, "没有回答。")
    assert only().state == S.SENDING


def test_a_busy_database_does_not_make_a_fate_unknown(
    monkeypatch: pytest.MonkeyPatch, channel: Callable[..., list[str]]
) -> None:
    target()
    told(cast.page())
    channel(None)
    noted, tries = claiming.delivered, []

    def delivered(rows: list[Delivery], taken: Taken | None) -> None:
        tries.append(rows)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        noted(rows, taken)

    monkeypatch.setattr(claiming, "delivered", delivered)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(sending, "connection", type("Line", (), {"close": lambda self: None})())
    assert deliver_next(ME)
    assert only().state == S.DELIVERED


def test_after_the_lease_it_is_left_to_whoever_picks_it_up(
    monkeypatch: pytest.MonkeyPatch,
    clock: time_machine.Traveller,
    channel: Callable[..., list[str]],
) -> None:
    target()
    told(cast.page())
    channel(None)

    def delivered(rows: list[Delivery], taken: Taken | None) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(claiming, "delivered", delivered)
    monkeypatch.setattr("time.sleep", clock.shift)
    monkeypatch.setattr(sending, "connection", type("Line", (), {"close": lambda self: None})())
    with pytest.raises(OperationalError):
        deliver_next(ME)
    assert only().state == S.SENDING


# --- Several at once --------------------------------------------------------------------------------


def claimed_by(workers: int) -> list[int]:
    """Return the rows that so many workers got, who all claim at the same moment until none is left."""
    start = threading.Barrier(workers)
    got: list[int] = []
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            start.wait()
            while rows := claim(name):
                got.extend(row.pk for row in rows)
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    return got


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_each_row() -> None:
    topics.topic("news", "新单页", render, batch=3)
    target("业务组")
    target("群")
    for n in range(20):
        told(cast.page(slug=f"p{n}"))
    got = claimed_by(4)
    assert sorted(got) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert len(got) == 40
    assert set(Delivery.objects.values_list("state", "attempts")) == {(S.SENDING, 1)}


@pytest.mark.django_db(transaction=True)
def test_who_has_seen_a_row_that_another_has_claimed_since_goes_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The moment between looking and claiming, made as long as it takes."""
    target()
    told(cast.page())
    first: list[bool] = []
    seen = topics.topic_of

    def topic_of(key: str) -> Topic | None:
        if not first:
            first.append(True)
            claim("faster worker")
        return seen(key)

    monkeypatch.setattr(claiming, "topic_of", topic_of)
    pks_seen = claim("slower worker")
    assert pks_seen == []
    assert only().leased_by.startswith("faster worker")


# --- By hand ----------------------------------------------------------------------------------------


def test_only_what_is_stuck_is_sent_again(channel: Callable[..., list[str]]) -> None:
    receiver = target()
    for n, state in enumerate(S):
        outbox.put("news", cast.page(slug=f"p{n}"), [receiver])
        lease = timezone.now() if state == S.SENDING else None
        sent_at = timezone.now() if state == S.DELIVERED else None
        row = Delivery.objects.latest("id")
        Delivery.objects.filter(pk=row.pk).update(state=state, lease_until=lease, sent_at=sent_at)
    assert outbox.send_again(Delivery.objects.all()) == 2
    assert states() == [S.PENDING, S.SENDING, S.DELIVERED, S.PENDING, S.PENDING, S.DROPPED]


def test_what_is_erased_is_dropped_wherever_it_stands() -> None:
    receiver, page = target(), cast.page()
    outbox.put("news", page, [receiver])
    assert Delivery.objects.about(page).drop("已清除。") == 1
    assert not deliver_next(ME)
    assert only().state == S.DROPPED


def test_what_was_settled_long_ago_is_forgotten_and_what_is_stuck_is_not(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = target()
    for n, state in enumerate([S.DELIVERED, S.DROPPED, S.DROPPED, S.UNCLEAR, S.FAILED, S.PENDING]):
        outbox.put("news", cast.page(slug=f"p{n}"), [receiver])
        Delivery.objects.filter(state=S.PENDING).update(state=state, sent_at=timezone.now())
    clock.shift(outbox.KEPT)
    assert not outbox.sweep(timezone.now())
    assert Delivery.objects.count() == 6
    monkeypatch.setattr(outbox, "AT_ONCE", 2)
    clock.shift(timedelta(seconds=1))
    assert outbox.sweep(timezone.now()), "there may be more"
    assert not outbox.sweep(timezone.now())
    assert states() == [S.UNCLEAR, S.FAILED, S.PENDING]


# --- Messages ---------------------------------------------------------------------------------------


def test_a_long_message_keeps_its_title_and_its_link() -> None:
    message = Message("新线索", [f"第{n}条：" + "字" * 50 for n in range(50)], "/admin/")
    text = message.text()
    assert len(text.encode()) <= topics.MOST_BYTES
    assert text.startswith("新线索\n第0条")
    assert text.splitlines()[-2:] == [topics.LEFT_OUT, "http://127.0.0.1:8000/admin/"]
    assert "第49条" in message.text(100_000)


def test_a_title_is_one_line_whatever_is_in_it() -> None:
    assert Message("标题\r\nBcc: all@example.com").subject == "标题 Bcc: all@example.com"


# --- What it costs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Delivery.objects.filter(state=S.PENDING, due_at__lte=NOON).order_by("due_at", "id"),
        lambda: Delivery.objects.filter(state=S.SENDING, lease_until__lt=NOON).order_by(),
        lambda: Delivery.objects.filter(state__in=[S.UNCLEAR, S.FAILED]).order_by(),
        lambda: Delivery.objects.about(DeliveryTarget(pk=1)).order_by(),
    ],
    ids=["claim", "leases", "card", "subject"],
)
def test_no_look_of_a_second_reads_or_sorts_the_whole_table(rows: Callable[[], Any]) -> None:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:  # of an empty table, any reading is the cheapest
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows().values("pk").explain()
    assert not re.search(r"SCAN cms|TEMP B-TREE|Seq Scan|Sort", plan), plan
