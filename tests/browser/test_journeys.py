"""Whole journeys, as people make them: the reason this site exists."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from articles.models import Article
from portal.cms.accounts import User
from staffing.models import Hotline
from tests import cast

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}


def sign_in(page: Page, user: User) -> None:
    page.goto(reverse("admin:index"))
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(cast.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()


def a_photograph(folder: Path) -> Path:
    path = folder / "夜班产线.jpg"
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((1200, 800)).convert("RGB").save(buffer, "JPEG")
    path.write_bytes(buffer.getvalue())
    return path


def test_an_editor_writes_with_a_picture_and_a_stranger_reads_it(
    page: Page, browser: Browser, base_url: str, tmp_path: Path
) -> None:
    cast.category("guide", "用工指南")
    cast.author("xiaolin-gk", "小林")
    sign_in(page, cast.xiaolin())
    page.goto(reverse("admin:articles_article_add"))
    page.get_by_label(re.compile(r"^标题")).fill("夜班产线的第一周——派遣员工怎样排班")
    page.get_by_label(re.compile(r"^栏目")).select_option("用工指南")
    page.get_by_label(re.compile(r"^署名")).select_option("小林 - xiaolin-gk")
    page.locator(".ProseMirror").click()
    page.keyboard.type("先把班次表贴出来，再谈加班。")
    page.get_by_role("button", name="插入图片").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(a_photograph(tmp_path))
    dialog.get_by_label("替代文字").fill("夜班产线上的三名工人")
    dialog.get_by_label("图片说明").fill("夜班产线。编辑自摄。")
    dialog.get_by_role("button", name="使用这张图片").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".ProseMirror img")).to_have_attribute("alt", "夜班产线上的三名工人")
    page.get_by_label(re.compile(r"^标签")).fill("夜班、派遣")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("访客现在看到的就是这一版")).to_be_visible()

    reader = browser.new_context(viewport=PHONE, base_url=base_url, locale="zh-CN").new_page()
    reader.goto("/")
    reader.get_by_role("link", name=re.compile("夜班产线的第一周")).first.click()
    expect(reader.get_by_role("heading", level=1)).to_have_text(
        "夜班产线的第一周——派遣员工怎样排班"
    )
    expect(
        reader.get_by_text(re.compile(r"^小林 - xiaolin-gk 于\d{4}年\d\d月\d\d日发表$"))
    ).to_be_visible()
    picture = reader.get_by_alt_text("夜班产线上的三名工人")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    expect(reader.get_by_text("夜班产线。编辑自摄。")).to_be_visible()

    # The read is counted by a beacon; a headless browser is taken for a crawler unless it says who it is.
    assert Article.objects.get().read_count == 0


def test_staff_change_the_hotline_and_every_page_shows_it(page: Page) -> None:
    article, service, job, standing = cast.article(), cast.service(), cast.job(), cast.page()
    hotline = cast.hotline()
    sign_in(page, cast.amin())
    page.goto(reverse("admin:staffing_hotline_change", args=[hotline.pk]))
    page.get_by_label(re.compile(r"^号码")).fill("0755 2345 6789")
    page.get_by_label(re.compile(r"^显示方式")).fill("0755-2345 6789")
    page.get_by_role("button", name="保存", exact=True).click()
    assert Hotline.objects.get().number == "+8675523456789"

    pages = ["/", "/articles/", "/articles/top/", "/services/", "/jobs/", "/licences/", "/contact/"]
    pages += ["/sitemap/", "/search/?q=派遣", "/no-such-page/"]
    pages += [item.get_absolute_url() for item in (article, service, job, standing)]
    for url in pages:
        page.goto(url)
        head = page.get_by_role("banner")
        expect(head).to_contain_text("客服热线:0755-2345 6789")
        expect(head.locator("a[href='tel:+8675523456789']")).to_be_visible()


def test_a_visitor_on_a_phone_searches_reads_and_calls(page: Page) -> None:
    cast.hotline()
    cast.article("劳务派遣员工受伤，第一天做什么")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/search/")
    page.get_by_role("main").get_by_role("searchbox").fill("派遣")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="劳务派遣员工受伤，第一天做什么").click()
    call = page.get_by_role("link", name=re.compile("拨打")).last
    expect(call).to_be_in_viewport()
    expect(call).to_have_attribute("href", "tel:+8675588828155")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_site_is_read_without_javascript(
    browser: Browser, base_url: str, live_server: object
) -> None:
    cast.hotline()
    article = cast.article("不用脚本也能读的一篇")
    context = browser.new_context(java_script_enabled=False, base_url=base_url, locale="zh-CN")
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name=article.title).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(article.title)
    expect(page.get_by_role("link", name=re.compile("0755-8882 8155")).first).to_be_visible()
