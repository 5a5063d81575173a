"""The worker: what it does in turn, what comes back by the clock, and when it ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery import Message, due, outbox, topics, worker
from portal.cms.delivery.due import AGAIN, Task, make_rows, periodic, run_next
from portal.cms.delivery.models import Delivery, DeliveryTarget, DueTask
from portal.cms.delivery.worker import Worker
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from tests import cast
from tests.desk.forms import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shenzhen
HALF_PAST_THREE = time(3, 30)


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Task]:
    """No task but those of the test."""
    known: dict[str, Task] = {}
    monkeypatch.setattr(due, "_tasks", known)
    return known


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def counted(name: str = "nightly", **when: Any) -> list[datetime]:
    """Register a task that notes when it ran."""
    runs: list[datetime] = []
    periodic(name, "每晚的任务", runs.append, **when)
    make_rows()
    return runs


def row(name: str = "nightly") -> DueTask:
    return DueTask.objects.get(name=name)


# --- By the clock -----------------------------------------------------------------------------------


def test_a_daily_task_runs_at_its_hour_in_shenzhen(clock: time_machine.Traveller) -> None:
    runs = counted(at=HALF_PAST_THREE)
    assert not run_next("worker")
    assert row().due_at == datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    clock.move_to(row().due_at)
    assert run_next("worker")
    assert not run_next("worker")
    assert runs == [datetime(2026, 11, 23, 19, 30, tzinfo=UTC)]
    assert row().due_at == datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
    assert row().finished_at == timezone.now()
    assert row().lease_until is None


def test_a_task_of_a_span_is_due_at_once_and_then_after_the_span(
    clock: time_machine.Traveller,
) -> None:
    runs = counted(every=timedelta(hours=1))
    assert run_next("worker")
    assert not run_next("worker")
    clock.shift(timedelta(hours=1))
    assert run_next("worker")
    assert len(runs) == 2


def test_what_was_missed_is_done_once(clock: time_machine.Traveller) -> None:
    runs = counted(at=HALF_PAST_THREE)
    clock.shift(timedelta(days=9))
    while run_next("worker"):
        pass
    assert len(runs) == 1


def test_a_failure_is_noted_tried_again_and_stops_nothing_else(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(now: datetime) -> None:
        raise ZeroDivisionError("-".join(["138", "1234", "8155"]))

    periodic("failing", "出错的任务", fail, every=timedelta(days=1))
    runs = counted(every=timedelta(days=1))
    while run_next("worker"):
        pass
    assert len(runs) == 1
    failed = row("failing")
    assert failed.problem == "上次没有完成（ZeroDivisionError），稍后再试。"
    assert failed.finished_at is None
    assert "in fail" in caplog.text
    assert "138-1234-8155" not in caplog.text
    assert failed.due_at == timezone.now() + AGAIN
    periodic("failing", "改好的任务", lambda now: None, every=timedelta(days=1))
    clock.shift(AGAIN)
    assert run_next("worker")
    assert row("failing").problem == ""


def test_a_task_with_more_to_do_gets_another_turn_at_once(clock: time_machine.Traveller) -> None:
    left = [3, 2, 1]

    def work(now: datetime) -> bool:
        left.pop()
        return bool(left)

    periodic("batches", "分批的任务", work, every=timedelta(days=1))
    make_rows()
    while run_next("worker"):
        pass
    assert not left
    assert row("batches").due_at == timezone.now() + timedelta(days=1)


def test_a_task_cut_off_is_begun_anew_when_its_lease_has_run_out(
    clock: time_machine.Traveller,
) -> None:
    runs: list[datetime] = []

    def cut_off(now: datetime) -> None:
        runs.append(now)
        if len(runs) == 1:
            raise SystemExit  # as near to being killed as a test gets

    periodic("long", "长任务", cut_off, every=timedelta(days=1), takes=timedelta(minutes=5))
    make_rows()
    with pytest.raises(SystemExit):
        run_next("worker")
    assert not run_next("another")
    clock.shift(timedelta(minutes=5, seconds=1))
    assert run_next("another")
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_runs_the_task() -> None:
    runs = counted(every=timedelta(days=1))
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        run_next("worker")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1


def test_a_task_that_the_code_has_dropped_stays_alone(clock: time_machine.Traveller) -> None:
    DueTask.objects.create(name="gone", due_at=NOON)
    assert not run_next("worker")


def test_rows_are_made_once_and_keep_their_time(clock: time_machine.Traveller) -> None:
    counted(at=HALF_PAST_THREE)
    before = row().due_at
    clock.shift(timedelta(days=3))
    make_rows()
    assert row().due_at == before


@pytest.mark.parametrize("when", [{}, {"at": HALF_PAST_THREE, "every": timedelta(days=1)}])
def test_either_a_time_or_a_span(when: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either"):
        periodic("both", "任务", lambda now: None, **when)


# --- The worker -------------------------------------------------------------------------------------


def test_idle_it_looks_four_times_a_second(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    counted(at=HALF_PAST_THREE)
    me = Worker()
    assert not me.turn()
    with django_assert_num_queries(4):
        assert not me.turn()


def test_it_sends_and_runs_what_is_due_in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_topics", {})
    topics.topic("news", "新单页", lambda pages: Message("新单页"), batch=1)
    runs = counted(every=timedelta(days=1))
    target = DeliveryTarget.objects.create(name="组", address="amin@example.com")
    for n in range(2):
        outbox.put("news", cast.page(slug=f"p{n}"), [target])
    me = Worker()
    assert me.turn()
    assert (len(mail.outbox), len(runs)) == (1, 1), "one of each, so that neither keeps the other"
    assert me.turn()
    assert len(mail.outbox) == 2
    assert not me.turn()


def test_it_picks_up_what_others_dropped(clock: time_machine.Traveller) -> None:
    target = DeliveryTarget.objects.create(name="组", address="amin@example.com")
    outbox.put("news", cast.page(), [target])
    Delivery.objects.update(state="sending", lease_until=NOON, leased_by="killed")
    clock.shift(timedelta(seconds=1))
    assert Worker().turn()
    assert Delivery.objects.get().state == Delivery.State.UNCLEAR


def test_it_applies_scheduled_changes_of_a_site_that_nobody_looks_at(
    clock: time_machine.Traveller,
) -> None:
    page, editor = cast.page(title="关于我们"), cast.laozhou()
    actions.save(page, {**content_of(page), "title": "关于我们（新）"}, editor)
    actions.schedule(page, editor, timezone.now() + timedelta(hours=1))
    me = Worker()
    assert not me.turn()
    assert fresh(page).title == "关于我们"
    clock.shift(timedelta(hours=1))
    assert me.turn()
    assert fresh(page).title == "关于我们（新）"


def test_it_notes_that_it_is_alive(clock: time_machine.Traveller, tasks: dict[str, Task]) -> None:
    periodic(due.HEARTBEAT, "心跳", lambda now: None, every=due.BEAT)
    assert not due.worker_is_alive()
    Worker().turn()
    assert due.worker_is_alive()
    clock.shift(timedelta(minutes=2))
    assert due.worker_is_alive()
    clock.shift(timedelta(minutes=2))
    assert not due.worker_is_alive()


def test_it_ends_when_it_is_told_to_after_what_it_has_in_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    me, turns = Worker(), []

    def turn() -> bool:
        me.end()  # as by a signal
        turns.append("whole")
        return True

    monkeypatch.setattr(me, "turn", turn)
    me.run()
    assert turns == ["whole"]


def test_it_ends_when_its_guardian_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    me = Worker(parent=os.getppid())
    assert not me.is_over()
    monkeypatch.setattr("os.getppid", lambda: 1)
    assert me.is_over()
    me.run()  # and so it ends at once


def test_it_waits_for_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    me = Worker()
    waits: list[float] = []

    def turn() -> bool:
        if len(waits) > 6:
            me.end()
            return True
        raise OperationalError("no such table: cms_delivery")

    monkeypatch.setattr(me, "turn", turn)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker, "connection", type("Line", (), {"close": lambda self: None})())
    monkeypatch.setattr("time.sleep", waits.append)
    me.run()
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert "waits for the database" in caplog.text
