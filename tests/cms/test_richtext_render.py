"""Rendering: the text in its page, safe whatever is stored; and the excerpt."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms.media.models import MediaFile
from portal.cms.richtext.render import Heading, plain, render
from portal.cms.site import Page
from tests import cast
from tests.cms import samples
from tests.cms.test_richtext_clean import HOSTILE

pytestmark = pytest.mark.django_db


def shown(html: str) -> SafeString:
    return render(html).html


def figure(file: MediaFile, alt: str = "", caption: str = "") -> str:
    end = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img data-file="{file.pk}" alt="{alt}">{end}</figure>'


# --- Pictures --------------------------------------------------------------------------------------


def test_a_picture_comes_in_sizes_with_its_measures() -> None:
    file = samples.picture(size=(2000, 1000), image_alt_text="车间")
    image = file.image_file

    html = shown("<p>字</p>" + figure(file, caption="图一"))

    assert html == (
        '<p>字</p><figure><img alt="车间" decoding="async" height="800" loading="lazy" '
        f'sizes="(max-width: 45rem) calc(100vw - 2.5rem), 680px" src="{image.large}" '
        f'srcset="{image.small} 480w, {image.medium} 960w, {image.large} 1600w" width="1600">'
        "<figcaption>图一</figcaption></figure>"
    )
    assert isinstance(html, SafeString)


def test_the_texts_own_alternative_text_comes_first() -> None:
    file = samples.picture(image_alt_text="车间")

    assert 'alt="早班交接"' in shown(figure(file, alt="早班交接"))


def test_a_replaced_picture_is_shown_as_it_is_now() -> None:
    file = samples.picture()
    page = cast.page(body=figure(file))
    file.image_file = samples.named(samples.png((50, 40)), "新.png")
    file.save()

    assert file.image_file.large in shown(page.body)


@pytest.mark.parametrize("number", ["987654", "x", "-1", "9" * 30, ""])
def test_a_picture_that_is_not_there_is_left_out(number: str) -> None:
    html = f'<p>前</p><figure><img data-file="{number}" src="https://evil.example/x.png"></figure>'

    assert shown(html) == "<p>前</p><figure></figure>"


def test_one_query_for_all_pictures_and_none_without(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    body = "".join(figure(samples.picture()) for _ in range(3))

    with django_assert_num_queries(1):
        assert shown(body * 2).count("<img") == 6
    with django_assert_num_queries(0):
        shown("<p>正文</p>")


def test_a_reader_waits_for_no_picture_but_one_that_opens_the_text() -> None:
    first, second = samples.picture(), samples.picture()

    opening = shown(figure(first) + "<p>字</p>" + figure(second))
    later = shown("<p>字</p>" + figure(first))

    assert (opening.count("fetchpriority"), opening.count('loading="lazy"')) == (1, 1)
    assert opening.index("fetchpriority") < opening.index('loading="lazy"')
    assert ("fetchpriority" in later, later.count('loading="lazy"')) == (False, 1)


# --- Headings --------------------------------------------------------------------------------------


def ids(html: str) -> dict[str, str]:
    """The words of each heading, and its id."""
    found = re.findall(r'<h[234] id="([^"]+)">(.*?)</h', shown(html))
    return {words: anchor for anchor, words in found}


def titles(outline: list[Heading]) -> list[Any]:
    return [(heading.title, titles(heading.parts)) for heading in outline]


def test_a_heading_has_a_short_address_of_its_own() -> None:
    anchors = ids("<h2>先数清楚两个数</h2><p>字</p><h3>口径 &amp; 例子</h3><h4>一</h4>")

    assert len(set(anchors.values())) == 3
    assert all(re.fullmatch("s-[0-9a-f]{6}", anchor) for anchor in anchors.values())


def test_an_address_stays_when_a_section_is_put_in_before() -> None:
    before = ids("<h2>一</h2><h2>二</h2>")
    after = ids("<h2>新</h2><h2>一</h2><p>改过的字</p><h3>二</h3>")

    assert before.items() <= after.items()


def test_headings_of_the_same_words_have_different_addresses() -> None:
    html = shown("<h2>小结</h2><h2>其他</h2><h2>小结</h2><h2>小结</h2>")

    anchors = re.findall(r'id="([^"]+)"', html)
    assert len(set(anchors)) == 4
    assert anchors[2:] == [f"{anchors[0]}-2", f"{anchors[0]}-3"]


def test_a_heading_without_words_is_none() -> None:
    rendered = render("<h2> </h2><h3><img></h3><h2>有</h2>")

    assert titles(rendered.outline) == [("有", [])]
    assert rendered.html.count("id=") == 1


@pytest.mark.parametrize(
    ("html", "outline"),
    [
        ("<h2>一</h2><h3>甲</h3><h4>深</h4><h3>乙</h3><h2>二</h2>",
         [("一", [("甲", []), ("乙", [])]), ("二", [])]),
        ("<h3>一</h3><h4>甲</h4><h3>二</h3>", [("一", [("甲", [])]), ("二", [])]),
        ("<h3>在前</h3><h2>一</h2><h3>甲</h3>", [("在前", []), ("一", [("甲", [])])]),
        ("<h2>一</h2><h4>甲</h4>", [("一", [("甲", [])])]),
        ("<h2>加<strong>粗</strong> &lt;b&gt;<br>换行</h2>", [("加粗 <b> 换行", [])]),
        ("<p>没有</p>", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_outline_has_the_two_highest_levels_of_the_text(html: str, outline: Any) -> None:
    assert titles(render(html).outline) == outline


@pytest.mark.parametrize(
    ("headings", "length", "has_contents"),
    [(3, 1500, True), (2, 1500, False), (3, 1400, False), (0, 9000, False)],
)
def test_only_a_long_text_of_several_sections_has_contents(
    headings: int, length: int, has_contents: bool
) -> None:
    rendered = render("<h2>节</h2>" * headings + f"<p>{'字' * (length - headings)}</p>")

    assert rendered.length == length
    assert bool(rendered.contents) is has_contents


def test_the_length_is_that_of_the_words() -> None:
    rendered = render("<h2>题目</h2><p>加<strong>粗</strong>的 3<em>.5</em> 元</p><p>Word</p>")

    assert rendered.length == 2 + 3 + 1 + 1 + 1
    assert rendered.reading_time == "8 字，阅读约 1 分钟"


def test_a_text_of_10_000_sections_takes_no_longer_for_each() -> None:
    started = time.process_time()

    rendered = render("<h2>同一个题目</h2><p>字</p>" * 10_000)

    assert len(rendered.outline) == 10_000
    assert time.process_time() - started < 5


# --- Tables and links --------------------------------------------------------------------------------


def test_a_wide_table_scrolls_by_itself() -> None:
    table = "<table><tbody><tr><td>甲</td></tr></tbody></table>"

    assert shown(table) == (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="表格">{table}</div>'
    )


def test_a_table_in_a_table_does_not_scroll_once_more() -> None:
    html = shown(
        "<table><tbody><tr><td><table><tbody><tr><td>甲</td></tr></tbody></table></td></tr></tbody></table>"
    )

    assert html.count("table-scroll") == 1
    assert html.endswith("</table></div>")


def test_no_two_tables_of_a_text_are_named_alike() -> None:
    table = "<table><tbody><tr><td>甲</td></tr></tbody></table>"

    assert re.findall(r'aria-label="([^"]+)"', shown(table * 3)) == ["表格", "表格2", "表格3"]


@pytest.mark.parametrize(
    ("href", "leaves"),
    [
        ("https://www.sz.gov.cn/x?a=1&amp;b=2", True),
        ("http://www.example.com:8080/", True),
        ("https://a\uff03@b.example/", True),
        ("/services/", False),
        ("#一", False),
        ("tel:+8675588828155", False),
        ("mailto:a@example.com", False),
        ("https://www.our-site.example/about/", False),
    ],
)
def test_a_link_that_leaves_the_site_says_so(settings: Settings, href: str, leaves: bool) -> None:
    settings.SITE_URL = "https://www.our-site.example"

    html = shown(f'<p><a href="{href}">链接</a></p>')

    assert ('rel="nofollow noopener"' in html) is leaves
    assert f'href="{href}"' in html


# --- Safety ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_even_a_text_that_was_never_cleaned_is_safe(hostile: str) -> None:
    html = shown(hostile).lower()

    for harm in (
        "<script",
        "<svg",
        "<iframe",
        "<style",
        "<form",
        " onerror=",
        " onload=",
        " onclick=",
    ):
        assert harm not in html.replace("&quot;", '"').partition('alt="')[0]
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_the_filter_renders_and_django_does_not_escape_it_again() -> None:
    page = Page(body="<p>正文 &amp; <strong>更多</strong></p>")

    html = Template("{% load richtext %}{{ page.body|richtext }}").render(Context({"page": page}))

    assert html == page.body


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_rendered_as_nothing(nothing: str) -> None:
    assert shown(nothing) == ""
    assert plain(nothing, 10) == ""


# --- Excerpts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "length", "words"),
    [
        ("<h2>题</h2><p>劳务<strong>派遣</strong>单位</p><p>二</p>", 20, "题 劳务派遣单位 二"),
        ("<p>劳务派遣单位应当核对</p>", 6, "劳务派遣单…"),
        ("<p>劳务派遣</p>", 4, "劳务派遣"),
        ("<p>a &lt;b&gt; &amp; c</p>", 20, "a <b> & c"),
        ("<figure><img alt=x><figcaption>图一</figcaption></figure><p>正文</p>", 20, "正文"),
        ("<p>一<br>二</p>", 9, "一 二"),
        ("<p>甲 </p><p> 乙</p>", 2, "甲…"),
    ],
)  # fmt: skip
def test_an_excerpt_is_plain_words_and_says_where_it_was_cut(
    html: str, length: int, words: str
) -> None:
    assert plain(html, length) == words


def test_an_excerpt_of_a_long_text_reads_its_beginning_only() -> None:
    assert plain("<p>" + "字" * 100 + "</p>" + "<p>更多</p>" * 500_000, 50) == "字" * 49 + "…"


def test_the_excerpt_filter_is_escaped_like_any_text() -> None:
    html = Template("{% load richtext %}{{ body|excerpt:20 }}").render(
        Context({"body": "<p>a &lt;script&gt; b</p>"})
    )

    assert html == "a &lt;script&gt; b"
