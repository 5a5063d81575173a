"""人力资讯TOP500."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import Error, IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag

from articles.models import Category, DailyReads, Month, Ranking, TagUse, ranking
from articles.models.ranking import Window
from articles.models.reads import record_read
from portal.cms.locking import waiting_little
from tests import cast
from tests.articles.test_list import BAD_PAGES, get

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


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

    # Six of the chrome, whether the ranking is due, the ranking, the tags beside.
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

    monkeypatch.setattr(Ranking, "refresh", locked)
    for _ in range(2):
        assert ranked(get(client, "/articles/top/")) == ["上一次的榜首"]
    assert tried == [True]


# --- While it is made -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause is left over from another test."""
    monkeypatch.setattr(Ranking, "try_at", 0.0)


def elsewhere(work: Callable[[], object]) -> None:
    """Do something at the same time, by a connection of its own, that does not wait for others."""

    def done() -> None:
        try:
            with waiting_little(0.05):
                work()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        pool.submit(done).result()


@pytest.mark.django_db(transaction=True)
def test_while_it_is_counted_others_write_and_nobody_counts_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast.article("有人读")
    counted: list[str] = []
    recount = Month.recount

    def watched() -> Callable[[], object]:
        counted.append("")
        elsewhere(lambda: cast.article("这时发布的"))
        elsewhere(Ranking.refresh_if_due)
        return recount()

    monkeypatch.setattr(Month, "recount", watched)
    Ranking.refresh_if_due()

    assert len(counted) == 1
    assert [article.title for article in Ranking.current()] == ["有人读"]


@pytest.mark.parametrize("what", ["article", "tag", "category"])
def test_what_is_deleted_while_it_is_counted_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    article = cast.article("剩下的", tags=("社保",))
    gone = {
        "article": cast.article("删掉的", tags=("工伤",)),
        "tag": Tag.objects.get(name="社保"),
        "category": cast.category("spare", "空栏目"),
    }[what]
    recount = ranking.recount_categories

    def watched() -> Callable[[], object]:
        write = recount()
        gone.delete()
        return write

    Category.objects.update(article_count=9)
    monkeypatch.setattr(ranking, "recount_categories", watched)
    Ranking.refresh()

    titles = [ranked.title for ranked in Ranking.current()]
    assert article.title in titles
    assert ("删掉的" in titles) == (what != "article")
    assert Category.objects.get(slug="policy").article_count >= 1
    connection.check_constraints()


def test_who_is_killed_while_counting_delays_the_ranking_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed() -> Callable[[], object]:
        raise KeyboardInterrupt

    night = timezone.localtime().replace(hour=23, minute=50)
    with time_machine.travel(night, tick=False):
        Ranking.refresh()
        article = cast.article("刚发布的")
    with time_machine.travel(night + timedelta(minutes=15), tick=False), monkeypatch.context() as m:
        m.setattr(Month, "recount", killed)
        with pytest.raises(KeyboardInterrupt):
            Ranking.refresh_if_due()
    with time_machine.travel(night + timedelta(minutes=26), tick=False):
        boards = [list(Ranking.current(window)) for window in Window]

    # The year too, though somebody set about it on the same day.
    assert boards == [[article]] * 3


def test_an_older_count_does_not_overwrite_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.article("先发布的")
    recount = Month.recount

    def slow() -> Callable[[], object]:
        monkeypatch.setattr(Month, "recount", recount)
        write = recount()
        cast.article("后发布的")
        Ranking.refresh()
        return write

    monkeypatch.setattr(Month, "recount", slow)
    Ranking.refresh_if_due()

    for window in Window:
        titles = {article.title for article in Ranking.current(window)}
        assert titles == {"先发布的", "后发布的"}


@pytest.mark.parametrize("error", [OperationalError("locked"), IntegrityError("foreign key")])
def test_a_writer_in_the_way_costs_a_pause_and_not_the_age_of_a_ranking(
    monkeypatch: pytest.MonkeyPatch, error: Error
) -> None:
    article = cast.article("还没有上榜的")

    def failing(*written: object) -> None:
        raise error

    with monkeypatch.context() as m:
        m.setattr(Ranking, "_write", failing)
        assert not Ranking.current()
    monkeypatch.setattr(Ranking, "try_at", 0.0)  # the pause is over

    assert list(Ranking.current()) == [article]


def test_what_somebody_else_set_about_meanwhile_is_left_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = timezone.now() + timedelta(minutes=1)

    def after_another(*counted: object) -> Callable[[], object]:
        Ranking.objects.update(refreshed_at=later)
        raise OperationalError("database is locked")

    monkeypatch.setattr(Month, "recount", after_another)
    Ranking.refresh_if_due()

    assert Ranking.objects.get().refreshed_at == later


def test_counts_are_written_where_they_have_changed() -> None:
    article = cast.article(tags=("社保",))
    Ranking.refresh()
    spare = cast.category("spare", "空栏目")
    Category.objects.filter(pk=spare.pk).update(article_count=3)
    article.withdraw()

    Ranking.refresh()

    assert not Category.objects.exclude(article_count=0).exists()
    assert not Month.objects.exclude(articles=0).exists()
    assert not TagUse.objects.exists()
