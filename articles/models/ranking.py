"""人力资讯TOP500: stored rankings by reads in the last 30 days, in a year and of all time, then by date.

Adding up the reads of all articles at every request would cost more with every article. The rankings
are stored instead, and made anew by the first reader who finds them ten minutes old; and so is what
else is counted over all articles: the months of the archive, the tags, the categories.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from django.db import DatabaseError, IntegrityError, OperationalError, models, transaction
from django.db.models import F, Func, OuterRef, Q, Subquery
from django.utils import timezone

from articles.models.archive import Month, writer_of_counts
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

    refreshed_at = models.DateTimeField()  # when somebody last set about it
    made_at = models.DateTimeField(null=True)  # when somebody set about what is written

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
        except (OperationalError, IntegrityError):
            cls.try_at = time.monotonic() + cls.PAUSE
            logger.warning("the rankings wait for the database")

    @classmethod
    def refresh(cls, *, only_if_due: bool = False) -> None:
        """Make the ranking anew; of several at once the first does the work, the others do not wait.

        Counting takes seconds on a large site, so nobody is locked out meanwhile: two short transactions
        say who counts, and write the result. Who is killed in between leaves the old ranking for as
        long as one lasts anyway; whom the database refuses leaves the work to the next who asks.
        """
        now = timezone.now()
        if not cls._claim(now, only_if_due=only_if_due):
            return
        try:
            cls._make(now, only_if_due=only_if_due)
        except DatabaseError:
            with suppress(DatabaseError):  # what was in the way may still be
                ours = cls.objects.filter(pk=1, refreshed_at=now)
                ours.update(refreshed_at=now - cls.MAX_AGE)
            raise

    @classmethod
    def _make(cls, now: datetime, *, only_if_due: bool) -> None:
        """Count and write, unless somebody who began later has written meanwhile."""
        made_at = cls.objects.values_list("made_at", flat=True).get()
        same_day = made_at and timezone.localdate(made_at) == timezone.localdate(now)
        # A day's reads are lost in those of a year, and a year's take long to add up.
        daily = {Window.YEAR} if only_if_due and same_day else set()
        writes: list[Callable[[], object]] = [
            *(partial(cls._write, window, cls._by_reads(window)) for window in set(Window) - daily),
            Month.recount(),
            TagUse.recount(now),
            recount_categories(),
        ]
        with transaction.atomic():
            # First, as it locks the row: two who were asked to count in any case write one by one.
            older = cls.objects.filter(Q(made_at=None) | Q(made_at__lt=now), pk=1)
            if not older.update(made_at=now):
                return
            for write in writes:
                write()
            content_changed()

    @classmethod
    def _claim(cls, now: datetime, *, only_if_due: bool) -> bool:
        """Say that whoever calls makes the ranking now, unless somebody has said so."""
        with transaction.atomic():
            long_ago = now - 2 * cls.MAX_AGE
            cls.objects.get_or_create(pk=1, defaults={"refreshed_at": long_ago})
            claim = cls.objects.filter(pk=1)
            if only_if_due:
                claim = claim.filter(refreshed_at__lte=now - cls.MAX_AGE)
            # The update locks the row: a second worker waits here and then finds nothing due.
            return bool(claim.update(refreshed_at=now))

    @classmethod
    def _write(cls, window: Window, ranked: Sequence[int]) -> None:
        """Store a ranking, but for the articles that were deleted while it was made."""
        there = set(Article.objects.filter(pk__in=ranked).values_list("pk", flat=True))
        places = enumerate((article for article in ranked if article in there), start=1)
        RankedArticle.objects.filter(window=window).delete()
        RankedArticle.objects.bulk_create(
            RankedArticle(window=window, position=position, article_id=article)
            for position, article in places
        )

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


def recount_categories() -> Callable[[], object]:
    """Count the articles of each category; return what writes the counts that have changed."""
    own = Article.objects.published().filter(category=OuterRef("pk")).order_by()
    counted = own.annotate(count=Func(F("pk"), function="COUNT")).values("count")
    return writer_of_counts(Category, "article_count", Subquery(counted))


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
