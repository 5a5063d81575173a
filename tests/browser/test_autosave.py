"""No lost word, in a real browser: a closed tab, a lost network, an expired login, two at one form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from portal.cms.publishing import State
from portal.cms.revisions.models import Autosave
from tests import cast
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_journeys import sign_in, sign_in_by_form
from tests.desk.forms import form_of, fresh

pytestmark = pytest.mark.browser

SAVED = re.compile(r"^\d\d:\d\d 已自动保存$")
PATIENCE = 20_000  # the form is kept three seconds after the last key; machines are slow


def title_in(page: Page) -> Locator:
    return page.get_by_label(re.compile(r"^标题"))


def text_in(page: Page) -> Locator:
    return page.locator(".ProseMirror").first


def open_form(page: Page, article: Any) -> Page:
    page.goto(form_of(article))
    expect(text_in(page)).to_be_visible()
    return page


def write(page: Page, words: str) -> None:
    """Type at the end of the text, as people do."""
    text_in(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def expect_status(page: Page, words: Any) -> None:
    expect(page.locator(".autosave-status")).to_have_text(words, timeout=PATIENCE)


def put_back(page: Page) -> None:
    page.get_by_role("button", name="放回表单").click()
    expect(page.get_by_text("还没有保存：请核对后点")).to_be_visible()
    expect(text_in(page)).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".messagelist")).to_contain_text("草稿")


def reopened(page: Page, article: Any) -> Page:
    """The tab is gone; the form is opened in a new one."""
    context = page.context
    page.close()
    return open_form(context.new_page(), article)


def test_a_closed_tab_costs_no_word(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    assert Autosave.objects.count() == 0
    write(page, "写到一半，电脑没电了。")
    expect_status(page, SAVED)

    again = reopened(page, article)
    expect(text_in(again)).not_to_contain_text("没电了")
    put_back(again)
    expect(text_in(again)).to_contain_text("没电了")
    save(again)

    assert "没电了" in fresh(article).body
    open_form(again, article)
    expect(again.get_by_role("button", name="放回表单")).to_have_count(0)
    assert not any("autosave" in key for key in again.evaluate("Object.keys(localStorage)"))


def test_words_written_without_a_network_are_kept_in_the_browser(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    context = page.context
    open_form(page, article)
    context.set_offline(True)
    title_in(page).fill("地铁里改的标题")
    expect_status(page, "网络断开，文字先存在本机")
    # Pressed all the same: the form stays.
    page.get_by_role("button", name="保存草稿").click()
    expect_status(page, "没有提交：网络断开，文字先存在本机")
    page.close()
    context.set_offline(False)

    again = open_form(context.new_page(), article)
    expect(again.get_by_text("只在这台电脑的浏览器里")).to_be_visible()
    put_back(again)
    expect(title_in(again)).to_have_value("地铁里改的标题")
    # The copy has become the server's.
    open_form(again, article)
    expect(again.get_by_text("只在这台电脑的浏览器里")).to_be_hidden()
    expect(again.get_by_text("地铁里改的标题")).to_be_visible()


def test_where_the_browser_has_no_room_the_editor_is_told(page: Page) -> None:
    article = cast.draft("排班表")
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException() }")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.context.set_offline(True)

    title_in(page).fill("哪里都存不下")

    expect_status(page, "网络断开，本机也存不下：请先把文字复制到别处")


def test_a_network_that_comes_back_is_made_use_of(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.context.set_offline(True)
    title_in(page).fill("断了又连上")
    expect_status(page, "网络断开，文字先存在本机")

    page.context.set_offline(False)

    expect_status(page, SAVED)
    assert Autosave.objects.get().data["title"] == ["断了又连上"]


def test_an_expired_login_costs_no_word(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.context.clear_cookies(name="session")
    title_in(page).fill("登录过期后写的")
    expect_status(page, "登录已过期，文字先存在本机")
    page.get_by_role("button", name="保存草稿").click()
    expect_status(page, "没有提交：登录已过期，文字先存在本机")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="重新登录").click()
    login = opened.value
    login.get_by_label("用户名").fill("xiaolin")
    login.get_by_label("密码").fill(cast.PASSWORD)
    login.get_by_role("button", name="登录").click()
    expect(login.get_by_role("heading", name="工作台")).to_be_visible()
    login.close()
    save(page)

    assert fresh(article).title == "登录过期后写的"


def test_what_was_sent_after_the_login_expired_comes_back(page: Page) -> None:
    """The login expires between the last pulse and the button."""
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.context.clear_cookies(name="session")
    title_in(page).fill("还没来得及自动保存")
    page.get_by_role("button", name="保存草稿").click()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="登录（新窗口）").click()
    sign_in_by_form(opened.value, cast.xiaolin())
    page.get_by_role("button", name="放回表单").click()
    page.get_by_role(
        "button", name="放回表单"
    ).click()  # the login has made the first one's token void

    expect(title_in(page)).to_have_value("还没来得及自动保存")


def test_a_refused_form_is_kept_and_goes_on(page: Page) -> None:
    sign_in(page, cast.xiaolin())
    page.goto("/admin/articles/article/add/")
    title_in(page).fill("日期不对的新稿")
    page.locator("#id_go_live_at_0").fill("二月三十日")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".errornote")).to_be_visible()
    title_in(page).fill("日期不对的新稿，改过")
    expect_status(page, SAVED)
    context = page.context
    page.close()

    again = context.new_page()
    again.goto("/admin/articles/article/add/")
    put_back(again)

    expect(title_in(again)).to_have_value("日期不对的新稿，改过")
    expect(again.locator("#id_go_live_at_0")).to_have_value("二月三十日")


def test_what_was_taken_back_is_not_offered(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    title_in(page).fill("改了")
    expect_status(page, SAVED)

    title_in(page).fill("排班表")

    expect_status(page, "")
    assert not Autosave.objects.exists()


def test_left_as_it_was_opened_a_form_leaves_nothing_in_the_browser(page: Page) -> None:
    """Left before the next message: the comment was posted, or the words were taken back."""
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.get_by_label("写给同事").fill("数字请注明出处。")
    expect_status(page, SAVED)

    page.get_by_role("button", name="发表意见").click()
    expect(page.get_by_text("意见已发表")).to_be_visible()
    page.goto("/admin/calendar/")

    assert not any("autosave" in key for key in page.evaluate("Object.keys(localStorage)"))


def test_a_form_that_is_still_open_after_its_save_goes_on_being_kept(page: Page) -> None:
    """As the browser's Back shows it again."""
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    page.evaluate(
        """async () => {
          const body = new FormData(document.querySelector("#autosave").closest("form"));
          await fetch("", { method: "POST", body });
        }"""
    )

    title_in(page).fill("返回后又写的")
    expect_status(page, SAVED)

    assert "返回后又写的" in open_form(page, article).locator(".left-texts").inner_text()


