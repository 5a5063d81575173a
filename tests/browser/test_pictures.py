"""Writing next to pictures in the editor, with real keys and an input method: no word, no picture is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.cms.media.models import MediaFile
from tests import cast
from tests.browser.test_paste import COPY, enter, surface
from tests.cms import samples

pytestmark = pytest.mark.browser

# Another text in the same page, without a past that could be undone.
SHOW = """(html) => {
  const { editor } = document.querySelector(".ProseMirror")
  editor.commands.setContent(html)
  const { constructor, doc, plugins } = editor.state
  editor.view.updateState(constructor.create({ doc, plugins }))
  editor.view.input.lastClick.time = 0 // the next click is no double click
}"""
# The editor hears a little later of where the browser has put the cursor.
IN_CAPTION = """(fromEnd) => {
  const { $from, node } = document.querySelector(".ProseMirror").editor.state.selection
  const { type, content } = $from.parent
  return !node && type.name === "picture" && (fromEnd === null || $from.parentOffset === content.size - fromEnd)
}"""

# What is done, one after the other: keys, and other things.
Steps = list[str | Callable[[Page], None]]
# Texts before and after it; [words] stands for the picture with its caption.
Cases = dict[str, tuple[str, Steps, str]]


@pytest.fixture
def file(db: None) -> MediaFile:
    return samples.picture("车间.jpg", image_alt_text="车间")


@pytest.fixture
def desk(page: Page, base_url: str, file: MediaFile) -> Page:
    """An article of 小林's in the editor, with a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
    enter(page, base_url)
    article = cast.draft(body=html("[早班]", file))
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    expect(surface(page).locator("figure img")).to_have_js_property("complete", value=True)
    return page


def html(text: str, file: MediaFile) -> str:
    image = (
        f'<img data-file="{file.pk}" src="{file.image_file.url}" alt="{file.image_alt_text}" '
        f'width="{file.image_width}" height="{file.image_height}">'
    )
    return text.replace("[", f"<figure>{image}<figcaption>").replace("]", "</figcaption></figure>")


def try_out(page: Page, file: MediaFile, cases: Cases) -> None:
    """Expect that after each case the form would send the text it says."""
    for what, (before, steps, after) in cases.items():
        page.evaluate(SHOW, html(before, file))
        for step in steps:
            if callable(step):
                step(page)
            else:
                page.keyboard.press(step)
        expect(page.locator("textarea[name=body]"), what).to_have_value(html(after, file))


def to_picture(page: Page) -> None:
    """Select the first picture."""
    surface(page).locator("figure img").first.click()
    expect(surface(page).locator("figure").first).to_contain_class("ProseMirror-selectednode")


def to_caption(page: Page) -> None:
    """Put the cursor at the end of the first caption."""
    surface(page).locator("figcaption").first.click()
    page.wait_for_function(IN_CAPTION, arg=None)
    page.keyboard.press("End")
    page.wait_for_function(IN_CAPTION, arg=0)


