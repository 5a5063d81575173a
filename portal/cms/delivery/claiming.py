"""Who has which rows in hand, and what becomes of them. Each function is a transaction of its own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.topics import all_topics, topic_of

# Longer than any sending takes: ten seconds for a robot, ten for each line of a talk with a mail server,
# which has eleven of its own and one more an address (models.MOST_ADDRESSES).
LEASE: Final = timedelta(minutes=6)
# After the first failure, the second …; the last one for all that follow.
BACK_OFF: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = 10
# So many failures in a row, and everything for a target waits: it is down, and the others need not be late.
FAILURES: Final = 3
PAUSE: Final = timedelta(minutes=5)
CUT_OFF = "发送途中程序中断，不知道对方是否收到。"


def claim(by: str) -> list[Delivery]:
    """Take in hand what is due for one target under one topic; four queries, one if nothing is due.

    To be called outside a transaction: it is committed when this returns, so whoever is killed from
    now on has left a trace. Of two workers that want the same row, one gets it: the update itself asks
    whether it is still to be had.
    """
    due = Delivery.objects.filter(state=Delivery.State.PENDING, due_at__lte=timezone.now())
    # What waits for a target that is switched off uses up no attempt, however long that lasts.
    due = due.filter(target__active=True)
    due = due.order_by("due_at", "id")
    first = due.first()
    if first is None:
        return []
    topic = topic_of(first.topic)
    together = due.filter(topic=first.topic, target=first.target_id)
    pks = list(together.values_list("pk", flat=True)[: topic.batch if topic else 1])
    holder = f"{by[:40]}:{uuid4().hex[:16]}"
    Delivery.objects.filter(pk__in=pks, state=Delivery.State.PENDING).update(
        state=Delivery.State.SENDING,
        lease_until=timezone.now() + LEASE,
        leased_by=holder,
        attempts=F("attempts") + 1,
    )
    ours = Delivery.objects.filter(pk__in=pks, leased_by=holder)
    return list(ours.select_related("target").order_by("id"))


def dropped(rows: list[Delivery], problem: str) -> None:
    _settle(rows, Delivery.State.DROPPED, problem)


def delivered(rows: list[Delivery]) -> None:
    with transaction.atomic():
        _settle(rows, Delivery.State.DELIVERED, sent_at=timezone.now())
        target = rows[0].target
        if target.failures:
            _target(target).update(failures=0, paused_until=None)


def unclear(rows: list[Delivery], problem: str) -> None:
    with transaction.atomic():
        _settle(rows, Delivery.State.UNCLEAR, problem)
        _count_failure(rows[0].target)


def not_sent(rows: list[Delivery], problem: str, *, by_target: bool = True) -> None:
    """Put these back until later, or give them up. `by_target`: the fault was on that side."""
    now = timezone.now()
    with transaction.atomic():
        # What has been tried as often stays together: it is one message again.
        for attempts in {row.attempts for row in rows}:
            same = [row for row in rows if row.attempts == attempts]
            if attempts >= MOST_ATTEMPTS:
                _settle(same, Delivery.State.FAILED, problem)
            else:
                again_at = now + back_off(attempts)
                _settle(same, Delivery.State.PENDING, problem, due_at=again_at)
        if by_target:
            _count_failure(rows[0].target)


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts; not for all the same to the second."""
    usual = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    return usual * random.uniform(0.9, 1.1)  # noqa: S311 - no secret


def _settle(
    rows: list[Delivery], state: Delivery.State, problem: str = "", **more: datetime
) -> None:
    # All were claimed together. Whose lease has run out still knows better, unless somebody has sent it
    # again since.
    held = Delivery.objects.filter(pk__in=[row.pk for row in rows], leased_by=rows[0].leased_by)
    held.update(state=state, lease_until=None, problem=problem[:300], **more)


def _target(target: DeliveryTarget) -> models.QuerySet[DeliveryTarget]:
    return DeliveryTarget.objects.filter(pk=target.pk)


def _count_failure(target: DeliveryTarget) -> None:
    _target(target).filter(failures__lt=FAILURES).update(failures=F("failures") + 1)
    until = timezone.now() + PAUSE
    if _target(target).filter(failures=FAILURES).update(paused_until=until):
        waiting = Delivery.objects.filter(target=target, state=Delivery.State.PENDING)
        waiting.filter(due_at__lt=until).update(due_at=until)


def expire(now: datetime | None = None) -> int:
    """Note what was in flight when its worker died; return how many. One query if nothing was."""
    now = now or timezone.now()
    lapsed = Delivery.objects.filter(state=Delivery.State.SENDING, lease_until__lt=now)
    if not lapsed.exists():
        return 0
    harmless = [topic.key for topic in all_topics() if topic.repeatable]
    with transaction.atomic():
        # Not without end: a message may be what kills its worker.
        again = lapsed.filter(topic__in=harmless, attempts__lt=MOST_ATTEMPTS).update(
            state=Delivery.State.PENDING, lease_until=None, leased_by="", due_at=now
        )
        unclear = lapsed.update(state=Delivery.State.UNCLEAR, lease_until=None, problem=CUT_OFF)
    return again + unclear
