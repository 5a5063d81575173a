"""相关文章: what is like an article, by its tags and by the words of its title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import Q
from taggit.models import Tag

from articles.models.article import Article
from articles.models.tagging import TagEntry
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


def related_to(shown: Article, tags: Sequence[Tag]) -> list[Article]:
    """Return the published articles most like this one, which has these tags; the newest of equals first.

    Each tag in common counts for one, and all the words of this title for one. Where the tags name
    too few, those join that share rare words of the title. A query for each of four tags and one for
    the titles; one more where words are looked up.
    """
    common = by_tags(shown, tags)
    others = Article.objects.published().exclude(pk=shown.pk)
    among = Q(pk__in=[pk for pk, _ in common.most_common(COMPARED)])
    if len(common) < SHOWN:
        likeness = Likeness(searchable_of(Article), shown.title)
        telling = likeness.rarest(TELLING_PAIRS, least=2)
        among |= Q(pk__in=likeness.having_any(telling, others, CANDIDATES))
    pairs = set(pairs_of(shown.title))

    def likeness_of(other: Article) -> float:
        shared = pairs.intersection(pairs_of(other.title)) if pairs else ()
        return common[other.pk] + len(shared) / (len(pairs) or 1)

    found = others.filter(among).only("title", "go_live_at").newest()
    return sorted(found, key=likeness_of, reverse=True)[:SHOWN]


def by_tags(shown: Article, tags: Sequence[Tag]) -> Counter[int]:
    """Return how many tags each of the newest articles under its tags has in common with this one."""
    visible = TagEntry.objects.published().exclude(article=shown.pk)
    common: Counter[int] = Counter()
    for tag_id in numbers_of(tags[:TAGS]):
        # One by one: the entries of several tags at once would all be read, and sorted.
        newest = visible.filter(tag=tag_id).order_by("-go_live_at", "-article")
        common.update(newest.values_list("article", flat=True)[:CANDIDATES])
    return common


def numbers_of(tags: Sequence[Tag]) -> list[int]:
    """Return the ids of tags; one query for those of a preview, which has them by name."""
    if all(tag.pk for tag in tags):
        return [tag.pk for tag in tags]
    names = [tag.name for tag in tags]
    return list(Tag.objects.filter(name__in=names).values_list("pk", flat=True))
