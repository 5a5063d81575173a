"""人力资讯TOP500: stored rankings by reads in the last 30 days, in a year and of all time, then by date.

Adding up the reads of all articles at every request would cost more with every article. The rankings
are stored instead, and made anew by the first reader who finds them ten minutes old; and so is what
else is counted over all articles: the months of the archive, the tags, the categories.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import OperationalError, models, transaction
from django.db.models import F, Func, OuterRef, Q, Subquery
from django.utils import timezone

from articles.models.archive import Month
from articles.models.article import Article, ArticleQuerySet, Category
from articles.models.reads import DailyReads
from articles.models.tagging import TagUse
from portal.cms.locking import waiting_little
from portal.cms.pagecache.epochs import content_changed, upcoming

logger = logging.getLogger(__name__)


class Window(models.TextChoices):
    """The span of time whose reads a ranking adds up."""

    MONTH = "month", "近 30 天"
    YEAR = "year", "近一年"
    ALL = "all", "全部时间"


DAYS = {Window.MONTH: 30, Window.YEAR: 365}


class Ranking(models.Model):
    """One row: when the rankings were last made."""

    SIZE: ClassVar[int] = 500
    MAX_AGE: ClassVar[timedelta] = timedelta(minutes=10)
    PAUSE: ClassVar[float] = 10.0  # seconds
    try_at: ClassVar[float] = 0.0  # by time.monotonic()

    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="articles_ranking_single", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.refreshed_at:%Y-%m-%d %H:%M}"

    @classmethod
    def current(cls, window: Window = Window.MONTH) -> ArticleQuerySet:
        """Return the ranked articles a stranger may see, best first; made anew if it is old.

        Visibility is asked for now, not taken from the time of the ranking.
        """
        cls.refresh_if_due()
        ranked = Article.objects.published().filter(ranks__window=window)
        return ranked.order_by("ranks__position")

    @classmethod
    def refresh_if_due(cls) -> None:
        """Make the ranking anew if it is MAX_AGE old; one query otherwise.

        Where a writer is in the way, the old one has to do: it is tried again a while later.
        """
        row = cls.objects.filter(pk=1).first()
        due = row is None or row.refreshed_at <= timezone.now() - cls.MAX_AGE
        if not due or time.monotonic() < cls.try_at:
            return
        try:
            with waiting_little():
                cls.refresh(only_if_due=True)
        except OperationalError:
            cls.try_at = time.monotonic() + cls.PAUSE
            logger.warning("the rankings wait for the database")

    @classmethod
    def refresh(cls, *, only_if_due: bool = False) -> None:
        """Make the ranking anew, in one transaction; of several at once the first does the work."""
        now = timezone.now()
        with transaction.atomic():
            last, made = cls.objects.get_or_create(
                pk=1, defaults={"refreshed_at": now - 2 * cls.MAX_AGE}
            )
            claim = cls.objects.filter(pk=1)
            if only_if_due:
                claim = claim.filter(refreshed_at__lte=now - cls.MAX_AGE)
            # The update locks the row: a second worker waits here and then finds nothing due.
            if not claim.update(refreshed_at=now):
                return
            same_day = timezone.localdate(last.refreshed_at) == timezone.localdate(now)
            # A day's reads are lost in those of a year, and a year's take long to add up.
            daily = {Window.YEAR} if only_if_due and same_day and not made else set()
            for window in set(Window) - daily:
                ranked = enumerate(cls._by_reads(window), start=1)
                RankedArticle.objects.filter(window=window).delete()
                RankedArticle.objects.bulk_create(
                    RankedArticle(window=window, position=position, article_id=article_id)
                    for position, article_id in ranked
                )
            Month.recount()
            TagUse.recount(now)
            own = Article.objects.published().filter(category=OuterRef("pk")).order_by()
            counted = own.annotate(count=Func(F("pk"), function="COUNT")).values("count")
            Category.objects.update(article_count=Subquery(counted))
            content_changed()

    @classmethod
    def _by_reads(cls, window: Window) -> list[int]:
        """Return the ids, best first: what was read in the window, then the newest.

        Two or three queries. None looks at the articles nobody has read: an outer join would add up
        all of them.
        """
        published = Article.objects.published()
        if window == Window.ALL:
            read = published.filter(read_count__gt=0).order_by("-read_count", "-go_live_at", "-pk")
            best = list(read.values_list("pk", flat=True)[: cls.SIZE])
        else:
            sums = DailyReads.sums_since(timezone.localdate() - timedelta(days=DAYS[window]))
            # More than have a place: some may have left the site.
            reads = dict(sums[: 2 * cls.SIZE])
            rows = published.filter(pk__in=reads).values_list("go_live_at", "pk")
            best = [pk for *_, pk in sorted(((reads[row[1]], *row) for row in rows), reverse=True)]
        newest = published.newest().values_list("pk", flat=True)
        return list(dict.fromkeys([*best, *newest[: cls.SIZE]]))[: cls.SIZE]


@upcoming
def next_refresh(now: datetime) -> datetime | None:
    """When readers make the rankings anew: pages that show them are asked for again; one query.

    If that is past, nobody has asked, or a writer was in the way: soon.
    """
    made = Ranking.objects.values_list("refreshed_at", flat=True).first()
    return made and max(made + Ranking.MAX_AGE, now + timedelta(minutes=1))


class RankedArticle(models.Model):
    """The place of one article in a stored ranking."""

    window = models.CharField(max_length=5, choices=Window.choices)
    position = models.PositiveSmallIntegerField()
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="ranks")

    class Meta:
        constraints = [
            # The page of a ranking reads it in order.
            models.UniqueConstraint(
                fields=["window", "position"], name="articles_rankedarticle_position"
            ),
            models.UniqueConstraint(
                fields=["window", "article"], name="articles_rankedarticle_article"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} {self.position}. {self.article_id}"
