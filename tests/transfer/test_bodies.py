"""Texts of an old site as ours: pictures, files, links, players, and what hacked sites hide in them."""

from __future__ import annotations

import base64
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from portal.cms.media.models import MediaFile
from portal.cms.richtext.clean import clean
from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.scan import scan
from portal.transfer import bodies
from portal.transfer.bodies import Carried, carry, own_path
from portal.transfer.shelf import Shelf
from portal.transfer.sources.records import OldItem
from portal.transfer.sources.wordpress.site import WordPress
from tests.cms.samples import PDF, jpeg, png
from tests.cms.test_richtext_clean import HTML as ANY_HTML
from tests.desk.english import english_in
from tests.transfer.test_wxr import SITE

pytestmark = pytest.mark.django_db
OWN = ("old.example", "www.old.example")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    root = tmp_path / "site"
    (root / "uploads").mkdir(parents=True)
    (root / "uploads" / "a.jpg").write_bytes(jpeg((640, 480)))
    (root / "uploads" / "b.png").write_bytes(png((300, 200)))
    (root / "uploads" / "表.pdf").write_bytes(PDF)
    (root / "uploads" / "坏.jpg").write_bytes(b"GIF89a")
    return Shelf(root, OWN)


def picture(file: MediaFile, alt: str = "", caption: str = "") -> str:
    said = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure><img data-file="{file.pk}" src="{file.image_file.url}" width="{file.image_width}" '
        f'height="{file.image_height}" alt="{alt}">{said}</figure>'
    )


def the_file() -> MediaFile:
    file: MediaFile = MediaFile.objects.get()
    return file


# --- Pictures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        '<img src="/uploads/a.jpg" alt="宿舍">',
        '<p><a href="/uploads/a.jpg"><img class="wp-image-3" src="http://www.old.example/uploads/a-300x200.jpg" alt="宿舍"></a></p>',
        '<img src="data:image/gif;base64,AAAA" data-src="//old.example/uploads/A.JPG?x=1" alt="宿舍">',
        '<img src="/uploads/a.jpg" alt="宿舍" width="640" onerror="alert(1)" data-file="99999">',
        '<picture><source srcset="/uploads/a.webp"><img src="/uploads/a.jpg" alt="宿舍"></picture>',
        '<img data-original="/uploads/a.jpg" alt="宿舍"><noscript><img src="/uploads/a.jpg"></noscript>',
    ],
)
def test_a_picture_is_one_of_the_library(written: str, shelf: Shelf) -> None:
    carried = carry(f"<p>前</p>{written}<p>后</p>", shelf)
    assert carried == (f"<p>前</p>{picture(the_file(), '宿舍')}<p>后</p>", ())
    assert carried.html.files == {the_file().pk}


def test_captions_and_the_gallery_below_come_along(shelf: Shelf) -> None:
    html = (
        '<figure><img src="/uploads/a.jpg"><figcaption>四人间 <b>新</b></figcaption></figure>正文'
    )
    carried = carry(html, shelf, ["/uploads/b.png", "/uploads/a.jpg"])
    a, b = MediaFile.objects.order_by("pk")
    assert carried.html == picture(a, "", "四人间 新") + "<p>正文</p>" + picture(b) + picture(a)


def test_the_gallery_stands_even_below_a_text_that_swallows_its_end(shelf: Shelf) -> None:
    carried = carry("正文<script>x", shelf, ["/uploads/a.jpg"])
    assert carried.html == "<p>正文</p>" + picture(the_file())


def test_a_picture_within_the_text_itself_comes_along(shelf: Shelf) -> None:
    data = base64.b64encode(png((40, 30))).decode()
    carried = carry(f'<img src="data:image/png;base64,{data}" alt="公章">', shelf)
    assert carried == (picture(the_file(), "公章"), ())
    assert carry('<img src="data:image/png;base64,????" alt="x">', shelf).notes


