"""Real workers, killed with SIGKILL again and again while they send; no message comes twice.

Run by `make soak`, not by `make test`: `ROUNDS` deaths take minutes. In the end the mailbox and the
outbox must agree: what is 已送达 came once, what came is 已送达 or 不确定, and nothing is lost.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from django.utils import timezone

from portal.cms.delivery.models import Delivery
from tests.loopback import Mailbox, serving
from tests.start.waiting import until
from tests.workers import Workers, came, register, somebody_to_tell, tell

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ROUNDS", "60"))
EACH = 40  # messages that are put in between two deaths, about as many as two workers get through
S = Delivery.State


def rows(*states: str) -> set[int]:
    return set(Delivery.objects.filter(state__in=states).values_list("pk", flat=True))


def life(mailbox: Mailbox, workers: Workers, number: int, seconds: float) -> None:
    """Two workers, messages for them, and their death in the middle of it."""
    before = len(mailbox.mails)
    workers.start()
    workers.start()
    for n in range(EACH):
        tell(f"p{number}-{n}")
    until(lambda: len(mailbox.mails) > before, "no worker came to work")
    time.sleep(seconds)
    workers.kill()
    # As if their leases had run out.
    Delivery.objects.filter(state=S.SENDING).update(lease_until=timezone.now())


def test_no_death_makes_a_message_come_twice_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("portal.cms.delivery.topics._topics", {})
    register()
    somebody_to_tell()
    chance = random.Random(20261123)
    with serving(Mailbox()) as mailbox:
        workers = Workers(mailbox, tmp_path)
        try:
            for number in range(ROUNDS):
                life(mailbox, workers, number, chance.uniform(0, 0.6))
            workers.start()
            until(lambda: not rows(S.PENDING, S.SENDING), "something is still on its way")
        finally:
            workers.kill()
    mails, delivered, unclear = came(mailbox), rows(S.DELIVERED), rows(S.UNCLEAR)
    assert set(mails.values()) == {1}, "one came twice"
    assert delivered <= set(mails), "one that is noted as delivered never came"
    assert set(mails) <= delivered | unclear
    assert len(delivered | unclear) == ROUNDS * EACH, "one is lost"
    assert len(unclear) <= 2 * ROUNDS, "more than the one that each worker had in hand"
    print(f"{ROUNDS} deaths, {len(delivered)} delivered, {len(unclear)} unclear")
