"""Whole journeys, as people make them: the reason this site exists."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, ViewportSize, expect

from articles.models import Article
from portal.cms.accounts import User
from staffing.incoming.token import DIGITS
from staffing.models import Enquiry, Hotline, Job
from tests import cast
from tests.desk.forms import form_of, fresh

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}


def sign_in(page: Page, user: User) -> None:
    """Give the browser a session of `user`'s, without the pages of signing in."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": session.key, "value": session.value, "domain": "127.0.0.1", "path": "/"}]
    )


def sign_in_by_form(page: Page, user: User) -> None:
    page.goto(reverse("admin:index"))
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(cast.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()


def answer(page: Page) -> None:
    """Answer the question that a public form asks of who is as quick as a test."""
    label = page.locator(".question label")
    if label.count():
        words = label.inner_text()
        page.get_by_label(words).fill(str(DIGITS.index(words[0]) + DIGITS.index(words[2])))
        page.locator("form.form button").click()


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
    sign_in_by_form(page, cast.xiaolin())
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
    cast.hotline(always=True)
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


def test_a_part_time_job_in_baoan_is_found_on_a_phone_applied_for_and_filled(
    page: Page, browser: Browser, base_url: str
) -> None:
    part_time = {"kind": Job.Kind.PART_TIME, "pay_min": Decimal(28), "pay_max": None}
    job = cast.job("超市理货员", client_name="深圳市示例百货有限公司", **part_time)
    cast.job("展会引导员", district=cast.district("futian", "福田区"), **part_time)
    cast.job("电子厂普工")
    seeker = browser.new_context(viewport=PHONE, base_url=base_url, locale="zh-CN").new_page()
    seeker.goto("/")
    seeker.get_by_role("link", name=re.compile("招工")).first.click()
    seeker.get_by_role("link", name="兼职 2").click()
    seeker.get_by_text("按区域、薪酬、结算、住宿筛选").click()
    seeker.get_by_role("link", name="宝安区 1").click()
    seeker.get_by_role("link", name="超市理货员").click()
    bar = seeker.get_by_role("navigation", name="快速联系")
    bar.get_by_role("link", name="我要应聘").click()
    seeker.get_by_label("怎么称呼您").fill("小刘")
    seeker.get_by_label("联系电话").fill("139 1234 5678")
    seeker.get_by_label("出生年份").fill("1998")
    seeker.get_by_label("我已阅读并同意").check()
    seeker.get_by_label(re.compile("深圳市示例百货有限公司")).check()
    seeker.get_by_role("button", name="报名").click()
    seeker.wait_for_load_state()
    answer(seeker)
    expect(seeker.get_by_role("heading", name="已经收到")).to_be_visible()
    lead = Enquiry.objects.get()
    assert (lead.job, lead.landing_page, lead.page) == (job, "/", job.get_absolute_url())

    sign_in(page, cast.amin())
    page.goto(reverse("admin:index"))
    page.get_by_role("link", name=re.compile("没有人认领的线索")).click()
    expect(page.locator("#result_list")).to_contain_text("139****5678")
    page.locator("#result_list").get_by_role("link", name=re.compile("小刘")).click()
    page.get_by_role("button", name="由我认领").click()
    page.get_by_role("button", name="看号码").click()
    expect(page.get_by_role("link", name="139 1234 5678")).to_be_visible()
    page.get_by_label("状态").select_option("已联系")
    page.get_by_label("下次联系").fill("2099-01-01T09:00")
    page.get_by_label("备注").fill("周六上午来面试。")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".messagelist")).to_contain_text("已保存")
    assert "139 1234 5678" not in page.content()
    page.get_by_role("button", name="记为已转交").click()
    page.get_by_label("状态").select_option("已成交")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".state-line")).to_contain_text("已成交")
    page.goto(reverse("admin:staffing_enquiry_changelist"))
    expect(page.locator("#content-main")).not_to_contain_text(lead.reference)
    lead.refresh_from_db()
    assert (lead.status, lead.next_call_at) == ("won", None)
    assert [event.text for event in lead.events.filter(kind="note")] == ["周六上午来面试。"]
    assert lead.forwardings.get().recipient == "深圳市示例百货有限公司"

    page.goto(form_of(job))
    page.get_by_role("button", name="标记招满").click()
    seeker.goto(job.get_absolute_url())
    expect(seeker.locator("main")).to_contain_text("已招满")
    expect(seeker.get_by_role("link", name="我要应聘")).to_have_count(0)


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


def test_what_takes_something_away_asks_and_no_leaves_the_form_as_it_was(page: Page) -> None:
    article = cast.article("还要不要留着的文章")
    sign_in(page, cast.laozhou())
    page.goto(form_of(article))
    page.get_by_label("摘要").fill("刚刚打的字")
    asked = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", no)
    page.get_by_role("button", name="下线").click()
    assert "会看到“这篇内容已下线”" in asked[0]
    expect(page.get_by_label("摘要")).to_have_value("刚刚打的字")
    assert fresh(article).is_public

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="下线").click()
    expect(page.get_by_text("处于下线状态")).to_be_visible()
    assert fresh(article).summary == "刚刚打的字"


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone_the_bar_is_one_row_and_the_rest_is_below_the_form(
    browser: Browser, base_url: str, javascript: bool
) -> None:
    article = cast.article()
    page = browser.new_context(
        viewport=PHONE, base_url=base_url, locale="zh-CN", java_script_enabled=javascript
    ).new_page()
    sign_in(page, cast.laozhou())
    page.goto(form_of(article))

    places: dict[str, Any] = {}
    for name in ("保存草稿", "预览", "发布", "下线"):
        button = page.get_by_role("button", name=name, exact=True)
        places[name] = button.bounding_box()
    rows = {places[name]["y"] for name in ("保存草稿", "预览", "发布")}
    assert len(rows) == 1
    assert PHONE["height"] - 80 < rows.pop() < PHONE["height"]
    assert places["下线"]["y"] > PHONE["height"]
    page.get_by_role("button", name="发布", exact=True).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="复制为新稿")).to_be_focused()
    expect(page.get_by_role("button", name="复制为新稿")).to_be_in_viewport()
