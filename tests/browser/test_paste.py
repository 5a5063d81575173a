"""Pasting and dropping in the editor, with real clipboard events: what is in the database afterwards.

What other programs put on the clipboard is in tests/data/paste/: their markup, our words.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, Route, expect

from articles.models import Article
from portal.cms.media import fetching
from portal.cms.media.models import MediaFile
from portal.cms.richtext.clean import clean
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parent.parent / "data" / "paste"
BEFORE = "<p>进车间前请戴好安全帽。</p>"

# A page may put any text on the clipboard while something is copied; nobody but a program may put
# Word's there. The paste that follows is the browser's own.
COPY = """(data) => document.addEventListener("copy", (event) => {
  event.preventDefault()
  event.stopImmediatePropagation()
  for (const [type, text] of Object.entries(data)) event.clipboardData.setData(type, text)
}, { capture: true, once: true })"""
COPY_PICTURE = """async (bytes) => {
  const blob = new Blob([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], { type: "image/png" })
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })])
}"""
# On a busy machine the editor, which puts its own selection back a moment after it got the focus, may
# undo the key. Once it has taken the place over as its own, it stays there.
IS_AT_END = """() => new Promise((resolve) => setTimeout(() => {
  const { selection, doc } = document.querySelector(".ProseMirror").editor.state
  resolve(selection.empty && selection.to === doc.content.size - 1)
}, 50))"""
# No program can be made to drag a file into the browser, nor to copy Word's pictures (as RTF).
TRANSFER = """([kind, data, files]) => {
  const transfer = new DataTransfer()
  for (const [type, text] of Object.entries(data)) transfer.setData(type, text)
  for (const [name, bytes] of files)
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: "image/png" }))
  const surface = document.querySelector(".ProseMirror")
  const { left, bottom } = surface.lastElementChild.getBoundingClientRect()
  const options = { bubbles: true, cancelable: true, clientX: left + 9, clientY: bottom - 2 }
  const event = kind === "drop"
    ? new DragEvent("drop", { ...options, dataTransfer: transfer })
    : new ClipboardEvent("paste", { ...options, clipboardData: transfer })
  surface.dispatchEvent(event)
}"""


@pytest.fixture
def draft(db: None) -> Article:
    return cast.draft("车间安全须知", body=BEFORE)


@pytest.fixture
def desk(page: Page, base_url: str, draft: Article) -> Page:
    """小林 at the end of the draft's text, with a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
    enter(page, base_url)
    page.goto(reverse("admin:articles_article_change", args=[draft.pk]))
    expect(surface(page)).to_contain_text("安全帽")
    surface(page).click()
    for _ in range(20):
        page.keyboard.press("Control+End")
        if page.evaluate(IS_AT_END):
            return page
    raise AssertionError("光标没有到文末")


def enter(page: Page, base_url: str) -> None:
    """小林 signed in, without the pages of signing in."""
    client = Client()
    client.force_login(cast.xiaolin())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base_url}
    page.context.add_cookies([cookie])


def surface(page: Page) -> Locator:
    return page.locator(".ProseMirror")


def notice(page: Page) -> Locator:
    return page.locator(".editor-notice")


def held(page: Page) -> str:
    """What the form would send."""
    return page.locator("textarea[name=body]").input_value()


def sample(name: str, **values: str) -> str:
    html = (SAMPLES / f"{name}.html").read_text(encoding="utf-8")
    for key, value in values.items():
        html = html.replace(f"{{{{{key}}}}}", value)
    return html


def paste(page: Page, html: str) -> None:
    page.evaluate(COPY, {"text/html": html, "text/plain": "只有文字"})
    page.keyboard.press("Enter")
    page.keyboard.press("Control+C")
    page.keyboard.press("Control+V")


def transfer(page: Page, kind: str, data: dict[str, str], files: dict[str, bytes]) -> None:
    encoded = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    page.evaluate(TRANSFER, [kind, data, encoded])


