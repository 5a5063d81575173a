"""What may have come out of step in this app.

The counts of tags, months and categories and the rankings are not looked at: readers have them made anew
every ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from taggit.models import TaggedItem

from articles.models import Article, TagEntry
from articles.models.ranking import Ranking
from articles.models.tagging import enter
from portal.cms.pagecache.epochs import content_changed
from portal.cms.publishing import Status
from portal.cms.upkeep.register import check

AT_ONCE: Final = 500


def rows_of_articles() -> QuerySet[Any]:
    rows: QuerySet[Any] = TaggedItem.objects.filter(
        content_type=ContentType.objects.get_for_model(Article)
    )
    return rows


def untidy() -> list[int]:
    """Return the ids of articles whose entries under their tags do not say what they say; two queries."""
    tagged = rows_of_articles().filter(object_id=OuterRef("article"), tag=OuterRef("tag"))
    is_live = Q(article__status=Status.PUBLISHED, article__deleted_at=None)
    same_end = Q(expire_at=F("article__expire_at")) | Q(
        expire_at=None, article__expire_at__isnull=True
    )
    right = TagEntry.objects.filter(is_live, same_end, go_live_at=F("article__go_live_at"))
    right = right.filter(Exists(tagged))
    wrong = TagEntry.objects.exclude(pk__in=right.values("pk")).values_list("article", flat=True)
    entered = TagEntry.objects.filter(article=OuterRef("object_id"), tag=OuterRef("tag"))
    live = Article._base_manager.filter(status=Status.PUBLISHED, deleted_at=None)
    lacking = rows_of_articles().filter(object_id__in=live.values("pk")).exclude(Exists(entered))
    return sorted({*wrong, *lacking.values_list("object_id", flat=True)})


def find() -> Iterator[str]:
    titles = Article._base_manager.in_bulk(untidy()[:AT_ONCE])
    return (f"文章“{article.title}”在标签页里的位置不对。" for article in titles.values())


def mend() -> int:
    ids = untidy()
    for pk in ids:
        with transaction.atomic():
            article: Any = Article._base_manager.defer("body").select_for_update(of=("self",))
            if (row := article.filter(pk=pk).first()) is not None:
                enter(row)
                content_changed()
    if ids:
        Ranking.refresh()  # which counts the tags
    return len(ids)


def strays() -> QuerySet[Any]:
    """Rows of taggit whose article is gone: its own relation has no foreign key."""
    article = Article._base_manager.filter(pk=OuterRef("object_id"))
    return rows_of_articles().exclude(Exists(article))


def find_strays() -> Iterator[str]:
    if count := strays().count():
        yield f"有 {count} 条标签记录所属的文章已经不在。"


def delete_strays() -> int:
    deleted: int = strays().delete()[0]
    return deleted


check("tags", "标签页里的文章", find, mend)
check("tagged", "已删除文章的标签记录", find_strays, delete_strays)
