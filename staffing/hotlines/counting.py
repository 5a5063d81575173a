"""Counting what leads to calls: by page and day, and by nobody's address or cookie."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import F
from django.utils import timezone

from staffing.models import DailyCalls

# A stranger can name any word as a page: beyond so many a day the rest is the site's.
MOST_PAGES: Final = 2_000
REST: Final = "/"


def count(page: str, action: DailyCalls.Action) -> None:
    """Count one tap, or one request to be called back, that a page led to; four queries at most.

    Added up in the database: of any number at once none is lost.
    """
    today = timezone.localdate()
    if _add(today, page or REST, action):
        return
    if DailyCalls.objects.filter(day=today).count() >= MOST_PAGES:
        page = REST
    DailyCalls.objects.get_or_create(day=today, page=page or REST, action=action)
    _add(today, page or REST, action)


def _add(day: date, page: str, action: DailyCalls.Action) -> int:
    rows = DailyCalls.objects.filter(day=day, page=page, action=action)
    return rows.update(count=F("count") + 1)
