"""Counting reads: the address the page's script tells, and the script itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from articles.models import reads as counting
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

READER = "Mozilla/5.0 (Linux; Android 14; zh-cn) MicroMessenger/8.0.50"


def tell(client: Client, article: Article, agent: str = READER, **headers: str) -> int:
    address = f"{article.get_absolute_url()}read/"
    return client.post(address, headers={"User-Agent": agent, **headers}).status_code


def reads(article: Article) -> int:
    article.refresh_from_db()
    return article.read_count


def test_a_read_is_counted(client: Client) -> None:
    article = cast.article()

    assert tell(client, article) == 204
    assert (
        tell(client, article, Origin="http://testserver", **{"Sec-Fetch-Site": "same-origin"})
        == 204
    )
    assert reads(article) == 2


def test_no_token_is_asked_for() -> None:
    article = cast.article()

    assert tell(Client(enforce_csrf_checks=True), article) == 204
    assert reads(article) == 1


@pytest.mark.parametrize(
    "agent", ["", "Baiduspider/2.0", "Mozilla/5.0 (compatible; bingbot/2.0)", "curl/8"]
)
def test_crawlers_are_answered_but_not_counted(client: Client, agent: str) -> None:
    article = cast.article()

    assert tell(client, article, agent) == 204
    assert reads(article) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://testserver.elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    article = cast.article()

    assert tell(client, article, **headers) == 403
    assert reads(article) == 0


def test_hidden_and_unknown_articles_are_not_found(client: Client) -> None:
    hidden = cast.hidden_articles()

    assert {tell(client, article) for article in hidden.values()} == {404}
    assert {reads(article) for article in hidden.values()} == {0}
    assert tell(client, Article(pk=999)) == 404
    assert client.post(f"/articles/{10**30}/read/").status_code == 404


def test_a_read_waits_for_no_writer_and_is_counted_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = cast.article(), cast.article()

    def locked(article_id: int, count: int) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as busy:
        busy.setattr(counting, "_add", locked)
        assert {tell(client, first), tell(client, first), tell(client, second)} == {204}
    assert (reads(first), reads(second)) == (0, 0)

    second.delete()
    assert tell(client, first) == 204
    assert reads(first) == 3


def test_looking_is_not_reading(client: Client) -> None:
    article = cast.article()

    assert client.get(f"{article.get_absolute_url()}read/").status_code == 405
    client.get(article.get_absolute_url(), headers={"User-Agent": READER})
    assert reads(article) == 0


@pytest.mark.browser
def test_a_reader_counts_once_however_often_the_page_is_loaded(
    live_server: LiveServer, new_context: Callable[..., BrowserContext]
) -> None:
    article = cast.article()
    for _ in range(2):
        page = new_context(user_agent=READER).new_page()
        with page.expect_response("**/read/") as told:
            page.goto(f"{live_server.url}{article.get_absolute_url()}")
        assert told.value.status == 204
        page.reload()
        page.wait_for_load_state("networkidle")

    assert reads(article) == 2
