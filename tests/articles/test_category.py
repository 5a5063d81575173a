"""The articles of a category."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

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
    with django_assert_num_queries(10):
        client.get("/articles/category/policy/")
