"""The editor and the picker in a browser: pictures in, described, pasted, and on the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from articles.models import Article
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.richtext.widgets import SCRIPTS
from tests import cast
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_paste import enter, transfer
from tests.cms import samples
from tests.desk.english import english_in

pytestmark = pytest.mark.browser

TYPED = ("xiaolin", "bianjibu")
KEYS = ("Esc", "Tab")  # as they are printed on keyboards


@pytest.fixture
def draft(db: None) -> Article:
    return cast.draft("车间安全须知", body="<p>进车间前请戴好安全帽。</p>")


@pytest.fixture
def desk(page: Page, base_url: str, draft: Article) -> Page:
    """小林 signed in, with the draft in the editor."""
    enter(page, base_url)
    page.goto(reverse("admin:articles_article_change", args=[draft.pk]))
    expect(surface(page)).to_contain_text("安全帽")
    return page


def surface(page: Page) -> Locator:
    return page.locator(".ProseMirror")


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


def test_a_picture_is_described_moved_replaced_and_deleted_by_keyboard(
    desk: Page, draft: Article
) -> None:
    first, second = samples.picture("仓库.jpg"), samples.picture("车间.jpg", image_alt_text="车间")
    draft.body += (
        f'<figure><img data-file="{first.pk}"><figcaption>早班</figcaption></figure><p>后</p>'
    )
    draft.save()
    desk.reload()
    picture = surface(desk).locator("figure")
    expect(picture.get_by_role("button", name="缺替代文字")).to_be_visible()
    # Arrow keys lead here as well; but right after it got the focus, the editor is too slow for a robot.
    picture.locator("figcaption").click()
    expect(desk.get_by_role("button", name="插入图片")).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("Escape")
    expect(picture).to_have_class(re.compile("selectednode"))

    desk.keyboard.press("Enter")
    dialog = desk.locator("dialog.prose-editor-dialog")
    expect(dialog.get_by_label("图片说明")).to_have_value("早班")
    dialog.get_by_label("替代文字").fill("仓库里的货架")
    desk.keyboard.press("Enter")
    expect(picture.locator("img")).to_have_attribute("alt", "仓库里的货架")
    expect(picture.get_by_role("button", name="缺替代文字")).to_have_count(0)

    desk.keyboard.press("Alt+ArrowUp")
    assert html_of(desk).startswith("<figure>")
    desk.keyboard.press("Alt+ArrowDown")
    desk.keyboard.press("Alt+ArrowDown")
    assert html_of(desk).endswith("</figure>")

    desk.keyboard.press("Enter")
    dialog.get_by_role("button", name="换一张图片").press("Enter")
    picker = desk.get_by_role("dialog", name="选择图片")
    picker.get_by_role("button", name="车间").press("Enter")
    picker.get_by_role("button", name="使用这张图片").press("Enter")
    expect(picture.locator("img")).to_have_attribute("alt", "车间")
    assert f'data-file="{second.pk}"' in html_of(desk)
    expect(picture.locator("figcaption")).to_have_text("早班")

    desk.keyboard.press("Delete")
    expect(picture).to_have_count(0)


def test_enter_leaves_a_caption_for_the_text_behind(desk: Page, draft: Article) -> None:
    file = samples.picture("仓库.jpg")
    draft.body = f'<figure><img data-file="{file.pk}"><figcaption>早班</figcaption></figure>'
    draft.save()
    desk.reload()
    surface(desk).locator("figcaption").click()
    desk.keyboard.press("End")
    desk.keyboard.press("Enter")
    desk.keyboard.type("正文")

    assert html_of(desk).endswith("<figcaption>早班</figcaption></figure><p>正文</p>")


def test_the_focal_point_is_set_where_the_library_has_it(desk: Page, draft: Article) -> None:
    file = samples.picture("仓库.jpg")
    draft.body = f'<figure><img data-file="{file.pk}"></figure>'
    draft.save()
    desk.reload()
    surface(desk).locator("figure img").dblclick()
    with desk.expect_popup() as opened:
        desk.get_by_role("button", name="裁剪焦点").click()

    expect(opened.value).to_have_url(re.compile(f"/cms/mediafile/{file.pk}/change/"))


def test_characters_are_counted_while_writing(desk: Page) -> None:
    count = desk.locator(".editor-count")
    expect(count).to_have_text("10 字，11 字符，阅读约 1 分钟")
    surface(desk).click()
    desk.keyboard.press("Control+End")
    desk.keyboard.type("ISO 9001，3.5 米")

    expect(count).to_have_text("14 字，23 字符，阅读约 1 分钟")
    desk.keyboard.press("Control+A")
    expect(count).to_have_text("选中 14 字，共 14 字，23 字符，阅读约 1 分钟")


def test_words_are_found_and_replaced_by_keyboard(desk: Page, draft: Article) -> None:
    draft.body = "<p>派遣员工，<strong>派</strong>遣单位</p><ul><li>ＡＢ类派遣</li></ul>"
    draft.save()
    desk.reload()
    bar = desk.get_by_role("search", name="在正文中查找")
    surface(desk).click()
    desk.keyboard.press("Control+F")
    desk.keyboard.type("派遣")
    expect(bar.get_by_role("status")).to_have_text("第 1 处，共 3 处")
    expect(surface(desk).locator(".find-match.is-current")).to_have_text(["派遣"])
    desk.keyboard.press("Shift+Enter")
    expect(bar.get_by_role("status")).to_have_text("第 3 处，共 3 处")

    bar.get_by_label("替换为").fill("外包")
    bar.get_by_role("button", name="替换", exact=True).press("Enter")
    expect(bar.get_by_role("status")).to_have_text("第 1 处，共 2 处")
    bar.get_by_role("button", name="全部替换").press("Enter")
    expect(bar.get_by_role("status")).to_have_text("替换了 2 处")
    bar.get_by_label("查找", exact=True).fill("ab")
    expect(bar.get_by_role("status")).to_have_text("第 1 处，共 1 处")
    desk.keyboard.press("Escape")

    expect(bar).to_be_hidden()
    expect(surface(desk)).to_be_focused()
    assert html_of(desk) == (
        "<p>外包员工，<strong>外包</strong>单位</p><ul><li><p>ＡＢ类外包</p></li></ul>"
    )
    desk.keyboard.press("Control+Z")
    assert html_of(desk).count("派") == 2, "all of them in one step"


def test_the_whole_screen_is_entered_and_left_by_keyboard(desk: Page) -> None:
    surface(desk).click()
    desk.keyboard.press("Alt+Enter")
    expect(desk.locator(".prose-editor.fullscreen")).to_be_visible()
    desk.get_by_role("button", name="全屏").focus()
    desk.keyboard.press("Escape")

    expect(desk.locator(".prose-editor.fullscreen")).to_have_count(0)


def test_keys_of_the_form_reach_it_and_tab_leaves_the_editor_after_escape(desk: Page) -> None:
    surface(desk).click()
    desk.keyboard.press("Control+End")
    desk.evaluate(
        """window.reached = []
        document.addEventListener("keydown", ({ key }) => reached.push(key), true)"""
    )
    before = html_of(desk)
    desk.keyboard.press("Control+Shift+P")
    surface(desk).dispatch_event(
        "keydown", {"key": "Enter", "code": "Enter", "keyCode": 13, "ctrlKey": True}
    )

    assert {"P", "Enter"} <= set(desk.evaluate("reached"))
    assert html_of(desk) == before
    desk.keyboard.press("Escape")
    desk.keyboard.press("Tab")
    expect(surface(desk)).not_to_be_focused()


def test_what_the_editor_opens_can_be_used_by_everybody_and_is_chinese(desk: Page) -> None:
    desk.route("**/upload/**", lambda route: route.abort())
    surface(desk).click()
    desk.keyboard.press("Control+F")
    desk.keyboard.type("安全")
    transfer(desk, "drop", {}, {"截图.png": samples.png()})
    expect(surface(desk).get_by_role("button", name="重试")).to_be_visible()
    assert violations_in_both(desk) == []
    assert english_in(desk.content(), TYPED) == []

    desk.get_by_role("button", name="排版快捷键").click()
    expect(desk.get_by_role("dialog", name="排版快捷键")).to_contain_text("项目列表")
    assert violations_in_both(desk) == []
    assert english_in(desk.content(), TYPED + KEYS) == []


def test_every_module_of_ours_has_a_name_to_be_imported_by() -> None:
    """Names of files change with their content: what imports by a name must find it in the map."""
    folder = Path(__file__).parents[2] / "static" / "cms"
    modules = [*folder.glob("editor/*.js"), folder / "editor.js", folder / "picker.js"]
    imports = json.loads(str(SCRIPTS).partition(">")[2].removesuffix("</script>"))["imports"]
    wanted = {
        name
        for module in modules
        for name in re.findall(r'from "(cms/[^"]+)"', module.read_text(encoding="utf-8"))
    }

    assert imports == {name: f"/static/{name}.js" for name in wanted}
    assert {f"cms/editor/{module.stem}" for module in folder.glob("editor/*.js")} <= wanted


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
