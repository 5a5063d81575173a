"""Real workers, killed for real: a message that was in flight is never sent again by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from portal.cms.delivery.models import Delivery
from tests.loopback import Mailbox, serving
from tests.start.waiting import SECONDS, until
from tests.workers import Workers, came, register, somebody_to_tell, tell

pytestmark = pytest.mark.django_db(transaction=True)

S = Delivery.State


@pytest.fixture(autouse=True)
def news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cms.delivery.topics._topics", {})
    register()
    somebody_to_tell()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as server:
        yield server


@pytest.fixture
def workers(mailbox: Mailbox, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(mailbox, tmp_path)
    yield workers
    workers.kill()


def state_of(row: Delivery) -> str:
    return Delivery.objects.values_list("state", flat=True).get(pk=row.pk)


def test_killed_while_the_mail_server_thinks_it_is_unclear_and_not_sent_again(
    mailbox: Mailbox, workers: Workers
) -> None:
    row = tell("p1")
    mailbox.may_answer.clear()
    workers.start()
    assert mailbox.got_body.wait(SECONDS), "it is in the other side's hands"
    workers.kill()
    assert state_of(row) == S.SENDING, "that was committed before it was sent"

    mailbox.may_answer.set()
    Delivery.objects.update(lease_until=timezone.now())  # as if it had run out
    later = tell("p2")
    second = workers.start()
    until(lambda: state_of(later) == S.DELIVERED, "the next message was not sent")
    until(lambda: state_of(row) == S.UNCLEAR, "the lease was not noticed")
    second.send_signal(signal.SIGTERM)
    assert second.wait(SECONDS) == 0, "and it ends when it is told to"
    assert came(mailbox) == {row.pk: 1, later.pk: 1}


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_first_finishes_the_message_in_hand(
    mailbox: Mailbox, workers: Workers, word: signal.Signals
) -> None:
    row, waiting = tell("p1"), tell("p2")
    mailbox.may_answer.clear()
    worker = workers.start()
    assert mailbox.got_body.wait(SECONDS)
    worker.send_signal(word)
    mailbox.may_answer.set()
    assert worker.wait(SECONDS) == 0
    assert state_of(row) == S.DELIVERED
    assert state_of(waiting) == S.PENDING
    assert came(mailbox) == {row.pk: 1}


def test_two_at_once_send_each_message_once(mailbox: Mailbox, workers: Workers) -> None:
    rows = [tell(f"p{n}") for n in range(30)]
    both = [workers.start(), workers.start()]
    delivered = Delivery.objects.filter(state=S.DELIVERED)
    until(lambda: delivered.count() == len(rows), "not all were sent")
    for worker in both:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(SECONDS) for worker in both] == [0, 0]
    assert came(mailbox) == {row.pk: 1 for row in rows}