def saved(page: Page, draft: Article) -> str:
    """Save, and return what was stored behind the text that was there before."""
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_load_state()
    expect(page.locator(".messagelist .success").first).to_be_visible()
    draft.refresh_from_db()
    return draft.body.removeprefix(BEFORE)


def words(html: str) -> str:
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", html)))


def figure(file: MediaFile, alt: str = "") -> str:
    return (
        f'<figure><img data-file="{file.pk}" src="{file.image_file.url}" '
        f'width="{file.image_width}" height="{file.image_height}" alt="{alt}"></figure>'
    )


# --- Texts of other programs ---------------------------------------------------------------------------

STORED = {
    "word": (
        "<h2>中秋前后派遣员工排班的几点提醒</h2>"
        "<p>每年九月订单集中，车间要提前把班次排好。去年同期，我们服务的三家电子厂在节前一周平均每天加班两个半小时，"
        "<strong>连续上班超过六天的有四十七人</strong>。今年请各驻厂专员按下面的办法办，问题报到"
        '<a href="https://www.example.com/contact/">值班邮箱</a>。</p>'
        "<h2>排班之前先做三件事</h2>"
        "<ol><li><p>核对在岗人数和证件；</p></li><li><p>和产线主管确认三种班次：</p>"
        "<ul><li><p>早班，七点到十五点；</p></li><li><p>夜班，二十二点到次日六点。</p></li></ul></li>"
        "<li><p>把班表贴到宿舍楼下。</p></li></ol>"
        "<p><strong>夜班补贴</strong>照下表执行：</p>"
        "<table><tbody><tr><td><p><strong>班次</strong></p></td>"
        '<td colspan="2"><p><strong>每班补贴（元）</strong></p></td></tr>'
        "<tr><td><p>夜班</p></td><td><p>25</p></td><td></td></tr></tbody></table>"
        "<p>〔图片缺失：clip_image002.png〕</p><p>上面是去年的班表，供参考。</p>"
    ),
    "wps": (
        "<h2>宿舍用电检查通知</h2>"
        "<p>入冬以后用电量上升，<strong>严禁私拉电线</strong>和使用大功率电器，检查从11月25日开始。</p>"
        "<ol><li><p>检查范围</p><ol><li><p>一号楼到四号楼全部房间；</p></li>"
        "<li><p>楼道和充电棚。</p></li></ol></li>"
        "<li><p><strong>检查人员</strong>：驻厂专员与宿管员。</p></li></ol>"
        "<p>联系人：老陈 电话：0755-88828155</p>"
    ),
    "editor135": (
        "<p>01</p><p><strong>入职体检怎么走</strong></p>"
        "<p>持身份证到体检中心三楼，<u>空腹</u>，报单位名称即可。</p><p><em>体检费由公司承担</em></p>"
        "<p><strong>需要带的东西</strong></p><p>身份证原件</p><p>一寸照片两张</p>"
    ),
    "excel": (
        "<table><tbody><tr><td><p><strong>岗位</strong></p></td><td><p><strong>时薪（元）</strong></p></td>"
        "<td><p><strong>留存率</strong></p></td></tr>"
        "<tr><td><p>焊锡<br>普工</p></td><td><p>22.5</p></td><td><p>83%</p></td></tr>"
        '<tr><td colspan="2"><p>仓库叉车司机，持证上岗，两班倒</p></td><td></td></tr></tbody></table>'
    ),
}  # fmt: skip
# Of what the server would keep: numbers and bullets, which lists say by being lists, and what
# somebody remarked in Word's margin.
MARKERS = re.compile(r"\b[123]\.|·|^l\b|[一二]、|（[12]）|\[批1\]|发出去之前再核一遍")


