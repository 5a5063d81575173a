"""The moments at which pages change by the clock alone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from portal.cms.kinds import kinds
from portal.cms.pagecache.epochs import content_changed, upcoming
from portal.cms.publishing import Status
from portal.cms.revisions.models import PendingDraft

VISIBLE = {"status": Status.PUBLISHED, "deleted_at": None}


@upcoming
def next_to_go_live_or_expire(now: datetime) -> datetime | None:
    """Two queries for each kind of item, each to the first row of an index."""
    moments = (
        first(kind._default_manager.filter(**VISIBLE, **{f"{name}__gt": now}), name)
        for kind in kinds()
        for name in ("go_live_at", "expire_at")
    )
    return min(filter(None, moments), default=None)


@upcoming
def next_scheduled_change(now: datetime) -> datetime | None:
    """May lie in the past: a change that is due, but not applied yet; one query."""
    return first(PendingDraft.objects.filter(status=PendingDraft.Status.SCHEDULED), "apply_at")


@upcoming
def next_midnight(now: datetime) -> datetime:
    """The last day of a job or a licence ends, the windows of the rankings move; no query."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))


def first(items: QuerySet[Any], name: str) -> datetime | None:
    moment: datetime | None = items.order_by(name).values_list(name, flat=True).first()
    return moment


@receiver(post_save, sender=PendingDraft)
def moves_a_moment(instance: PendingDraft, **kwargs: Any) -> None:
    # One that is no longer scheduled needs no count: the epoch ends a little early, that is all.
    if instance.is_scheduled:
        content_changed()
