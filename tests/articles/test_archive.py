"""The archives by year and by month, in Beijing time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Month, Ranking
from tests import cast
from tests.articles.test_list import get, titles

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_databases,
    pytest.mark.usefixtures("november"),
]


@pytest.fixture
def november() -> Any:
    with time_machine.travel(datetime(2026, 11, 23, 4, tzinfo=UTC), tick=False):
        yield


def at(*utc: int) -> dict[str, Any]:
    moment = datetime(*utc, tzinfo=UTC)  # type: ignore[misc,arg-type]
    return {"go_live_at": moment, "first_published_at": moment}


def months(html: str) -> list[tuple[str, str]]:
    """Return the months that are offered, and the counts beside them."""
    link = r'href="/articles/archive/(\d+/\d+)/"[^>]*>\d+月 <span class="num">(\d+)</span>'
    return re.findall(link, html)


def years(html: str) -> list[tuple[str, str]]:
    return re.findall(r'href="/articles/archive/\d+/">(\d+) 年</a> <small[^>]*>(.*?)<', html)


def test_a_month_begins_at_midnight_in_beijing(client: Client) -> None:
    cast.article("十月最后一分钟", **at(2026, 10, 31, 15, 59))
    cast.article("十一月第一分钟", **at(2026, 10, 31, 16, 0))

    assert titles(get(client, "/articles/archive/2026/10/")) == ["十月最后一分钟"]
    assert titles(get(client, "/articles/archive/2026/11/")) == ["十一月第一分钟"]


def test_a_year_begins_at_midnight_in_beijing(client: Client) -> None:
    cast.article("旧年", **at(2025, 12, 31, 15, 59))
    cast.article("新年", **at(2025, 12, 31, 16, 0))

    assert titles(get(client, "/articles/archive/2025/")) == ["旧年"]
    assert titles(get(client, "/articles/archive/2026/")) == ["新年"]


def test_years_and_months_stand_in_the_index_with_their_counts(client: Client) -> None:
    for moment in ((2025, 2, 5), (2025, 2, 6), (2025, 12, 31, 16), (2026, 3, 5)):
        cast.article(**at(*moment))

    html = get(client, "/articles/archive/")

    assert years(html) == [("2026", "2 篇"), ("2025", "2 篇")]
    assert months(html) == [("2026/03", "1"), ("2026/01", "1"), ("2025/02", "2")]
    assert '<link rel="canonical" href="http://127.0.0.1:8000/articles/archive/">' in html


def test_a_month_whose_articles_left_is_offered_no_more(client: Client) -> None:
    article = cast.article(**at(2026, 3, 5))
    cast.article(**at(2026, 1, 5))
    get(client, "/articles/archive/")
    article.withdraw()

    assert months(get(client, "/articles/archive/")) == [("2026/01", "1")]
    assert months(get(client, "/articles/archive/2026/")) == [("2026/01", "1")]


def test_a_date_of_long_ago_is_a_slip_and_no_month(client: Client) -> None:
    cast.article(**at(226, 3, 5))
    cast.article(**at(2026, 1, 5))

    assert months(get(client, "/articles/archive/")) == [("2026/01", "1")]
    assert Month.objects.count() == 1


def test_months_of_hidden_articles_are_not_told(client: Client) -> None:
    cast.hidden_articles()

    html = get(client, "/articles/archive/")

    assert months(html) == []
    assert "还没有文章" in html


def test_counts_follow_within_ten_minutes(client: Client) -> None:
    cast.article(**at(2026, 3, 5))
    get(client, "/articles/archive/")
    cast.article(**at(2026, 3, 6))
    cast.article(**at(2026, 2, 6))

    with time_machine.travel(timezone.now() + Ranking.MAX_AGE, tick=False):
        found = months(get(client, "/articles/archive/2026/03/"))

    assert found == [("2026/02", "1"), ("2026/03", "2")]


def test_a_year_offers_the_months_that_have_articles(client: Client) -> None:
    cast.article(**at(2026, 1, 5))
    cast.article(**at(2026, 3, 5))
    cast.article(**at(2026, 3, 6))
    cast.article(**at(2025, 3, 6))

    for path in ("2026/", "2026/03/"):
        html = get(client, f"/articles/archive/{path}")
        assert months(html) == [("2026/01", "1"), ("2026/03", "2")]


def test_the_way_leads_to_the_nearest_months_with_articles(client: Client) -> None:
    for moment in ((2025, 2, 5), (2025, 6, 5), (2026, 4, 5)):
        cast.article(**at(*moment))

    html = get(client, "/articles/archive/2025/06/")

    assert '<a href="/articles/archive/2025/02/"><small>更早</small>2025年2月</a>' in html
    assert (
        '<a class="next" href="/articles/archive/2026/04/"><small>更晚</small>2026年4月</a>' in html
    )


@pytest.mark.parametrize(
    "path", ["2026/02/", "2024/", "2027/", "2026/13/", "2026/00/", "2026/1/", "0000/", "0001/01/",
             "9999/", "9999/12/", "26/", "2026/x/", "２０２６/"],
)  # fmt: skip
def test_a_span_without_articles_or_sense_is_not_found(client: Client, path: str) -> None:
    cast.article(**at(2026, 11, 5))

    assert client.get(f"/articles/archive/{path}").status_code == 404


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    cast.hidden_articles()
    cast.article("看得见的一篇")

    for path in ("2026/", "2026/11/"):
        assert titles(get(client, f"/articles/archive/{path}")) == ["看得见的一篇"]


@pytest.mark.parametrize("page", ["x", "0", "2", "\0"])
def test_a_page_that_there_is_not_is_not_found(client: Client, page: str) -> None:
    cast.article(**at(2026, 11, 5))

    assert client.get("/articles/archive/2026/11/", {"page": page}).status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    cast.article(**at(2026, 11, 5))

    assert client.post("/articles/archive/").status_code == 405
    assert client.post("/articles/archive/2026/").status_code == 405
    assert client.post("/articles/archive/2026/11/").status_code == 405


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for number in range(count):
        cast.article(**at(2026, number % 11 + 1, 5, number % 24))

    Ranking.refresh()

    # Six of the chrome, whether counts are due, how many there are, the page, its rows and their categories,
    # the months, before, after, the tags beside.
    for path in ("2026/05/", "2026/"):
        with django_assert_num_queries(16):
            client.get(f"/articles/archive/{path}")
    # The chrome, whether counts are due, the months, the categories, the tags beside.
    with django_assert_num_queries(11):
        client.get("/articles/archive/")