def test_texts_of_other_programs_are_kept_and_their_markup_is_not(
    desk: Page, draft: Article
) -> None:
    for name in STORED:
        paste(desk, sample(name))
        expect(surface(desk)).to_contain_text(re.sub("<[^>]*>", "", STORED[name])[-5:])
    shown = surface(desk).inner_text()
    body = saved(desk, draft)

    assert body == "".join(STORED.values())
    # The server alone, without this editor, keeps no word that is missing here.
    for block in re.split(r"<[^>]*>", clean("".join(map(sample, STORED)))):
        assert words(MARKERS.sub("", block.strip())) in words(body), block
    # What was seen before saving is what is there after it.
    assert words(shown) == words(surface(desk).inner_text())


def item(
    marker: str, text: str, level: int = 1, style: str = "", css: str = "MsoListParagraph"
) -> str:
    return (
        f"<p class={css} style='{style or f'mso-list:l0 level{level} lfo1'}'><![if !supportLists]>"
        f"<span style='mso-list:Ignore'>{marker}<span>&nbsp; </span></span><![endif]>{text}</p>"
    )


UNDERSTOOD = {
    # Lists of Word: nested from the first, interrupted, lettered, told by their style sheet, or none.
    item("·", "甲", 2) + item("·", "乙", 1): "<ul><li><p>甲</p></li><li><p>乙</p></li></ul>",
    item("1.", "甲") + "<p>间</p>" + item("2.", "乙"): (
        '<ol><li><p>甲</p></li></ol><p>间</p><ol start="2"><li><p>乙</p></li></ol>'
    ),
    item("a)", "甲") + item("b)", "乙"): '<ol type="a"><li><p>甲</p></li><li><p>乙</p></li></ol>',
    item("十一、", "甲") + item("十二、", "乙"): '<ol start="11"><li><p>甲</p></li><li><p>乙</p></li></ol>',
    item("l", "甲") + item("1.1", "乙", 2): "<ul><li><p>甲</p><ol><li><p>乙</p></li></ol></li></ul>",
    "<style>p.a1{mso-list:l3 level1 lfo5}</style>" + item("·", "甲", style="x:y", css="a1"): (
        "<ul><li><p>甲</p></li></ul>"
    ),
    "<p>文</p>" + item("一、", "总则") + "<p>文</p>": "<p>文</p><p>一、总则</p><p>文</p>",
    item("第一条", "甲方") + item("第二条", "乙方"): "<p>第一条 甲方</p><p>第二条 乙方</p>",
    # Headings by what Word says of them, and not bold on top of it.
    "<style>p.a2{mso-style-name:\"标题 3\"}</style><p class=a2><b>题</b></p><p>文</p>": "<h3>题</h3><p>文</p>",
    "<p class=MsoTitle style='font-weight:bold'>题</p><p>文</p>": "<h2>题</h2><p>文</p>",
    # Words that must not run into each other, or apart.
    "<center>题</center>文": "<p>题</p><p>文</p>",
    "<dl><dt>甲</dt><dd>乙</dd></dl>": "<p>甲</p><p>乙</p>",
    "<pre>一\n二</pre>": "<p>一<br>二</p>",
    "<p>劳务派\n<span>遣</span>\n员工 and\nmore</p><p>二</p>": "<p>劳务派遣员工 and more</p><p>二</p>",
    "<p>姓名：　　　电话：</p><p>二</p>": "<p>姓名：　　　电话：</p><p>二</p>",
    # Tables: a caption is no cell, and a short row is short at its end.
    "<table><caption>题</caption><tr><th>甲</th></tr><tr><td>乙</td><td>丙</td></tr></table>": (
        "<p>题</p><table><tbody><tr><th><p>甲</p></th><td></td></tr>"
        "<tr><td><p>乙</p></td><td><p>丙</p></td></tr></tbody></table>"
    ),
    "<tr><td>甲</td><td>乙</td></tr>": (
        "<table><tbody><tr><td><p>甲</p></td><td><p>乙</p></td></tr></tbody></table>"
    ),
    # What looks like ours, and is not.
    "<div data-pm-slice='0 0 []'><p class=x>　　飞书</p><img data-file=1></div><p>二</p>": "<p>飞书</p><p>二</p>",
    "<b style='font-weight:normal'><p>不是粗体</p><p><b>是</b></p></b>": "<p>不是粗体</p><p><strong>是</strong></p>",
    "<p><img alt='😀' src='https://s.w.org/1.png'>好</p><p>二</p>": "<p>😀好</p><p>二</p>",
}  # fmt: skip