def test_two_at_one_form_see_each_other_and_what_was_saved(
    page: Page, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    article = cast.draft("排班表")
    other = browser.new_context(**browser_context_args).new_page()
    sign_in(page, cast.xiaolin())
    sign_in(other, cast.laozhou())
    open_form(page, article)
    expect(page.get_by_text("也打开了这一页")).to_be_hidden()
    open_form(other, article)
    expect(other.get_by_text("小林也打开了这一页")).to_be_visible()
    title_in(page).fill("小林的标题")
    expect(page.get_by_text("老周也打开了这一页")).to_be_visible(timeout=PATIENCE)

    title_in(other).fill("老周的标题")
    save(other)

    title_in(page).fill("小林又改的标题")
    expect(page.get_by_text(re.compile(r"^老周（\d\d:\d\d）保存了新版本"))).to_be_visible(
        timeout=PATIENCE
    )
    other.goto("/admin/")
    title_in(page).fill("小林再改的标题")
    expect(page.get_by_text("也打开了这一页")).to_be_hidden(timeout=PATIENCE)


def test_leaving_asks_only_for_words_that_are_not_kept(page: Page) -> None:
    article = cast.draft("排班表")
    asked: list[str] = []

    def stay_or_go(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay_or_go)
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    title_in(page).press_sequentially("甲")
    expect_status(page, SAVED)
    page.goto("/admin/")
    assert asked == []

    open_form(page, article)
    title_in(page).press_sequentially("乙")
    page.goto("/admin/")
    assert asked == ["beforeunload"]


def test_the_keyboard_saves_previews_and_publishes(page: Page) -> None:
    article = cast.draft("排班表")
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    write(page, "存一下。")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("已保存为草稿")).to_be_visible()
    assert "存一下。" in fresh(article).body

    expect(text_in(page)).to_be_visible()
    write(page, "看一下。")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Shift+P")
    opened.value.close()
    assert "看一下。" not in fresh(article).body

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Control+Enter")
    assert fresh(article).state == State.DRAFT
    questions: list[str] = []

    def agree(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.accept()

    page.once("dialog", agree)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("访客现在看到的就是这一版")).to_be_visible()
    assert questions == ["确定要发布吗？"]
    assert "看一下。" in fresh(article).body
    assert fresh(article).state == State.LIVE


def test_the_keys_are_listed(page: Page) -> None:
    sign_in(page, cast.xiaolin())
    open_form(page, cast.draft())
    expect(page.get_by_role("button", name="保存草稿")).to_have_attribute("title", "Ctrl+S")

    page.get_by_role("button", name="表单快捷键").press("Enter")

    expect(page.get_by_role("dialog", name="表单快捷键")).to_contain_text("Ctrl+回车发布")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="表单快捷键")).to_be_hidden()


def test_a_change_with_a_moment_of_its_own_is_scheduled(page: Page) -> None:
    sign_in(page, cast.xiaolin())
    open_form(page, cast.article())
    expect(page.get_by_role("button", name="发布", exact=True)).to_be_visible()

    page.locator("#id_apply_at_0").fill("2099-01-05")
    page.locator("#id_apply_at_1").fill("09:00")

    expect(page.get_by_role("button", name="定时发布")).to_be_visible()


def test_what_is_offered_is_accessible(
    browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    article = cast.draft("排班表")
    context: BrowserContext = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 6000})
    sign_in(page, cast.xiaolin())
    open_form(page, article)
    title_in(page).fill("没有保存的标题")
    expect_status(page, SAVED)
    context.set_offline(True)
    title_in(page).fill("断网后又改的标题")
    expect_status(page, "网络断开，文字先存在本机")
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.set_viewport_size({"width": 390, "height": 6000})
    open_form(again, article)
    expect(again.get_by_text("只在这台电脑的浏览器里")).to_be_visible()
    expect(again.get_by_role("button", name="放回表单")).to_have_count(1)

    assert violations_in_both(again) == []
    assert again.evaluate("document.documentElement.scrollWidth") <= 390
    again.set_viewport_size({"width": 1440, "height": 900})
    again.get_by_role("button", name="表单快捷键").click()
    assert violations_in_both(again) == []
