"""What the pages of tags are read from: the entries of each tag in order, and how much it is used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from articles.models.article import Article
from portal.cms.publishing import Status


class TagEntryQuerySet(models.QuerySet["TagEntry"]):
    def published(self) -> Self:
        """Return those whose article a stranger may see now, by the dates they copy of it."""
        now = timezone.now()
        lasting = Q(expire_at=None) | Q(expire_at__gt=now)
        return self.filter(lasting, go_live_at__lte=now)


class TagEntry(models.Model):
    """A published article under one of its tags, with the dates that decide who sees it when.

    A copy, kept in the transaction that changes the article or its tags. taggit's own rows know no
    dates: from them, one page of a tag costs a look at all articles of the tag.
    """

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="entries", db_index=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="tag_entries", db_index=False)
    go_live_at = models.DateTimeField()
    expire_at = models.DateTimeField(null=True)

    objects = TagEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            # Also the way from an article to its entries.
            models.UniqueConstraint(fields=["article", "tag"], name="articles_tagentry_once")
        ]
        indexes = [
            # The page of a tag: newest first.
            models.Index(fields=["tag", "-go_live_at", "-article"], name="articles_tagentry_list"),
            # How often each tag is used, counted without a look at the rows.
            models.Index(fields=["tag", "go_live_at", "expire_at"], name="articles_tagentry_count"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.article_id}"


@receiver(post_save, sender=Article)
def enter_saved(instance: Article, raw: bool, **kwargs: Any) -> None:
    """After a save: dates and status stand in the entries too. Not for fixtures, which bring them."""
    if not raw:
        enter(instance)


@receiver(m2m_changed, sender=TaggedItem)
def enter_tagged(instance: Any, action: str, **kwargs: Any) -> None:
    """After tags were given or taken."""
    if isinstance(instance, Article) and action.startswith("post_"):
        enter(instance)


def enter(article: Article) -> None:
    """Make the entries of an article say what it says: two queries, more only where they differ."""
    with transaction.atomic():
        entries = TagEntry.objects.filter(article=article)
        if article.status != Status.PUBLISHED or article.deleted_at is not None:
            entries.delete()
            return
        dates = {"go_live_at": article.go_live_at, "expire_at": article.expire_at}
        wanted = set(tagged(article).values_list("tag_id", flat=True))
        agree = {
            entry.tag_id
            for entry in entries
            if entry.tag_id in wanted and dates == {name: getattr(entry, name) for name in dates}
        }
        if len(agree) < len(entries):
            entries.exclude(tag__in=agree).delete()
        TagEntry.objects.bulk_create(
            # Two changes of one article at once add the same entries; the second finds them there.
            [TagEntry(tag_id=tag, article=article, **dates) for tag in sorted(wanted - agree)],
            ignore_conflicts=True,
        )


def tagged(article: Article) -> models.QuerySet[Any]:
    """Return taggit's own rows of an article."""
    rows: models.QuerySet[Any] = TaggedItem.objects.filter(
        content_type=ContentType.objects.get_for_model(Article), object_id=article.pk
    )
    return rows


class TagUseQuerySet(models.QuerySet["TagUse"]):
    """What the pages ask for."""

    def linked(self) -> Self:
        """Return those whose page shows something now, most used first: the others are a 404."""
        shown = TagEntry.objects.published().filter(tag=OuterRef("pk"))
        return self.filter(Exists(shown)).select_related("tag").order_by("-articles", "-pk")

    def of_the_year(self) -> Self:
        """Return them most used in the last year first."""
        return self.linked().filter(lately__gt=0).order_by("-lately", "-articles", "-pk")


class TagUse(models.Model):
    """How many articles a tag has: as of the last refresh of the ranking."""

    LATELY: ClassVar[timedelta] = timedelta(days=365)
    SEASON: ClassVar[timedelta] = timedelta(days=90)
    RISING_FROM: ClassVar[int] = 3  # one article after none is no trend

    tag = models.OneToOneField(Tag, models.CASCADE, primary_key=True, related_name="use")
    articles = models.PositiveIntegerField()
    lately = models.PositiveIntegerField()
    rising = models.BooleanField()

    objects = TagUseQuerySet.as_manager()

    class Meta:
        indexes = [
            # The page of all tags.
            models.Index(fields=["-articles", "-tag"], name="articles_taguse_most"),
            # The tags beside the lists.
            models.Index(fields=["-lately", "-articles", "-tag"], name="articles_taguse_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.articles}"

    @classmethod
    def recount(cls, now: datetime) -> None:
        """Count anew: one query that passes through the index of all entries; writes what changed.

        Rising is a tag used in the last 90 days at least twice as often as in the 90 before.
        """
        last, before = now - cls.SEASON, now - 2 * cls.SEASON
        live = TagEntry.objects.filter(
            Q(expire_at=None) | Q(expire_at__gt=now), go_live_at__lte=now
        )
        counted = live.values("tag").annotate(
            articles=Count("tag"),
            lately=Count("tag", filter=Q(go_live_at__gt=now - cls.LATELY)),
            season=Count("tag", filter=Q(go_live_at__gt=last)),
            season_before=Count("tag", filter=Q(go_live_at__gt=before, go_live_at__lte=last)),
        )
        uses = {
            row["tag"]: TagUse(
                tag_id=row["tag"],
                articles=row["articles"],
                lately=row["lately"],
                rising=row["season"] >= max(cls.RISING_FROM, 2 * row["season_before"]),
            )
            for row in counted
        }
        known = {use.pk: use for use in cls.objects.all()}
        cls.objects.filter(pk__in=known.keys() - uses.keys()).delete()
        TagUse.objects.bulk_create(
            [use for pk, use in uses.items() if pk not in known or use.says() != known[pk].says()],
            update_conflicts=True,
            unique_fields=["tag"],
            update_fields=["articles", "lately", "rising"],
        )

    def says(self) -> tuple[int, int, bool]:
        return (self.articles, self.lately, self.rising)
