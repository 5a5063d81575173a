"""Lists beyond their numbered pages: by key, from the first page to the end and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from html import unescape
from itertools import chain
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag

from articles import views
from articles.models import Article, TagEntry
from portal.cms import paging
from portal.cms.paging import Order
from tests import cast
from tests.articles.test_list import get, titles

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LISTS = [
    "/articles/",
    "/articles/category/policy/",
    "/articles/tag/社保/",
    "/articles/archive/2026/",
    "/articles/archive/2026/11/",
]
every_list = pytest.mark.parametrize("address", LISTS)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two numbered pages of three rows each, at a fixed time of day."""
    monkeypatch.setattr(paging, "LAST_NUMBERED", 2)
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    with time_machine.travel(NOW, tick=False):
        yield


def write(count: int, **fields: Any) -> list[str]:
    """Publish so many articles, a minute apart, two of each three at the same instant."""
    moments = [cast.live(minutes) for minutes in range(count)]
    return [
        cast.article(f"第{n}篇", ("社保",), **{**moments[n - (n % 3 == 1)], **fields}).title
        for n in range(count)
    ]


def link(html: str, rel: str) -> str | None:
    found = re.search(rf'href="([^"]*)" rel="{rel}"', html)
    return unescape(found[1]) if found else None


def walk(client: Client, address: str | None, rel: str = "next") -> list[list[str]]:
    """Return the titles of each page, following the link to the end."""
    pages = []
    while address:
        html = get(client, address)
        pages.append(titles(html))
        address = link(html, rel)
    return pages


@every_list
def test_every_article_is_met_once_on_the_way_to_the_end(client: Client, address: str) -> None:
    written = write(16)

    pages = walk(client, address)

    assert [len(page) for page in pages] == [3, 3, 3, 3, 3, 1]
    assert sorted(chain.from_iterable(pages)) == sorted(written)


def test_odd_signs_in_an_address_lead_on(client: Client) -> None:
    written = write(10)
    for article in Article.objects.all():
        article.tags.add("100%或?")

    pages = walk(client, "/articles/tag/100%25%E6%88%96%3F/")

    assert sorted(chain.from_iterable(pages)) == sorted(written)


@every_list
def test_the_way_back_meets_the_same_pages(client: Client, address: str) -> None:
    write(16)
    there = walk(client, address)
    html = get(client, address)
    while (older := link(html, "next")) is not None:
        last, html = older, get(client, older)

    assert walk(client, last, "prev") == there[::-1]


@pytest.mark.parametrize("pinned", [1, 5, 8, 14])
@pytest.mark.parametrize("address", LISTS[:2])
def test_pinned_articles_stand_first_and_once(client: Client, address: str, pinned: int) -> None:
    written = write(16)
    for title in written[-pinned:]:
        article = cast.article(title + "（置顶）", ("社保",), pinned=True, **cast.live(500))
        written.append(article.title)

    pages = walk(client, address)

    met = list(chain.from_iterable(pages))
    assert sorted(met) == sorted(written)
    assert all(title.endswith("（置顶）") for title in met[:pinned])


@every_list
def test_what_is_published_meanwhile_moves_nothing_below_the_numbers(
    client: Client, address: str
) -> None:
    written = write(16)
    met = []
    page: str | None = address
    while page:
        html = get(client, page)
        met += titles(html)
        if "before=" in page:
            cast.article("刚刚发布的一篇", ("社保",), **cast.live(0))
        page = link(html, "next")

    assert sorted(met) == sorted(written)


def test_what_is_withdrawn_meanwhile_leaves_no_gap(client: Client) -> None:
    written = write(16)
    key_page = link(get(client, "/articles/?page=2"), "next")
    assert key_page is not None
    for article in Article.objects.order_by("go_live_at")[9:12]:
        article.withdraw()  # the one that the key names is among them
        written.remove(article.title)

    met = titles(get(client, "/articles/")) + titles(get(client, "/articles/?page=2"))
    rest = list(chain.from_iterable(walk(client, key_page)))

    assert set(written) <= set(met + rest)


