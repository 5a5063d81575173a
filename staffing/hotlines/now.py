"""Which hotline is answered now, as all pages of an epoch say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from portal.cms.pagecache.epochs import upcoming
from staffing.hotlines.hours import AHEAD, DAY, Offer, offered
from staffing.models import Hotline, SpecialDay


def offer(hotlines: Sequence[Hotline], at: datetime | None = None) -> Offer:
    """Return the hotline to offer, of those for display; one query where any has hours, else none."""
    at = at or timezone.now()
    if not any(hotline.hours.all() for hotline in hotlines):
        return offered(hotlines, {}, at)
    today = timezone.localdate(at)
    return offered(hotlines, SpecialDay.objects.kinds(today - DAY, today + AHEAD + DAY), at)


@upcoming
def next_opening_or_closing(now: datetime) -> datetime | None:
    """When pages offer another hotline, or to be called back instead, or back again. Three queries."""
    return offer(list(Hotline.objects.for_display()), now).changes_at
