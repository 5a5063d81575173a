"""What the pages of tags are read from: the entries of each tag in order, and how much it is used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from articles.models.article import Article
from portal.cms.publishing import Status, is_rehearsal


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
    if not raw and not is_rehearsal():
        enter(instance)


@receiver(m2m_changed, sender=TaggedItem)
def enter_tagged(instance: Any, action: str, pk_set: Collection[int] | None, **kwargs: Any) -> None:
    """After tags were given or taken; taggit tells of none, too."""
    told = action.startswith("post_") and (pk_set is None or pk_set)
    if told and isinstance(instance, Article) and not is_rehearsal():
        enter(instance)


@receiver(post_save, sender=TaggedItem)
def enter_moved(instance: TaggedItem, created: bool, raw: bool, **kwargs: Any) -> None:
    """After a row of taggit's went to another tag: so its `deduplicate_tags` makes one tag of two.

    New rows come by `add`, of which `enter_tagged` hears.
    """
    if not created and not raw:
        _enter_owner(instance)


@receiver(post_delete, sender=TaggedItem)
def enter_removed(instance: TaggedItem, origin: Any, **kwargs: Any) -> None:
    """After a row was deleted by itself; `remove`, a tag and an article delete several, or all."""
    if origin is instance:
        _enter_owner(instance)


def _enter_owner(row: TaggedItem) -> None:
    if row.content_type_id == ContentType.objects.get_for_model(Article).pk:
        for article in Article.objects.filter(pk=row.object_id).defer("body"):
            enter(article)


def enter(article: Article) -> None:
    """Make the entries of an article say what it says: two queries, more only where they differ."""
    with transaction.atomic(savepoint=False):
        entries = TagEntry.objects.filter(article=article)
        if not _is_entered(article):
            entries.delete()
            return
        dates = _dates_of(article)
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


def _is_entered(article: Article) -> bool:
    return article.status == Status.PUBLISHED and article.deleted_at is None


def _dates_of(article: Article) -> dict[str, Any]:
    return {"go_live_at": article.go_live_at, "expire_at": article.expire_at}


def tag_new(articles: Sequence[tuple[Article, Collection[str]]]) -> None:
    """Give new articles their tags, as `tags.set` would; three queries, more for unknown tags."""
    known = tags_named(dict.fromkeys(name for _, names in articles for name in names))
    pairs = [
        (article, tag)
        for article, names in articles
        for tag in sorted({known[name].pk for name in names})
    ]
    kind = ContentType.objects.get_for_model(Article)
    TaggedItem.objects.bulk_create(
        TaggedItem(tag_id=tag, content_type=kind, object_id=article.pk) for article, tag in pairs
    )
    TagEntry.objects.bulk_create(
        TagEntry(tag_id=tag, article=article, **_dates_of(article))
        for article, tag in pairs
        if _is_entered(article)
    )


def tags_named(names: Collection[str]) -> dict[str, Tag]:
    """Return the tag of each name, made where there is none; one of another case is the same.

    A new tag is written as it is named first. taggit compares all tags with each name. One query, more
    for unknown tags.
    """
    known = Tag.objects.annotate(lower=Lower("name")).order_by("-pk")
    tags = {tag.lower: tag for tag in known.filter(lower__in={name.lower() for name in names})}
    # In one order, whoever makes them: of two who make the same, one waits for the other.
    for name in sorted(names, key=str.lower):
        if name.lower() not in tags:
            tags[name.lower()] = Tag.objects.get_or_create(name=name)[0]
    return {name: tags[name.lower()] for name in names}


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
    def recount(cls, now: datetime) -> Callable[[], object]:
        """Count anew, in one query that passes through the index of all entries; return what writes it.

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
        known = {use.pk: use.says() for use in cls.objects.all()}
        changed = [use for pk, use in uses.items() if use.says() != known.get(pk)]
        return partial(cls._write, changed, known.keys() - uses.keys())

    @classmethod
    def _write(cls, changed: Sequence[TagUse], unused: Collection[int]) -> None:
        """Write what was counted, but of tags that are gone meanwhile."""
        tags = set(
            Tag.objects.filter(pk__in=[use.pk for use in changed]).values_list("pk", flat=True)
        )
        cls.objects.filter(pk__in=unused).delete()
        TagUse.objects.bulk_create(
            [use for use in changed if use.pk in tags],
            update_conflicts=True,
            unique_fields=["tag"],
            update_fields=["articles", "lately", "rising"],
        )

    def says(self) -> tuple[int, int, bool]:
        return (self.articles, self.lately, self.rising)
