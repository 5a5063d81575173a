"""robots.txt: what is not for engines, and where they find the rest."""

from __future__ import annotations

from urllib.robotparser import RobotFileParser

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.engines.register import all_pages
from tests import cast

pytestmark = pytest.mark.django_db


def rules(client: Client) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").content.decode().splitlines())
    return parser


def test_it_is_a_text_without_a_query_of_its_own(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # whether a scheduled change is due: asked for every page
        response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml\n" in response.content.decode()


def test_what_engines_may_have_is_not_closed_to_them_nor_what_a_page_is_made_of(
    client: Client,
) -> None:
    parser, site = rules(client), "http://127.0.0.1:8000"
    article = cast.article()
    paths = [entry.path for each in all_pages() for entry in each.source()]
    paths += [article.get_absolute_url(), "/static/site/site.css", "/media/cabinet/x.jpg"]
    # The forms are in nobody's way: what came with an address of its own says `noindex`, to be read.
    paths += ["/sitemap.xml", "/jobs/12/", "/jobs/12/apply/", "/enquiry/", "/enquiry/?from=/"]
    for path in paths:
        assert parser.can_fetch("Baiduspider", f"{site}{path}"), path


def test_search_and_previews_are_closed(client: Client) -> None:
    parser, site = rules(client), "http://127.0.0.1:8000"
    for path in ("/search/?q=x", "/preview/abc/"):
        assert not parser.can_fetch("Baiduspider", f"{site}{path}"), path


def test_nobody_learns_from_it_where_the_desk_is(client: Client) -> None:
    assert settings.ADMIN_PATH not in client.get("/robots.txt").content.decode()
