"""What an article may cost a phone, counted by a real browser: bytes, requests, and jumps while it loads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from portal.cms.media import avif
from portal.cms.media.models import MediaFile
from tests import cast
from tests.browser.test_journeys import PHONE
from tests.cms import samples

pytestmark = pytest.mark.browser

KILOBYTE = 1024
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PARAGRAPH = f"<p>{'用工单位使用的被派遣劳动者数量，不得超过其用工总量的百分之十。' * 4}</p>"
SECTIONS = "".join(f"<h2>第{n}节　怎么算</h2>{PARAGRAPH * 4}" for n in "一二三四五")
TABLE = f"<table><tbody><tr>{'<td>劳务派遣</td>' * 8}</tr></tbody></table>"
# Notes what moves although nobody touched anything, and which elements they were.
WATCH_SHIFTS = """
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, sources, value } of list.getEntries()) {
      const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 80))
      if (!hadRecentInput) shifts.push(`${value}: ${moved}`)
    }
  }).observe({ type: "layout-shift", buffered: true })
"""
READ_TO_THE_END = """async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y)
    await painted()
  }
  await Promise.all([...document.images].map((image) => image.decode()))
  await painted()
  return shifts
}"""


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Serve as a real site does, and return the address.

    The tests' live server finds static and media files by itself: nothing is compressed, and our
    own view of media is never asked.
    """
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [("site", settings.BASE_DIR / "static" / "site")]
    settings.STATIC_ROOT = tmp_path / "static"
    compressed = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": compressed}
    call_command("collectstatic", interactive=False, verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def reader(browser: Browser, site: str, viewport: ViewportSize = PHONE) -> BrowserContext:
    """Somebody who has never been here, on a phone unless said otherwise."""
    context = browser.new_context(base_url=site, viewport=viewport, locale="zh-CN")
    context.add_init_script(WATCH_SHIFTS)
    return context


def text_article() -> Article:
    """A text without pictures, with everything else that the page of one can have."""
    cast.hotline()
    cast.licence()
    for _ in range(30):
        cast.article(tags=("派遣", "社保"))
    return cast.article("怎样计算派遣比例", tags=("派遣", "社保"), body=SECTIONS + TABLE)


def article_with_pictures() -> Article:
    """A cover, and pictures of several shapes in the text, one of them no AVIF yet."""
    shapes = [(1600, 900), (300, 200), (500, 2000), (2400, 300)]
    files = [samples.picture(f"{n}.jpg", shape) for n, shape in enumerate(shapes)]
    cover = samples.picture("封面.jpg", (1200, 800))
    if avif.IS_SUPPORTED:
        for file in (*files[1:], cover):
            avif.make(file)
    figures = [
        f'<figure><img data-file="{file.pk}" alt="图"><figcaption>说明</figcaption></figure>'
        for file in files
    ]
    return cast.article(cover=cover, body=SECTIONS + PARAGRAPH.join(figures))


def visit(page: Page, article: Article) -> list[Request]:
    """Open the article, read all of it, and return what was asked for."""
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto(article.get_absolute_url())
    page.evaluate(READ_TO_THE_END)
    page.wait_for_load_state("networkidle")
    return asked


def wire_size(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_a_text_is_small_and_asks_for_little(browser: Browser, site: str) -> None:
    asked = visit(reader(browser, site).new_page(), text_article())

    costs = {urlsplit(each.url).path: wire_size(each) for each in asked}
    scripts = [wire_size(each) for each in asked if each.resource_type == "script"]
    assert len(scripts) == 2
    assert sum(scripts) <= 10 * KILOBYTE, costs
    assert sum(costs.values()) <= 60 * KILOBYTE, costs
    assert len(asked) <= 6, costs
    assert {each.url for each in asked if not each.url.startswith(site)} == set()


def test_style_and_scripts_come_compressed(browser: Browser, site: str) -> None:
    asked = visit(reader(browser, site).new_page(), cast.article())

    encodings = {
        each.resource_type: response.headers.get("content-encoding")
        for each in asked
        if each.resource_type in {"stylesheet", "script"} and (response := each.response())
    }
    assert encodings == {"stylesheet": "br", "script": "br"}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("make", [text_article, article_with_pictures])
def test_nothing_moves_while_a_page_comes(
    browser: Browser, site: str, make: Callable[[], Article], viewport: ViewportSize
) -> None:
    article = make()
    page = reader(browser, site, viewport).new_page()

    visit(page, article)

    assert page.evaluate("shifts") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_text_that_is_enlarged_comes_enlarged(browser: Browser, site: str) -> None:
    article = text_article()
    page = reader(browser, site).new_page()
    page.goto(article.get_absolute_url())
    size_of = "getComputedStyle(document.querySelector('.body')).fontSize"
    assert page.evaluate(size_of) == "18px"

    page.get_by_role("button", name="特大").click()
    assert page.evaluate(size_of) == "24px"
    visit(page, article)

    assert page.evaluate(size_of) == "24px"
    expect(page.get_by_role("button", name="特大")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("shifts") == []
    page.get_by_role("button", name="标准").click()
    page.reload()
    assert page.evaluate(size_of) == "18px"


@pytest.mark.skipif(not avif.IS_SUPPORTED, reason="this Pillow writes no AVIF")
def test_pictures_are_avif_where_there_is_one_and_of_the_width_shown(
    browser: Browser, site: str
) -> None:
    article = article_with_pictures()
    without = MediaFile.objects.get(title="0")

    asked = visit(reader(browser, site).new_page(), article)

    types = [
        response.headers["content-type"]
        for each in asked
        if each.resource_type == "image" and (response := each.response())
    ]
    assert sorted(types) == ["image/avif"] * 4 + ["image/webp"]
    # 350 pixels of a phone's 390: the smallest file that fills them.
    assert [each.url for each in asked if each.url.endswith(".webp")] == [
        f"{site}{without.image_file.small}"
    ]


def test_without_javascript_all_is_there(browser: Browser, site: str) -> None:
    article = text_article()
    scripted = reader(browser, site).new_page()
    scripted.goto(article.get_absolute_url())
    plain = browser.new_context(base_url=site, viewport=PHONE, java_script_enabled=False).new_page()
    plain.goto(article.get_absolute_url())

    links = [
        sorted(a.get_attribute("href") or "" for a in page.locator("a").all())
        for page in (scripted, plain)
    ]
    assert links[0] == links[1]
    assert plain.locator(".body").inner_text() == scripted.locator(".body").inner_text()
    expect(scripted.get_by_role("button", name="复制链接")).to_be_visible()
    expect(plain.get_by_role("button")).to_have_count(0)

    plain.locator("summary", has_text="目录").click()
    plain.get_by_role("navigation", name="目录").get_by_text("第四节").click()
    expect(plain.locator("h2", has_text="第四节")).to_be_in_viewport()
    plain.get_by_text("二维码", exact=False).click()
    expect(plain.get_by_role("img", name="本文网址的二维码")).to_be_visible()


def test_the_address_is_copied(browser: Browser, site: str, settings: Settings) -> None:
    settings.SITE_URL = "https://www.our-site.example"
    article = cast.article()
    context = reader(browser, site)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(article.get_absolute_url())

    page.get_by_role("button", name="复制链接").click()

    expect(page.get_by_role("status")).to_have_text("链接已复制")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"https://www.our-site.example{article.get_absolute_url()}"


def test_where_the_system_shares_it_is_asked(browser: Browser, site: str) -> None:
    context = reader(browser, site)
    context.add_init_script("navigator.share = async (what) => { window.shared = what }")
    article = cast.article("派遣比例怎么算")
    page = context.new_page()
    page.goto(article.get_absolute_url())

    page.get_by_role("button", name="分享", exact=True).click()

    shared = page.evaluate("shared")
    assert shared["title"] == "派遣比例怎么算"
    assert shared["url"].endswith(article.get_absolute_url())


def test_on_paper_there_is_the_text_and_where_it_is_from(browser: Browser, site: str) -> None:
    page = reader(browser, site, DESKTOP).new_page()
    page.goto(text_article().get_absolute_url())

    page.emulate_media(media="print")

    for shown in ("h1", ".byline", ".body", ".share-address", ".share-code svg"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in ("nav", "aside", "button", "summary", ".foot-links", ".tags"):
        for element in page.locator(hidden).all():
            expect(element).to_be_hidden()