def test_pictures_that_are_missing_are_left_out_and_named_once(shelf: Shelf) -> None:
    html = (
        '<figure><img src="/uploads/没有.jpg"><figcaption>说明还在</figcaption></figure>'
        '<img src="/uploads/没有.jpg"><img src="https://elsewhere.example/x/y/z.jpg"><img src="/uploads/坏.jpg">'
    )
    carried = carry(html, shelf)
    assert carried.html == "<p>说明还在</p>"
    assert carried.notes == (
        "图片没有带入：/uploads/没有.jpg（文件夹里没有这个文件）",
        "图片没有带入：https://elsewhere.example/x/y/z.jpg（在别的网站上，没有去取）",
        "图片没有带入：/uploads/坏.jpg（“坏.jpg”已损坏或不完整，无法读取；请重新导出后再上传）",
    )


def test_a_picture_by_an_id_of_the_old_library_is_none_of_ours(shelf: Shelf) -> None:
    carry('<img src="/uploads/a.jpg">', shelf)
    assert carry(f'<img data-file="{the_file().pk}">', shelf).html == ""


def test_smileys_are_their_words_and_spacers_nothing(shelf: Shelf) -> None:
    html = (
        '好<img class="emoji" alt="😀" src="https://s.w.example/1f600.svg">'
        '<img src="/x.gif" width="1" height="1"><img alt="空">'
    )
    assert carry(html, shelf) == ("<p>好😀</p>", ())


def test_a_dry_run_reads_the_same_and_stores_nothing(shelf: Shelf) -> None:
    shelf.dry_run = True
    html = '前<img src="/uploads/a.jpg"><a href="/uploads/表.pdf">表</a>'
    assert carry(html, shelf) == ('<p>前<a href="/uploads/表.pdf">表</a></p>', ())
    assert not MediaFile.objects.exists()


def test_carrying_twice_changes_nothing(shelf: Shelf) -> None:
    html = '<p>文</p><img src="/uploads/a.jpg"><a href="/uploads/表.pdf">表</a><a href="http://old.example/?p=3">旧</a>'
    assert carry(html, shelf) == carry(html, shelf)
    assert MediaFile.objects.count() == 2


# --- Links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "carried"),
    [
        ("https://www.old.example/2021/07/x/?p=1&amp;q=2#top", "/2021/07/x/?p=1&amp;q=2#top"),
        ("//old.example/a.html", "/a.html"),
        ("http://OLD.example", "/"),
        ("https://old.example:8080/x", "/x"),
        ("/plus/view.php?aid=3", "/plus/view.php?aid=3"),
        ("https://old.example//evil.example/x", "/evil.example/x"),
        ("https://old.example/\\evil.example/x", "/evil.example/x"),
        ("https://rsj.example/old.example/", "https://rsj.example/old.example/"),
        ("https://old.example@evil.example/", "https://old.example@evil.example/"),
        ("https://old.example.evil.example/", "https://old.example.evil.example/"),
        ("mailto:hr@old.example", "mailto:hr@old.example"),
        ("tel:0755-12345678", "tel:0755-12345678"),
    ],
)
def test_links_within_the_old_site_keep_their_path(href: str, carried: str, shelf: Shelf) -> None:
    assert carry(f'<a href="{href}">看</a>', shelf).html == f'<p><a href="{carried}">看</a></p>'


def test_a_link_to_a_file_is_one_to_the_librarys(shelf: Shelf) -> None:
    carried = carry('<a href="https://old.example/uploads/%E8%A1%A8.pdf">表</a>', shelf)
    assert carried == (f'<p><a href="{the_file().download_file.url}">表</a></p>', ())


def test_a_linked_file_that_is_missing_is_named(shelf: Shelf) -> None:
    carried = carry('<a href="/uploads/没有.zip">包</a>', shelf)
    assert carried.notes == ("链接的文件没有带入：/uploads/没有.zip（文件夹里没有这个文件）",)
    assert ">包</a>" in carried.html


