"""The months that have articles, and how many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Subquery
from django.utils import timezone

from articles.models.article import Article, ArticleQuerySet

FIRST_YEAR = 1990  # the web is no older, and far years do not convert between time zones


def month_of(at: datetime) -> datetime:
    """Return when the month of a moment began in Beijing."""
    local = timezone.localtime(at)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(begin: datetime) -> datetime:
    """Return when the month after one that begins then begins."""
    years, index = divmod(begin.month, 12)
    return begin.replace(year=begin.year + years, month=index + 1)


class MonthQuerySet(models.QuerySet["Month"]):
    """What the archives ask for."""

    def linked(self) -> Self:
        """Return those whose page shows something now, newest first: the others are a 404."""
        found = self.filter(Exists(articles_within()), articles__gt=0)
        return found.order_by("-begins_at")


class Month(models.Model):
    """A month in Beijing time, and its articles as of the last refresh of the ranking."""

    begins_at = models.DateTimeField(unique=True)
    ends_at = models.DateTimeField()
    articles = models.PositiveIntegerField(default=0)

    objects = MonthQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{timezone.localtime(self.begins_at):%Y-%m}"

    @classmethod
    def recount(cls) -> Callable[[], object]:
        """Count all months in one query, each in its span of the index; return what writes them.

        Months that nothing was in before are made at once.
        """
        oldest = timezone.make_aware(datetime(FIRST_YEAR, 1, 1))
        newest = Article.objects.published().filter(go_live_at__gte=oldest).newest()
        dates = newest.values_list("go_live_at", flat=True)
        first, last = dates.last(), dates.first()
        if first is not None and last is not None:
            begins = [month_of(first)]
            while begins[-1] < month_of(last):
                begins.append(month_after(begins[-1]))
            known = set(cls.objects.values_list("begins_at", flat=True))
            Month.objects.bulk_create(
                [
                    Month(begins_at=begin, ends_at=month_after(begin))
                    for begin in begins
                    if begin not in known
                ],
                ignore_conflicts=True,
            )
        counted = articles_within().annotate(count=Func(F("pk"), function="COUNT"))
        return writer_of_counts(cls, "articles", Subquery(counted.values("count")))


def writer_of_counts(
    model: type[models.Model], field: str, counted: Subquery
) -> Callable[[], object]:
    """Count for each row what `counted` does; return what writes the counts that have changed."""
    rows = model._default_manager.annotate(counted=counted).values_list("pk", field, "counted")
    changed = [model(**{"pk": pk, field: count}) for pk, had, count in rows if count != had]
    return lambda: model._default_manager.bulk_update(changed, [field])


def articles_within() -> ArticleQuerySet:
    """Return the published articles of the month in the query around this one."""
    span = {"go_live_at__gte": OuterRef("begins_at"), "go_live_at__lt": OuterRef("ends_at")}
    # The span first: see `articles.views.archive_of`.
    return Article.objects.filter(**span).published()
