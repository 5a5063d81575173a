"""How often an article was read: counted by a beacon, so that the page itself stays cacheable."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from typing import Any

from django.db import OperationalError, models, transaction
from django.db.models import ExpressionWrapper, F, Sum
from django.utils import timezone

from articles.models.article import Article
from portal.cms.locking import waiting_little

# Reads that could not be counted yet, by article. So few that they can be counted in one go.
MOST_WAITING = 500
BRIEFLY = 0.05  # seconds
_waiting: Counter[int] = Counter()
_lock = threading.Lock()


class DailyReads(models.Model):
    """The reads of one article on one day (Asia/Shanghai): what the rankings of 30 days and a year add up."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="daily_reads")
    day = models.DateField()
    reads = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "day"], name="articles_dailyreads_once")
        ]
        indexes = [
            # The rankings add up the last days of all articles that were read.
            models.Index(fields=["day", "article", "reads"], name="articles_dailyreads_day")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.reads}"

    @classmethod
    def sums_since(cls, day: date) -> models.QuerySet[Any, Any]:
        """Return the id of each article that was read after a day, and how often, most read first."""
        # Grouped by the bare column, SQLite walks the index on it, which holds all reads ever, and
        # not that on the days.
        who = ExpressionWrapper(F("article_id") + 0, output_field=models.BigIntegerField())
        read = cls.objects.filter(day__gt=day).values(who=who)
        sums: models.QuerySet[Any, Any] = read.annotate(sum=Sum("reads")).order_by("-sum")
        return sums.values_list("who", "sum")


def record_read(article_id: int) -> bool:
    """Count one read of a published article; return whether it is one. Seven queries.

    Where a writer is in the way, such as an import on SQLite, the read is not waited for: this process
    remembers it, and counts it with the next. What it remembers when it ends is lost.
    """
    if not Article.objects.published().filter(pk=article_id).exists():
        return False
    with _lock:
        if len(_waiting) < MOST_WAITING:
            _waiting[article_id] += 1
        reads = dict(_waiting)
        _waiting.clear()
    try:
        with waiting_little(BRIEFLY), transaction.atomic():
            for pk in sorted(reads):  # in one order: two processes must not wait for each other
                _add(pk, reads[pk])
    except OperationalError:
        with _lock:
            _waiting.update(reads)
    return True


def _add(article_id: int, reads: int) -> None:
    """Add in the database, never in Python: of any number of readers at once none is lost."""
    counted = Article.objects.filter(pk=article_id).update(read_count=F("read_count") + reads)
    if not counted:  # deleted while its reads waited
        return
    today, _ = DailyReads.objects.get_or_create(article_id=article_id, day=timezone.localdate())
    DailyReads.objects.filter(pk=today.pk).update(reads=F("reads") + reads)
