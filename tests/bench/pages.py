"""Which addresses of a site are asked for, by type of page. Runs within the site."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from articles.models import Article, Month, Ranking
from articles.views import PAGE_SIZE
from portal.cms.paging import LAST_NUMBERED, Order
from tests.bench.texts import RARE, TAGS

MANY = 1_000
NUMBERED = LAST_NUMBERED * PAGE_SIZE  # articles on the pages that have a number
# What everybody writes about, two words apart, a word that few have, and one that nobody has.
SEARCHES = ("劳务派遣", "宝安区 临时工", RARE[1234], "量子物理")


def addresses() -> dict[str, list[str]]:
    """Return the addresses of each type of page; several where one alone would say too little."""
    hold_rankings()
    dice = Random(5)  # noqa: S311  no secret
    live = Article.objects.published().order_by("pk")
    count = live.count()
    first, last = (
        live.values_list("pk", flat=True)[0],
        live.values_list("pk", flat=True).reverse()[0],
    )
    middle = live.filter(pk__gte=(first + last) // 2)[0]
    hot = live.filter(pk__gte=middle.pk).exclude(tags=None)[0]
    spread = range(last - count + 50, last)  # articles of the corpus stand in a row
    listed = Article.objects.published().pinned_first()
    # Where the middle still has a number, the first page that has none: before it, a page has less to
    # count, and would be no measure for those behind.
    deep = middle if count > 2 * NUMBERED else listed[NUMBERED]
    tag = Tag.objects.get(name=TAGS[0])
    year = (timezone.localdate() - timedelta(days=2 * 365)).year
    month = Month.objects.linked().order_by("-articles", "begins_at")[0]
    begins = timezone.localtime(month.begins_at)
    return {
        "home": ["/"],
        "list": ["/articles/"],
        "deep list": [f"/articles/?before={Order(listed).key(deep)}"],
        "tag": [f"/articles/tag/{quote(tag.name)}/"],
        "tags": ["/articles/tags/"],
        "category": [reverse("articles:category", args=[hot.category.slug])],
        "article": [hot.get_absolute_url()],
        "many articles": [f"/articles/{pk}/" for pk in dice.sample(spread, min(MANY, len(spread)))],
        "search": [f"/search/?q={quote(query)}" for query in SEARCHES],
        "TOP500": ["/articles/top/"],
        "archive": ["/articles/archive/"],
        "archive, year": [f"/articles/archive/{year}/"],
        "archive, month": [f"/articles/archive/{begins:%Y/%m}/"],
        "feed": [reverse("articles:atom")],
        "site map": ["/sitemap/"],
        "services": ["/services/"],
        "jobs": ["/jobs/"],
    }


def hold_rankings() -> None:
    """Keep readers from making the rankings anew in the midst of it: that has a figure of its own."""
    Ranking.objects.update(refreshed_at=timezone.now() + timedelta(days=1))


def everything(count: int) -> list[str]:
    """Return the addresses of so many articles, to fill a cache with."""
    newest = Article.objects.published().newest().values_list("pk", flat=True)
    return [f"/articles/{pk}/" for pk in newest[:count]]


def most_bytes() -> int:
    """Return how much the page cache of a worker may hold."""
    limit: int = settings.PAGE_CACHE_BYTES
    return limit
