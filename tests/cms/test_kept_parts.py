"""Parts of pages that are kept for an epoch: each page shows its own, and as of one moment."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from articles.models import Article, Ranking, Window
from portal.cms.keywords.linking import linker
from portal.cms.keywords.models import KeywordLink
from portal.cms.pagecache import epochs
from portal.cms.pagecache.epochs import clock, content_changed
from portal.cms.pagecache.wsgi import PageCache
from staffing.models import Service
from tests import cast
from tests.cms.test_pagecache import ask, fresh_clock, transactional  # noqa: F401 - a fixture

pytestmark = pytest.mark.both_databases


@pytest.fixture
def site() -> PageCache:
    return PageCache(get_wsgi_application())


def part_of(text: str, begin: str, end: str) -> str:
    """Return what stands between two marks, of which the first is there."""
    _, found, rest = text.partition(begin)
    assert found, begin
    return rest.partition(end)[0]


@transactional
def test_each_window_and_page_of_the_ranking_has_its_own_rows(
    site: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.views.TOP_PAGE_SIZE", 2)
    for number in range(3):
        cast.article(f"第{number}篇", **cast.live(number * 60 * 24 * 40 + 5))
    Article.objects.filter(title="第2篇").update(read_count=9)
    Ranking.refresh()
    first, second, all_time = (
        re.findall(r"第\d篇", part_of(ask(site, path).text, 'class="ranking"', "</ol>"))
        for path in ("/articles/top/", "/articles/top/?page=2", "/articles/top/?window=all")
    )
    assert (first, second) == (["第0篇", "第1篇"], ["第2篇"])
    assert all_time == ["第2篇", "第0篇"]


@transactional
def test_each_category_is_marked_on_its_own_page(site: PageCache) -> None:
    one, other = cast.category("one", "一栏"), cast.category("other", "二栏")
    for path in ("/articles/", one.get_absolute_url(), other.get_absolute_url()):
        pills = part_of(ask(site, path).text, 'class="filters"', "</ul>")
        assert re.findall('href="([^"]+)" aria-current', pills) == [path]


@transactional
def test_no_article_is_further_news_of_itself(site: PageCache) -> None:
    for shown in [cast.article(), cast.article(), cast.article()]:
        part = part_of(ask(site, shown.get_absolute_url()).text, 'id="further"', "</ol>")
        assert f'href="{shown.get_absolute_url()}"' not in part
        assert part.count("<li>") == 2


@transactional
def test_the_bar_says_on_which_page_it_stands(site: PageCache) -> None:
    cast.hotline()
    for path in ("/articles/", "/contact/", "/services/"):
        bar = part_of(ask(site, path).text, '<nav class="thumb"', "</nav>")
        assert f'href="/enquiry/?from={path}"' in bar


@transactional
def test_pages_that_are_rendered_at_once_have_each_their_own_keywords() -> None:
    KeywordLink.objects.create(word="许可证", url="/articles/1/")
    one, other = linker("/articles/1/"), linker("/articles/2/")
    assert (one.own, other.own) == ("/articles/1/", "/articles/2/")


@transactional
def test_home_is_of_one_moment_even_when_it_counts_for_seconds(
    site: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ranking.refresh()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False) as now:
        service = cast.service(name="两秒后到期的服务")
        end = timezone.now() + timedelta(seconds=2)
        Service.objects.filter(pk=service.pk).update(expire_at=end)
        content_changed()
        count = Ranking._by_reads

        def count_long(window: Window) -> Any:
            now.shift(timedelta(seconds=1.5))
            return count(window)

        monkeypatch.setattr(Ranking, "_by_reads", count_long)
        ask(site, "/")
        now.shift(timedelta(minutes=1))
        assert "两秒后到期的服务" not in ask(site, "/").text


@transactional
def test_an_article_is_related_once_under_two_titles(
    site: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "INTERVAL", 60.0)
    shown = cast.article("本文", tags=("社保", "工资"))
    other = cast.article("旧题目", tags=("社保", "工资"))
    ask(site, cast.article("只有社保", tags=("社保",)).get_absolute_url())  # keeps those of 社保
    by_another_worker(
        monkeypatch, lambda: Article.objects.filter(pk=other.pk).update(title="新题目")
    )
    related = part_of(ask(site, shown.get_absolute_url()).text, 'id="related"', "</ul>")
    assert related.count(f'href="{other.get_absolute_url()}"') == 1


@transactional
def test_an_article_of_a_category_younger_than_what_is_kept_names_it(
    site: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "INTERVAL", 60.0)
    ask(site, "/articles/")
    shown: list[Article] = []
    by_another_worker(
        monkeypatch,
        lambda: shown.append(cast.article("新栏目里的", category=cast.category("new", "新栏目"))),
    )
    assert "新栏目</a>" in ask(site, shown[0].get_absolute_url()).text


def by_another_worker(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Change something; this process learns of it only at the next look of its clock."""
    look_at = clock._look_at
    change()
    monkeypatch.setattr(clock, "_look_at", look_at)
