"""`/articles/feed/`, `/articles/rss/`, `/articles/feed.json`, and those of categories and tags."""

from __future__ import annotations

import json
import re
import urllib.parse
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import feedparser
import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db.models import Value
from django.test import Client
from django.urls import reverse
from django.utils.http import http_date
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.asserts import assertRedirects
from taggit.models import Tag

from articles.feeds import NEWEST
from articles.models import Article
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from portal.cms.richtext.config import ALLOWED
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.django_db

ATOM, RSS, JSON = "/articles/feed/", "/articles/rss/", "/articles/feed.json"
EVERY = pytest.mark.parametrize("address", [ATOM, RSS, JSON])
XML = pytest.mark.parametrize("address", [ATOM, RSS])
TYPES = {
    "feed/": "application/atom+xml; charset=utf-8",
    "rss/": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
}
SITE = "https://www.our-site.example"
NOON = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
# One of everything an editor can write; the picture is put in by `everything`.
ALL = (
    "<h2>一、比例</h2><h3>（一）算法</h3><h4>1. 例子</h4>"
    "<p><strong>粗</strong><em>斜</em><u>划线</u><s>删去</s>换<br>行</p>"
    '<p><a href="/services/?a=1&amp;b=2" title="服务">站内</a>、<a href="https://www.sz.gov.cn/x">站外</a>、'
    '<a href="tel:+8675588828155">电话</a>、<a href="mailto:a@example.com">邮件</a></p>'
    "<ul><li>甲<ul><li>子项</li></ul></li></ul>"
    '<ol start="3" type="a"><li>乙</li></ol>'
    "<blockquote><p>引用 &lt;第四条&gt; &amp; ]]&gt;</p></blockquote><hr>"
    '<table><thead><tr><th colspan="2">表头</th></tr></thead><tbody><tr><td>一</td><td>二</td></tr></tbody></table>'
)


@pytest.fixture(autouse=True)
def on_our_site(settings: Settings) -> None:
    settings.SITE_URL = SITE


def everything() -> str:
    file = samples.picture(size=(2000, 1000), image_alt_text="车间")
    return (
        ALL
        + f'<figure><img data-file="{file.pk}" alt="早班"><figcaption>图一</figcaption></figure>'
    )


def of(kind: str, name: str, form: str) -> str:
    argument = {"category": "slug", "tag": "name"}[kind]
    return reverse(f"articles:{form}", kwargs={argument: name})


def parsed(client: Client, address: str) -> Any:
    """Read the XML as a feed reader does, and see that it reads it without a complaint."""
    response = client.get(address)
    assert response.status_code == 200
    headers = {"content-type": response["Content-Type"], "content-location": SITE + address}
    feed = feedparser.parse(response.content, response_headers=headers)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def items(client: Client, address: str) -> list[dict[str, Any]]:
    """Return title, url, id, html, summary of the entries, whatever the format."""
    if address.endswith(".json"):
        return [
            {**item, "html": item["content_html"]} for item in client.get(address).json()["items"]
        ]
    # Not feedparser, which cleans what it reads: the HTML exactly as it was sent.
    root = ElementTree.fromstring(client.get(address).content)  # noqa: S314  our own
    names = {
        "title": "title",
        "html": "{http://purl.org/rss/1.0/modules/content/}encoded",
        "id": "guid",
        "url": "link",
        "summary": "description",
    }
    entries = root.findall("channel/item")
    if root.tag != "rss":
        atom = "{http://www.w3.org/2005/Atom}"
        entries = root.findall(f"{atom}entry")
        names = {"html": f"{atom}content", **{n: atom + n for n in ("title", "id", "summary")}}
    return [{name: e.findtext(tag) for name, tag in names.items()} for e in entries]


def titles(client: Client, address: str) -> list[str]:
    return [item["title"] for item in items(client, address)]


# --- What is in a feed --------------------------------------------------------------------------------


@pytest.mark.both_databases
@EVERY
def test_the_newest_articles_newest_first(client: Client, address: str) -> None:
    for number in range(NEWEST + 5):
        cast.article(f"第{number}篇", **cast.live(number + 1))
    Article.objects.filter(title="第20篇").update(pinned=True)

    assert titles(client, address) == [f"第{number}篇" for number in range(NEWEST)]


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_categories_and_tags_have_feeds_of_their_own(client: Client, form: str) -> None:
    guide = cast.category("guide", "用工指南")
    cast.article("两样都是", ("五险/一金",), category=guide)
    cast.article("只有标签", ("五险/一金",))
    cast.article("都不是")

    assert titles(client, of("category", "guide", form)) == ["两样都是"]
    assert titles(client, of("tag", "五险/一金", form)) == ["两样都是", "只有标签"]


