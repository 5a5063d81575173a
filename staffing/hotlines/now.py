"""Whether somebody answers now, as all pages of an epoch say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from portal.cms.pagecache.epochs import upcoming
from staffing.hotlines.hours import AHEAD, DAY, Reach, reachable
from staffing.models import Hotline, SpecialDay


def reach(hotlines: Sequence[Hotline], at: datetime | None = None) -> Reach:
    """Return whether one of the hotlines is answered; one query where any has hours, else none."""
    at = at or timezone.now()
    if not any(hotline.hours.all() for hotline in hotlines):
        return reachable(hotlines, {}, at)
    today = timezone.localdate(at)
    return reachable(hotlines, SpecialDay.objects.kinds(today - DAY, today + AHEAD + DAY), at)


@upcoming
def next_opening_or_closing(now: datetime) -> datetime | None:
    """When pages turn the call button into one for being called back, or back again. Three queries."""
    return reach(list(Hotline.objects.for_display()), now).changes_at