def test_files_of_other_sites_stay_where_they_are(shelf: Shelf) -> None:
    href = "https://rsj.example/a/b/form.pdf"
    told = ("链到外站：rsj.example（1）",)
    assert carry(f'<a href="{href}">表</a>', shelf) == (f'<p><a href="{href}">表</a></p>', told)


@pytest.mark.parametrize(
    ("href", "carried"),
    [
        ("12.html", "/news/2020/12.html"),
        ("../x/1.html#top", "/news/x/1.html#top"),
        ("?p=3", "/news/2020/7.html?p=3"),
        ("//old.example/a.html", "/a.html"),
        ("#top", "#top"),
        ("www.other.example/x", "https://www.other.example/x"),
        ("www.old.example/x", "/x"),
        ("mailto:hr@old.example", "mailto:hr@old.example"),
        ("http://[", ""),
    ],
)
def test_a_link_without_a_path_begins_where_its_text_was(
    href: str, carried: str, shelf: Shelf
) -> None:
    html = carry(f'<a href="{href}">看</a>', shelf, base="/news/2020/7.html").html
    assert html == (f'<p><a href="{carried}">看</a></p>' if carried else "<p>看</p>")


def test_a_relative_link_to_a_file_finds_the_file(shelf: Shelf) -> None:
    html = carry('<a href="../uploads/表.pdf">表</a>', shelf, base="/html/1.html").html
    assert html == f'<p><a href="{the_file().download_file.url}">表</a></p>'


def test_where_texts_lead_is_told_and_counted(shelf: Shelf) -> None:
    hosts: Counter[str] = Counter()
    html = '<a href="https://a.example/1">甲</a><a href="//a.example/2">乙</a><a href="/x">丙</a>'
    assert carry(html, shelf, hosts=hosts).notes == ("链到外站：a.example（2）",)
    carry(
        '<a href="www.b.example">丁</a><div hidden><a href="//c.example">x</a></div>',
        shelf,
        hosts=hosts,
    )
    assert hosts == {"a.example": 2, "www.b.example": 1}
    many = "".join(f'<img src="/{n}.jpg">' for n in range(99)) + html
    assert "链到外站：a.example（2）" in carry(many, shelf).notes


@pytest.mark.parametrize(
    "address", ["", "x", "#top", "?p=1", "javascript:/x", "http://[", "data:/x"]
)
def test_what_has_no_path_of_the_old_site_is_not_touched(address: str) -> None:
    assert own_path(address) == ""


# --- Players, and what is hidden ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("player", "html", "note"),
    [
        (
            '<iframe src="//v.example/1" width="600"></iframe>',
            '<p><a href="https://v.example/1">查看嵌入的内容（v.example）</a></p>',
            "嵌入的内容改成了链接：https://v.example/1",
        ),
        (
            '<video controls><source src="https://v.example/1.mp4">旧浏览器</video>',
            '<p><a href="https://v.example/1.mp4">查看嵌入的内容（v.example）</a></p>',
            "嵌入的内容改成了链接：https://v.example/1.mp4",
        ),
        (
            '<audio src="/uploads/a.mp3"></audio>',
            "",
            "视频、音频或嵌入的内容没有带入：/uploads/a.mp3",
        ),
        (
            '<embed src="http://old.example/x.swf">',
            "",
            "视频、音频或嵌入的内容没有带入：http://old.example/x.swf",
        ),
        ('<object data="x"><p>换</p></object>', "", "视频、音频或嵌入的内容没有带入：x"),
        (
            '<iframe src="javascript:alert(1)"></iframe>',
            "",
            "视频、音频或嵌入的内容没有带入：没有能用的地址",
        ),
        (
            '<iframe src="https://evil.example/" width=0></iframe>',
            "",
            "去掉了看不见的嵌入内容：https://evil.example/",
        ),
        (
            '<iframe style="Display : NONE" src="https://evil.example/"></iframe>',
            "",
            "去掉了看不见的嵌入内容：https://evil.example/",
        ),
        ('<iframe src="http://[">', "", "视频、音频或嵌入的内容没有带入：没有能用的地址"),
    ],
)
def test_players_become_links_or_notes(player: str, html: str, note: str, shelf: Shelf) -> None:
    carried = carry(f"<p>前</p>{player}<p>后</p>", shelf)
    assert carried.html == f"<p>前</p>{html}<p>后</p>"
    assert len(carried.notes) == 1
    assert carried.notes == (note,)