@EVERY
def test_nothing_that_is_not_public(client: Client, address: str) -> None:
    cast.hidden_articles()
    cast.article("公开的")

    assert titles(client, address) == ["公开的"]
    assert "不公开" not in client.get(address).content.decode()


@pytest.mark.both_databases
@EVERY
@pytest.mark.parametrize("end", ["expire_at", "go_live_at"])
def test_to_the_second(client: Client, address: str, end: str) -> None:
    dates: dict[str, Any] = {"go_live_at": NOON - timedelta(hours=3), end: NOON}
    cast.article("正午的一篇", status=Status.PUBLISHED, first_published_at=NOON, **dates)
    seen = {}
    for second in (-1, 1):
        with time_machine.travel(NOON + timedelta(seconds=second), tick=False):
            seen[second] = (titles(client, address), client.get(address)["ETag"])

    shown = ["正午的一篇"]
    assert [seen[-1][0], seen[1][0]] == ([shown, []] if end == "expire_at" else [[], shown])
    assert seen[-1][1] != seen[1][1]


@EVERY
def test_an_article_that_search_engines_leave_out_is_in(client: Client, address: str) -> None:
    cast.article("不收录的", indexable=False)

    assert titles(client, address) == ["不收录的"]
    assert client.get(address)["X-Robots-Tag"] == "noindex"


# --- What an entry says --------------------------------------------------------------------------------


@EVERY
def test_everything_an_editor_can_write_comes_through(client: Client, address: str) -> None:
    body = everything()
    assert {tag for tag in ALLOWED["tags"] if f"<{tag}" not in body} == set()
    article = cast.article()
    Article.objects.filter(pk=article.pk).update(body=Value(body))  # as it is, not tidied

    html = items(client, address)[0]["html"]

    # As it is stored, but for the picture and for the addresses.
    before, after = html.strip().split("<figure>")
    assert before == ALL.replace('href="/services/', f'href="{SITE}/services/')
    assert after.endswith("<figcaption>图一</figcaption></figure>")
    assert re.findall(r'(?:href|src)="(?!https://|tel:|mailto:)', html) == []
    assert {"src", "srcset", "alt", "width", "height"} == set(re.findall(r' (\w+)="', after))
    offers = re.search(r'srcset="([^"]+)"', html)
    assert offers is not None
    assert all(offer.startswith(f"{SITE}/media/") for offer in offers[1].split(", "))
    for inner in ("class=", "id=", "tabindex", "loading", "<div"):
        assert inner not in html


@XML
def test_a_reader_has_nothing_to_complain_of(client: Client, address: str) -> None:
    cast.profile(name="深圳鹏聘")
    article = cast.article("全文", ("社保",), body=everything(), summary="比例 <10% 时")

    feed = parsed(client, address)
    [entry] = feed.entries

    assert feed.feed.title == "深圳鹏聘 · 人力资讯"
    assert feed.feed.language == "zh-CN"
    links = {(link.rel, link.href) for link in feed.feed.links}
    assert links == {("alternate", f"{SITE}/articles/"), ("self", SITE + address)}
    assert entry.link == f"{SITE}/articles/{article.pk}/"
    assert entry.author == "编辑部"
    assert [tag.term for tag in entry.tags] == ["用工政策", "社保"]
    assert entry.summary == "比例 &lt;10% 时"
    assert "早班" in entry.content[0].value
    assert article.go_live_at is not None
    assert entry.published_parsed[:5] == article.go_live_at.utctimetuple()[:5]


def test_json_says_the_same(client: Client) -> None:
    cover = samples.picture(size=(2000, 1000))
    article = cast.article("全文", ("社保",), body=ALL, summary="比例 <10% 时", cover=cover)

    feed = client.get(JSON).json()
    [item] = feed["items"]

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == f"{SITE}/articles/"
    assert feed["feed_url"] == SITE + JSON
    assert feed["language"] == "zh-CN"
    assert item["url"] == f"{SITE}/articles/{article.pk}/"
    assert item["summary"] == "比例 <10% 时"
    assert item["authors"] == [{"name": "编辑部"}]
    assert item["tags"] == ["用工政策", "社保"]
    assert item["image"] == SITE + cover.image_file.large
    assert f' src="{item["image"]}"' in item["content_html"]


