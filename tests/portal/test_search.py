"""`/search/`: by title, until the search issue."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal.views.search import LONGEST_QUERY, normalised, words
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db


def path(query: str) -> str:
    return f"/search/?q={quote(query)}"


def found(client: Client, query: str) -> dict[str, list[str]]:
    """Return the titles found, by type, and no empty types."""
    groups = client.get(path(query)).context["groups"]
    return {group.type: [str(item) for item in group.items] for group in groups if group.items}


def test_finds_titles_of_every_type(client: Client) -> None:
    cast.hotline()
    cast.article("派遣比例怎样计算")
    cast.service(name="劳务派遣")
    cast.job("派遣驻厂主管")
    cast.page("paiqian", "派遣须知")
    cast.article("工伤认定的期限")

    assert found(client, "派遣") == {
        "service": ["劳务派遣"],
        "job": ["派遣驻厂主管"],
        "article": ["派遣比例怎样计算"],
        "page": ["派遣须知"],
    }
    text = client.get(path("派遣")).text
    assert "共 1 条" in text
    assert "客服热线:0755-8882 8155" in text


def test_every_word_must_be_in_the_title_in_any_order(client: Client) -> None:
    cast.article("深圳劳务派遣的收费")
    cast.article("深圳的最低工资")
    assert found(client, "派遣 深圳") == {"article": ["深圳劳务派遣的收费"]}
    assert found(client, "派遣　深圳") == {"article": ["深圳劳务派遣的收费"]}
    assert found(client, "派遣 北京") == {}


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("ＳＭＴ", "SMT操作工怎么招"),
        ("smt", "SMT操作工怎么招"),
        ("２０２６", "2026年放假安排"),
        ("（示例）", "新增沙井服务点（示例）"),
        ("“三性”", "“三性”岗位怎么认"),
        ("10%", "派遣不超过10%"),
        ("派\u200b遣", "派遣协议"),
        ("日结", "次日结算与日结"),
    ],
)
def test_widths_marks_and_invisible_characters_do_not_matter(
    client: Client, query: str, title: str
) -> None:
    cast.article(title)
    cast.article("另一篇文章")
    assert found(client, query) == {"article": [title]}


def test_jokers_of_sql_are_not_jokers(client: Client) -> None:
    cast.article("派遣比例")
    for query in ("%", "_", "派遣% 期限", "派遣_期限"):
        assert found(client, query) == {}


def test_leaves_out_what_is_not_public(client: Client) -> None:
    cast.hidden_articles()
    for state, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        slug = state.replace("_", "-")
        cast.service(slug, f"不公开的服务{state}", **fields)
        cast.page(slug, f"不公开的单页{state}", **fields)
        cast.job(f"不公开的岗位{state}", **fields)
    cast.job("不公开的岗位：招满", filled_at=timezone.now())
    assert found(client, "不公开") == {}


def test_shows_twenty_and_says_how_many_there_are(client: Client) -> None:
    for number in range(23):
        cast.article(f"派遣问答{number}", **cast.live(number + 1))
    assert found(client, "派遣")["article"] == [f"派遣问答{number}" for number in range(20)]
    text = client.get(path("派遣")).text
    assert "共 23 条，列出最新的 20 条" in text


def test_without_a_query_it_shows_the_form(client: Client) -> None:
    for address in ("/search/", "/search/?q=", "/search/?q=%20%E3%80%80"):
        response = client.get(address)
        assert response.status_code == 200
        assert 'name="q"' in response.text
        assert "没有找到" not in response.text


def test_finding_nothing_says_so_and_gives_the_hotline(client: Client) -> None:
    cast.hotline()
    text = client.get(path("宇宙飞船驾驶员")).text
    assert "没有找到" in text
    assert 'class="btn btn-call" href="tel:+8675588828155"' in text


def test_the_query_is_shown_escaped(client: Client) -> None:
    text = client.get(path('"><script>alert(1)</script>')).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_long_query_is_cut(client: Client) -> None:
    response = client.get(path("派" * 5000))
    assert response.status_code == 200
    assert response.context["query"] == "派" * LONGEST_QUERY


@pytest.mark.parametrize(
    "query", ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "*", "%27%3B--", "%5C", "AND", "(", "%22"]
)
def test_odd_input_is_answered(client: Client, query: str) -> None:
    assert client.get(f"/search/?q={query}").status_code == 200


@given(st.text(max_size=300))
def test_any_text_becomes_words_a_database_takes(text: str) -> None:
    query = normalised(text)
    assert len(query) <= LONGEST_QUERY
    assert query.isprintable()
    assert all(word.isprintable() and " " not in word for word in words(query))


def test_is_neither_indexed_nor_kept(client: Client) -> None:
    for address in ("/search/", path("派遣")):
        response = client.get(address)
        assert '<meta name="robots" content="noindex">' in response.text
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]


def test_takes_no_form(client: Client) -> None:
    assert client.post("/search/", {"q": "派遣"}).status_code == 405


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.article("派遣比例")
    with django_assert_num_queries(14):  # two a type; the chrome's five, due changes
        client.get(path("派遣"))
    for number in range(12):
        cast.article(f"派遣问答{number}")
        cast.service(f"service-{number}", f"派遣服务{number}")
        cast.page(f"page-{number}", f"派遣说明{number}")
        cast.job(f"派遣岗位{number}", district=cast.district(f"district-{number}", f"{number}区"))
    with django_assert_num_queries(14):
        client.get(path("派遣"))
    with django_assert_num_queries(6):  # nothing to look for
        client.get("/search/")
