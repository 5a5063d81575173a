"""The head of a page: its title, its description, its address, and who may have it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.models import Category
from portal.cms.compliance.typography import length
from portal.cms.engines import descriptions
from portal.cms.engines.descriptions import LEAST, MOST, MOST_SIGNS, described
from portal.cms.engines.register import all_indexed
from portal.cms.engines.titles import compose
from portal.cms.pagecache.pages import KeptPage
from portal.cms.preview import Preview
from portal.cms.publishing import Publishable
from portal.cms.revisions.content import apply, content_of
from tests import cast
from tests.cms import samples
from tests.portal.test_engine_pages import entries, site_with_everything

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
META = re.compile(r'<meta (?:name|property)="([^"]*)" content="([^"]*)">')
BRAND = "鹏聘人力"


def head(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return str(response.text.partition("</head>")[0])


def metas(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in META.findall(text)}


def title(text: str) -> str:
    (found,) = re.findall("<title>(.*?)</title>", text)
    return html.unescape(str(found))


def canonical(text: str) -> str | None:
    found = re.findall('<link rel="canonical" href="(.*?)">', text)
    assert len(found) <= 1
    return str(found[0]) if found else None


def live_district(**fields: Any) -> Publishable:
    for _ in range(3):
        cast.job()
    return cast.district_page(**fields)


# What an editor writes a result of a search for, and what its title names as the section.
ITEMS: dict[str, tuple[Callable[..., Any], str]] = {
    "article": (cast.article, "用工政策"),
    "service": (cast.service, "服务"),
    "case": (cast.case, "客户案例"),
    "page": (cast.page, ""),
    "contact": (lambda **fields: cast.page("contact", "联系我们", **fields), ""),
    "prices": (lambda **fields: cast.page("prices", "收费标准", **fields), ""),
    "faq": (lambda **fields: cast.page("faq", "常见问题", **fields), ""),
    "complaint": (lambda **fields: cast.page("complaint", "投诉举报", **fields), ""),
    "district": (live_district, ""),
}


# --- Titles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "composed"),
    [
        (("怎样签派遣协议", "用工政策", BRAND), "怎样签派遣协议_用工政策_鹏聘人力"),
        (("怎样签派遣协议", "", BRAND), "怎样签派遣协议_鹏聘人力"),
        (("字" * 22, "用工政策", BRAND), "字" * 22 + "_用工政策_鹏聘人力"),
        (("字" * 23, "用工政策", BRAND), "字" * 23 + "_用工政策"),
        (("字" * 27, "用工政策", BRAND), "字" * 27),
        (("字" * 60, "用工政策", BRAND), "字" * 60),
        (("鹏聘人力获评示范单位", "公告", BRAND), "鹏聘人力获评示范单位_公告"),
        (("5G 与 AI 招聘", "资讯", BRAND), "5G 与 AI 招聘_资讯_鹏聘人力"),
        (("甲_乙", "资讯", ""), "甲_乙_资讯"),
    ],
)
def test_the_brand_goes_before_the_section_and_the_subject_stays(
    parts: tuple[str, str, str], composed: str
) -> None:
    assert compose(*parts) == composed


@pytest.mark.parametrize("kind", ITEMS)
def test_a_title_for_engines_stands_for_the_subject(client: Client, kind: str) -> None:
    cast.profile(name=BRAND)
    make, section = ITEMS[kind]
    item = make(seo_title="写给引擎的 <b> & “标题”")
    text = head(client, item.get_absolute_url())
    assert title(text) == "_".join(filter(None, ["写给引擎的 <b> & “标题”", section, BRAND]))
    assert "<b>" not in text
    assert metas(text)["og:title"] == "写给引擎的 <b> & “标题”"
    assert "写给引擎的" not in client.get(item.get_absolute_url()).text.partition("<h1>")[2][:99]


def test_an_empty_category_is_for_people(client: Client) -> None:
    address = cast.category().get_absolute_url()
    assert metas(head(client, address))["robots"] == "noindex,follow"
    cast.article()
    assert canonical(head(client, address)) == SITE + address


def test_a_category_has_one_too(client: Client) -> None:
    Category.objects.create(slug="wages", name="薪酬", seo_title="工资与社保怎么算")
    assert title(head(client, "/articles/category/wages/")).startswith("工资与社保怎么算_资讯")


@pytest.mark.parametrize(
    ("tagline", "shown"),
    [("深圳劳务派遣", "鹏聘人力_深圳劳务派遣"), ("", BRAND), ("介" * 37, BRAND)],
    ids=["room", "none", "no room"],
)
def test_the_home_page_leaves_out_a_tagline_without_room(
    client: Client, tagline: str, shown: str
) -> None:
    cast.profile(name=BRAND, tagline=tagline)
    assert title(head(client, "/")) == shown


def test_a_long_title_is_whole_in_the_page_and_in_its_head(client: Client) -> None:
    words = "深圳市二〇二六年劳务派遣用工单位" * 5
    text = head(client, cast.article(words).get_absolute_url())
    assert title(text) == words


# --- Descriptions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "text", "made"),
    [
        ("", "<p>先数清楚两个数。</p><p>再除以九。</p>", "先数清楚两个数。 再除以九。"),
        ("短摘要", "<p>正文从这里开始。</p>", "短摘要。正文从这里开始。"),
        ("短摘要。", "<p>正文。</p>", "短摘要。正文。"),
        ("先数清楚。", "<p>先数清楚。再除以九。</p>", "先数清楚。再除以九。"),
        ("字" * 40, "<p>正文。</p>", "字" * 40),
        ("字" * 81, "", "字" * 80),
        ("字" * 60 + "。" + "文" * 40, "", "字" * 60 + "。"),
        ("字" * 60 + "，" + "文" * 40, "", "字" * 60 + "…"),
        ("字" * 20 + "。" + "文" * 90, "", "字" * 20 + "。" + "文" * 60),
        ("字" * 80 + "。", "", "字" * 80 + "。"),
        ("", '<figure><img alt="图"><figcaption>说明</figcaption></figure>', ""),
        ("", "<p>一&amp;二 &lt;三&gt;</p>", "一&二 <三>"),
    ],
)
def test_a_description_is_made_of_what_readers_see(summary: str, text: str, made: str) -> None:
    found = descriptions.of(summary, text)
    assert found.removesuffix("…") == made.removesuffix("…")


def test_what_an_editor_wrote_is_not_cut() -> None:
    assert described("写" * 120, "摘要", "<p>正文</p>") == "写" * 120


@settings(max_examples=30)
@given(st.text("字文，。；a1 \n", max_size=300), st.text("字文，。；b2 ", max_size=300))
def test_a_description_is_never_too_long(summary: str, text: str) -> None:
    made = descriptions.of(summary, f"<p>{text}</p>")
    assert length(made) <= MOST
    assert len(made) <= MOST_SIGNS
    if length(summary + text) >= MOST:
        assert length(made) >= min(LEAST, length(summary)) or len(made) >= MOST_SIGNS - 1
    assert "\n" not in made


@pytest.mark.parametrize("kind", ITEMS)
def test_an_editors_description_stands_in_the_head(client: Client, kind: str) -> None:
    words = "写给搜索结果的“描述”，一字不改 <i>。"
    item = ITEMS[kind][0](seo_description=words)
    found = metas(head(client, item.get_absolute_url()))
    assert found["description"] == found["og:description"] == words


def test_that_of_a_job_goes_on_with_what_is_to_be_done(client: Client) -> None:
    job = cast.job(duties="1. 装 <屏幕>\n2. 贴膜，" + "检查外观，" * 20, requirements="初中以上。")
    found = metas(head(client, job.get_absolute_url()))["description"]
    assert found.startswith(f"{job.title}，")
    assert "不向求职者收取任何费用。1. 装 <屏幕> 2. 贴膜，" in found
    assert LEAST <= length(found) <= MOST
    whole = cast.job(duties="装屏幕。", requirements="初中以上。")
    found = metas(head(client, whole.get_absolute_url()))["description"]
    assert found.endswith("装屏幕。 初中以上。")


def test_that_of_a_tag_names_what_is_newest(client: Client) -> None:
    for minutes, words in enumerate(("工资怎么算 & 怎么发", "第二篇", "第三篇", "第四篇"), 1):
        cast.article(words, tags=("工资",), **cast.live(minutes))
    found = metas(head(client, "/articles/tag/工资/"))["description"]
    assert found == "关于“工资”的文章，新的在前：《工资怎么算 & 怎么发》、《第二篇》、《第三篇》。"


def test_pages_without_words_of_an_editor_have_their_own(client: Client) -> None:
    cast.profile(name=BRAND, tagline="深圳劳务派遣", address="宝安区示例路 1 号")
    hotline = cast.hotline()
    paths = ("/", "/contact/", "/complaint/", "/takedown/", "/enquiry/", "/services/", "/articles/")
    found = {path: metas(head(client, path))["description"] for path in paths}
    assert len(set(found.values())) == len(found)
    assert hotline.display in found["/contact/"]
    assert "宝安区示例路 1 号" in found["/contact/"]


@pytest.mark.parametrize("path", ["/services/", "/articles/"])
def test_an_empty_list_names_nothing(client: Client, path: str) -> None:
    assert not re.search("：[，。]", metas(head(client, path))["description"])


def test_without_any_words_a_page_says_what_the_site_says(client: Client) -> None:
    cast.profile(name=BRAND, tagline="深圳劳务派遣")
    picture = samples.picture()
    article = cast.article(body=f'<figure><img data-file="{picture.pk}" alt=""></figure>')
    assert metas(head(client, article.get_absolute_url()))["description"] == "深圳劳务派遣"


def test_a_new_site_has_no_empty_description(client: Client) -> None:
    assert 'name="description"' not in head(client, "/contact/")


# --- Which page it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("/", "/"),
        ("/?utm_source=baidu", "/"),
        ("/articles/?from=singlemessage&isappinstalled=0", "/articles/"),
        ("/articles/top/?window=year&utm_medium=x", "/articles/top/?window=year"),
        ("/services/?x=1", "/services/"),
        ("/articles/tag/HR/", "/articles/tag/hr/"),
        ("/sitemap/", "/sitemap/"),
        ("/contact/", "/contact/"),
        ("/tools/labour-cost/", "/tools/labour-cost/"),
        ("/licences/", "/licences/"),
    ],
)
def test_a_page_goes_by_one_address(client: Client, asked: str, address: str) -> None:
    cast.article(tags=("hr",))
    cast.service()
    assert canonical(head(client, asked)) == SITE + address


@pytest.mark.parametrize("kind", ITEMS)
def test_the_page_of_an_item_goes_by_its_own(client: Client, kind: str) -> None:
    item = ITEMS[kind][0]()
    text = head(client, f"{item.get_absolute_url()}?utm_source=baidu")
    assert canonical(text) == SITE + item.get_absolute_url()
    assert metas(text)["og:url"] == SITE + item.get_absolute_url()
    assert "robots" not in metas(text)


def test_what_engines_are_told_of_goes_by_that_very_address(client: Client) -> None:
    site_with_everything()
    items = [item.get_absolute_url() for each in all_indexed() for item in each.public()]
    for address in [*entries(), *items]:
        assert canonical(head(client, address)) == SITE + address


@pytest.mark.parametrize("kind", ITEMS)
def test_what_engines_may_not_have_says_so_and_has_no_canonical(client: Client, kind: str) -> None:
    item = ITEMS[kind][0](indexable=False)
    text = head(client, item.get_absolute_url())
    assert metas(text)["robots"] == "noindex,follow"
    assert canonical(text) is None
    assert "ld+json" not in client.get(item.get_absolute_url()).text


@pytest.mark.parametrize(
    "address",
    [
        "/articles/?page=2",
        "/jobs/?settlement=monthly&lodging=provided",
        "/search/?q=派遣",
        "/enquiry/?from=/services/",
    ],
)
def test_narrowed_lists_and_further_pages_are_for_people(client: Client, address: str) -> None:
    for _ in range(21):
        cast.article()
    cast.job(settlement="monthly", lodging="provided")
    text = head(client, address)
    assert "noindex" in metas(text)["robots"]
    assert canonical(text) is None
    assert "og:title" not in metas(text)
    assert "ld+json" not in client.get(address).text


def test_a_page_that_is_not_there_tells_nothing(client: Client) -> None:
    text = head(client, "/no/such/page/", 404)
    assert canonical(text) is None
    assert not [name for name in metas(text) if name.startswith("og:")]
    assert "ld+json" not in client.get("/no/such/page/").text


@pytest.mark.parametrize("kind", ITEMS)
def test_a_preview_tells_nobody(client: Client, kind: str) -> None:
    item = ITEMS[kind][0]()
    preview = Preview.objects.keep(type(item), item.pk, content_of(item), cast.xiaolin())
    preview.share()
    text = head(client, preview.get_absolute_url())
    assert canonical(text) is None
    assert not [name for name in metas(text) if name.startswith(("og:", "bytedance:"))]
    assert "ld+json" not in client.get(preview.get_absolute_url()).text


def test_one_page_for_every_screen_and_nobody_repacks_it(client: Client) -> None:
    assert metas(head(client, "/"))["applicable-device"] == "pc,mobile"
    answer = KeptPage([], b"<html>").answer("gzip")
    for headers in (answer.headers, answer.unchanged):
        assert "no-transform" in dict(headers)["Cache-Control"]


# --- For who shares it ---------------------------------------------------------------------------------


def test_an_article_says_when_it_came_and_changed(client: Client) -> None:
    cast.profile(name=BRAND)
    cover = samples.picture("封面.jpg", size=(1600, 1200), image_alt_text="车间里的早班")
    came = cast.live(60 * 24 * 3)
    changed = came["go_live_at"] + timedelta(days=2)
    article = cast.article(cover=cover, last_published_at=changed, **came)
    found = metas(head(client, article.get_absolute_url()))
    assert found["og:type"] == "article"
    assert found["og:site_name"] == BRAND
    assert found["og:image"] == SITE + cover.image_file.wide
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "675")
    assert found["og:image:alt"] == "车间里的早班"
    assert found["article:published_time"] == found["bytedance:published_time"]
    assert found["bytedance:published_time"].endswith("+08:00")
    assert found["bytedance:lrDate_time"] == found["bytedance:updated_time"]
    assert found["bytedance:lrDate_time"] == found["article:modified_time"]
    assert found["article:modified_time"] > found["article:published_time"]


def test_a_change_of_a_later_day_is_told_to_readers_as_well(client: Client) -> None:
    came = cast.live(60 * 24 * 3)
    changed = came["go_live_at"] + timedelta(days=2)
    article = cast.article(last_published_at=changed, **came)
    same_day = cast.article(last_published_at=came["go_live_at"], **came)
    assert re.search(r"<time [^>]*>\d{4}年\d\d月\d\d日</time>更新", client.get(
        article.get_absolute_url()).text)  # fmt: skip
    assert "</time>更新" not in client.get(same_day.get_absolute_url()).text


def test_a_picture_whose_shapes_are_not_made_yet_is_told_whole(client: Client) -> None:
    cover = samples.picture(size=(1600, 1200))
    cover.shapes_made = False
    cover.save()
    found = metas(head(client, cast.service(cover=cover).get_absolute_url()))
    assert found["og:image"] == SITE + cover.image_file.large


def test_without_a_picture_the_logo_is_shown(client: Client) -> None:
    logo = samples.picture("标志.png", size=(400, 400))
    cast.profile(logo=logo)
    found = metas(head(client, cast.case().get_absolute_url()))
    assert found["og:image"] == SITE + logo.image_file.large
    assert found["og:type"] == "website"
    assert "article:published_time" not in found


# --- Proofs --------------------------------------------------------------------------------------------


def test_whose_site_it_is_stands_on_the_home_page_alone(client: Client) -> None:
    cast.verification(content='code"><script>')
    cast.verification("msvalidate.01", "0123", engine="bing")
    cast.verification("refresh", "0;url=//evil.example", engine="other")
    cast.verification("MP_verify_x.txt", "x", engine="wechat", way="file")
    found = metas(head(client, "/"))
    assert found["baidu-site-verification"] == 'code"><script>'
    assert found["msvalidate.01"] == "0123"
    assert not {"refresh", "MP_verify_x.txt"} & found.keys()
    assert "site-verification" not in head(client, "/services/")


# --- What was written before there were such fields -----------------------------------------------------


def test_an_old_revision_comes_back_without_them() -> None:
    item = cast.page(seo_title="现在的", indexable=False)
    old = {
        name: value
        for name, value in content_of(item).items()
        if name not in {"seo_title", "seo_description", "indexable"}
    }
    apply(item, old)
    item.refresh_from_db()
    assert item.title == "关于我们"
