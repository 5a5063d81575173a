"""Into the outbox, in the transaction of what is told; and by hand, out of where it got stuck."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.utils import timezone

from portal.cms.delivery.due import periodic
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.topics import topic_of

# Longer than anything is told about again; what waits for a person stays until it is decided.
KEPT: Final = timedelta(days=400)
AT_ONCE: Final = 1_000


def enqueue(
    topic: str, subject: models.Model, *, occasion: str = "", delay: timedelta = timedelta()
) -> int:
    """Tell every active target of a topic about `subject`; return how many that are. Two queries.

    With a `delay`, what comes meanwhile goes along in one message, as far as the topic bundles. A second
    call for the same subject and occasion tells nobody again.

    Raises RuntimeError outside a transaction: what is told and the row that tells it are committed
    together, or neither is.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("enqueue() belongs in the transaction that makes the news true")
    if topic_of(topic) is None:
        raise LookupError(f"no topic {topic!r} is registered")
    active = DeliveryTarget.objects.filter(active=True)
    targets = [target for target in active if topic in target.topics]
    put(topic, subject, targets, occasion, delay)
    return len(targets)


def put(
    topic: str,
    subject: models.Model,
    targets: Iterable[DeliveryTarget],
    occasion: str = "",
    delay: timedelta = timedelta(),
) -> None:
    """Put in a row for each target; what is there already stays as it is. One query."""
    kind, due_at = ContentType.objects.get_for_model(subject), timezone.now() + delay
    rows = [
        Delivery(
            topic=topic,
            content_type=kind,
            object_id=subject.pk,
            target=target,
            occasion=occasion,
            due_at=due_at,
        )
        for target in targets
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def take_back(rows: models.QuerySet[Delivery]) -> int:
    """Take out what was to be told later, and is not to be any more; return how many."""
    ahead = rows.filter(state=Delivery.State.PENDING, attempts=0, due_at__gt=timezone.now())
    return ahead.delete()[0]


def hurry(target: DeliveryTarget) -> int:
    """Begin anew with a target that has just been put right; return how many rows were backing off.

    What waits for a moment of its own goes on waiting.
    """
    anew = {"failures": 0, "paused_until": None, "remaining": None, "note": ""}
    DeliveryTarget.objects.filter(pk=target.pk).update(**anew)
    tried = target.deliveries.filter(state=Delivery.State.PENDING, attempts__gt=0)
    return tried.update(attempts=0, due_at=timezone.now())


def send_again(rows: models.QuerySet[Delivery]) -> int:
    """Send what is unclear or has failed once more, from the first back-off on; return how many.

    Whoever still has one of them in hand loses it: their result would be that of another message.
    """
    stuck = rows.filter(state__in=[Delivery.State.UNCLEAR, Delivery.State.FAILED])
    return stuck.update(
        state=Delivery.State.PENDING,
        attempts=0,
        due_at=timezone.now(),
        leased_by="",
        problem="",
    )


def take_for_delivered(rows: models.QuerySet[Delivery], problem: str) -> int:
    """Note that a person knows of its arrival; return how many. `problem` says who that is."""
    stuck = rows.filter(state__in=[Delivery.State.UNCLEAR, Delivery.State.FAILED])
    now = timezone.now()
    return stuck.update(
        state=Delivery.State.DELIVERED, sent_at=now, leased_by="", problem=problem[:300]
    )


def sweep(now: datetime) -> bool:
    """Forget what was settled long ago, a thousand at a time; return whether there may be more."""
    settled = Delivery.objects.filter(state__in=[Delivery.State.DELIVERED, Delivery.State.DROPPED])
    old = settled.filter(created_at__lt=now - KEPT).order_by("id").values_list("pk", flat=True)
    pks = list(old[:AT_ONCE])
    Delivery.objects.filter(pk__in=pks).delete()
    return len(pks) == AT_ONCE


periodic("deliveries", "清理一年前的外发记录", sweep, at=time(4, 30))
