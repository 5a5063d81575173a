"""Scheduled changes, applied when their moment has come."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.cms.pagecache import moments
from portal.cms.pagecache.epochs import clock, once
from portal.cms.revisions import actions

logger = logging.getLogger(__name__)

# Seconds until a due change is tried again that a busy database did not take.
PAUSE = 2.0


@once
def next_change() -> datetime | None:
    """When the next scheduled change is due, or was; one query an epoch."""
    return moments.next_scheduled_change(timezone.now())


class DueChangesMiddleware:
    """Applies the scheduled changes whose moment has come, before anything is answered.

    One comparison where none is due. Files are answered as ever: nothing about them is scheduled.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.try_at = 0.0  # by time.monotonic()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.steady():
            if not request.path_info.startswith(settings.MEDIA_URL):
                self.apply_due()
            return self.get_response(request)

    def apply_due(self) -> None:
        try:
            moment = next_change()
            if moment is None or moment > timezone.now() or time.monotonic() < self.try_at:
                return
            actions.apply_due()
        except DatabaseError:
            # A writer in the way: the page as it was is better than none, and better than visitors who
            # all wait for it.
            self.try_at = time.monotonic() + PAUSE
            logger.warning("scheduled changes wait for the database", exc_info=True)
