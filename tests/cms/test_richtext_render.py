"""Rendering: the text in its page, safe whatever is stored; and the excerpt."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms.media.models import MediaFile
from portal.cms.richtext.render import plain, render
from portal.cms.site import Page
from tests import cast
from tests.cms import samples
from tests.cms.test_richtext_clean import HOSTILE

pytestmark = pytest.mark.django_db


def figure(file: MediaFile, alt: str = "", caption: str = "") -> str:
    end = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img data-file="{file.pk}" alt="{alt}">{end}</figure>'


# --- Pictures --------------------------------------------------------------------------------------


def test_a_picture_comes_in_sizes_with_its_measures() -> None:
    file = samples.picture(size=(2000, 1000), image_alt_text="车间")
    image = file.image_file

    html = render(figure(file, caption="图一"))

    assert html == (
        f'<figure><img src="{image.large}" width="1600" '
        f'srcset="{image.small} 480w, {image.medium} 960w, {image.large} 1600w" height="800" '
        'sizes="(max-width: 48rem) 100vw, 680px" alt="车间" loading="lazy" decoding="async">'
        "<figcaption>图一</figcaption></figure>"
    )
    assert isinstance(html, SafeString)


def test_the_texts_own_alternative_text_comes_first() -> None:
    file = samples.picture(image_alt_text="车间")

    assert 'alt="早班交接"' in render(figure(file, alt="早班交接"))


def test_a_replaced_picture_is_shown_as_it_is_now() -> None:
    file = samples.picture()
    page = cast.page(body=figure(file))
    file.image_file = samples.named(samples.png((50, 40)), "新.png")
    file.save()

    assert file.image_file.large in render(page.body)


@pytest.mark.parametrize("number", ["987654", "x", "-1", "9" * 30, ""])
def test_a_picture_that_is_not_there_is_left_out(number: str) -> None:
    html = f'<p>前</p><figure><img data-file="{number}" src="https://evil.example/x.png"></figure>'

    assert render(html) == "<p>前</p><figure></figure>"


def test_one_query_for_all_pictures_and_none_without(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    body = "".join(figure(samples.picture()) for _ in range(3))

    with django_assert_num_queries(1):
        assert render(body * 2).count("<img") == 6
    with django_assert_num_queries(0):
        render("<p>正文</p>")


# --- Tables and links --------------------------------------------------------------------------------


def test_a_wide_table_scrolls_by_itself() -> None:
    table = "<table><tbody><tr><td>甲</td></tr></tbody></table>"

    assert render(table) == (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="表格">{table}</div>'
    )


def test_a_table_in_a_table_does_not_scroll_once_more() -> None:
    html = render(
        "<table><tbody><tr><td><table><tbody><tr><td>甲</td></tr></tbody></table></td></tr></tbody></table>"
    )

    assert html.count("table-scroll") == 1
    assert html.endswith("</table></div>")


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

    html = render(f'<p><a href="{href}">链接</a></p>')

    assert ('rel="nofollow noopener"' in html) is leaves
    assert f'href="{href}"' in html


# --- Safety ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_even_a_text_that_was_never_cleaned_is_safe(hostile: str) -> None:
    html = render(hostile).lower()

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
    assert render(nothing) == ""
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
