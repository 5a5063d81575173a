"""Which addresses of a site are asked for, by type of page. Runs within the site."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from urllib.parse import quote

from django.utils import timezone
from taggit.models import Tag

from articles.models import Article, Ranking
from portal.cms.paging import Order
from tests.bench.texts import RARE, TAGS

MANY = 1_000
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
    inside = live.filter(body__contains="</p><p>").exclude(tags=None)
    hot = inside.filter(pk__gte=(first + last) // 2)[0]
    spread = range(last - count + 50, last)  # articles of the corpus stand in a row
    key = Order(Article.objects.published().pinned_first()).key(middle)
    tag = Tag.objects.get(name=TAGS[0])
    return {
        "home": ["/"],
        "list": ["/articles/"],
        "deep list": [f"/articles/?before={key}"],
        "tag": [f"/articles/tag/{quote(tag.name)}/"],
        "article": [hot.get_absolute_url()],
        "many articles": [f"/articles/{pk}/" for pk in dice.sample(spread, min(MANY, len(spread)))],
        "search": [f"/search/?q={quote(query)}" for query in SEARCHES],
        "TOP500": ["/articles/top/"],
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