def test_hidden_links_of_a_hacked_site_go_and_are_told(shelf: Shelf) -> None:
    spam = '<div style="display:none"><div><a href="https://bo.example/">博彩</a></div>垃圾</div>'
    away = '<p style="position:absolute; left:-9999px"><a href="//du.example">赌</a></p>'
    carried = carry(f"<p>招工</p>{spam}<p>正文</p>{away}", shelf)
    assert carried == ("<p>招工</p><p>正文</p>", ("去掉了隐藏的外部链接，旧站可能被挂过黑链",))


@pytest.mark.parametrize(
    "begins",
    [
        '<marquee width="1" height="1">',
        '<div style="height:0;overflow:hidden">',
        '<div style="overflow:hidden;width:1px;height:1px">',
        '<span style="font-size:0">',
        '<p style="text-indent:-99em">',
        "<div hidden>",
        '<div style="position:absolute;left:expression(1-900)">',
        '<a style="display:none" href="//spam.example">',
    ],
)
def test_the_ways_in_which_links_are_hidden(begins: str, shelf: Shelf) -> None:
    spam = '<a href="http://spam.example/">赌博</a>' if "<a " not in begins else "赌博"
    end = begins[1:].split()[0].rstrip(">")
    html = carry(f"<p>招工</p>{begins}{spam}</{end}><p>正文</p>", shelf).html
    assert html == "<p>招工</p><p>正文</p>"


def test_a_hidden_paragraph_ends_where_browsers_end_it(shelf: Shelf) -> None:
    spam = '<p style="display:none"><a href="//x.example">x</a>'
    assert (
        carry(f"{spam}<p>第一段</p><p>第二段</p></p>", shelf).html == "<p>第一段</p><p>第二段</p>"
    )
    assert carry(f"<div>{spam}</div>文字<p>后</p>", shelf).html == "<p>文字</p><p>后</p>"


@pytest.mark.parametrize(
    "html",
    [
        '<section style="font-size:0"><img src="x"><a href="https://x.example/">公众号</a></section><p>后</p>',
        '<div style="font-size:0"><a style="font-size:14px" href="https://x.example/">字</a></div><p>后</p>',
        '<div style="height:0"><a href="https://x.example/">伸出来的字</a></div><p>后</p>',
        '<div style="line-height:1;overflow:hidden"><a href="https://x.example/">外链</a></div><p>后</p>',
        '<div style="height:1em;overflow:hidden"><a href="https://x.example/">外链</a></div><p>后</p>',
        '<p style="text-indent:-2em"><a href="https://x.example/">悬挂缩进</a></p><p>后</p>',
        '<marquee width="300"><a href="https://x.example/">滚动的字</a></marquee><p>后</p>',
        '<div style="display:none"><p>点开才看的内容，<a href="/x">旧文</a></p></div><p>后</p>',
        '<div style="display:none"><a href="https://x.example/">没有结尾</a><p>后</p>',
        '<img style="display:none" src="x"><a href="https://x.example/">外链</a><p>后</p>',
        '<p style="margin-left:-100px"><a href="https://x.example/">外链</a></p><p>后</p>',
        '<section style="visibility: hidden"><a href="https://x.example/">公众号的正文</a></section><p>后</p>',
    ],
)
def test_what_is_hidden_without_malice_stays(html: str, shelf: Shelf) -> None:
    assert "后" in carry(html, shelf).html
    assert len(list(scan(carry(html, shelf).html))) > 4


