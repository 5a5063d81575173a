"""`/search/`: what a visitor is shown, and how it can be narrowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.search import log
from portal.cms.search.finding import LONGEST_QUERY
from portal.cms.search.models import SearchedQuery
from tests import cast
from tests.staffing import states

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DUE_CHANGES = 1


def path(query: str, **narrow: str) -> str:
    return f"/search/?q={quote(query)}" + "".join(f"&{k}={v}" for k, v in narrow.items())


def found(client: Client, query: str, **narrow: str) -> list[str]:
    """Return the titles found, in order."""
    return [str(result.item) for result in client.get(path(query, **narrow)).context["results"]]


def choices(client: Client, address: str) -> dict[str, str]:
    """Return the ways to narrow, with what is behind them."""
    filters: list[list[Any]] = client.get(address).context["filters"]
    return {choice.label: choice.count for row in filters for choice in row}


def test_finds_what_holds_the_words_in_title_or_text(client: Client) -> None:
    cast.hotline()
    cast.article("派遣比例怎样计算", **cast.live(1))
    cast.service(name="劳务派遣", **cast.live(2))
    cast.job("派遣驻厂主管", **cast.live(3))
    cast.page("paiqian", "派遣须知", **cast.live(4))
    cast.article("工伤认定的期限", body="<p>派遣单位申请，第二天不算。</p>", **cast.live(0))

    response = client.get(path("派遣"))
    assert [str(result.item) for result in response.context["results"]] == [
        "派遣比例怎样计算", "劳务派遣", "派遣驻厂主管", "派遣须知", "工伤认定的期限"
    ]  # fmt: skip
    assert "<mark>派遣</mark>比例怎样计算" in response.text
    assert "<mark>派遣</mark>单位申请，第二天不算。" in response.text
    assert "共 5 条" in response.text
    assert "客服热线:0755-8882 8155" in response.text


def test_a_find_says_what_it_is(client: Client) -> None:
    moment = timezone.make_aware(datetime(2026, 3, 4, 0, 30))
    cast.article("派遣<比例>", category=cast.category("law", "法规"), go_live_at=moment)
    job = cast.job("派遣驻厂主管")
    job.refresh_from_db()
    article, vacancy = reversed(client.get(path("派遣")).context["results"])
    assert (article.category, article.pay, article.day) == ("法规", "", "2026-03-04")
    assert (vacancy.category, vacancy.pay) == ("", job.pay_text)
    text = client.get(path("派遣")).text
    assert '<time class="num" datetime="2026-03-04">2026-03-04</time>' in text
    assert "<span>法规</span>" in text
    assert f'<b class="job-pay">{job.pay_text}</b>' in text
    assert "<mark>派遣</mark>&lt;比例&gt;</a>" in text


def test_few_finds_are_followed_by_what_comes_near(client: Client) -> None:
    cast.article("深圳各区劳务派遣单位")
    cast.article("深圳派遣公司名单", body="<p>见附件。</p>")
    response = client.get(path("深圳派遣"))
    assert [str(result.item) for result in response.context["results"]] == ["深圳派遣公司名单"]
    assert [str(result.item) for result in response.context["related"]] == ["深圳各区劳务派遣单位"]
    assert "相关结果" in response.text
    assert "没有找到" not in response.text


def test_finding_nothing_shows_what_comes_near(client: Client) -> None:
    cast.article("深圳各区劳务派遣单位")
    text = client.get(path("深圳派遣")).text
    assert "没有找到“深圳派遣”" in text
    assert "从这里继续" not in text  # straight to what comes near
    assert "<mark>深圳</mark>各区劳务<mark>派遣</mark>单位" in text


def test_what_comes_near_is_of_the_chosen_type(client: Client) -> None:
    cast.article("深圳各区劳务派遣单位")
    cast.job("深圳市里的派遣工")
    response = client.get(path("深圳派遣", type="job"))
    assert [str(result.item) for result in response.context["related"]] == ["深圳市里的派遣工"]
    assert "字词相近" in response.text


def test_narrows_by_type_category_and_time(client: Client) -> None:
    law = cast.category("law", "法规")
    old = timezone.now() - timedelta(days=40)
    cast.article("派遣问答", category=law, **cast.live(1))
    cast.article("派遣旧闻", go_live_at=old, first_published_at=old)
    cast.service(name="劳务派遣", **cast.live(3))

    assert found(client, "派遣", type="article") == ["派遣问答", "派遣旧闻"]
    assert found(client, "派遣", type="article", category="law") == ["派遣问答"]
    assert found(client, "派遣", span="month") == ["派遣问答", "劳务派遣"]
    counts = choices(client, path("派遣", type="article"))
    assert counts["全部"] == "3"
    assert counts["资讯"] == "2"
    assert counts["服务"] == "1"
    assert "法规" in counts
    assert "法规" not in choices(client, path("派遣"))


def test_a_link_that_narrows_keeps_the_rest(client: Client) -> None:
    cast.article("派遣问答", category=cast.category("law", "法规"))
    text = client.get(path("派遣", type="article", category="law", span="year")).text
    assert f"?q={quote('派遣')}&amp;type=article&amp;span=month&amp;category=law" in text
    assert f"?q={quote('派遣')}&amp;type=job&amp;span=year" in text


def test_where_nothing_is_found_there_is_nothing_to_narrow_but_what_was_chosen(
    client: Client,
) -> None:
    cast.article("派遣问答", category=cast.category("law", "法规"))
    cast.category("news", "动态")
    assert choices(client, path("宇宙飞船")) == {}
    assert choices(client, path("宇宙飞船", type="article")) == {}
    assert set(choices(client, path("宇宙飞船", span="month"))) == {
        "时间不限",
        "一个月内",
        "一年内",
    }
    assert "动态" in choices(client, path("派遣", type="article", category="news"))
    assert choices(client, path("派遣", type="job"))["资讯"] == "1"


def test_pages_are_called_what_visitors_call_them(client: Client) -> None:
    cast.page("paiqian", "派遣须知")
    assert "单页" not in client.get(path("派遣")).text
    assert choices(client, path("派遣"))["本站页面"] == "1"


@pytest.mark.parametrize(
    "narrow", [{"type": "user"}, {"span": "ever"}, {"category": "nowhere"}, {"type": "%00"}]
)
def test_what_there_is_not_does_not_narrow(client: Client, narrow: dict[str, str]) -> None:
    cast.article("派遣问答")
    assert found(client, "派遣", **narrow) == ["派遣问答"]


def test_leaves_out_what_is_not_public(client: Client) -> None:
    cast.hidden_articles()
    for state, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        slug = state.replace("_", "-")
        cast.service(slug, f"不公开的服务{state}", **fields)
        cast.page(slug, f"不公开的单页{state}", **fields)
        cast.job(f"不公开的岗位{state}", **fields)
    cast.job("不公开的岗位：招满", filled_at=timezone.now())
    response = client.get(path("不公开"))
    assert response.context["results"] == response.context["related"] == []


def test_twenty_a_page(client: Client) -> None:
    for number in range(23):
        cast.article(f"派遣问答{number}", **cast.live(number + 1))
    assert found(client, "派遣") == [f"派遣问答{number}" for number in range(20)]
    assert found(client, "派遣", page="2") == ["派遣问答20", "派遣问答21", "派遣问答22"]
    assert found(client, "派遣", page="1") == found(client, "派遣")
    assert "共 23 条" in client.get(path("派遣")).text
    assert client.get(path("派遣", page="3")).status_code == 404
    assert client.get(path("派遣", page="x")).status_code == 404


# --- What is counted ---------------------------------------------------------------------------------


def test_queries_are_counted_with_what_they_found(client: Client) -> None:
    cast.article("派遣问答")
    for query in ("派遣", "派遣 ", "ＱＣ质检", "派遣"):
        client.get(path(query))
    client.get(path("派遣", type="article"))
    assert list(SearchedQuery.objects.order_by("-asked").values_list("text", "asked", "found")) == [
        ("派遣", 3, 1), ("qc质检", 1, 0)
    ]  # fmt: skip


def test_a_number_is_not_counted_and_neither_is_what_a_machine_asks(client: Client) -> None:
    client.get(path("138 0013 8000"))
    client.head(path("派遣"))
    client.get("/search/?q=%FF")
    assert not SearchedQuery.objects.exists()


def test_a_busy_database_does_not_keep_a_visitor_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(log, "_count", locked)
    assert client.get(path("派遣")).status_code == 200


# --- The page ----------------------------------------------------------------------------------------


def test_without_a_query_it_shows_the_form(client: Client) -> None:
    nothing = ("", "%20%E3%80%80", "%00", "%E2%80%8B%EF%BB%BF", "%FF", "%C2%AD%20")
    for address in ("/search/", *(f"/search/?q={each}" for each in nothing)):
        response = client.get(address)
        assert response.status_code == 200
        assert 'name="q" value=""' in response.text
        assert "<title>搜索" in response.text
        assert "搜索：" not in response.text
        assert "没有找到" not in response.text
        assert "从这里继续" in response.text


def test_finding_nothing_says_so_and_gives_the_hotline(client: Client) -> None:
    cast.hotline(always=True)
    text = client.get(path("宇宙飞船驾驶员")).text
    assert "没有找到" in text
    assert 'class="btn btn-call" href="tel:+8675588828155"' in text
    assert "从这里继续" in text


def test_the_query_is_shown_escaped(client: Client) -> None:
    text = client.get(path('"><script>alert(1)</script>')).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_what_nobody_sees_is_not_shown(client: Client) -> None:
    query = client.get("/search/?q=%00派%00\u200b遣%1b%07%09 %c2%85工\ufffd").context["query"]
    assert query == "派遣 工"


def test_a_long_query_is_cut_and_the_page_says_so(client: Client) -> None:
    response = client.get(path("派" * 5000))
    assert response.status_code == 200
    assert response.context["query"] == "派" * LONGEST_QUERY
    assert f"只搜了前 {LONGEST_QUERY} 个字" in response.text
    assert "只搜了前" not in client.get(path("派" * LONGEST_QUERY)).text


@pytest.mark.parametrize("query", ["招聘", "派遣工", "劳务派遣 深圳", "SMT普工"])
def test_a_query_in_gbk_is_sent_on_to_its_address(client: Client, query: str) -> None:
    encoded = quote(query, encoding="gbk")
    response = client.get(f"/search/?q={encoded}&type=job&category=nowhere")
    assert response.status_code == 302
    assert response["Location"].startswith("/search/?q=")
    final = client.get(response["Location"])
    assert (final.context["query"], final.status_code) == (query, 200)
    assert "type=job" in response["Location"]


def test_a_query_that_was_cut_off_is_no_gbk(client: Client) -> None:
    assert client.get("/search/?q=%E6%B4%BE%E9%81").context["query"] == "派"


@pytest.mark.parametrize(
    "query", ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "*", "%27%3B--", "%5C", "AND", "(", "%22"]
)
def test_odd_input_is_answered(client: Client, query: str) -> None:
    assert client.get(f"/search/?q={query}").status_code == 200


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

    def fill(numbers: range) -> None:
        for n in numbers:
            cast.article(f"派遣问答{n}", **cast.live(n + 1))
            cast.service(f"service-{n}", f"派遣服务{n}", **cast.live(n + 1))
            cast.page(f"page-{n}", f"派遣说明{n}", **cast.live(n + 1))
            district = cast.district(f"district-{n}", f"{n}区")
            cast.job(f"派遣岗位{n}", district=district, **cast.live(n + 1))

    fill(range(2))
    client.get(path("派遣"))  # the log knows the query from now on
    with django_assert_num_queries(20):
        client.get(path("派遣"))
    fill(range(2, 12))
    with django_assert_num_queries(20):
        client.get(path("派遣"))
    with django_assert_num_queries(7):  # nothing to look for
        client.get("/search/")


def test_the_dearest_search(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Little is found of every kind, so that what comes near is looked for, and that is of every kind.

    Asked for the first time, and when the log is swept: as many as a search can ever cost.
    """
    cast.profile()
    cast.hotline()
    cast.article("深圳派遣问答")
    cast.article("深圳各区劳务派遣单位")
    cast.service("one", "深圳派遣服务")
    cast.service("two", "深圳的派遣")
    cast.page("one", "深圳派遣说明")
    cast.page("two", "深圳市派遣")
    cast.job("深圳派遣工")
    cast.job("深圳来的派遣工", district=cast.district("longhua", "龙华区"))
    looked_for, shown, noted, chrome = 7, 14, 3, 6
    usual = DUE_CHANGES + looked_for + shown + noted + chrome
    new_to_the_log, swept = 4, 2

    monkeypatch.setattr(log, "SWEPT", 1)
    monkeypatch.setattr(log, "MOST_ROWS", 0)
    with django_assert_num_queries(usual + new_to_the_log + swept):
        response = client.get(path("深圳派遣"))
    assert len(response.context["results"]) == len(response.context["related"]) == 4

    monkeypatch.undo()
    client.get(path("深圳派遣"))
    with django_assert_num_queries(usual):
        client.get(path("深圳派遣"))
    for query in (
        "深圳派遣" * 25,
        "深 圳 派 遣 劳 务 " * 10,
        "，".join("深圳派遣劳务"),
        "a b c d e f",
    ):
        with django_assert_max_num_queries(usual - noted):
            client.get(path(query, span="year"))
