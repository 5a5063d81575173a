"""An editor looks at unsaved work, shows it to a customer, and takes it back."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from articles.models import Article
from tests import cast
from tests.browser.test_accessibility import violations
from tests.browser.test_journeys import PHONE, sign_in

pytestmark = pytest.mark.browser


def test_unsaved_work_is_looked_at_shared_and_taken_back(
    page: Page, browser: Browser, base_url: str
) -> None:
    cast.hotline(always=True)
    article = cast.article("线上的标题")
    sign_in(page, cast.xiaolin())
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_label(re.compile(r"^标题")).fill("还没保存的标题")
    preview_button = page.get_by_role("button", name="预览", exact=True)

    with page.expect_popup() as opened:
        preview_button.click()
    look = opened.value
    look.set_viewport_size({"width": 1440, "height": 900})
    frame, shown = look.locator("iframe"), look.frame_locator("iframe")
    heading, thumb_bar = shown.get_by_role("heading", level=1), shown.get_by_text("拨打热线")
    expect(heading).to_have_text("还没保存的标题")
    expect(shown.get_by_text("只有您能看到")).to_be_visible()
    assert frame.evaluate("frame => frame.clientWidth") == 1440
    expect(thumb_bar).to_be_hidden()
    look.get_by_role("radio", name="手机").check()
    assert frame.evaluate("frame => frame.clientWidth") == PHONE["width"]
    expect(thumb_bar).to_be_visible()
    assert frame.evaluate("frame => frame.clientHeight") > 800
    look.keyboard.press("ArrowRight")
    assert frame.evaluate("frame => frame.clientWidth") == 820
    assert violations(look) == []

    look.get_by_text("分享链接", exact=True).click()
    look.get_by_label("有效期").select_option("1 天")
    look.get_by_role("button", name="生成分享链接").click()
    link = look.get_by_label("拿到这个链接的人不用登录就能看").input_value()
    assert violations(look) == []
    customer = browser.new_context(viewport=PHONE, base_url=base_url, locale="zh-CN").new_page()
    path = link.removeprefix("http://127.0.0.1:8000")
    customer.goto(path)
    expect(customer.get_by_role("heading", level=1)).to_have_text("还没保存的标题")
    expect(customer.get_by_text("预览：这一版还没有发布")).to_be_in_viewport()
    assert customer.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(customer) == []
    assert customer.context.cookies() == []
    customer.goto(article.get_absolute_url())
    expect(customer.get_by_role("heading", level=1)).to_have_text("线上的标题")

    look.get_by_role("button", name="撤销链接").click()
    expect(look.get_by_text("预览链接已撤销")).to_be_visible()
    assert customer.goto(path).status == 404  # type: ignore[union-attr]
    expect(customer.get_by_role("heading", level=1)).to_have_text("预览链接已失效")

    # The form has stood in its own tab all the while, and can still be saved.
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("访客现在看到的就是这一版")).to_be_visible()
    assert Article.objects.get().title == "还没保存的标题"


def test_a_link_is_taken_back_in_the_form_which_keeps_what_was_typed(page: Page) -> None:
    draft = cast.draft()
    sign_in(page, cast.xiaolin())
    address = reverse("admin:articles_article_change", args=[draft.pk])
    page.goto(address)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="预览", exact=True).click()
    opened.value.get_by_text("分享链接", exact=True).click()
    opened.value.get_by_role("button", name="生成分享链接").click()
    path = opened.value.locator("iframe").get_attribute("src")
    page.goto(address)
    page.get_by_label(re.compile(r"^标题")).fill("打了一半的标题")

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销链接").click()

    expect(page.get_by_text("已撤销。")).to_be_visible()
    expect(page.get_by_label(re.compile(r"^标题"))).to_have_value("打了一半的标题")
    assert page.request.get(str(path)).status == 404
