"""No page breaks the rules of WCAG 2.2 AA that a machine can check, in light and in dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from articles.models import Article
from portal.cms.compliance.models import WordList
from portal.cms.preview import Preview
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Revision
from tests import cast
from tests.browser.test_journeys import sign_in
from tests.cms import samples
from tests.desk.forms import form_of, url

pytestmark = pytest.mark.browser

# As wide as a phone, and high enough that the bar at thumb height covers nothing at rest.
PHONE: ViewportSize = {"width": 390, "height": 6000}
DESKTOP: ViewportSize = {"width": 1280, "height": 6000}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {"type": "tag", "values": TAGS}
# What other colours alone can break.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}


def violations(page: Page, rules: dict[str, Any] = ALL) -> list[str]:
    """Return each broken rule with the first element that breaks it.

    Looks from the end of the page: there the phone's bar of buttons stands in its own place. Higher
    up it covers a part of whatever link is at the fold, which axe takes for a target too small.
    """
    page.evaluate("window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


def violations_in_both(page: Page) -> list[str]:
    """Return those of a page in the light, and what its colours break in the dark.

    Only style sheets ask which of the two it is, so the page need not be loaded once more.
    """
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate("Promise.all(document.getAnimations().map((change) => change.finished))")
    found += [f"in the dark: {rule}" for rule in violations(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def test_public_pages(browser: Browser, base_url: str) -> None:
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
        "/prices/",
        "/faq/",
        "/tools/",
        "/tools/compare/",
        "/tools/dispatch-ratio/?own=180&agency=32",
        "/tools/labour-cost/",
        "/licences/",
        "/contact/",
        "/sitemap/",
        "/search/?q=派遣",
        "/404/",
    ]
    urls += [item.get_absolute_url() for item in items]
    page = browser.new_context(viewport=PHONE, base_url=base_url).new_page()
    broken = {}
    for address in urls:
        page.goto(address)
        broken[address] = violations_in_both(page)
    assert {url: rules for url, rules in broken.items() if rules} == {}


def test_the_pages_of_the_desk(page: Page) -> None:
    # High enough that the form's bar of buttons, which sticks to the bottom, covers none of others.
    page.set_viewport_size(DESKTOP)
    article = cast.article()
    page.goto(reverse("admin:login"))
    broken = {"login": violations(page)}
    sign_in(page, cast.laochen())
    names = {
        "index": reverse("admin:index"),
        "list": reverse("admin:articles_article_changelist"),
        "form": reverse("admin:articles_article_change", args=[article.pk]),
        "service": reverse("admin:staffing_service_add"),
        "categories": reverse("admin:articles_category_changelist"),
        "library": reverse("admin:cms_mediafile_changelist"),
        "picture": reverse("admin:cms_mediafile_change", args=[samples.picture().pk]),
        "profile": reverse("admin:cms_siteprofile_changelist"),
    }
    for name, address in names.items():
        page.goto(address)
        if name in {"form", "service"}:  # where a script makes the editor
            expect(page.locator(".ProseMirror").first).to_be_visible()
        broken[name] = violations(page)
    assert {name: rules for name, rules in broken.items() if rules} == {}


def around_the_form() -> dict[str, str]:
    """One of everything that stands around the form of an article, and the address of each page."""
    chief, editor = cast.laozhou(), cast.xiaolin()
    article = cast.article(tags=("派遣",), created_by=editor)
    began = drafts.working_content(article)
    first = {**began, "title": "老周改过的标题", "body": "<h2>一</h2><p>改过的第一段。</p>"}
    actions.save(article, first, chief)
    late = {**began, "title": "小林来晚的标题", "body": "<p>来晚的第一段。</p><p>第二段。</p>"}
    kept = actions.refuse(article, late, editor, article.edit_version - 1)
    actions.bin(cast.article("丢掉的文章"), chief)
    actions.submit(cast.draft("等着审核的文章", created_by=editor), editor)
    look = Preview.objects.keep(Article, article.pk, began, cast.laochen())
    latest = Revision.objects.about(article).latest("pk")
    words = WordList.objects.order_by("pk").first()
    assert words is not None

    def of(view: str, *args: object) -> str:
        return url("articles_article", view, *args)

    return {
        "form with a draft": form_of(article),
        "history": of("history", article.pk),
        "one version": of("revision", article.pk, latest.pk),
        "compare": of("compare", article.pk),
        "conflict": of("conflict", article.pk, kept.pk),
        "moving into the bin": of("bin", article.pk),
        "the bin": f"{of('changelist')}?state=deleted",
        "preview": of("preview", look.pk),
        "calendar": reverse("admin:calendar"),
        "notices": reverse("admin:notices"),
        "word lists": url("cms_wordlist", "changelist"),
        "word list": form_of(words),
        "audit": url("cms_revision", "changelist"),
        "decisions": url("cms_decision", "changelist"),
    }


def test_the_form_on_a_phone(browser: Browser, base_url: str) -> None:
    chief = cast.laozhou()
    article = cast.article(created_by=chief)
    actions.save(article, {**drafts.working_content(article), "title": "改过的标题"}, chief)
    actions.schedule(article, chief, timezone.now() + timedelta(days=1))
    page = browser.new_context(viewport=PHONE, base_url=base_url, locale="zh-CN").new_page()
    sign_in(page, cast.laochen())
    broken = {}
    new, question = url("articles_article", "add"), url("articles_article", "discard", article.pk)
    for address in (form_of(article), new, question):
        page.goto(address)
        broken[address] = violations_in_both(page)
    assert {address: rules for address, rules in broken.items() if rules} == {}


@pytest.mark.parametrize(("scheme", "viewport"), [("dark", PHONE), ("light", DESKTOP)])
def test_the_pages_around_a_form(
    browser: Browser, base_url: str, scheme: Any, viewport: ViewportSize
) -> None:
    addresses = around_the_form()
    page = browser.new_context(
        color_scheme=scheme, viewport=viewport, base_url=base_url, locale="zh-CN"
    ).new_page()
    sign_in(page, cast.laochen())
    broken = {}
    for name, address in addresses.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, name
        broken[name] = violations(page)
    assert {name: rules for name, rules in broken.items() if rules} == {}