@EVERY
def test_a_repost_names_its_source(client: Client, address: str) -> None:
    cast.profile(disclaimer_repost="转载自公开渠道。\n如有异议请联系我们。")
    cast.article(
        kind=Article.Kind.REPOST,
        source_name="示例市人社局",
        source_url="https://rsj.example/1?a=1&b=2",
        original_title="关于派遣的通知",
        original_author="张三",
        ai_assisted=True,
    )

    html = items(client, address)[0]["html"]

    assert '来源：<a href="https://rsj.example/1?a=1&amp;b=2">示例市人社局</a>' in html
    for words in ("转载", "原标题：关于派遣的通知", "原作者：张三", "本文由人工智能辅助生成"):
        assert words in html.partition("用工单位应当")[0]
    assert "<p>转载自公开渠道。<br>如有异议请联系我们。</p>" in html.partition("用工单位应当")[2]
    if address == ATOM:
        [entry] = parsed(client, ATOM).entries
        assert ("via", "https://rsj.example/1?a=1&b=2") in {(x.rel, x.href) for x in entry.links}


HOSTILE = [
    "五险<一金>&amp;“社保”]]>",
    "<script>alert(1)</script>",
    "派遣🙂𠮷比例",
    "控\x01制\x0b字\x1f符\x7f\u200b\ufeff\ufffe",
    "%E4%B8%AD",
]


@EVERY
@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_breaks_a_feed(client: Client, address: str, title: str) -> None:
    article = cast.article(title)
    article.tags.add(f"标签{title}")
    # Past the forms, which clean: as an import of a hurried colleague would store it.
    Article.objects.filter(pk=article.pk).update(body=Value(f"<p>{title}</p>"), summary=title)

    [found] = items(client, address)

    assert found["title"] == re.sub("[\x01\x0b\x1f\ufffe]", "", title)
    if address != JSON:
        assert len(parsed(client, address).entries) == 1


def test_what_changed_is_what_was_published_anew(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        article = cast.article(**cast.live(60))
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        article.pinned = True
        article.save()
        before = parsed(client, ATOM)
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        actions.save(article, {**content_of(article), "title": "改过的"}, cast.laochen())
        actions.publish(article, cast.laochen())
        after = parsed(client, ATOM)

    assert before.entries[0].updated == before.entries[0].published == before.feed.updated
    assert after.entries[0].published == before.entries[0].published
    assert after.entries[0].updated_parsed[3] == (NOON + timedelta(hours=2)).utctimetuple()[3]
    assert after.entries[0].title == "改过的"
    assert after.entries[0].id == before.entries[0].id


@EVERY
def test_an_entry_keeps_its_id(client: Client, address: str, settings: Settings) -> None:
    article = cast.article("旧标题")
    [before] = items(client, address)
    article.title, article.go_live_at = "新标题", NOON - timedelta(days=400)
    article.save()
    settings.SITE_URL = SITE.replace("https:", "http:")

    assert [item["id"] for item in items(client, address)] == [before["id"]]
    assert before["id"].startswith("tag:www.our-site.example,")


def test_an_article_without_author_or_category_is_no_obstacle(client: Client) -> None:
    made = cast.article()
    Article.objects.filter(pk=made.pk).update(author=None, category=None, body="")

    assert len(parsed(client, ATOM).entries) == len(parsed(client, RSS).entries) == 1
    assert "authors" not in client.get(JSON).json()["items"][0]


@EVERY
def test_an_address_that_is_none_stays_as_it_is(client: Client, address: str) -> None:
    cast.article(body='<p><a href="https://a\uff03@b.example/">坏</a><a href="#二">下面</a></p>')

    html = items(client, address)[0]["html"]

    assert '<a href="https://a\uff03@b.example/">坏</a>' in html
    assert f'<a href="{SITE}/articles/' in html


# --- The answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_what", ["", "category/policy/", "tag/社保/"])
@pytest.mark.parametrize("form", TYPES)
def test_types_and_headers(client: Client, of_what: str, form: str) -> None:
    cast.article(tags=("社保",))

    response = client.get(f"/articles/{of_what}{form}")

    assert response["Content-Type"] == TYPES[form]
    assert response["Cache-Control"] == "public, no-cache"
    assert "Vary" not in response
    assert "Set-Cookie" not in response


@EVERY
def test_a_reader_who_has_it_gets_nothing(client: Client, address: str) -> None:
    cast.article(body=everything())
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    for header in ("ETag", "Cache-Control"):
        assert again[header] == first[header]
    assert "Last-Modified" not in first, "nobody is invited to ask by date"


def replace_picture() -> None:
    file = MediaFile.objects.get()
    file.image_file = samples.named(samples.png((50, 40)), "新.png")
    file.save()


CHANGES: dict[str, Any] = {
    "edited": lambda: Article.objects.get().save(),
    "withdrawn": lambda: Article.objects.get().withdraw(),
    "binned": lambda: Article.objects.get().bin(),
    "another": lambda: cast.article(),
    "category": lambda: cast.category().__class__.objects.update(name="新栏目名"),
    "author": lambda: cast.author().__class__.objects.update(name="新署名"),
    "disclaimer": lambda: cast.profile(disclaimer_original="新的声明"),
    "picture": replace_picture,
    "tag added": lambda: Article.objects.get().tags.add("工伤"),
    "tag taken": lambda: Article.objects.get().tags.clear(),
    "tag renamed": lambda: Tag.objects.update(name="社会保险"),
}


@EVERY
@pytest.mark.parametrize("change", CHANGES)
def test_a_reader_who_has_another_gets_the_new_one(
    client: Client, address: str, change: str
) -> None:
    cast.article(body=everything(), tags=("社保",))
    first = client.get(address)
    CHANGES[change]()
    now = http_date()

    for known in (
        {"If-None-Match": first["ETag"], "If-Modified-Since": now},
        {"If-Modified-Since": now},
    ):
        again = client.get(address, headers=known)
        assert again.status_code == 200
        assert again["ETag"] != first["ETag"]
        assert again.content != first.content or change == "edited"


@EVERY
def test_a_head_without_a_body(client: Client, address: str) -> None:
    cast.article()
    response = client.head(address)

    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == client.get(address)["ETag"]


@EVERY
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading_is_answered(client: Client, address: str, method: str) -> None:
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ["HR", "hr"])
def test_of_two_tags_spelled_alike_the_one_that_is_asked_for(client: Client, name: str) -> None:
    for spelled in ("HR", "hr"):
        cast.article(f"标签是{spelled}").tags.add(Tag.objects.create(name=spelled, slug=spelled))

    assert titles(client, of("tag", name, "atom")) == [f"标签是{name}"]