def test_pages_by_key_are_left_to_readers_and_lead_to_the_first(client: Client) -> None:
    write(10)
    html = get(client, link(get(client, "/articles/?page=2"), "next") or "")

    assert '<meta name="robots" content="noindex,follow">' in html
    assert "<title>2026年11月23日及更早_人力资讯" in html
    assert '<p class="page-label num">2026年11月23日及更早</p>' in html
    assert '<a href="/articles/">第一页</a>' in html
    assert 'rel="prev">更新的</a>' in html
    assert 'rel="next">更早的</a>' in html


def test_the_numbers_end_where_the_keys_begin(client: Client) -> None:
    write(10)

    html = get(client, "/articles/?page=2")

    assert re.search(r'href="/articles/\?before=0-[0-9a-z]+-[0-9a-z]+" rel="next">更早的', html)
    assert client.get("/articles/?page=3").status_code == 404


def test_a_list_that_fills_its_numbers_exactly_ends_there(client: Client) -> None:
    write(6)

    assert link(get(client, "/articles/?page=2"), "next") is None


NO_KEYS = (
    "x", "0", "0-0", "0-0-0-0", "2-abc-1", "0-abc-zzzzzzzzzzzzz", "0-zzzzzzzzzzzzz-1", "00-abc-1",
    "0-0abc-1", "0-abc-01", "-1-abc-1", "0-ABC-1", "0-a_c-1", "0- abc-1", "０-abc-1", "0-abc-1\0",
    "\0", "0-abc-1\n", "'", "0-0-1", "9" * 5000, "💥",
)  # fmt: skip


@every_list
def test_what_is_no_key_is_not_found(client: Client, address: str) -> None:
    write(10)

    answers = {key: client.get(address, {"before": key}).status_code for key in NO_KEYS}

    assert answers == dict.fromkeys(NO_KEYS, 404)


def test_a_page_has_a_number_or_a_key(client: Client) -> None:
    write(10)
    key_page = link(get(client, "/articles/?page=2"), "next")

    assert client.get(f"{key_page}&page=2").status_code == 404


def test_other_parameters_are_kept_and_escaped(client: Client) -> None:
    write(10)

    html = get(client, "/articles/?page=2&from=%22a%26b")

    assert link(html, "prev") == "/articles/?from=%22a%26b"
    assert "from=%22a%26b&amp;before=" in html


def test_an_order_without_keys_ends_with_its_numbers(client: Client) -> None:
    ranked = Article.objects.order_by("title")
    write(10)
    request: Any = client.get("/articles/").wsgi_request

    page = paging.page_or_404(request, ranked, 3)

    assert (page.paginator.num_pages, page.count_text) == (2, "6+")
    request.GET = {"page": "2"}
    assert paging.page_or_404(request, ranked, 3).paginator.order.has_keys is False


def steps(act: Callable[[], Any]) -> int:
    """Return how many hundred steps SQLite takes for something."""
    taken = 0

    def tick() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(tick, 100)
    try:
        act()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return taken


@pytest.mark.skipif(connection.vendor != "sqlite", reason="counts the steps of SQLite")
def test_a_page_costs_the_same_however_much_is_newer(client: Client) -> None:
    old = cast.live(60 * 24 * 900)
    write(12, **old)
    key = Order(Article.objects.pinned_first()).key(Article.objects.newest()[3])
    article = Article.objects.newest()[5]
    month = f"{article.go_live_at:%Y/%m}/"
    addresses = [
        f"/articles/?before={key}",
        f"/articles/category/policy/?before={key}",
        f"/articles/tag/社保/?before={key[2:]}",
        f"/articles/archive/{month}",
    ]
    acts = [article.neighbours, *(partial(get, client, address) for address in addresses)]
    before = [steps(act) for act in acts]
    newer = Article.objects.bulk_create(
        Article(
            title="新的一篇",
            category=cast.category(),
            **{**cast.live(minutes), "first_published_at": NOW},
        )
        for minutes in range(1500)
    )
    tag = Tag.objects.get()
    TagEntry.objects.bulk_create(
        TagEntry(article=article, tag=tag, go_live_at=article.go_live_at or NOW)
        for article in newer
    )

    after = [steps(act) for act in acts]

    assert [now < then + 60 for now, then in zip(after, before, strict=True)] == [True] * 5


@pytest.mark.parametrize("count", [10, 40])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    write(count)
    key_page = link(get(client, "/articles/?page=2"), "next") or ""

    # Six of the chrome, the categories twice, the tags beside, the page, its rows, how many stand above it.
    with django_assert_num_queries(13):
        client.get(key_page)
