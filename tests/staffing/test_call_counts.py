"""Taps on numbers: by page and day, and never by whom."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from staffing.hotlines import counting, views
from staffing.models import DailyCalls

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

READER = "Mozilla/5.0 (Linux; Android 14; zh-cn) MicroMessenger/8.0.50"


def tap(client: Client, page: str = "/services/", agent: str = READER, **headers: str) -> int:
    response = client.post(
        "/enquiry/calls/", {"page": page}, headers={"User-Agent": agent, **headers}
    )
    assert not response.cookies
    return response.status_code


def counts() -> dict[str, int]:
    return dict(DailyCalls.objects.values_list("page", "count"))


def test_a_tap_is_counted_for_its_page() -> None:
    client = Client(enforce_csrf_checks=True)
    assert [tap(client), tap(client), tap(client, "/contact/")] == [204, 204, 204]
    assert counts() == {"/services/": 2, "/contact/": 1}


@pytest.mark.parametrize(
    "page", ["", "//evil.example/", "/admin/", "/preview/x/", "/no/such/", "x"]
)
def test_what_is_no_page_is_not_counted(client: Client, page: str) -> None:
    assert tap(client, page) == 204
    assert counts() == {}


def test_a_number_in_the_name_of_a_page_cannot_be_read(client: Client) -> None:
    tap(client, "/13812348155/")
    assert counts() == {"/138****8155/": 1}


def test_a_masked_name_is_no_longer_than_its_column(client: Client) -> None:
    tap(client, "/" + "a".join(["06603381234"] * 16) + "/")
    (page,) = counts()
    assert len(page) == 200


def test_any_word_may_be_a_tag_so_tags_are_counted_as_one_page(client: Client) -> None:
    for word in ("劳动合同", "x1", "x2"):
        tap(client, f"/articles/tag/{word}/")
    assert counts() == {"/articles/tag/": 3}


@pytest.mark.parametrize("agent", ["", "Baiduspider/2.0", "HeadlessChrome/120", "curl/8"])
def test_crawlers_are_answered_but_not_counted(client: Client, agent: str) -> None:
    assert tap(client, agent=agent) == 204
    assert counts() == {}


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}],
)
def test_other_sites_count_nothing(client: Client, headers: dict[str, str]) -> None:
    assert tap(client, **headers) == 403
    assert counts() == {}


def test_a_site_is_known_by_its_name_whatever_the_proxy_says(
    client: Client, settings: Settings
) -> None:
    settings.SITE_URL = "https://www.example.com"
    origins = ("https://www.example.com", "https://testserver", "http://testserver", "null")
    assert [tap(client, Origin=origin) for origin in origins] == [204, 204, 204, 403]


def test_get_is_no_tap(client: Client) -> None:
    assert client.get("/enquiry/calls/").status_code == 405


def test_one_address_counts_so_often_an_hour(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AN_HOUR", 2)
    assert [tap(client) for _ in range(4)] == [204] * 4
    assert counts() == {"/services/": 2}


def test_beyond_so_many_pages_a_day_the_rest_is_no_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_PAGES", 2)
    for page in ("/a/", "/b/", "/c/", "/d/", "/a/"):
        tap(client, page)
    assert counts() == {"/a/": 2, "/b/": 1, "": 2}


def test_a_count_is_worth_no_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(views, "count", locked)
    assert tap(client) == 204
    assert counts() == {}
