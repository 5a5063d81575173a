"""Addresses that strangers hand in: which are ours, and what stands there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal.cms import addresses
from portal.cms.addresses import item_at, items_at, own_path
from portal.cms.kinds import kinds
from portal.cms.publishing import Status
from tests import cast


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jobs/",
        "/jobs/17/",
        "/services/dispatch/",
        "/articles/tag/劳务派遣/",
        "/about/",
        "/contact/",
    ],
)
def test_pages_of_this_site_are_ours_also_as_a_browser_writes_them(path: str) -> None:
    assert own_path(path) == path
    assert own_path(quote(path)) == path


@pytest.mark.parametrize(
    "text",
    [
        *("", "jobs/", "http://evil.example/", "//evil.example/", "/\\evil.example/", "\\/evil"),
        *("/%2F%2Fevil.example/", "%2F%2Fevil.example/", "/%5Cevil.example", "javascript:alert(1)"),
        *(
            "/jobs/?page=2",
            "/jobs/#top",
            "/jobs/%3Fpage=2",
            "/jobs/ ",
            "/jobs/\n",
            "/jobs/%0d%0aX: y",
        ),
        *(
            "/no/such/page/",
            "/jobs/017/",
            "/jobs/x/",
            "/%ff/",
            "/articles/tag/\u3000/",
            "/jobs/\x00",
        ),
        # Nothing to call from; and a preview's address is a key to it.
        # What machines read, and any name that a file at the root may have.
        *("/robots.txt", "/sitemap.xml", "/sitemap-articles-7.xml", "/about.html", "/a.txt"),
        *("/admin/", "/admin", "/admin/login/", "/media/a.jpg", "/static/site/site.css"),
        *("/preview/abc:def/", "/articles/tag/" + "长" * 200 + "/", "/" * 10_000),
    ],
)
def test_everything_else_is_not(text: str) -> None:
    assert own_path(text) == ""


def test_nor_is_an_admin_that_was_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ADMIN_PATH", "about/desk")
    assert own_path("/about/desk/login/") == ""
    assert own_path("/about/") == "/about/"


@given(st.text(max_size=300))
def test_any_text_is_a_short_printable_path_or_nothing(text: str) -> None:
    for path in (own_path(text), own_path(f"/{text}/")):
        assert path == "" or (path.startswith("/") and not path.startswith("//"))
        assert len(path) <= addresses.LONGEST
        assert path.isprintable()
        assert not set(path) & set(" ?#\\")


@pytest.mark.django_db
def test_every_kind_is_found_at_its_own_address_in_one_query_hidden_or_not(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    items: list[Any] = [cast.article(), cast.service(), cast.job(), cast.page()]
    items += [cast.case(), cast.district_page()]
    assert {type(item) for item in items} == set(kinds())
    for item in items:
        type(item)._default_manager.filter(pk=item.pk).update(status=Status.WITHDRAWN)
        with django_assert_num_queries(1):
            assert item_at(item.get_absolute_url()) == item


@pytest.mark.django_db
def test_a_page_shown_by_a_view_of_its_own_is_found_there() -> None:
    contact = cast.page("contact", "联系我们")
    assert item_at("/contact/") == contact


@pytest.mark.django_db
def test_many_addresses_take_one_query_a_kind(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    jobs, article = [cast.job() for _ in range(3)], cast.article()
    paths = [job.get_absolute_url() for job in jobs]
    expected = dict(zip(paths, jobs, strict=True)) | {article.get_absolute_url(): article}
    with django_assert_num_queries(2):
        found = items_at([*expected, "/jobs/", "/jobs/999999/", "/no/such/", "", *paths])
    assert found == expected


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "/", "/jobs/", "/jobs/999999/", "/no/such/page/", "x"])
def test_where_no_item_stands_none_is_found(path: str) -> None:
    assert item_at(path) is None


def test_a_kind_without_an_address_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert addresses.check_every_kind_has_an_address(None) == []
    monkeypatch.setattr(addresses, "_registered", {})
    errors = addresses.check_every_kind_has_an_address(None)
    assert {error.id for error in errors} == {"cms.E040"}
    assert len(errors) == len(kinds())
