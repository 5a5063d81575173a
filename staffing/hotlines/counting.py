"""Counting what leads to calls: by page and day, and by nobody's address or cookie."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import F
from django.utils import timezone

from staffing.models import DailyCalls

# A stranger can name any word as a page, and any number: beyond so many a day the rest is no page's.
MOST_PAGES: Final = 2_000
REST: Final = ""
# Any word may be the name of a tag: here they are one page.
TAGS: Final = "/articles/tag/"


def count(page: str) -> None:
    """Count one tap that a page led to; four queries at most.

    Added up in the database: of any number at once none is lost.
    """
    today = timezone.localdate()
    if page.startswith(TAGS):
        page = TAGS
    if _add(today, page):
        return
    if DailyCalls.objects.filter(day=today).count() >= MOST_PAGES:
        page = REST
    DailyCalls.objects.get_or_create(day=today, page=page)
    _add(today, page)


def _add(day: date, page: str) -> int:
    return DailyCalls.objects.filter(day=day, page=page).update(count=F("count") + 1)
