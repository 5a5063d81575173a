"""Who has which rows in hand, and what becomes of them. Each function is a transaction of its own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F
from django.db.models.expressions import Combinable
from django.utils import timezone

from portal.cms.delivery.fates import Taken
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
    """Take in hand what is due for one target under one topic; five queries, two if nothing is due.

    To be called outside a transaction: it is committed when this returns, so whoever is killed from
    now on has left a trace. Of two workers that want the same row, one gets it: the update itself asks
    whether it is still to be had.
    """
    now = timezone.now()
    # What waits for a target that rests or is switched off uses up no attempt, however long that lasts;
    # and it stays due at its own moment, which says of what is told by the clock whether that has come.
    free = DeliveryTarget.objects.filter(active=True).exclude(paused_until__gt=now)
    targets = {target.pk: target for target in free}
    due = Delivery.objects.filter(state=Delivery.State.PENDING, due_at__lte=now)
    due = due.filter(target__in=targets.keys()).order_by("due_at", "id")
    first = due.first()
    if first is None:
        return []
    topic = topic_of(first.topic)
    together = due.filter(topic=first.topic, target=first.target_id)
    most = topic.batch if topic else 1
    most = min(most, targets[first.target_id].remaining or most)
    pks = list(together.values_list("pk", flat=True)[:most])
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


def delivered(rows: list[Delivery], taken: Taken | None = None) -> None:
    """Note that these arrived, but for those that were refused one by one; and what the target says."""
    taken = taken or Taken()
    refused: dict[str, list[Delivery]] = {}
    good: list[Delivery] = []
    for row in rows:
        problem = taken.refused.get(str(row.subject)) if taken.refused else None
        (good if problem is None else refused.setdefault(problem, [])).append(row)
    with transaction.atomic():
        for problem, bad in refused.items():
            _settle(bad, Delivery.State.FAILED, problem)
        if good:
            _settle(good, Delivery.State.DELIVERED, sent_at=timezone.now())
        _answers(rows[0].target, taken)


def refused(rows: list[Delivery], problem: str, again_at: datetime) -> None:
    """Put these back, and let the target rest until it takes something; uncounted."""
    with transaction.atomic():
        _settle(rows, Delivery.State.PENDING, problem, attempts=F("attempts") - 1)
        target = rows[0].target
        _target(target).update(note=problem[:200], remaining=None)
        _pause(target, again_at)


def too_many(rows: list[Delivery], most: int) -> None:
    """Put these back, to be sent at once, but fewer of them together; uncounted."""
    now = timezone.now()
    with transaction.atomic():
        _settle(rows, Delivery.State.PENDING, due_at=now, attempts=F("attempts") - 1)
        _target(rows[0].target).update(remaining=most)


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
    rows: list[Delivery], state: Delivery.State, problem: str = "", **more: datetime | Combinable
) -> None:
    # All were claimed together. Whose lease has run out still knows better, unless somebody has sent it
    # again since.
    held = Delivery.objects.filter(pk__in=[row.pk for row in rows], leased_by=rows[0].leased_by)
    held.update(state=state, lease_until=None, problem=problem[:300], **more)


def _target(target: DeliveryTarget) -> models.QuerySet[DeliveryTarget]:
    return DeliveryTarget.objects.filter(pk=target.pk)


def _count_failure(target: DeliveryTarget) -> None:
    _target(target).filter(failures__lt=FAILURES).update(failures=F("failures") + 1)
    if _target(target).filter(failures=FAILURES).exists():
        _pause(target, timezone.now() + PAUSE)


def _answers(target: DeliveryTarget, taken: Taken) -> None:
    """Note that a target is there again, and how much it takes."""
    said = {"failures": 0, "remaining": taken.remaining, "note": taken.note}
    if any(getattr(target, name) != value for name, value in said.items()):
        _target(target).update(paused_until=None, **said)
    if taken.again_at is not None:
        _pause(target, taken.again_at)


def _pause(target: DeliveryTarget, until: datetime) -> None:
    _target(target).update(paused_until=until)


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
