"""Counting what leads to calls: by page and day, and by nobody's address or cookie."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import F
from django.utils import timezone

from staffing.models import DailyCalls
from staffing.models.journal import without_phones

# A stranger can name any word as a page, and any number: beyond so many a day the rest is no page's.
MOST_PAGES: Final = 2_000
REST: Final = ""


def count(page: str, action: DailyCalls.Action) -> None:
    """Count one tap, or one request to be called back, that a page led to; four queries at most.

    Added up in the database: of any number at once none is lost.
    """
    today, page = timezone.localdate(), without_phones(page)
    if _add(today, page, action):
        return
    if DailyCalls.objects.filter(day=today).count() >= MOST_PAGES:
        page = REST
    DailyCalls.objects.get_or_create(day=today, page=page, action=action)
    _add(today, page, action)


def _add(day: date, page: str, action: DailyCalls.Action) -> int:
    rows = DailyCalls.objects.filter(day=day, page=page, action=action)
    return rows.update(count=F("count") + 1)
