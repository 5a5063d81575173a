"""The states in which a stranger must not see an item, as fields for the builders of `tests.cast`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.cms.publishing import Status
from tests import cast

NEVER_PUBLISHED = {"go_live_at": None, "first_published_at": None}
WITHDRAWN = {"status": Status.WITHDRAWN}


def hidden() -> dict[str, dict[str, Any]]:
    """Return the states that answer 404; a withdrawn item answers 410."""
    past = timezone.now() - timedelta(minutes=1)
    # Asked when tests are collected: "expired" says when it went live too, for the builders' own
    # moment is counted from the test's start, and minutes later that would be after the end.
    return {
        "draft": {"status": Status.DRAFT, **NEVER_PUBLISHED},
        "in_review": {"status": Status.IN_REVIEW, **NEVER_PUBLISHED},
        "scheduled": cast.live(-60),
        "expired": {**cast.live(60), "expire_at": past},
        "deleted": {"deleted_at": past},
    }
