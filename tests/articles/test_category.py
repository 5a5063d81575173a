"""The articles of a category."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles.models import Category, Ranking
from tests import cast
from tests.articles.test_list import BAD_PAGES, get, titles

pytestmark = pytest.mark.django_db


def test_only_its_own_articles_stand_there_the_pinned_first(client: Client) -> None:
    wages = cast.category("wages", "薪酬社保")
    cast.article("新的", category=wages, **cast.live(1))
    cast.article("旧而置顶", category=wages, pinned=True, **cast.live(99))
    cast.article("别的栏目", category=cast.category())

    assert titles(get(client, "/articles/category/wages/")) == ["旧而置顶", "新的"]


def test_the_head_names_and_describes_it(client: Client) -> None:
    wages = cast.category("wages", "薪酬社保")
    wages.description = "工资、加班费与社保的算法。"
    wages.save()

    html = get(client, "/articles/category/wages/")

    assert "<h1>薪酬社保</h1>" in html
    assert "工资、加班费与社保的算法。" in html
    assert '<a href="/articles/category/wages/" aria-current="page">薪酬社保</a>' in html


def test_its_own_text_stands_on_the_first_page_alone(client: Client) -> None:
    wages = cast.category("wages", "薪酬社保")
    wages.intro = "<h2>先看这几篇</h2><p>工资条<script>x</script>怎么看。</p>"
    wages.save()
    for _ in range(21):
        cast.article(category=wages)

    first, second = (get(client, "/articles/category/wages/", page=n) for n in (1, 2))

    assert "先看这几篇</h2><p>工资条怎么看。</p>" in re.sub(r' id="[^"]*"', "", first)
    assert "共 21 篇" in first
    assert "先看这几篇" not in second
    assert "共 21 篇" not in second


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"meta_description": "写给搜索引擎的", "description": "写给读者的"}, "写给搜索引擎的"),
        ({"description": "写给读者的"}, "写给读者的"),
        ({}, "深圳劳务派遣"),
    ],
)
def test_search_engines_are_told_what_it_holds(
    client: Client, texts: dict[str, str], told: str
) -> None:
    cast.profile(tagline="深圳劳务派遣")
    wages = cast.category("wages", "薪酬社保")
    for name, text in texts.items():
        setattr(wages, name, text)
    wages.save()

    assert f'<meta name="description" content="{told}">' in get(client, "/articles/category/wages/")


def test_its_articles_are_counted_with_the_ranking() -> None:
    wages = cast.category("wages", "薪酬社保")
    cast.hidden_articles()
    for _ in range(2):
        cast.article(category=wages)

    Ranking.refresh()

    counts = dict(Category.objects.values_list("slug", "article_count"))
    assert counts == {"wages": 2, "policy": 0}


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    cast.hidden_articles()

    assert titles(get(client, "/articles/category/policy/")) == []


def test_a_category_without_articles_says_so(client: Client) -> None:
    cast.category("company", "公司动态")

    assert "“公司动态”里还没有文章" in get(client, "/articles/category/company/")


def test_an_unknown_category_is_not_found(client: Client) -> None:
    assert client.get("/articles/category/none/").status_code == 404
    assert client.get("/articles/category/政策/").status_code == 404


@pytest.mark.parametrize("page", BAD_PAGES)
def test_a_page_that_is_no_number_is_not_found(client: Client, page: str) -> None:
    cast.category()

    assert client.get("/articles/category/policy/", {"page": page}).status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    cast.category()

    assert client.post("/articles/category/policy/").status_code == 405


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for _ in range(count):
        cast.article()

    # As the list of all, and the category itself.
    with django_assert_num_queries(14):
        client.get("/articles/category/policy/")
