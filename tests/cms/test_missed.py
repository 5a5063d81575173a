"""Counting: what is followed, what is asked for in vain; bounded, and nothing of who asked."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.redirects import counting
from portal.cms.redirects.counting import miss, sweep, worth_noting
from portal.cms.redirects.models import MissedAddress, Redirect
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "INTERVAL", 0.0)


def log() -> dict[str, int]:
    return dict(MissedAddress.objects.values_list("path", "hits"))


def test_what_leads_nowhere_is_counted(client: Client, every_time: None) -> None:
    for address in ("/news/9.html", "/NEWS/9.html", "/news/9.html?utm_source=x", "/?p=9"):
        client.get(address, headers={"Referer": "https://www.baidu.com/s?wd=秘密"})
    assert log() == {"/news/9.html": 3, "/?p=9": 1}
    assert set(MissedAddress.objects.values_list("from_host", flat=True)) == {"www.baidu.com"}


def test_what_is_no_old_address_is_not(client: Client, every_time: None) -> None:
    cast.redirect("/a.html", "/jobs/")
    withdrawn = cast.hidden_articles()["withdrawn"].get_absolute_url()
    for address in (
        *("/a.html", withdrawn, "/wp-login.php", "/.env", "/static/no.css", "/media/no.jpg"),
        *("/articles/?page=999", "/preview/abc/", "/admin/nothing/", "/%FF%FE/", "/shell.php?cmd=ls"),
    ):  # fmt: skip
        client.get(address)
    client.post("/b/1.html")
    assert log() == {}


def test_a_redirect_counts_its_visitors(client: Client, every_time: None) -> None:
    row = cast.redirect("/a.html", "/jobs/")
    pattern = cast.redirect(r"/n/(\d+)", "/jobs/", kind=Redirect.Kind.PATTERN)
    for address in ("/a.html", "/A.html", "/n/1", "/n/2", "/n/3"):
        client.get(address)
    row.refresh_from_db()
    pattern.refresh_from_db()
    assert (row.hits, pattern.hits) == (2, 3)
    assert row.last_hit_at is not None


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/call/13800138000.html", "", "/call/….html"),
        ("/call/138-0013-8000", "", "/call/…"),
        ("/html/20210305/12.html", "", "/html/20210305/12.html"),
        ("/a/2021-03-05/12.html", "", "/a/2021-03-05/12.html"),
        ("/a/202103051234/", "", "/a/…"),
        ("/a/28231234.html", "", "/a/….html"),
        ("/call/138.0013.8000", "", "/call/…"),
        ("/call/１３８００１３８０００", "", "/call/…"),
        ("/a/2021.03.05/12.html", "", "/a/2021.03.05/12.html"),
        ("/to/li.lei@example.com/", "", "/to/…"),
        ("/to/li.lei＠example.com/", "", "/to/…"),
        ("/x.html", "name=%E5%BC%A0%E4%B8%89&phone=13800138000&id=7", "/x.html?id=7&phone=…"),
        ("/plus/view.php", "aid=12", "/plus/view.php?aid=12"),
        ("/plus/view.php", "aid=12'", ""),
        ("/wp-admin/index.php", "id=1", ""),
        ("/a\u202eb\nc", "", "/a…b…c"),
        ("/" + "长" * 800, "", "/" + "长" * 499),
    ],
)
def test_nothing_that_leads_to_a_person_is_kept(path: str, query: str, shown: str) -> None:
    assert worth_noting(path, query) == shown


def test_who_comes_within_a_second_writes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    miss("/1.html")
    with django_assert_num_queries(0):
        for _ in range(5):
            miss("/2.html")
    assert log() == {"/1.html": 1}


def test_a_flood_of_made_up_addresses_fills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    written = 0
    for number in range(20_000):
        now[0] += 0.02  # fifty a second
        before = len(connection.queries_log)
        miss(f"/x{number}/")
        written += len(connection.queries_log) > before
    assert MissedAddress.objects.count() <= counting.MOST_NEW
    assert len(counting._misses) <= counting.MOST_WAITING
    assert len(counting._seen) <= counting.MOST_SEEN
    # A real one, that people ask for again, is seen all the same.
    for _ in range(3):
        now[0] += 2
        miss("/news/real.html")
    assert "/news/real.html" in log()


def test_the_least_and_eldest_make_room(every_time: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_ROWS", 3)
    hour = timedelta(hours=1)
    cast.missed("/often/", hits=50, last_at=timezone.now() - 3 * hour)
    cast.missed("/old/", hits=1, last_at=timezone.now() - 2 * hour)
    cast.missed("/newer/", hits=1, last_at=timezone.now() - hour)
    miss("/newest/")
    assert set(log()) == {"/often/", "/newer/", "/newest"}


def test_what_cannot_be_written_waits(monkeypatch: pytest.MonkeyPatch, every_time: None) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as within:
        within.setattr(counting, "_write_misses", busy)
        miss("/1.html")
    assert log() == {}
    miss("/1.html")
    assert log() == {"/1.html": 2}


def test_nobody_remembers_for_ever() -> None:
    now = timezone.now()
    cast.missed("/old/", last_at=now - timedelta(days=91))
    cast.missed("/new/", last_at=now - timedelta(days=89))
    sweep(now)
    assert set(log()) == {"/new/"}