def test_what_markup_means_is_understood(desk: Page) -> None:
    found = {}
    for html in UNDERSTOOD:
        desk.keyboard.press("Control+A")
        desk.keyboard.press("Backspace")
        paste(desk, html)
        found[html] = clean(held(desk))

    assert found == UNDERSTOOD


def test_a_picture_of_word_is_marked_unless_the_rich_text_beside_it_has_it(
    desk: Page, draft: Article
) -> None:
    paste(desk, sample("word"))
    expect(notice(desk)).to_contain_text("图片在您的电脑上")
    assert "xiaolin" not in surface(desk).inner_text(), "whose computer it was"

    png = samples.png((40, 30))
    rtf = (
        r"{\rtf1{\*\shppict{\pict{\*\picprop\shplid1025{\sp{\sn fLine}{\sv 0}}}\picscalex100\pngblip"
        rf"\bliptag1234{{\*\blipuid 00ffd8fe}} {png.hex()}"
        r"}}{\nonshppict{\pict\wmetafile8 0100}}}"
    )
    desk.keyboard.press("Control+A")
    transfer(desk, "paste", {"text/html": sample("word"), "text/rtf": rtf}, {})
    expect(surface(desk).locator("figure img")).to_be_visible()

    assert f"{figure(MediaFile.objects.get(), '班表样张')}<p>上面是去年的班表" in saved(desk, draft)


# --- WeChat --------------------------------------------------------------------------------------------


