"""What is made out of an import's rows: the entries of tags, the search index, the rankings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.contrib.contenttypes.models import ContentType
from taggit.models import TaggedItem

from articles.models import Article, Ranking, TagEntry
from portal.cms.pagecache.epochs import content_changed
from portal.cms.publishing import Status
from portal.cms.search import indexing
from portal.cms.search.register import searchables

AT_ONCE: Final = 1000


def enter_tags() -> None:
    """Write the entries of all tags; two queries for a thousand of them."""
    TagEntry.objects.all().delete()
    entries: list[TagEntry] = []
    for entry in entries_due():
        entries.append(entry)
        if len(entries) == AT_ONCE:
            TagEntry.objects.bulk_create(entries)
            entries = []
    TagEntry.objects.bulk_create(entries)


def entries_due() -> Iterator[TagEntry]:
    kind = ContentType.objects.get_for_model(Article)
    rows = TaggedItem.objects.filter(content_type=kind).order_by("object_id", "tag_id")
    pairs = dict.fromkeys(rows.values_list("object_id", "tag_id"))
    shown = Article.objects.filter(status=Status.PUBLISHED, deleted_at=None)
    dates = {pk: moments for pk, *moments in shown.values_list("pk", "go_live_at", "expire_at")}
    for article, tag in pairs:
        if article in dates:
            begin, end = dates[article]
            yield TagEntry(tag_id=tag, article_id=article, go_live_at=begin, expire_at=end)


def index_all() -> None:
    """Write the search index; minutes for a hundred thousand texts. May be interrupted: `reindex`."""
    for searchable in searchables():
        for _ in indexing.reindex(searchable):
            pass
    content_changed()  # what is related to an article is found through the index


def count() -> None:
    """Make the rankings, and what is counted with them."""
    Ranking.refresh()
