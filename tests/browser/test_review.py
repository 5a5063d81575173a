"""审稿 in a real browser: commenting loses nothing that stands in the form; nothing takes a mouse."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from articles.models import Article
from portal.cms.publishing import State, Status
from portal.cms.review import comments, notices
from portal.cms.review.models import Comment
from portal.cms.revisions import actions
from tests import cast
from tests.browser.test_accessibility import violations
from tests.browser.test_journeys import sign_in
from tests.desk.forms import form_of, fresh

pytestmark = pytest.mark.browser


def submitted() -> Article:
    """What 小林 submitted."""
    cast.laozhou()
    article = cast.draft("冬至值班怎样排", created_by=cast.xiaolin())
    actions.submit(article, cast.xiaolin())
    return article


def test_a_comment_is_sent_alone_and_shown_in_place(page: Page) -> None:
    article = submitted()
    sign_in(page, cast.laozhou())
    page.goto(form_of(article))
    page.get_by_label("标题", exact=False).first.fill("老周还没打完的标题")
    page.get_by_label("写给同事").fill("第二段的数字请注明出处。")

    page.get_by_role("button", name="发表意见").click()

    panel = page.locator("#review")
    expect(panel.get_by_text("第二段的数字请注明出处。")).to_be_visible()
    expect(panel.get_by_role("status")).to_have_text("意见已发表，相关同事会收到通知。")
    expect(page.get_by_label("写给同事")).to_have_value("")
    assert page.locator("#id_title").input_value() == "老周还没打完的标题"
    assert fresh(article).title == "冬至值班怎样排"
    page.get_by_role("button", name="发表意见").click()
    expect(panel.get_by_role("status")).to_have_text("请先写下意见。")
    assert Comment.objects.count() == 1


def test_a_comment_that_did_not_get_through_stays_in_its_box(page: Page) -> None:
    article = submitted()
    sign_in(page, cast.laozhou())
    page.goto(form_of(article))
    page.get_by_label("写给同事").fill("断网时写的意见")
    page.route("**/comment/", lambda route: route.abort())
    page.get_by_role("button", name="发表意见").click()
    expect(page.locator("#review").get_by_role("status")).to_contain_text("没有发出去")
    page.unroute("**/comment/")
    page.context.clear_cookies()
    page.get_by_role("button", name="发表意见").click()
    expect(page.locator("#review").get_by_role("status")).to_contain_text("没有发出去")

    expect(page.get_by_label("写给同事")).to_have_value("断网时写的意见")
    assert not Comment.objects.exists()


def test_sending_back_by_keyboard_alone_and_hearing_of_it(browser: Browser, base_url: str) -> None:
    article = submitted()
    chief = browser.new_context(base_url=base_url, locale="zh-CN").new_page()
    sign_in(chief, cast.laozhou())
    chief.goto(reverse("admin:index"))
    chief.get_by_role("link", name="通知").focus()
    chief.keyboard.press("Enter")
    chief.get_by_role("link", name="小林提交了“冬至值班怎样排”").focus()
    chief.keyboard.press("Enter")
    expect(chief.get_by_role("link", name="通知")).to_have_text("通知")  # seen by being opened
    chief.get_by_label("写给同事").focus()
    chief.keyboard.type("补上出处。")
    chief.get_by_role("button", name="退回修改").focus()
    chief.keyboard.press("Enter")
    expect(chief.get_by_text("已退回修改，作者会收到通知。")).to_be_visible()

    editor = browser.new_context(base_url=base_url, locale="zh-CN").new_page()
    sign_in(editor, cast.xiaolin())
    editor.goto(reverse("admin:index"))
    expect(editor.get_by_role("link", name="通知 1 条未读")).to_be_visible()
    editor.get_by_role("link", name="退回给我的文章").focus()
    editor.keyboard.press("Enter")
    editor.get_by_role("link", name="冬至值班怎样排").click()
    expect(editor.get_by_text("老周退回修改：补上出处。")).to_be_visible()
    editor.get_by_role("link", name="查看意见").click()
    expect(editor.get_by_label("写给同事")).to_be_in_viewport()
    assert fresh(article).state == State.DRAFT


def test_without_javascript_the_whole_form_comes_back_as_typed(
    browser: Browser, base_url: str, live_server: object
) -> None:
    article = submitted()
    page = browser.new_context(
        base_url=base_url, java_script_enabled=False, locale="zh-CN"
    ).new_page()
    sign_in(page, cast.laozhou())
    page.goto(form_of(article))
    page.locator("#id_title").fill("老周还没打完的标题")
    page.get_by_label("写给同事").fill("先问一句。")

    page.get_by_role("button", name="发表意见").click()

    expect(page.get_by_text("意见已发表，相关同事会收到通知。")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("老周还没打完的标题")
    expect(page.locator("#review").get_by_text("先问一句。")).to_be_visible()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("已提交，等待审核")).to_be_visible()
    assert fresh(article).title == "老周还没打完的标题"
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_the_pages_of_review_break_no_rule(
    browser: Browser, base_url: str, scheme: Any, width: int
) -> None:
    article = submitted()
    comments.comment(article, cast.xiaolin(), "麻烦今天看一下。")
    comments.send_back(article, cast.laochen(), "补上出处。")
    live = cast.article("年假怎样折算", **cast.live(-60))
    cast.draft("还没有人审", go_live_at=live.go_live_at, status=Status.IN_REVIEW)
    notices.tell([cast.laochen().pk], live, "还没有看过的通知", None)
    page = browser.new_context(
        base_url=base_url,
        locale="zh-CN",
        color_scheme=scheme,
        viewport={"width": width, "height": 3000},
    ).new_page()
    sign_in(page, cast.laochen())
    addresses = [
        reverse("admin:notices"),
        reverse("admin:calendar"),
        f"{reverse('admin:calendar')}?day={live.go_live_at:%Y-%m-%d}",
        form_of(article),
        reverse("admin:articles_article_changelist"),
    ]
    broken = {}
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        broken[address] = violations(page)
        broken[address] += (
            []
            if page.evaluate("document.documentElement.scrollWidth") <= width
            else ["wider than the screen"]
        )
    assert {address: rules for address, rules in broken.items() if rules} == {}
