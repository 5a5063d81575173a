"""The result of a search as a form shows it: what the page's head will be."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from portal.cms.admin.snippet import notes
from portal.cms.engines.descriptions import described
from portal.cms.engines.titles import compose
from portal.cms.redirects import remember
from tests import cast
from tests.desk.forms import press

pytestmark = pytest.mark.django_db

BRAND = "鹏聘人力"


class Result(NamedTuple):
    """What is typed into the form of an article, and what the result says of it."""

    title: str
    summary: str = ""
    text: str = ""
    seo_title: str = ""
    seo_description: str = ""
    says: tuple[str, str] = ("", "")


# The rules are told twice, in Python and for the browser (tests/browser/test_snippet.py).
RESULTS = {
    "everything by itself": Result(
        "怎样签派遣协议", text="<p>先数清楚两个数。</p><p>再除以九。</p>",
        says=("怎样签派遣协议_用工政策_鹏聘人力", "先数清楚两个数。 再除以九。"),
    ),
    "a short summary": Result(
        "甲", "十三项逐条核对", "<h2>一</h2><p>看<strong>许可证</strong>。</p><ul><li>原件</li><li>复印件</li></ul>",
        says=("甲_用工政策_鹏聘人力", "十三项逐条核对。一 看许可证。 原件 复印件"),
    ),
    "a text that begins with its summary": Result(
        "甲", "先数清楚。", "<p>先数清楚。再除。</p>", says=("甲_用工政策_鹏聘人力", "先数清楚。再除。")
    ),
    "written for engines": Result(
        "甲", "摘要", "<p>正文</p>", "写给引擎的", "写给  引擎的 描述",
        ("写给引擎的_用工政策_鹏聘人力", "写给 引擎的 描述"),
    ),
    "blanks for engines": Result("甲", "文" * 40, "", " ", " ", ("甲_用工政策_鹏聘人力", "文" * 40)),
    "without room for the brand": Result("字" * 24, "文" * 40, says=("字" * 24 + "_用工政策", "文" * 40)),
    "without room for anything": Result("字" * 40, "文" * 40, says=("字" * 40, "文" * 40)),
    "the brand in the title": Result(
        "鹏聘人力获评示范", "文" * 40, says=("鹏聘人力获评示范_用工政策", "文" * 40)
    ),
    "cut behind a sentence": Result(
        "甲", "字" * 60 + "。" + "文" * 40, says=("甲_用工政策_鹏聘人力", "字" * 60 + "。")
    ),
    "cut at a pause": Result(
        "甲", "字" * 60 + "，" + "文" * 40, says=("甲_用工政策_鹏聘人力", "字" * 60 + "…")
    ),
    "cut anywhere": Result("甲", "𠮷" * 90, says=("甲_用工政策_鹏聘人力", "𠮷" * 80 + "…")),
    "Latin words": Result(
        "Word 2026", "HR " * 80, says=("Word 2026_用工政策_鹏聘人力", ("HR " * 53)[:159].rstrip() + "…")
    ),
    "captions are no text": Result(
        "甲", "", "<figure><figcaption>车间</figcaption></figure><p>一&amp;二</p>",
        says=("甲_用工政策_鹏聘人力", "一&二"),
    ),
    "nothing": Result("甲", says=("甲_用工政策_鹏聘人力", "深圳劳务派遣")),
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_follows_from_what_is_typed(name: str) -> None:
    typed = RESULTS[name]
    # A form hands on no blanks around what is typed.
    title = compose(typed.seo_title.strip() or typed.title, "用工政策", BRAND)
    made = described(typed.seo_description, typed.summary, typed.text) or "深圳劳务派遣"
    assert (title, made) == typed.says


def test_it_says_what_to_mind() -> None:
    assert notes("字" * 30, "字" * 50) == ["标题 30 字。", "描述 50 字。"]
    assert notes("字" * 31, "字" * 49) == [
        "标题 31 字，超过 30 字，后面的可能显示不出来。",
        "描述 49 字，不到 50 字，可以多写一点。",
    ]
    assert "超过 80 字" in notes("字", "字" * 81)[1]


def shown(client: Client, address: str) -> dict[str, str]:
    text = client.get(address).text
    parts = re.findall(r'<p class="snippet-[a-z]+" data-part="([a-z]+)"[^>]*>([^<]*)</p>', text)
    return {name: html.unescape(words) for name, words in parts}


def district(**fields: Any) -> Any:
    for _ in range(3):
        cast.job()
    return cast.district_page(**fields)


MAKE: dict[str, Callable[..., Any]] = {
    "articles_article": cast.article,
    "staffing_service": cast.service,
    "staffing_case": cast.case,
    "cms_page": cast.page,
    "portal_districtpage": district,
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("words", [{}, {"seo_title": "写给引擎的", "seo_description": "描述“一”"}])
def test_the_form_shows_what_the_page_says(owner: Client, kind: str, words: dict[str, str]) -> None:
    cast.profile(name=BRAND, tagline="深圳劳务派遣")
    item = MAKE[kind](**words)
    page = Client().get(item.get_absolute_url()).text
    (title,) = re.findall("<title>(.*?)</title>", page)
    (description,) = re.findall('<meta name="description" content="(.*?)">', page)

    found = shown(owner, reverse(f"admin:{kind}_change", args=[item.pk]))

    assert found["title"] == html.unescape(title)
    assert found["description"] == html.unescape(description)


@pytest.mark.parametrize(
    ("words", "description"),
    [
        ({"seo_title": "用工政策解读", "meta_description": "新规逐条说清。"}, "新规逐条说清。"),
        ({"description": "给读者的说明。"}, "给读者的说明。"),
        ({}, "深圳劳务派遣"),
    ],
)
def test_that_of_a_category_as_well(owner: Client, words: dict[str, str], description: str) -> None:
    cast.profile(name=BRAND, tagline="深圳劳务派遣")
    category = cast.category()
    for name, value in words.items():
        setattr(category, name, value)
    category.save()
    page = Client().get(category.get_absolute_url()).text

    found = shown(owner, reverse("admin:articles_category_change", args=[category.pk]))

    assert f"<title>{found['title']}</title>" in page
    assert f'<meta name="description" content="{description}">' in page
    assert found["description"] == description


def test_an_editor_is_told_what_is_added_to_a_title(owner: Client) -> None:
    for kind in (*MAKE, "articles_category"):
        assert "栏目和网站名称会自动加在后面" in owner.get(reverse(f"admin:{kind}_add")).text, kind


def test_a_new_item_has_one_too(owner: Client) -> None:
    cast.profile(name=BRAND)
    assert shown(owner, reverse("admin:articles_article_add"))["title"] == "资讯_鹏聘人力"
    assert shown(owner, reverse("admin:staffing_service_add"))["title"] == "服务_鹏聘人力"


def test_the_draft_of_what_is_published_is_shown_not_the_page(owner: Client) -> None:
    cast.profile(name=BRAND)
    page = cast.page()
    address = reverse("admin:cms_page_change", args=[page.pk])
    press(owner, address, "_save", seo_title="还没有发布的")
    assert shown(owner, address)["title"] == "还没有发布的_鹏聘人力"
    assert "还没有发布的" not in Client().get("/about/").text


def test_whoever_may_only_look_sees_it_too(trainee: Client) -> None:
    cast.profile(name=BRAND)
    address = reverse("admin:articles_article_change", args=[cast.article("甲").pk])
    assert shown(trainee, address)["title"] == "甲_用工政策_鹏聘人力"


def test_what_engines_may_not_have_says_so(owner: Client) -> None:
    told = '<p class="snippet-alone" data-part="alone"{}>不允许收录'
    for indexable, hidden in ((True, " hidden"), (False, "")):
        page = cast.page(f"page-{indexable}".lower(), indexable=indexable)
        text = owner.get(reverse("admin:cms_page_change", args=[page.pk])).text
        assert told.format(hidden) in text


def test_the_form_names_the_addresses_it_had(owner: Client) -> None:
    page = cast.page()
    address = reverse("admin:cms_page_change", args=[page.pk])
    assert "/guanyu" not in owner.get(address).text
    remember([("/guanyu.html", page), ("/<b>.html", page)], "auto")
    text = owner.get(address).text
    assert "/guanyu.html</div>" in text
    assert "<b>.html" not in text


def test_nothing_typed_is_markup(owner: Client) -> None:
    page = cast.page(title="<i>斜</i>", seo_description='"><script>x</script>')
    text = owner.get(reverse("admin:cms_page_change", args=[page.pk])).text
    part = text.partition('class="snippet"')[2].partition("snippet-notes")[0]
    assert "<i>" not in part
    assert "<script>" not in part
