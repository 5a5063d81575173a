"""The articles of a tag."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests import cast
from tests.articles.test_list import BAD_PAGES, get, titles

pytestmark = pytest.mark.django_db


def address(name: str) -> str:
    return reverse("articles:tag", args=[name])


def test_articles_of_the_tag_newest_first(client: Client) -> None:
    cast.article("旧的", tags=("社保",), **cast.live(20))
    cast.article("新的", tags=("社保", "工资"), **cast.live(10))
    cast.article("别的", tags=("工资",))

    assert titles(get(client, address("社保"))) == ["新的", "旧的"]


def test_capitals_make_no_other_tag(client: Client) -> None:
    cast.article("招技工", tags=("SMT",))

    assert titles(get(client, address("smt"))) == ["招技工"]


@pytest.mark.parametrize("name", ["100%", "a_b", "五险/一金", "A&B?", "“引号”"])
def test_odd_signs_in_a_tag_find_their_page(client: Client, name: str) -> None:
    article = cast.article("有怪标签的一篇")
    article.tags.add(name)

    assert titles(get(client, address(name))) == ["有怪标签的一篇"]
    assert client.get(article.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("name", ["没有的标签", "%", "_", "社\0保", "标" * 500])
def test_an_unknown_tag_is_not_found(client: Client, name: str) -> None:
    cast.article(tags=("社保",))

    assert client.get(address(name)).status_code == 404


def test_a_tag_of_hidden_articles_alone_is_unknown(client: Client) -> None:
    for article in cast.hidden_articles().values():
        article.tags.add("机密")

    assert client.get(address("机密")).status_code == 404


@pytest.mark.parametrize("page", BAD_PAGES)
def test_a_page_that_is_no_number_is_not_found(client: Client, page: str) -> None:
    cast.article(tags=("社保",))

    assert client.get(address("社保"), {"page": page}).status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    cast.article(tags=("社保",))

    assert client.post(address("社保")).status_code == 405


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for _ in range(count):
        cast.article(tags=("社保",))

    # Six of the chrome, the tag, how many there are, the page, its first titles for engines, its rows
    # and their categories, the tags beside.
    with django_assert_num_queries(14):
        client.get(address("社保"))
