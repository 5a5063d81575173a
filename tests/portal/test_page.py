"""`/<slug>/`: standing pages, and what no page may be called."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertRedirects

from portal.cms.addresses import FILES
from portal.cms.site import Page
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db


def test_shows_what_editors_wrote(client: Client) -> None:
    cast.hotline()
    cast.page(summary="在深圳做了十二年。", seo_description="关于我们的说明。")
    text = client.get("/about/").text
    assert "<h1>关于我们</h1>" in text
    assert "在深圳做了十二年。" in text
    assert "<p>我们在深圳做劳务派遣。</p>" in text
    assert '<meta name="description" content="关于我们的说明。">' in text
    assert "客服热线:0755-8882 8155" in text


def test_escapes_title_and_summary(client: Client) -> None:
    cast.page(title="关于<script>", summary="<b>十二年</b>")
    text = client.get("/about/").text
    assert "关于&lt;script&gt;" in text
    assert "<b>十二年</b>" not in text


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_is_not_found(client: Client, state: str) -> None:
    cast.page(**states.hidden()[state])
    assert client.get("/about/").status_code == 404


def test_what_was_withdrawn_is_gone(client: Client) -> None:
    cast.page(**states.WITHDRAWN)
    assert client.get("/about/").status_code == 410


@pytest.mark.parametrize("path", ["/join/", "/关于/", "/a%00b/", "/about/us/", f"/{'a' * 500}/"])
def test_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    cast.page()
    assert client.get(path).status_code == 404


def test_without_its_slash_it_leads_to_the_page(client: Client) -> None:
    cast.page()
    assertRedirects(client.get("/about?from=wechat"), "/about/?from=wechat", 301)


@pytest.mark.parametrize("address", ["/articles", "/contact", "/admin", "/search"])
def test_without_its_slash_every_part_of_the_site_is_led_to(client: Client, address: str) -> None:
    assertRedirects(client.get(address), f"{address}/", 301, fetch_redirect_response=False)


@pytest.mark.parametrize("address", ["/login", "/about", "/media", "/preview"])
def test_a_word_that_is_no_page_is_not_found_at_once(client: Client, address: str) -> None:
    cast.page(**states.hidden()["draft"])
    response = client.get(address)
    assert response.status_code == 404
    assert "没有找到这个页面" in response.text


def test_takes_no_form(client: Client) -> None:
    cast.page()
    assert client.post("/about/").status_code == 405


def test_cost_is_pinned(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cast.profile()
    cast.hotline()
    cast.page()
    with django_assert_num_queries(9):  # one, the keywords, the chrome's six, due changes
        client.get("/about/")


def first_segments(patterns: list[URLPattern | URLResolver], prefix: str = "") -> set[str]:
    """Return the fixed first segment of every address below `patterns`; '' for none."""
    found: set[str] = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if "/" not in route and isinstance(pattern, URLResolver):
            found |= first_segments(pattern.url_patterns, route)
        else:
            found.add(route.split("/")[0])
    return found


def test_no_page_can_take_an_address_of_the_site() -> None:
    resolver = get_resolver()
    last = resolver.url_patterns[-1]
    assert isinstance(last.pattern, RoutePattern)
    assert str(last.pattern) == "<slug:slug>/"
    # Some have a view of their own, which shows the page of that name; no slug has a dot.
    open_to_pages = {"", "<slug:slug>", "favicon.ico", "atom.xml", "rss.xml"}
    named = {str(each.pattern): getattr(each, "name", "") for each in resolver.url_patterns}
    open_to_pages |= {pattern for pattern, name in named.items() if name in FILES}
    open_to_pages |= {"cases", "contact", "complaint", "faq", "prices", "takedown"}
    taken = first_segments(resolver.url_patterns) - open_to_pages
    assert {"admin", "articles", "jobs", "licences", "search", "services", "sitemap"} <= taken
    assert taken <= Page.RESERVED


@pytest.mark.parametrize("slug", sorted(Page.BESIDE))
def test_words_beside_a_form_or_above_a_list_are_a_page(slug: str) -> None:
    Page(slug=slug, title="说明").clean()


def test_the_form_refuses_such_a_name() -> None:
    with pytest.raises(ValidationError, match="已被网站的其他栏目使用"):
        Page(slug="jobs", title="招工").clean()
