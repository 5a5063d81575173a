"""Search at full size: what a query costs beside an article page, and how fast texts are indexed.

`make soak` runs it with 100,000 articles of 1,500 字 (ARTICLES=… for fewer); with DATABASE_URL it is
PostgreSQL that is measured. CPU of this process is what counts, and on PostgreSQL the time besides.

The article page is a cheap one: each has tags, so that nothing is looked up for what is like it, and
what pages share is kept. Only the page itself is made anew, as a search page is.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from articles.models import Article
from portal.cms.pagecache.epochs import content_changed
from portal.cms.publishing import Status
from portal.cms.search import indexing
from portal.cms.search.models import IndexEntry
from tests import cast
from tests.bench.corpus import Writer, tidy
from tests.bench.texts import RARE, sentence, title

ARTICLES = int(os.environ.get("ARTICLES", "100000"))
LENGTH = 1_500
BATCH = 500
# So many pages are shown before any is measured, and of so many the median is taken.
WARM, MEASURED = 300, 41
DEAREST = 5  # times an article page, on SQLite

QUERIES = {
    "两个字，到处都有": "派遣",
    "四个字，到处都有": "劳务派遣",
    "两个词": "宝安区 临时工",
    "少见的两个字": RARE[1234],
    "一个字": "工",
    "两个数字": "20",
    "没有的词": "量子物理",
    "分开的词": "深圳派遣工伤",
    "分开的词，长": "宝安区临时工招聘电子厂包装",
    "很长": "劳务派遣单位应当依法取得行政许可并履行用人单位对劳动者的义务",
}


def fill(count: int) -> float:
    """Make so many articles, each indexed as a save does it; return the seconds spent on the index."""
    dice = random.Random(4)
    category, author, now = cast.category(), cast.author(), timezone.now()
    writer = Writer(count, LENGTH)
    spent = 0.0
    for begin in range(0, count, BATCH):
        with transaction.atomic():
            made = Article.objects.bulk_create(
                Article(
                    title=title(dice),
                    category=category,
                    author=author,
                    body=f"<p>{sentence(dice, LENGTH)}</p>",
                    status=Status.PUBLISHED,
                    go_live_at=now - timedelta(minutes=begin + n),
                    first_published_at=now,
                )
                for n in range(BATCH)
            )
            writer.tag(made)
            started = time.perf_counter()
            for article in made:
                indexing.index(article)
            spent += time.perf_counter() - started
    return spent


def asking() -> Callable[..., None]:
    """Return what asks for an address as a server does: nothing of the test's own is in the way."""
    application: Any = get_wsgi_application()
    requests = RequestFactory()

    def get(address: str, **query: str) -> None:
        told: list[Any] = []
        answer = application(requests.get(address, query).environ, lambda *args: told.append(args))
        b"".join(answer)
        answer.close()
        assert told[0][0] == "200 OK", address

    return get


def cost(get: Callable[[], object]) -> tuple[float, float]:
    """Return milliseconds of this process's CPU and of the clock, the medians."""
    get()
    figures = []
    for _ in range(MEASURED):
        cpu, clock = time.process_time(), time.perf_counter()
        get()
        figures.append((1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - clock)))
    return sorted(figures)[MEASURED // 2][0], sorted(clock for _, clock in figures)[MEASURED // 2]


@pytest.mark.django_db(transaction=True)
def test_a_search_costs_no_more_than_a_few_pages() -> None:
    seconds = fill(ARTICLES)
    print(f"\n{connection.vendor}，{ARTICLES} 篇，每篇 {LENGTH} 字")
    print(f"建索引：每秒 {ARTICLES / seconds:.0f} 篇")
    tidy()
    content_changed()
    get = asking()
    dice, keys = random.Random(4), list(Article.objects.values_list("pk", flat=True))

    def page() -> None:
        get(f"/articles/{dice.choice(keys)}/")

    for _ in range(WARM):
        page()
    dearest = 0.0
    for name, query in QUERIES.items():
        beside, _ = cost(page)  # each time: what else runs on the machine comes and goes
        cpu, clock = cost(lambda query=query: get("/search/", q=query))  # type: ignore[misc]
        dearest = max(dearest, cpu / beside)
        print(
            f"搜索 {name}（{query}）：CPU {cpu:.1f} ms，用时 {clock:.1f} ms；"
            f"文章页 {beside:.1f} ms，{cpu / beside:.1f} 倍"
        )
    IndexEntry.objects.all().delete()
    if connection.vendor == "sqlite":
        assert dearest <= DEAREST
