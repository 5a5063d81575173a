"""The policies in a real browser: what our pages and the desk need, they may; what is smuggled in is not run.

Every other journey is watched as well (`nothing_against_the_policy` in tests/conftest.py).
"""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.cms.site import SiteProfile
from tests import cast
from tests.browser.test_paste import enter, surface
from tests.cms import samples

pytestmark = pytest.mark.browser

PUBLIC = ("/", "/search/", "/tools/dispatch-ratio/", "/enquiry/", "/no/such/page/")
DESK = (
    "admin:index", "admin:articles_article_changelist", "admin:articles_article_add",
    "admin:staffing_service_add", "admin:cms_mediafile_changelist", "admin:cms_siteprofile_changelist",
    "admin:calendar", "admin:security", "admin:cms_user_add",
)  # fmt: skip


def test_public_pages_and_the_desk_need_nothing_that_is_forbidden(
    page: Page, base_url: str
) -> None:
    samples.picture()
    SiteProfile.load()
    for path in (*PUBLIC, cast.article().get_absolute_url(), cast.job().get_absolute_url()):
        page.goto(path)
    enter(page, base_url)
    for name in DESK:
        page.goto(reverse(name))
    page.goto(reverse("admin:articles_article_add"))
    expect(surface(page).first).to_be_visible()


def test_what_is_smuggled_into_a_page_is_not_run(
    page: Page, base_url: str, request: pytest.FixtureRequest
) -> None:
    """As somebody would who has found a way to write HTML: a script, a handler, a style, a form."""
    page.goto("/")
    page.evaluate("""() => {
      window.forbidden = () => {} // this one time it is meant
      window.ran = []
      const put = (html) => document.body.append(document.createRange().createContextualFragment(html))
      put('<script>window.ran.push("inline")</script>')
      put('<script src="https://elsewhere.example/x.js"></script>')
      put('<img src="x" onerror="window.ran.push(1)">')
      put('<p id="red" style="color: rgb(255, 0, 0)">x</p>')
      put('<iframe src="https://elsewhere.example/" id="frame"></iframe>')
      put('<base href="https://elsewhere.example/">')
    }""")
    expect(page.locator("img[src=x]")).to_have_js_property("complete", value=True)
    assert page.evaluate("window.ran") == []
    assert (
        page.evaluate("getComputedStyle(document.getElementById('red')).color") != "rgb(255, 0, 0)"
    )
    assert page.evaluate("document.baseURI").startswith(base_url)
