"""相关文章: what is like an article, by its tags and by the words of its title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from taggit.models import Tag

from articles.models.article import Article
from portal.cms.addresses import address
from portal.cms.pagecache.epochs import once_each
from portal.cms.search.register import searchable_of
from portal.cms.search.similar import Likeness, pairs_of

SHOWN = 6
# Of the tags of an article so many are looked at, and of each the newest so many articles.
TAGS = 4
CANDIDATES = 40
# Those with most tags in common are compared by their titles.
COMPARED = 24
# What is like an article by its words has one of so many rarest pairs of characters in its title.
TELLING_PAIRS = 12
# Some 12 KB each.
TAGS_KEPT = 300


class Link(NamedTuple):
    """What a link to an article shows, and what puts it in its place."""

    pk: int
    title: str
    go_live_at: datetime

    # Two lists may know an article by two titles: they were not read at the same moment.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Link) and self.pk == other.pk

    def __hash__(self) -> int:
        return hash(self.pk)

    def get_absolute_url(self) -> str:
        return address("articles:article", self.pk)


def related_to(shown: Article, tags: Sequence[Tag]) -> list[Link]:
    """Return the published articles most like this one, which has these tags; the newest of equals first.

    Each tag in common counts for one, and all the words of this title for one. Where the tags name
    too few, those join that share rare words of the title. A query for each of four tags whose
    articles are not kept; two more where words are looked up.
    """
    common: Counter[Link] = Counter()
    for tag in numbers_of(tags[:TAGS]):
        common.update([other for other in newest_of(tag) if other.pk != shown.pk][:CANDIDATES])
    found = {other for other, _ in common.most_common(COMPARED)}
    if len(found) < SHOWN:
        found.update(alike_by_title(shown))
    pairs = pairs_in(shown.title)

    def likeness_of(other: Link) -> tuple[Any, ...]:
        shared = len(pairs & pairs_in(other.title)) / (len(pairs) or 1)
        return common[other] + shared, other.go_live_at, other.pk

    return sorted(found, key=likeness_of, reverse=True)[:SHOWN]


@once_each(TAGS_KEPT)
def newest_of(tag: int) -> list[Link]:
    """Return the newest articles of a tag, and one more: the page's own may be among them."""
    return links_to(Article.objects.published().tagged(tag)[: CANDIDATES + 1])


def alike_by_title(shown: Article) -> list[Link]:
    """Return the newest articles that share rare words with a title; two queries."""
    others = Article.objects.published().exclude(pk=shown.pk)
    likeness = Likeness(searchable_of(Article), shown.title)
    telling = likeness.rarest(TELLING_PAIRS, least=2)
    return links_to(others.filter(pk__in=likeness.having_any(telling, others, CANDIDATES)))


def links_to(articles: QuerySet[Article]) -> list[Link]:
    return [Link(*values) for values in articles.values_list(*Link._fields)]


# The titles under the tags that are used most are compared with for most pages; some 5 KB each.
@lru_cache(maxsize=1000)
def pairs_in(title: str) -> frozenset[str]:
    return frozenset(pairs_of(title))


def numbers_of(tags: Sequence[Tag]) -> list[int]:
    """Return the ids of tags; one query for those of a preview, which has them by name."""
    if all(tag.pk for tag in tags):
        return [tag.pk for tag in tags]
    names = [tag.name for tag in tags]
    return list(Tag.objects.filter(name__in=names).values_list("pk", flat=True))