class Mmbiz(BaseHTTPRequestHandler):
    """Two pictures, and for every stranger's page the one that says 未经允许不可引用."""

    pictures = {"/mmbiz_jpg/canteen/640": (108, 72), "/mmbiz_png/card/640": (90, 60)}

    def do_GET(self) -> None:
        size = self.pictures.get(self.path.partition("?")[0])
        content = samples.jpeg((10, 10) if self.headers["Referer"] else size or (1, 1))
        self.send_response(200 if size else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def mmbiz(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mmbiz)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(fetching, "PORTS", {server.server_port})
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_article_of_wechat_comes_with_its_pictures(
    desk: Page, draft: Article, mmbiz: str
) -> None:
    paste(desk, sample("wechat", origin=mmbiz))
    expect(notice(desk)).to_contain_text("2 张图片已放进图片库")
    expect(notice(desk)).to_contain_text("对方网站没有给出这张图片（状态码 404）")
    expect(notice(desk)).to_contain_text("2 个视频、音频或嵌入的网页没有带过来")
    body = saved(desk, draft)

    canteen = MediaFile.objects.get(image_width=108)
    card = MediaFile.objects.get(image_width=90)
    assert body == (
        "<p><strong>夜班食堂开到凌晨两点</strong></p>"
        "<p>从本周起，龙华厂区食堂把夜宵供应延长到凌晨两点。驻厂专员小林跟着吃了三个晚上，"
        "<strong>热汤和米饭都是现做的</strong>。</p>"
        f"{figure(canteen)}"
        "<p>打饭要带工牌，刷卡价六元。</p><p>工牌丢了的，到宿舍一楼补办。</p>"
        f"<p>〔图片缺失：{mmbiz}/mmbiz_png/gone/640?wx_fmt=png〕</p>"
        f"{figure(card, '补办工牌的窗口在宿舍一楼')}"
        "<ul><li><p>周一到周五：二十二点到两点</p></li><li><p>周末：二十二点到零点</p></li></ul>"
        '<p>投诉与建议请打 <a href="tel:+8675588828155">0755-88828155</a>。</p>'
    )


# --- Pictures --------------------------------------------------------------------------------------------


class Line:
    """The line to the library, held: what is sent waits until it is let go on."""

    def __init__(self, page: Page) -> None:
        self.waiting: list[Route] = []
        page.route("**/upload/**", lambda route: self.waiting.append(route))

    def let_go(self) -> None:
        while self.waiting:
            self.waiting.pop(0).continue_()


def test_a_screenshot_shows_its_progress_and_the_form_waits_for_it(
    desk: Page, draft: Article
) -> None:
    line = Line(desk)
    desk.evaluate(COPY_PICTURE, base64.b64encode(samples.png((320, 200))).decode())
    desk.keyboard.press("Control+V")
    expect(desk.get_by_role("progressbar")).to_be_visible()
    expect(surface(desk).locator("figure")).to_contain_text("正在上传")
    desk.keyboard.type("接着写。")
    assert "接着写。" in held(desk)
    assert "figure" not in held(desk)

    desk.get_by_role("button", name="保存草稿").click()
    expect(notice(desk)).to_contain_text("正在等 1 张图片传完，传完就保存")
    assert draft.body == Article.objects.get().body
    with desk.expect_navigation():
        line.let_go()

    draft.refresh_from_db()
    assert draft.body == f"{BEFORE}{figure(MediaFile.objects.get())}<p>接着写。</p>"


def test_of_dropped_files_one_is_tried_again_and_one_taken_away(desk: Page, draft: Article) -> None:
    line = Line(desk)
    files = {
        "班表.png": samples.png((50, 40)),
        "厂门.png": samples.png((60, 40)),
        "假.png": b"text",
    }
    transfer(desk, "drop", {}, files)
    expect(surface(desk).get_by_role("progressbar")).to_have_count(3)
    line.waiting.pop(0).abort()
    line.let_go()
    failed = surface(desk).locator("figure[data-state=failed]")
    expect(failed).to_have_count(2)

    desk.get_by_role("button", name="保存草稿").click()
    expect(notice(desk)).to_contain_text("还没有保存：有 2 张图片没有传上去")
    expect(failed.filter(has_text="假.png")).to_contain_text("的内容不是图片")
    failed.filter(has_text="假.png").get_by_role("button", name="移除").click()
    desk.unroute("**/upload/**")
    failed.filter(has_text="班表.png").get_by_role("button", name="重试").click()
    expect(surface(desk).locator("figure img")).to_have_count(2)

    first = MediaFile.objects.get(image_width=50)
    second = MediaFile.objects.get(image_width=60)
    assert saved(desk, draft) == figure(first) + figure(second)


def test_pictures_in_the_text_itself_leave_it_before_it_is_saved(
    desk: Page, draft: Article
) -> None:
    data = base64.b64encode(samples.png((300, 200))).decode()
    paste(desk, f"<p>前</p><img src='data:image/png;base64,{data}' alt='图片'><p>后</p>")
    expect(surface(desk).locator("figure img")).to_be_visible()
    assert "base64" not in held(desk)

    assert saved(desk, draft) == f"<p>前</p>{figure(MediaFile.objects.get())}<p>后</p>"


def test_undoing_takes_back_a_paste_with_its_pictures_and_redoing_brings_them(desk: Page) -> None:
    data = base64.b64encode(samples.png((30, 20))).decode()
    paste(desk, f"<p>前文</p><img src='data:image/png;base64,{data}'><p>后文</p>")
    picture = surface(desk).locator("figure img")
    expect(picture).to_be_visible()

    desk.keyboard.press("Control+Z")
    expect(picture).to_have_count(0)
    expect(surface(desk)).not_to_contain_text("前文")
    desk.keyboard.press("Control+Y")
    expect(picture).to_be_visible()
    expect(surface(desk)).to_contain_text("后文")
