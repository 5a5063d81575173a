"""No page breaks the rules of WCAG 2.2 AA that a machine can check, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, ViewportSize

from tests import cast
from tests.browser.test_journeys import sign_in

pytestmark = pytest.mark.browser

# As wide as a phone, and high enough that the bar at thumb height covers nothing at rest.
PHONE: ViewportSize = {"width": 390, "height": 6000}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# Django's tables of inline rows have an empty heading above the hidden id of each row.
DJANGOS_OWN = {"empty-table-header": {"enabled": False}}


def violations(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """Return each broken rule with the first element that breaks it."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules or {}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages(browser: Browser, base_url: str, scheme: Any) -> None:
    cast.hotline()
    cast.licence()
    article = cast.article(
        tags=("派遣",), body="<h2>表</h2><table><tbody><tr><td>10%</td></tr></tbody></table>"
    )
    items = (article, cast.service(), cast.job(), cast.page())
    urls = [
        "/",
        "/articles/",
        "/articles/top/",
        "/articles/category/policy/",
        "/articles/tag/派遣/",
    ]
    urls += [
        "/services/",
        "/jobs/",
        "/licences/",
        "/contact/",
        "/sitemap/",
        "/search/?q=派遣",
        "/404/",
    ]
    urls += [item.get_absolute_url() for item in items]
    page = browser.new_context(color_scheme=scheme, viewport=PHONE, base_url=base_url).new_page()
    broken = {}
    for url in urls:
        page.goto(url)
        broken[url] = violations(page)
    assert {url: rules for url, rules in broken.items() if rules} == {}


def test_the_pages_of_the_desk(page: Page) -> None:
    # High enough that the form's bar of buttons, which sticks to the bottom, covers none of others.
    page.set_viewport_size({"width": 1280, "height": 6000})
    article = cast.article()
    page.goto(reverse("admin:login"))
    broken = {"login": violations(page)}
    sign_in(page, cast.laochen())
    names = {
        "index": reverse("admin:index"),
        "list": reverse("admin:articles_article_changelist"),
        "form": reverse("admin:articles_article_change", args=[article.pk]),
        "service": reverse("admin:staffing_service_add"),
        "library": reverse("admin:cms_mediafile_changelist"),
        "profile": reverse("admin:cms_siteprofile_changelist"),
    }
    for name, url in names.items():
        page.goto(url)
        page.wait_for_load_state("networkidle")
        broken[name] = violations(page, DJANGOS_OWN)
    assert {name: rules for name, rules in broken.items() if rules} == {}
