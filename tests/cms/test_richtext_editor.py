"""The editor and the picker in a browser: pictures in, described, pasted, and on the page."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.browser

PASTE = """([html, picture]) => {
  const transfer = new DataTransfer()
  if (html) transfer.setData("text/html", html)
  if (picture) {
    const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))
    transfer.items.add(new File([bytes], "截图.png", { type: "image/png" }))
  }
  const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
  document.querySelector(".ProseMirror").dispatchEvent(event)
}"""


@pytest.fixture
def draft(db: None) -> Article:
    return cast.draft("车间安全须知", body="<p>进车间前请戴好安全帽。</p>")


@pytest.fixture
def desk(page: Page, live_server: LiveServer, draft: Article) -> Page:
    """小林 signed in, with the draft in the editor."""
    cast.xiaolin()
    page.goto(f"{live_server.url}/admin/login/?next=/admin/articles/article/{draft.pk}/change/")
    page.get_by_label("用户名").fill("xiaolin")
    page.get_by_label("密码").fill(cast.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(surface(page)).to_contain_text("安全帽")
    return page


def surface(page: Page) -> Locator:
    return page.locator(".ProseMirror")


def paste(page: Page, html: str, picture: bytes = b"") -> None:
    surface(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.evaluate(PASTE, [html, base64.b64encode(picture).decode()])


def html_of(page: Page) -> str:
    return page.locator("textarea[name=body]").input_value()


def test_a_picture_of_the_library_is_found_described_saved_and_shown(
    desk: Page, live_server: LiveServer, draft: Article
) -> None:
    samples.picture("仓库.jpg")
    file = samples.picture("车间.jpg", image_alt_text="车间")
    surface(desk).click()
    desk.keyboard.press("Control+End")

    desk.get_by_role("button", name="插入图片").click()
    picker = desk.get_by_role("dialog", name="选择图片")
    expect(picker.locator(".picker-grid button")).to_have_count(2)
    picker.get_by_label("查找图片").fill("车间")
    expect(picker.locator(".picker-grid button")).to_have_count(1)
    picker.locator(".picker-grid button").press("Enter")
    expect(picker.get_by_label("替代文字")).to_have_value("车间")
    picker.get_by_label("图片说明").fill("早班交接")
    picker.get_by_role("button", name="使用这张图片").click()

    expect(surface(desk).locator("figcaption")).to_have_text("早班交接")
    surface(desk).locator("figure img").dblclick()
    dialog = desk.locator("dialog.prose-editor-dialog")
    dialog.get_by_label("替代文字").fill("车间里的交接")
    dialog.get_by_role("button", name="确定").click()
    desk.get_by_role("button", name="保存草稿").click()
    desk.wait_for_load_state()

    draft.refresh_from_db()
    assert draft.body == (
        "<p>进车间前请戴好安全帽。</p>"
        f'<figure><img data-file="{file.pk}" src="{file.image_file.url}" width="800" height="600" '
        'alt="车间里的交接"><figcaption>早班交接</figcaption></figure>'
    )
    assert [use.user for use in file.uses.all()] == [draft]

    Article.objects.filter(pk=draft.pk).update(**cast.live(1))
    desk.goto(f"{live_server.url}/articles/{draft.pk}/")
    shown = desk.get_by_role("img", name="车间里的交接")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("image => image.naturalWidth") > 0


def test_a_picture_is_uploaded_from_the_picker_and_a_false_one_refused(desk: Page) -> None:
    surface(desk).click()
    desk.get_by_role("button", name="插入图片").click()
    picker = desk.get_by_role("dialog", name="选择图片")
    chosen = picker.locator("input[type=file]")

    chosen.set_input_files({"name": "假.jpg", "mimeType": "image/jpeg", "buffer": b"text"})
    picker.get_by_role("button", name="使用这张图片").click()
    expect(picker.get_by_role("status")).to_contain_text("“假.jpg”的内容不是图片")

    chosen.set_input_files({"name": "真.jpg", "mimeType": "image/jpeg", "buffer": samples.jpeg()})
    picker.get_by_label("替代文字").fill("厂门口")
    picker.get_by_role("button", name="使用这张图片").click()

    expect(surface(desk).locator("figure img")).to_have_attribute("alt", "厂门口")
    file = MediaFile.objects.get()
    assert (file.title, file.image_alt_text) == ("真", "厂门口")


def test_a_pasted_screenshot_becomes_a_file_of_the_library(desk: Page) -> None:
    paste(desk, "", samples.png((320, 200)))

    expect(surface(desk).locator("figure img")).to_be_visible()
    assert f'data-file="{MediaFile.objects.get().pk}"' in html_of(desk)


def test_word_and_wechat_are_pasted_as_headings_paragraphs_and_tables(desk: Page) -> None:
    word = (
        "<html><body><!--StartFragment--><h1 style='mso-x:y'>通知</h1><p class=MsoNormal "
        "style='text-indent:24pt'><b><span style='color:red'>劳务派遣</span></b><o:p></o:p></p><table "
        "border=1><tr><td width=200 style='width:150pt'><p class=MsoNormal>项目</p></td></tr></table>"
        "<img src='file:///C:/x.png'><!--EndFragment--></body></html>"
    )
    paste(desk, word)

    expect(surface(desk).locator("h2")).to_have_text("通知")
    assert "<p><strong>劳务派遣</strong></p><table><tbody><tr><td><p>项目</p></td>" in html_of(desk)
    assert "style" not in html_of(desk)
    expect(desk.get_by_role("status").filter(has_text="1 张图片没有带过来")).to_be_visible()


def test_a_table_is_inserted_with_a_row_of_headings(desk: Page) -> None:
    surface(desk).click()
    desk.get_by_role("button", name="插入表格").click()
    dialog = desk.locator("dialog.prose-editor-dialog")
    dialog.get_by_label("行数").fill("2")
    dialog.get_by_role("button", name="插入").click()

    expect(surface(desk).locator("th")).to_have_count(3)
    expect(surface(desk).locator("td")).to_have_count(3)


def test_the_cover_is_chosen_and_taken_away(desk: Page, draft: Article) -> None:
    file = samples.picture("封面.jpg")
    cover = desk.locator(".picture-input").filter(has=desk.locator("[name=cover]"))

    cover.get_by_role("button", name="选择图片").click()
    desk.get_by_role("dialog", name="选择图片").locator(".picker-grid button").dblclick()
    expect(cover.locator("img")).to_be_visible()
    expect(cover.locator("[name=cover]")).to_have_value(str(file.pk))

    cover.get_by_role("button", name="清除").click()
    expect(cover.locator("img")).to_be_hidden()
    expect(cover.locator("[name=cover]")).to_have_value("")


def test_without_javascript_the_text_can_be_edited_as_html(
    browser: Any, live_server: LiveServer, draft: Article
) -> None:
    cast.xiaolin()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/?next=/admin/articles/article/{draft.pk}/change/")
    page.fill("[name=username]", "xiaolin")
    page.fill("[name=password]", cast.PASSWORD)
    page.click("[type=submit]")

    page.fill("textarea[name=body]", "<h1>新</h1><p onclick=x>正文</p><script>alert(1)</script>")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_load_state()
    context.close()

    draft.refresh_from_db()
    assert draft.body == "<h2>新</h2><p>正文</p>"
    assert draft.status == Status.DRAFT
