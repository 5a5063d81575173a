"""人力资讯TOP500."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles.models import Ranking
from articles.models.reads import record_read
from tests import cast
from tests.articles.test_list import BAD_PAGES, get

pytestmark = pytest.mark.django_db


def ranked(html: str) -> list[str]:
    listed = re.search(r'<ol class="ranking".*?</ol>', html, re.DOTALL)
    return re.findall(r"<a[^>]*>(.*?)</a>", listed[0]) if listed else []


def test_most_read_come_first_then_the_newest(client: Client) -> None:
    cast.article("旧而没人读", **cast.live(30))
    cast.article("新而没人读", **cast.live(10))
    record_read(cast.article("有人读", **cast.live(20)).pk)

    assert ranked(get(client, "/articles/top/")) == ["有人读", "新而没人读", "旧而没人读"]


def test_a_hundred_stand_on_a_page_and_numbers_go_on(client: Client) -> None:
    for number in range(103):
        cast.article(f"第{number}名", **cast.live(number))

    first, second = get(client, "/articles/top/"), get(client, "/articles/top/", page=2)

    assert '<ol class="ranking" start="1">' in first
    assert len(ranked(first)) == 100
    assert '<ol class="ranking" start="101">' in second
    assert ranked(second) == ["第100名", "第101名", "第102名"]


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    cast.hidden_articles()

    assert ranked(get(client, "/articles/top/")) == []


def test_a_withdrawn_article_leaves_at_once(client: Client) -> None:
    article = cast.article("刚撤下的一篇")
    Ranking.refresh()
    article.withdraw()

    assert ranked(get(client, "/articles/top/")) == []


def test_without_articles_the_page_says_so(client: Client) -> None:
    assert "榜单还是空的" in get(client, "/articles/top/")


@pytest.mark.parametrize("page", [*BAD_PAGES, "2"])
def test_a_page_that_there_is_not_is_not_found(client: Client, page: str) -> None:
    cast.article()

    assert client.get("/articles/top/", {"page": page}).status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/articles/top/").status_code == 405


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for _ in range(count):
        cast.article()
    Ranking.refresh()

    # Five of the chrome, whether the ranking is due, how many it has, the page.
    with django_assert_num_queries(9):
        client.get("/articles/top/")
