"""WordPress's notation in texts, old and new, as plain HTML."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cms.richtext.clean import clean
from portal.transfer.sources.wordpress import shortcodes
from portal.transfer.sources.wordpress.shortcodes import Attached, Known, convert

KNOWN = Known(
    files={
        5: Attached("/u/5.jpg", "宿舍", "四人间"),
        6: Attached("/u/6.jpg"),
        7: Attached("/u/7.mp3"),
    },
    children={1: [6, 5]},
    blocks={
        9: "<!-- wp:paragraph --><p>咨询请打电话。</p><!-- /wp:paragraph -->",
        10: '甲<!-- wp:block {"ref":10} /-->',
    },
)
FIVE = '<figure><img src="/u/5.jpg" alt="宿舍"><figcaption>四人间</figcaption></figure>'
SIX = '<figure><img src="/u/6.jpg" alt=""></figure>'
EMBEDDED = "嵌入的外部内容改成了链接"


def html(text: str, post: int = 1) -> str:
    return convert(text, KNOWN, post).html


def notes(text: str) -> tuple[str, ...]:
    return convert(text, KNOWN, 1).notes


# --- The old editor --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("一\n二\n\n三", "<p>一<br>二</p><p>三</p>"),
        ("一\r\n二\r\n\r\n三", "<p>一<br>二</p><p>三</p>"),
        ("<b>一\n\n二</b>", "<p><strong>一</strong></p><p><strong>二</strong></p>"),
        ("<h2>一</h2>\n二\n<p>三\n四</p>\n", "<h2>一</h2><p>二</p><p>三<br>四</p>"),
        (
            "<ul>\n<li>一</li>\n<li>二\n三</li>\n</ul>\n四",
            "<ul><li>一</li><li>二 三</li></ul><p>四</p>",
        ),
        (
            "<table>\n<tr>\n<td>一\n二</td>\n</tr>\n</table>",
            "<table><tbody><tr><td>一 二</td></tr></tbody></table>",
        ),
        ("<pre>一\n二</pre>\n三", "<p>一<br>二</p><p>三</p>"),
        ("一<!--more-->\n\n二<!--nextpage-->\n三", "<p>一</p><p>二<br>三</p>"),
        ("一 & 二 &lt;三&gt; &amp;", "<p>一 &amp; 二 &lt;三&gt; &amp;</p>"),
        ("", ""),
    ],
)
def test_line_breaks_are_what_wordpress_shows(text: str, cleaned: str) -> None:
    assert clean(html(text)) == cleaned


def test_an_address_alone_in_its_line_is_a_link() -> None:
    assert html("https://v.example/a?b=1&amp;c=2") == (
        '<a href="https://v.example/a?b=1&amp;c=2">https://v.example/a?b=1&amp;c=2</a>'
    )
    assert html("见 https://v.example/") == "见 https://v.example/"
    assert html('<a href="/x">https://v.example/</a>') == '<a href="/x">https://v.example/</a>'


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            '[caption id="attachment_5" align="alignnone" width="300"]<img src="/u/5.jpg" alt="图" /> 宿舍<b>新</b>[/caption]',
            '<figure><img src="/u/5.jpg" alt="图"><figcaption>宿舍<b>新</b></figcaption></figure>',
        ),
        (
            '[wp_caption caption="宿舍 &amp; 食堂"]\n<a href="/u/5.jpg"><img src="/u/5.jpg"></a>[/wp_caption]',
            '<figure><a href="/u/5.jpg"><img src="/u/5.jpg"></a><figcaption>宿舍 &amp; 食堂</figcaption></figure>',
        ),
        ("[caption]没有图[/caption]", "没有图"),
        ("[caption]没有结尾", "没有结尾"),
        ("多余的[/caption]结尾", "多余的结尾"),
        ('[gallery ids="5,6" columns="2"]', FIVE + SIX),
        ("[gallery ids=“6,5,6”]", SIX + FIVE),
        ("[gallery ids=&quot;6&quot;]", SIX),
        ("[gallery]", SIX + FIVE),
        ('[gallery exclude="6"]', FIVE),
        ('[audio mp3="/u/7.mp3"][/audio]', '<video src="/u/7.mp3"></video>'),
        ('[video src="/v.mp4"]换一个浏览器[/video]', '<video src="/v.mp4"></video>'),
        ('[playlist ids="7,99"]', '<video src="/u/7.mp3"></video>'),
        (
            "[embed]https://v.example/1[/embed]",
            '<p><a href="https://v.example/1">https://v.example/1</a></p>',
        ),
        ("[embed]javascript:alert(1)[/embed]", ""),
        ("[[gallery]] 是这样写的", "[gallery] 是这样写的"),
        ('[contact-form-7 id="5" title="联系"]', ""),
        ("[toc]", ""),
        ("[box]里面的[b]话[/b]留下[/box]", "里面的话留下"),
        ('[button link="https://x.example/"]报名[/button]', "报名"),
    ],
)
def test_shortcodes_become_what_they_show(text: str, made: str) -> None:
    assert html(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "[1] 注一 [12] [注] 【重要】 [a] [see also: x=1] [x y]",
        "数组 a[0] 和 [null] 和 [/b] 和 []",
        "[未完 [caption",
    ],
)
def test_words_in_brackets_stay(text: str) -> None:
    assert html(text) == text
    assert notes(text) == ()


def test_what_went_is_named_once() -> None:
    text = '[foo a="1"]一[foo a="2"]二[bar]三[/bar][gallery ids="5,98,99"]'
    assert notes(text) == ("去掉了短代码：foo、bar", "图集里有 2 张图片在文件中没有记录")
    many = "".join(f'[code{number} a="1"]' for number in range(50))
    assert notes(many)[0].endswith("、code19等")


# --- Blocks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (
            '<!-- wp:paragraph {"align":"center"} -->\n<p>一\n行</p>\n<!-- /wp:paragraph -->\n\n'
            "<!-- wp:heading --><h2>二</h2><!-- /wp:heading -->",
            "<p>一 行</p><h2>二</h2>",
        ),
        (
            "<!-- wp:list --><ul><!-- wp:list-item -->\n<li>一</li>\n<!-- /wp:list-item --></ul><!-- /wp:list -->",
            "<ul><li>一</li></ul>",
        ),
        ("<!-- wp:verse --><pre>一\n二</pre><!-- /wp:verse -->", "<p>一<br>二</p>"),
        ("<!-- wp:freeform -->一\n\n二<!-- /wp:freeform -->", "<p>一</p><p>二</p>"),
        (
            "一\n\n二<!-- wp:separator --><hr/><!-- /wp:separator -->三",
            "<p>一</p><p>二</p><hr><p>三</p>",
        ),
        ('<!-- wp:block {"ref":9} /-->', "<p>咨询请打电话。</p>"),
        ('<!-- wp:core/block {"ref":9} /-->', "<p>咨询请打电话。</p>"),
        (
            '<!-- wp:core-embed/youku {"url":"https://v.example/1"} --><figure><div>\nhttps://v.example/1\n'
            "</div><figcaption>工厂 视频</figcaption></figure><!-- /wp:core-embed/youku -->",
            '<p><a href="https://v.example/1">https://v.example/1</a></p><p>工厂 视频</p>',
        ),
        (
            "<!-- wp:embed --><div>https://v.example/2</div><!-- /wp:embed -->",
            '<p><a href="https://v.example/2">https://v.example/2</a></p>',
        ),
        (
            '<!-- wp:file {"id":8} --><div class="wp-block-file"><a href="/u/a.pdf">报名表</a>'
            '<a href="/u/a.pdf" class="wp-block-file__button wp-element-button" download>下载</a></div>'
            "<!-- /wp:file -->后",
            '<p><a href="/u/a.pdf">报名表</a></p><p>后</p>',
        ),
        (
            '<!-- wp:shortcode -->\n[foo a="1"]\n<!-- /wp:shortcode --><!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->',
            "",
        ),
        ("<!-- 编辑的备注 -->一", "<p>一</p>"),
        ("<!-- wp:paragraph --><p>没有结尾", "<p>没有结尾</p>"),
        ("<!-- wp:embed --><p>没有结尾</p>", "<p>没有结尾</p>"),
        ("<!-- /wp:paragraph -->多余的结尾<!-- wp:x -->", "<p>多余的结尾</p>"),
        ('<!-- wp:block {"ref":"9"} /--><!-- wp:block {"ref":[ /--><!-- wp:block [] /-->', ""),
    ],
)
def test_blocks_leave_what_they_hold(text: str, cleaned: str) -> None:
    assert clean(html(text)) == cleaned


def test_galleries_of_all_ages_are_pictures_and_no_lists() -> None:
    picture = (
        '<figure><img src="/u/5.jpg" alt="" data-id="5"><figcaption>四人间</figcaption></figure>'
    )
    old = f'<ul class="wp-block-gallery blocks-gallery-grid"><li class="blocks-gallery-item">{picture}</li></ul>'
    new = f'<figure class="wp-block-gallery">{picture}</figure>'
    for written in (old, new):
        made = html(f'<!-- wp:gallery {{"ids":[5]}} -->{written}<!-- /wp:gallery -->')
        assert picture in made
        assert "<li" not in made
        assert "<ul" not in made


def test_a_cover_shows_the_picture_that_only_its_style_names() -> None:
    block = '<!-- wp:cover {{"url":"/u/5.jpg"}} --><div class="wp-block-cover">{}<p>招工</p></div><!-- /wp:cover -->'
    assert '<img src="/u/5.jpg" alt="">' in html(block.format(""))
    assert html(block.format('<img src="/u/5.jpg">')).count("<img") == 1


def test_blocks_that_the_server_made_are_named() -> None:
    text = '<!-- wp:latest-posts {"n":3} /--><!-- wp:acf/hero /--><!-- wp:paragraph /--><!-- wp:block {"ref":404} /-->'
    assert notes(text) == ("去掉了动态区块：latest-posts、acf/hero", "引用的可重用区块在文件中没有")


# --- Hostile ---------------------------------------------------------------------------------------------


def test_a_number_beyond_all_numbers_raises_nothing() -> None:
    endless = f"&#{'9' * 5000};"
    assert html(f"[embed]{endless}[/embed]{endless}") == "\ufffd"
    assert html(f"[x a={endless}]<!-- wp:x -->{endless}") == "\ufffd"
    assert html(f'<!-- wp:block {{"ref":{"9" * 5000}}} /-->[gallery ids="{"9" * 5000}"]') == ""


def test_a_block_that_refers_to_itself_comes_to_an_end() -> None:
    assert html('<!-- wp:block {"ref":10} /-->').count("甲") < 10


def test_references_cannot_blow_a_text_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcodes, "MOST_ADDED", 1000)
    made = convert('<!-- wp:block {"ref":9} /-->' * 1000 + '[gallery ids="5"]' * 1000, KNOWN)
    assert len(made.html) < 3000
    assert "引用的内容太多，没有全部带入" in made.notes


def test_what_has_no_room_is_not_made() -> None:
    known = Known({id: Attached(f"/{id}.jpg") for id in range(1, 1001)}, {1: range(1, 1001)})
    began = time.process_time()
    convert("[gallery]" * 10_000, known, 1)
    assert time.process_time() - began < 5


def test_embeds_of_any_name_take_linear_time() -> None:
    began = time.process_time()
    convert("".join(f"<!-- wp:core-embed/n{n} -->" for n in range(60_000)), KNOWN)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "[",
            "[a ",
            "[a b='",
            '[a b="',
            "[caption]",
            "[caption]<img ",
            "[/x]",
            "[x]",
            "[[gallery]]",
        ),
        *(
            "[gallery ids=",
            "[a " + " " * 50,
            "[embed]",
            "<!-- wp:embed -->",
            "<!--",
            "<!-- wp:a {",
            "\n",
        ),
        *(
            '<!-- wp:block {"ref":9} /-->',
            '<!-- wp:cover {"url":"/u"} -->',
            "<video ",
            "<a class=x ",
        ),
        *("<!-- wp:x " + "{}" * 50, "https://", "[caption][embed]"),
    ],
)
def test_any_repetition_takes_linear_time(piece: str) -> None:
    began = time.process_time()
    convert(piece * (200_000 // len(piece)), KNOWN, 1)
    assert time.process_time() - began < 5


MARKUP = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                *(
                    "[caption]",
                    "[/caption]",
                    "[gallery ids=5]",
                    "[embed]",
                    "[/embed]",
                    "<img src=a>",
                    "[[",
                    "]]",
                ),
                *(
                    '<!-- wp:block {"ref":9} /-->',
                    "<!-- wp:embed -->",
                    "<!-- /wp:embed -->",
                    "<!--",
                    "-->",
                ),
                *(
                    "<pre>",
                    "<ul>",
                    "<a href=x>",
                    "\n\n",
                    "https://a.example/",
                    "&amp;",
                    "[video src='",
                ),
            ]
        ),
    ),
    max_size=20,
).map("".join)


@given(MARKUP)
def test_nothing_raises_and_converting_twice_is_harmless(text: str) -> None:
    once = convert(text, KNOWN, 1)
    convert(once.html, KNOWN, 1)
    clean(once.html)
