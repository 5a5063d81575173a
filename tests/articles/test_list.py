"""The list of all articles at `/articles/`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests import cast

pytestmark = pytest.mark.django_db

BAD_PAGES = ["x", "-1", "0", "9999999999", "01", "1.0", " 1", "1_0", "１", "\0", "1\0", "1;2"]


def titles(html: str) -> list[str]:
    """Return the titles of the rows, in order."""
    return re.findall(r"<h2><a[^>]*>(.*?)</a></h2>", html)


def get(client: Client, address: str = "/articles/", **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def test_newest_come_first(client: Client) -> None:
    cast.article("早的一篇", **cast.live(20))
    cast.article("晚的一篇", **cast.live(10))

    assert titles(get(client)) == ["晚的一篇", "早的一篇"]


def test_a_row_tells_category_date_and_summary(client: Client) -> None:
    cast.article(
        "看懂工资条", summary="一行一行对下去。", category=cast.category("wages", "薪酬社保")
    )

    html = get(client)

    assert "一行一行对下去。" in html
    assert 'href="/articles/category/wages/">薪酬社保</a>' in html
    assert re.search(r"<time[^>]*>\d{4}-\d\d-\d\d</time>", html)


def test_twenty_stand_on_a_page_and_none_twice(client: Client) -> None:
    for number in range(25):
        cast.article(f"第{number}篇", **cast.live(number))
    cast.article("置顶的一篇", pinned=True, **cast.live(1000))

    first, second = titles(get(client)), titles(get(client, page=2))

    assert (len(first), len(second)) == (20, 6)
    assert len(set(first + second)) == 26
    assert first[0] == "置顶的一篇"
    assert "置顶的一篇" not in second


def test_pages_after_the_first_are_left_to_readers(client: Client) -> None:
    for _ in range(21):
        cast.article()

    assert "noindex" not in get(client)
    assert '<meta name="robots" content="noindex,follow">' in get(client, page=2)
    assert 'href="/articles/?page=2" rel="next"' in get(client)
    # The first page has one address.
    assert 'href="/articles/" rel="prev"' in get(client, page=2)
    assert "?page=1" not in get(client, page=2)
    assert '<link rel="canonical" href="http://127.0.0.1:8000/articles/">' in get(client)


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    hidden = cast.hidden_articles()

    html = get(client)

    assert [state for state, article in hidden.items() if article.title in html] == []


@pytest.mark.parametrize("page", BAD_PAGES)
def test_a_page_that_is_no_number_is_not_found(client: Client, page: str) -> None:
    cast.article()

    response = client.get("/articles/", {"page": page})

    assert response.status_code == 404
    assert "这个列表没有您要的那一页" in response.content.decode()


def test_the_page_after_the_last_is_not_found(client: Client) -> None:
    cast.article()

    assert client.get("/articles/?page=2").status_code == 404


def test_an_empty_page_number_means_the_first(client: Client) -> None:
    cast.article("唯一的一篇")

    assert titles(get(client, page="")) == ["唯一的一篇"]


def test_counting_stops_where_the_numbers_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.cms.paging.LAST_NUMBERED", 2)
    for _ in range(45):
        cast.article()

    with CaptureQueriesContext(connection) as queries:
        get(client)

    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert [" LIMIT 41" in sql for sql in counting] == [True]


def test_without_articles_the_page_says_so_and_leads_on(client: Client) -> None:
    html = get(client)

    assert "还没有文章" in html
    assert 'href="/services/"' in html


def test_titles_are_text_however_they_look(client: Client) -> None:
    cast.article("<script>alert(1)</script>招100%“真”岗——" + "长" * 120)

    html = get(client)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;招100%“真”岗——" in html


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/articles/").status_code == 405
    assert client.head("/articles/").status_code == 200


LABELS = re.compile(r"<h1>([^<]+)</h1>\s*<p class=\"page-label num\">([^<]+)</p>")


@pytest.mark.parametrize(
    ("listing", "heading"),
    [
        ("/articles/", "人力资讯"),
        ("/articles/category/policy/", "用工政策"),
        ("/articles/tag/社保/", "社保"),
        ("/articles/archive/2026/", "2026年的文章"),
        ("/articles/archive/2026/12/", "2026年12月的文章"),
    ],
)
def test_from_the_second_on_a_page_says_which_it_is(
    client: Client, listing: str, heading: str
) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False):
        for _ in range(21):
            cast.article(tags=("社保",), **cast.live(5))

        first = client.get(listing).content.decode()
        second = client.get(listing, {"page": 2}).content.decode()

    assert LABELS.findall(first) == []
    assert LABELS.findall(second) == [(heading, "第2页")]
    assert f"<title>第2页_{heading}_" in second


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for number in range(count):
        cast.article(category=cast.category(f"desk-{number % 3}", f"栏目{number % 3}"))

    # Six of the chrome, the categories (for the filters, and for the rows), how many there are (to page
    # 50), the page, its rows, the tags beside.
    with django_assert_num_queries(13):
        client.get("/articles/")