# --- Hostile ---------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script><svg onload=alert(1)><math><mtext></mtext></math>"
    "<img src=x onerror=alert(1)>甲<a href='java&#10;script:alert(1)' onclick=x>乙</a><style>*{}</style>",
    "<?php eval($_POST['x']); ?><%eval request(1)%><!--#exec cmd='ls'--><xml><b>丙</b></xml>"
    "<form action=/x><input name=p><button formaction=javascript:1>丁</button></form>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'><link rel=stylesheet"
    " href=//evil.example><p style='background:url(javascript:1)' class=x id=y>戊</p><noscript><p title=\"</noscript>"
    '<img src=x onerror=alert(1)>">',
    '<table><tr><td background="javascript:x"><a href="vbscript:x">己</a><a href="data:text/html,x">庚</a>'
    '<a href="https://old.example/x" target=_blank ping=//evil.example>辛</a>',
]  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_texts_come_out_as_clean_ones(html: str, shelf: Shelf) -> None:
    carried = carry(html, shelf)
    assert carried.html == clean(str(carried.html)) == CLEANER.clean(carried.html)
    for sign in ("script", "onerror", "onclick", "evil", "style", "<?", "<form", "<input"):
        assert sign not in carried.html


def test_hostile_texts_keep_their_words(shelf: Shelf) -> None:
    words = [carry(html, shelf).html for html in HOSTILE]
    assert words[0] == "<p>甲乙</p>"
    assert "丁" in words[1]
    assert words[2].startswith("<p>戊</p>")
    assert words[3] == '<table><tbody><tr><td>己庚<a href="/x">辛</a></td></tr></tbody></table>'


def test_notes_are_bounded_in_number_and_length(shelf: Shelf) -> None:
    html = "".join(f'<img src="/{number}/{"长" * 300}.jpg">' for number in range(100))
    carried = carry(html, shelf)
    assert len(carried.notes) == bodies.MOST_NOTES + 1
    assert carried.notes[-1] == "另有 70 处没有带入"
    assert all(len(note) <= bodies.LONGEST_NOTE for note in carried.notes)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<video ",
            "<video>",
            "<video a><source b>",
            '<div style="display:none">',
            "<iframe src=//x.example>",
        ),
        *(
            '<a href="/x.pdf">',
            '<img src="/x.jpg">',
            "<img ",
            '<a href="http://[">',
            "<img src='data:",
        ),
    ],
)
def test_any_repetition_takes_linear_time(piece: str, shelf: Shelf) -> None:
    began = time.process_time()
    carry(piece * (100_000 // len(piece)), shelf)
    assert time.process_time() - began < 5


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(html=ANY_HTML)
def test_nothing_raises_and_all_is_clean(html: str, shelf: Shelf) -> None:
    carried = carry(html, shelf, ["x"])
    assert isinstance(carried, Carried)
    assert clean(str(carried.html)) == carried.html


def test_a_whole_export_comes_out_clean(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    for name in ("2021/07/table.jpg", "2020/02/宿舍.jpg"):
        (uploads / name).parent.mkdir(parents=True, exist_ok=True)
        (uploads / name).write_bytes(jpeg((640, 480)))
    source = WordPress(SITE)
    shelf = Shelf(uploads, source.hosts)
    texts: dict[str, Carried] = {}
    for item in source.items():
        if isinstance(item, OldItem):
            texts[item.old_id] = carry(item.html, shelf, item.gallery)
            assert texts[item.old_id].html == clean(str(texts[item.old_id].html))
    table, dormitory = MediaFile.objects.order_by("pk")
    shown = [sorted(texts[id].html.files) for id in ("101", "102", "104")]
    assert shown == [[table.pk], [table.pk, dormitory.pk], [dormitory.pk]]
    assert '<a href="/blog/2021/07/x/">旧文</a>' in texts["102"].html
    said = [note for carried in texts.values() for note in carried.notes]
    assert sum(not note.startswith("链到外站") for note in said) == 3  # the players


def test_notes_are_chinese(shelf: Shelf) -> None:
    html = '<img src="/没有.jpg"><a href="/没有.zip">x</a><iframe src="//v.example/1"></iframe><audio></audio>'
    for note in carry(html, shelf).notes:
        assert not english_in(note), note
