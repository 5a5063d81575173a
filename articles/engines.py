"""What search engines may have of the articles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from taggit.models import Tag

from articles.feeds import FORMATS
from articles.models import Article, Category, TagUse
from portal.cms.addresses import address
from portal.cms.engines.register import Entry, Indexed, pages, register
from portal.cms.redirects import follow

# The page of a tag with fewer says little that the articles themselves do not.
LEAST_ARTICLES: Final = 3
# All tags of a site that grew for twenty years would be more than a sitemap holds.
MOST_TAGS: Final = 20_000
LISTS: Final = ("list", "top", "tags", "archive")


def public() -> QuerySet[Any]:
    return Article.objects.published().filter(indexable=True)


def lists() -> Iterator[Entry]:
    """Yield the lists that show something; one query for the categories, one for the tags."""
    for name in LISTS:
        yield Entry(reverse(f"articles:{name}"))
    shown = Article.objects.published().filter(category=OuterRef("pk"))
    for category in Category.objects.filter(Exists(shown)).for_list():
        yield Entry(category.get_absolute_url())
    for use in TagUse.objects.linked().filter(articles__gte=LEAST_ARTICLES)[:MOST_TAGS]:
        yield Entry(address("articles:tag", use.tag.name))


def with_feeds(page: str) -> list[str]:
    """Return the addresses of a page and of its feeds: who subscribed goes on hearing."""
    return [page, *(f"{page}{format.address}" for format in FORMATS)]


register(
    Indexed(
        key="articles",
        label="资讯",
        model=Article,
        public=public,
        columns=("go_live_at", "expire_at", "last_published_at"),
    )
)
pages("articles", "资讯列表", lists)
follow(Category, lambda category: with_feeds(category.get_absolute_url()))
follow(Tag, lambda tag: with_feeds(address("articles:tag", tag.name)))
