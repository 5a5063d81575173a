"""人力资讯TOP500: a stored ranking by reads in the last 30 days, then by date.

Adding up the reads of all articles at every request would cost more with every article. The ranking
is stored instead, and made anew by the first reader who finds it ten minutes old.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from articles.models.article import Article, ArticleQuerySet


class Ranking(models.Model):
    """One row: when the ranking was last made."""

    SIZE: ClassVar[int] = 500
    WINDOW: ClassVar[timedelta] = timedelta(days=30)
    MAX_AGE: ClassVar[timedelta] = timedelta(minutes=10)

    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="articles_ranking_single", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.refreshed_at:%Y-%m-%d %H:%M}"

    @classmethod
    def current(cls) -> ArticleQuerySet:
        """Return the ranked articles a stranger may see, best first; made anew if it is old.

        Visibility is asked for now, not taken from the time of the ranking.
        """
        cls.refresh_if_due()
        return Article.objects.published().filter(rank__isnull=False).order_by("rank__position")

    @classmethod
    def refresh_if_due(cls) -> None:
        """Make the ranking anew if it is MAX_AGE old; one query otherwise."""
        row = cls.objects.filter(pk=1).first()
        if row is None or row.refreshed_at <= timezone.now() - cls.MAX_AGE:
            cls.refresh(only_if_due=True)

    @classmethod
    def refresh(cls, *, only_if_due: bool = False) -> None:
        """Make the ranking anew, in one transaction; of several at once the first does the work."""
        now = timezone.now()
        with transaction.atomic():
            cls.objects.get_or_create(pk=1, defaults={"refreshed_at": now - 2 * cls.MAX_AGE})
            claim = cls.objects.filter(pk=1)
            if only_if_due:
                claim = claim.filter(refreshed_at__lte=now - cls.MAX_AGE)
            # The update locks the row: a second worker waits here and then finds nothing due.
            if not claim.update(refreshed_at=now):
                return
            RankedArticle.objects.all().delete()
            RankedArticle.objects.bulk_create(
                RankedArticle(position=position, article_id=article_id)
                for position, article_id in enumerate(cls._by_reads(), start=1)
            )

    @classmethod
    def _by_reads(cls) -> list[int]:
        """Return the ids, best first: what was read in the window, then the newest. Two queries.

        Neither looks at the articles nobody has read: an outer join would add up all of them.
        """
        since = timezone.localdate() - cls.WINDOW
        published = Article.objects.published()
        read = (
            published.filter(daily_reads__day__gt=since)
            .values("pk")
            .annotate(recent=Sum("daily_reads__reads"))
            .order_by("-recent", "-go_live_at", "-pk")
            .values_list("pk", flat=True)
        )
        newest = published.newest().values_list("pk", flat=True)
        return list(dict.fromkeys([*read[: cls.SIZE], *newest[: cls.SIZE]]))[: cls.SIZE]


class RankedArticle(models.Model):
    """The place of one article in the stored ranking."""

    position = models.PositiveSmallIntegerField(primary_key=True)
    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="rank")

    def __str__(self) -> str:
        return f"{self.position}. {self.article_id}"
