"""How often an article was read: counted by a beacon, so that the page itself stays cacheable."""

from __future__ import annotations

import re

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from articles.models.article import Article

# A beacon needs JavaScript, which keeps out most crawlers; these run JavaScript too.
CRAWLER = re.compile(
    r"bot|spider|crawl|slurp|lighthouse|headless|preview|monitor|curl|wget|python|java/|go-http",
    re.IGNORECASE,
)


def is_crawler(user_agent: str) -> bool:
    """Whether a request of this name is no reader; one without a name is none either."""
    return not user_agent or CRAWLER.search(user_agent) is not None


class DailyReads(models.Model):
    """The reads of one article on one day (Asia/Shanghai): what the ranking of 30 days adds up."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="daily_reads")
    day = models.DateField()
    reads = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "day"], name="articles_dailyreads_once")
        ]
        indexes = [
            # The ranking sums all articles over the last days.
            models.Index(fields=["day", "article"], name="articles_dailyreads_day")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.reads}"


def record_read(article_id: int) -> bool:
    """Count one read of a published article; return whether it was. Four queries, one transaction.

    Adds in the database, never in Python: of any number of readers at once none is lost.
    """
    with transaction.atomic():
        counted = (
            Article.objects.published().filter(pk=article_id).update(read_count=F("read_count") + 1)
        )
        if not counted:
            return False
        today, _ = DailyReads.objects.get_or_create(article_id=article_id, day=timezone.localdate())
        DailyReads.objects.filter(pk=today.pk).update(reads=F("reads") + 1)
    return True