@pytest.mark.parametrize("tried", ["/feed", "/feed/", "/atom.xml"])
def test_who_guesses_the_address_is_led_there(client: Client, tried: str) -> None:
    assertRedirects(client.get(tried), ATOM, 301)


@pytest.mark.parametrize("tried", ["/rss", "/rss/", "/rss.xml"])
def test_who_guesses_that_of_rss_too(client: Client, tried: str) -> None:
    assertRedirects(client.get(tried), RSS, 301)


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_what_is_not_there_is_not_found(client: Client, form: str) -> None:
    for article in cast.hidden_articles().values():
        article.tags.add("机密")

    for name in ("机密", "没有的标签", "%", "社\0保", "标" * 500):
        assert client.get(of("tag", name, form)).status_code == 404
    assert client.get(of("category", "unknown", form)).status_code == 404


@EVERY
def test_an_empty_site_has_a_feed_that_stays_the_same(client: Client, address: str) -> None:
    first = client.get(address)
    with time_machine.travel(NOON + timedelta(days=9), tick=False):
        assert client.get(address).content == first.content

    assert items(client, address) == []
    if address != JSON:
        assert parsed(client, address).entries == []


def test_a_category_without_articles_has_an_empty_feed(client: Client) -> None:
    cast.category("guide", "用工指南")

    assert parsed(client, of("category", "guide", "atom")).entries == []


@EVERY
def test_queries(
    client: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ContentType.objects.get_for_model(Article)  # remembered by every process
    for number in range(NEWEST):
        cast.article(
            tags=("社保", f"标签{number}"), cover=samples.picture() if number < 2 else None
        )
    cast.article(body=everything(), **cast.live(0))

    # Due changes, profile, stamps, those of the tags and categories; articles, categories, authors,
    # tags; the pictures of one.
    with django_assert_num_queries(9 + 1):
        response = client.get(address)
    with django_assert_num_queries(5):
        client.get(address, headers={"If-None-Match": response["ETag"]})
    with django_assert_num_queries(5 + 1):
        client.get(
            f"/articles/tag/社保{address.removeprefix('/articles')}", headers={"If-None-Match": "*"}
        )


@pytest.mark.parametrize(
    "listing", ["/articles/", "/articles/category/policy/", "/articles/tag/社保/"]
)
def test_pages_lead_to_their_feed(client: Client, listing: str) -> None:
    cast.article(tags=("社保",))

    html = client.get(listing).content.decode()

    found = re.findall(
        r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)"', html
    )
    assert urllib.parse.unquote(found[-1]) == f"{listing}feed/"
    assert ATOM in found
    for address in found:
        assert client.get(address).status_code == 200


def test_json_is_json(client: Client) -> None:
    cast.article('引号“"”与\\反斜线')

    assert json.loads(client.get(JSON).content)["items"][0]["title"] == '引号“"”与\\反斜线'
