"""What visitors search for, counted, so that editors learn what is missing. Nothing about who searched.

A query that may tell of a person (a number, an address, a sentence) is not written down.
"""

from __future__ import annotations

import re

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from portal.cms.locking import waiting_little
from portal.cms.search.models import SearchedQuery
from portal.cms.search.tokens import words

LONGEST = 20
# Telephone, identity and card numbers, even parted; addresses for mail.
PERSONAL = re.compile(r"(?:\d[\s－]?){5,}|＠")
MOST_ROWS = 5_000
SWEPT = 500


def record(query: str, found: int) -> None:
    """Count a query; three queries. A busy database is no reason to keep a visitor waiting."""
    text = " ".join(words(query))
    if not text or len(text) > LONGEST or PERSONAL.search(text):
        return
    try:
        with waiting_little(), transaction.atomic():
            _count(text, found)
    except DatabaseError:
        return


def _count(text: str, found: int) -> None:
    now = timezone.now()
    row, is_new = SearchedQuery.objects.get_or_create(
        text=text, defaults={"found": found, "last_asked_at": now}
    )
    SearchedQuery.objects.filter(pk=row.pk).update(
        asked=F("asked") + 1, found=found, last_asked_at=now
    )
    if is_new and row.pk % SWEPT == 0:
        _sweep()


def _sweep() -> None:
    """Keep what was asked most lately: whoever floods the log does not fill the disk."""
    kept = SearchedQuery.objects.order_by("-last_asked_at").values_list("pk", flat=True)
    SearchedQuery.objects.exclude(pk__in=list(kept[:MOST_ROWS])).delete()
