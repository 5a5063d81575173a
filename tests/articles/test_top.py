"""人力资讯TOP500."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import DailyReads, Ranking
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


def read_at(title: str, days_ago: int, reads: int) -> None:
    """An article that was read so often, so many days ago."""
    article = cast.article(title, read_count=reads, **cast.live(days_ago * 1440 + 60))
    day = timezone.localdate() - timedelta(days=days_ago)
    DailyReads.objects.create(article=article, day=day, reads=reads)


def test_each_window_adds_up_its_own_span(client: Client) -> None:
    read_at("今天的", 0, 1)
    read_at("上月的", 29, 2)
    read_at("今年的", 364, 3)
    read_at("前年的", 700, 4)
    cast.article("没人读的", **cast.live(60 * 24 * 800))

    by_date = ["今天的", "上月的", "今年的", "前年的", "没人读的"]
    assert ranked(get(client, "/articles/top/")) == ["上月的", "今天的", *by_date[2:]]
    year = ["今年的", "上月的", "今天的", "前年的", "没人读的"]
    assert ranked(get(client, "/articles/top/?window=year")) == year
    ever = ["前年的", "今年的", "上月的", "今天的", "没人读的"]
    assert ranked(get(client, "/articles/top/?window=all")) == ever


def test_the_year_is_added_up_once_a_day_and_the_others_every_ten_minutes(client: Client) -> None:
    morning = timezone.localtime().replace(hour=9, minute=0)
    with time_machine.travel(morning, tick=False):
        cast.article("新的", **cast.live(10))
        old = cast.article("旧的", **cast.live(20))
        get(client, "/articles/top/")
    with time_machine.travel(morning + Ranking.MAX_AGE, tick=False):
        record_read(old.pk)
        boards = [
            ranked(get(client, f"/articles/top/{query}"))[0]
            for query in ("", "?window=all", "?window=year")
        ]
    with time_machine.travel(morning + timedelta(days=1), tick=False):
        year = ranked(get(client, "/articles/top/?window=year"))[0]

    assert boards == ["旧的", "旧的", "新的"]
    assert year == "旧的"


@pytest.mark.parametrize(
    ("query", "label"), [("", "近 30 天"), ("?window=year", "近一年"), ("?window=all", "全部时间")]
)
def test_windows_are_plain_links_and_pages_of_their_own(
    client: Client, query: str, label: str
) -> None:
    for _ in range(101):
        cast.article()

    html = get(client, f"/articles/top/{query}")

    for other in ("", "?window=year", "?window=all"):
        assert f'<a href="/articles/top/{other}"' in html
    assert f'<a href="/articles/top/{query}" aria-current="page">{label}</a>' in html
    canonical = f"http://127.0.0.1:8000/articles/top/{query}"
    assert f'<link rel="canonical" href="{canonical}">' in html
    assert '<a href="/articles/">最新发布</a>' in html
    # The window is no query of the search form beside.
    assert f'value="{query}"' not in html or not query
    assert f'href="/articles/top/{query}{"&amp;" if query else "?"}page=2" rel="next"' in html


@pytest.mark.parametrize("window", ["month", "week", "YEAR", "year ", "\0", "all,year"])
def test_a_window_that_there_is_not_is_not_found(client: Client, window: str) -> None:
    cast.article()

    assert client.get("/articles/top/", {"window": window}).status_code == 404


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    cast.hidden_articles()

    for query in ("", "?window=year", "?window=all"):
        assert ranked(get(client, f"/articles/top/{query}")) == []


def test_a_withdrawn_article_leaves_at_once(client: Client) -> None:
    article = cast.article("刚撤下的一篇")
    Ranking.refresh()
    article.withdraw()

    for query in ("", "?window=year", "?window=all"):
        assert ranked(get(client, f"/articles/top/{query}")) == []


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

    # Five of the chrome, whether the ranking is due, how many it has, the page, the tags beside.
    for query in ("", "?window=year", "?window=all"):
        with django_assert_num_queries(10):
            client.get(f"/articles/top/{query}")


def test_a_busy_database_leaves_the_old_ranking_and_is_not_asked_again_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.article("上一次的榜首")
    Ranking.refresh()
    Ranking.objects.update(refreshed_at=timezone.now() - Ranking.MAX_AGE)
    tried: list[bool] = []

    def locked(*, only_if_due: bool = False) -> None:
        tried.append(only_if_due)
        raise OperationalError("database is locked")

    monkeypatch.setattr(Ranking, "try_at", 0.0)
    monkeypatch.setattr(Ranking, "refresh", locked)
    for _ in range(2):
        assert ranked(get(client, "/articles/top/")) == ["上一次的榜首"]
    assert tried == [True]