def into_caption(page: Page) -> None:
    """Put the cursor before the last sign of the first caption."""
    to_caption(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(IN_CAPTION, arg=1)


def composed(*words: str) -> Callable[[Page], None]:
    """Type words with an input method: «ni» is shown until 你 is chosen."""

    def compose(page: Page) -> None:
        method = page.context.new_cdp_session(page)
        for word in words:
            for shown in ("n", "ni"):
                where = {"selectionStart": len(shown), "selectionEnd": len(shown)}
                method.send("Input.imeSetComposition", {"text": shown, **where})
            method.send("Input.insertText", {"text": word})
        method.detach()

    return compose


def dictated(word: str) -> Callable[[Page], None]:
    """Put in a word without a key."""
    return lambda page: page.keyboard.insert_text(word)


def pasted(kind: str, content: str) -> Callable[[Page], None]:
    def paste(page: Page) -> None:
        page.evaluate(COPY, {kind: content})
        page.keyboard.press("Control+C")
        page.keyboard.press("Control+V")

    return paste


def clicked(button: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=button).click()


def insert_table(page: Page) -> None:
    clicked("插入表格")(page)
    dialog = page.locator("dialog.prose-editor-dialog")
    for label in ("行数", "列数"):
        dialog.get_by_label(label).fill("1")
    dialog.get_by_label("第一行是表头").uncheck()
    dialog.get_by_role("button", name="插入").click()
    expect(dialog).to_have_count(0)


def drag_up(page: Page) -> None:
    first = surface(page).locator("> p").first
    surface(page).locator("figure img").drag_to(first, target_position={"x": 5, "y": 3})


TEXT = "<p>前</p>[早班]<p>后</p>"
PARAGRAPHS = "<p>一</p><p>二</p>"
TABLE = "<table><tbody><tr><td><p></p></td></tr></tbody></table>"


def test_what_is_written_with_a_picture_selected_stands_behind_it(
    desk: Page, file: MediaFile
) -> None:
    cases: Cases = {
        "keys": (TEXT, [to_picture, *"abc"], "<p>前</p>[早班]<p>abc</p><p>后</p>"),
        "a space": (TEXT, [to_picture, "Space", "x"], "<p>前</p>[早班]<p> x</p><p>后</p>"),
        "an empty line is there": ("[早班]<p></p>", [to_picture, "x"], "[早班]<p>x</p>"),
        "an input method": (
            TEXT,
            [to_picture, composed("你", "好")],
            "<p>前</p>[早班]<p>你好</p><p>后</p>",
        ),
        "no caption": ("[]<p>后</p>", [to_picture, composed("你")], "[]<p>你</p><p>后</p>"),
        "dictation": (
            TEXT,
            [to_picture, dictated("甲"), dictated("乙")],
            "<p>前</p>[早班]<p>甲乙</p><p>后</p>",
        ),
        "a line break": (
            TEXT,
            [to_picture, "Shift+Enter", "x"],
            "<p>前</p>[早班]<p>x</p><p>后</p>",
        ),
        "plain text": (
            TEXT,
            [to_picture, pasted("text/plain", "一\n二")],
            f"<p>前</p>[早班]{PARAGRAPHS}<p>后</p>",
        ),
        "rich text": (
            TEXT,
            [to_picture, pasted("text/html", PARAGRAPHS)],
            f"<p>前</p>[早班]{PARAGRAPHS}<p>后</p>",
        ),
        "a table": (TEXT, [to_picture, insert_table], f"<p>前</p>[早班]{TABLE}<p>后</p>"),
        "the picture itself": (
            TEXT,
            [to_picture, "Control+C", "Control+V"],
            "<p>前</p>[早班][早班]<p>后</p>",
        ),
        "keys, undone": (TEXT, [to_picture, "a", "b", "Control+Z"], TEXT),
        "an input method, undone": (TEXT, [to_picture, composed("你"), "Control+Z"], TEXT),
    }
    try_out(desk, file, cases)


def test_a_picture_only_goes_when_it_is_deleted_and_with_its_caption(
    desk: Page, file: MediaFile
) -> None:
    cases: Cases = {
        "cut": (TEXT, [to_picture, "Control+X"], "<p>前</p><p>后</p>"),
        "cut, undone": (TEXT, [to_picture, "Control+X", "Control+Z"], TEXT),
        "cut and pasted": (TEXT, [to_picture, "Control+X", "Control+V"], TEXT),
        "dragged": (TEXT, [drag_up], "[早班]<p>前</p><p>后</p>"),
        "dragged, undone": (TEXT, [drag_up, "Control+Z"], TEXT),
        "a heading": (TEXT, [to_picture, "Control+Alt+2"], TEXT),
        "a list": (TEXT, [to_picture, "Control+Shift+8"], TEXT),
        "backwards from the text behind": (TEXT, [to_picture, "ArrowRight", "Backspace"], TEXT),
        "forwards from the text before": (TEXT, [to_picture, "ArrowLeft", "Delete"], TEXT),
        "backwards, and a key": (
            TEXT,
            [to_picture, "ArrowRight", "Backspace", "x"],
            "<p>前</p>[早班]<p>x</p><p>后</p>",
        ),
        "backwards from a list": (
            "[早班]<ul><li><p>后</p></li></ul>",
            [to_picture, "ArrowRight", "Backspace"],
            "[早班]<p>后</p>",
        ),
        "an empty line behind": (
            "[早班]<p></p><p>后</p>",
            [to_picture, "ArrowRight", "Backspace", "x"],
            "[早班]<p>x</p><p>后</p>",
        ),
        "an empty line before": (
            "<p>前</p><p></p>[早班]",
            [to_picture, "ArrowLeft", "Delete", "x"],
            "<p>前</p>[早班]<p>x</p>",
        ),
    }
    try_out(desk, file, cases)


def test_a_caption_stays_one_caption_of_one_picture(desk: Page, file: MediaFile) -> None:
    cases: Cases = {
        "an input method": (TEXT, [to_caption, composed("你")], "<p>前</p>[早班你]<p>后</p>"),
        "none yet": ("[]<p>后</p>", [to_caption, composed("你", "好")], "[你好]<p>后</p>"),
        "Enter": (TEXT, [to_caption, "Enter", "x"], "<p>前</p>[早班]<p>x</p><p>后</p>"),
        "Enter before a caption": (
            "[早班][晚班]",
            [to_caption, "Enter", "x"],
            "[早班]<p>x</p>[晚班]",
        ),
        "deleting into the text behind, undone": (
            TEXT,
            [into_caption, *["Shift+ArrowRight"] * 3, "Delete", "Control+Z"],
            TEXT,
        ),
        "deleting forwards": (TEXT, [to_caption, "Delete"], TEXT),
        "deleting forwards from nothing": ("[]<p>后</p>", [to_caption, "Delete"], "[]<p>后</p>"),
        "words": (
            TEXT,
            [to_caption, pasted("text/html", "<p>一</p>")],
            "<p>前</p>[早班一]<p>后</p>",
        ),
        "paragraphs": (
            TEXT,
            [to_caption, pasted("text/html", PARAGRAPHS)],
            f"<p>前</p>[早班]{PARAGRAPHS}<p>后</p>",
        ),
        "a heading": (TEXT, [to_caption, "Control+Alt+2"], TEXT),
        "a list": (TEXT, [to_caption, "Control+Shift+8"], TEXT),
        "a line": (TEXT, [to_caption, clicked("分隔线")], "<p>前</p>[早班]<hr><p>后</p>"),
        "a line within": (TEXT, [into_caption, clicked("分隔线")], TEXT),
        "a table": (TEXT, [into_caption, insert_table], f"<p>前</p>[早班]{TABLE}<p>后</p>"),
        "the picture itself": (
            TEXT,
            [to_picture, "Control+C", into_caption, "Control+V"],
            "<p>前</p>[早班][早班]<p>后</p>",
        ),
    }
    try_out(desk, file, cases)
