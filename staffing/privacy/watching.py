"""Who looks at more numbers than work asks for."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count
from django.utils import timezone

from staffing.models import EnquiryEvent

# So many numbers a day are work; more is worth a question.
MANY_REVEALED: Final = 30


def revealed_today() -> list[dict[str, Any]]:
    """Return who has looked at many numbers today, and at how many; one query, by an index."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    looked = EnquiryEvent.objects.filter(kind=EnquiryEvent.Kind.REVEALED, at__gte=midnight)
    counted = looked.order_by().values("by__name", "by__username").annotate(n=Count("pk"))
    return list(counted.filter(n__gt=MANY_REVEALED).order_by("-n"))
