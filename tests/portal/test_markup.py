"""What pages tell engines in terms of their own: present where it is due, true, and absent elsewhere."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import markup as articles_markup
from articles.models import Article, Author
from portal.cms.engines.markup import Crumb, breadcrumbs, crumbs_of
from portal.cms.richtext.scan import scan
from staffing import markup as staffing_markup
from staffing.models import HotlineHours, Service
from tests import cast
from tests.cms import samples
from tests.staffing import states

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import extruct

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
CAMBRIAN = "https://ziyuan.baidu.com/contexts/cambrian.jsonld"
SCHEMA = "https://schema.org"
HOSTILE = "</script><script>alert(1)</script>\u2028<!--"
# Terms of the vocabulary, addresses of ours and numbers as machines write them: no words of a page.
TERMS = re.compile(rf"{SCHEMA}/|{SITE}/|/media/|zh-CN$|CN$|CNY$|required name=|\+86|\d\d:\d\d$")


def told(text: str) -> list[dict[str, Any]]:
    """What engines read in a page, piece by piece."""
    found: list[dict[str, Any]] = extruct.extract(text, base_url=SITE, syntaxes=["json-ld"])[
        "json-ld"
    ]
    return [part for piece in found for part in piece.get("@graph", [piece])]


def get(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return str(response.text)


def kinds(pieces: list[dict[str, Any]]) -> list[str]:
    return sorted(piece.get("@type", "时间因子") for piece in pieces)


def only(pieces: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = [piece for piece in pieces if piece.get("@type", "时间因子") == kind]
    return found


def visible(text: str) -> str:
    """The words of a page as a reader sees them, and where its links lead."""
    words = [
        token.value if token.kind == "text" else f" {token.attributes.get('href', '')} "
        for token in scan(text.partition("<body>")[2])
        if token.kind == "text" or token.value == "a"
    ]
    return " ".join("".join(words).split())


def description_of(text: str) -> str:
    """What stands below the title of a page in search results."""
    found: list[str] = re.findall(r'<meta name="description" content="([^"]*)"', text)
    return html.unescape("".join(found))


def strings(value: Any, name: str = "") -> Iterator[str]:
    """The words of a piece: no terms, addresses or moments."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from strings(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, name)
    elif isinstance(value, str) and not name.startswith("@") and not TERMS.match(value):
        yield value


def assert_visible(pieces: list[dict[str, Any]], text: str) -> None:
    """Whatever is told is shown: words as they are, days as the page writes them."""
    shown = visible(text)
    for piece in pieces:
        assert piece.pop("description", description_of(text)) == description_of(text)
        for said in strings({k: v for k, v in piece.items() if k not in ("title", "name")} | {
            "words": piece.get("title") or piece.get("name") or ""}):  # fmt: skip
            if re.match(r"\d{4}-\d\d-\d\dT", said):
                day = datetime.fromisoformat(said).date()
                forms = (day.isoformat(), f"{day:%Y年%m月%d日}", f"{day:%m-%d}")
                assert any(form in shown for form in forms), said
            elif re.fullmatch(r"\d{4}-\d\d-\d\d", said):
                day = date.fromisoformat(said)
                assert f"{day.year}年{day.month}月{day.day}日" in shown, said
            else:
                assert " ".join(said.split()) in shown, said


def whole_site() -> dict[str, str]:
    """A site with a page of every kind; what each kind's page tells is looked at."""
    cast.profile(
        name="鹏聘人力",
        legal_name="深圳市鹏聘人力资源有限公司（示例）",
        tagline="深圳劳务派遣",
        address="深圳市宝安区示例路 1 号",
        office_hours="周一至周六 8:30–18:00",
        logo=samples.picture("标志.png", size=(400, 400)),
    )
    HotlineHours.objects.create(hotline=cast.hotline())
    service = cast.service(
        price_from=180,
        price_unit="元/人·月",
        price_valid_until=timezone.localdate() + timedelta(days=30),
    )
    service.districts.add(cast.district())
    cover = samples.picture("封面.jpg", size=(1600, 1200))
    article = cast.article(
        "怎样签派遣协议", tags=("社保", "派遣"), cover=cover, summary="十三项逐条核对。"
    )
    job = cast.job()
    for _ in range(2):
        cast.job()
    return {
        "home": "/",
        "article": article.get_absolute_url(),
        "service": service.get_absolute_url(),
        "job": job.get_absolute_url(),
        "case": cast.case().get_absolute_url(),
        "page": cast.page().get_absolute_url(),
        "district": cast.district_page().get_absolute_url(),
        "contact": "/contact/",
        "articles": "/articles/",
        "category": "/articles/category/policy/",
        "tag": "/articles/tag/社保/",
        "top": "/articles/top/",
        "year": f"/articles/archive/{timezone.localdate():%Y}/",
        "month": f"/articles/archive/{timezone.localdate():%Y/%m}/",
        "archive": "/articles/archive/",
        "tags": "/articles/tags/",
        "jobs": "/jobs/",
        "jobs of a kind": "/jobs/kind/temporary/",
        "services": "/services/",
        "cases": "/cases/",
        "prices": "/prices/",
        "faq": "/faq/",
        "licences": "/licences/",
        "sitemap": "/sitemap/",
        "tool": "/tools/labour-cost/",
        "enquiry": "/enquiry/",
    }


LIST = ["BreadcrumbList", "CollectionPage"]
NEWS_LIST = [*LIST, "时间因子"]
DUE: dict[str, list[str]] = {
    "home": ["Organization", "WebSite", "时间因子"],
    "article": ["Article", "BreadcrumbList", "时间因子"],
    "service": ["BreadcrumbList", "Service"],
    "job": ["BreadcrumbList", "JobPosting"],
    "contact": ["BreadcrumbList", "EmploymentAgency"],
    **dict.fromkeys(("articles", "category", "tag", "top", "year", "month"), NEWS_LIST),
    **dict.fromkeys(("jobs", "jobs of a kind", "services", "cases"), LIST),
}


# --- Each page, and what is due on it ------------------------------------------------------------------


def test_every_page_tells_what_is_due_and_nothing_else(client: Client) -> None:
    for name, address in whole_site().items():
        text = get(client, address)
        pieces = told(text)
        assert kinds(pieces) == DUE.get(name, ["BreadcrumbList"]), name
        if name != "job":  # its terms: tests/staffing/test_posting.py
            assert_visible(pieces, text)


def test_the_words_of_a_posting_stand_in_its_page(client: Client) -> None:
    text = get(client, whole_site()["job"])
    made, shown = only(told(text), "JobPosting"), visible(text)
    place, lines = made["jobLocation"]["address"], made["description"].split("</p><p>")
    said = [line.removeprefix("<p>").removesuffix("</p>").partition("：") for line in lines]
    words = [after or label for label, _, after in said]
    words += [made["title"], made["hiringOrganization"]["name"], place["addressLocality"]]
    words += [f"招 {made['totalJobOpenings']} 人"]
    # The page writes an address with blanks between its parts.
    assert place["streetAddress"] in shown.replace(" ", "")
    for part in words:
        assert part in shown, part


ITEMS: dict[str, Callable[..., Any]] = {
    "article": cast.article,
    "service": cast.service,
    "case": cast.case,
    "page": cast.page,
    "job": cast.job,
}


@pytest.mark.parametrize("state", [*states.hidden(), "withdrawn"])
@pytest.mark.parametrize("kind", ITEMS)
def test_an_item_that_is_not_there_tells_nothing(client: Client, kind: str, state: str) -> None:
    item = ITEMS[kind](**{**states.hidden(), "withdrawn": states.WITHDRAWN}[state])
    status = 410 if state == "withdrawn" else 404
    assert told(get(client, item.get_absolute_url(), status)) == []


# --- Articles ------------------------------------------------------------------------------------------


def test_an_article_has_all_that_google_asks_for(client: Client) -> None:
    address = whole_site()["article"]
    article = Article.objects.get(title="怎样签派遣协议")
    made = only(told(get(client, address)), "Article")
    cover = article.cover
    assert cover is not None
    assert made["headline"] == article.title
    assert made["image"] == [
        SITE + cover.image_file.square,
        SITE + cover.image_file.photo,
        SITE + cover.image_file.wide,
    ]
    assert made["datePublished"].endswith("+08:00")
    assert made["dateModified"] == made["datePublished"]
    assert made["author"] == {"@type": "Person", "name": "编辑部"}
    assert made["publisher"]["name"] == "鹏聘人力"
    assert made["publisher"]["logo"].startswith(SITE)
    assert made["mainEntityOfPage"] == made["@id"] == SITE + address
    assert made["articleSection"] == "用工政策"
    assert made["keywords"] == ["社保", "派遣"]
    assert made["inLanguage"] == "zh-CN"


@pytest.mark.parametrize(
    ("kind", "told_as"),
    [
        ("original", "Article"),
        ("contributed", "Article"),
        ("repost", "NewsArticle"),
        ("announcement", "NewsArticle"),
    ],
)
def test_what_somebody_reports_is_news(client: Client, kind: str, told_as: str) -> None:
    address = "https://example.org/12"
    article = cast.article(kind=kind, source_name="某某局", source_url=address)
    text = get(client, article.get_absolute_url())
    made = only(told(text), told_as)
    assert made.get("isBasedOn") == (address if kind == "repost" else None)
    assert_visible(told(text), text)


def test_an_origin_without_a_name_is_shown_by_its_address(client: Client) -> None:
    address = "https://example.org/12"
    article = cast.article(kind="repost", source_url=address)
    text = get(client, article.get_absolute_url())
    assert only(told(text), "NewsArticle")["isBasedOn"] == address
    assert f'<a href="{address}" rel="nofollow noopener" target="_blank">{address}</a>' in text
    assert_visible(told(text), text)


def test_an_office_is_no_person(client: Client) -> None:
    office = Author.objects.create(name="编辑部", handle="office", is_organization=True)
    made = only(told(get(client, cast.article(author=office).get_absolute_url())), "Article")
    assert made["author"] == {"@type": "Organization", "name": "编辑部"}


def test_what_an_article_has_not_is_left_out(client: Client) -> None:
    text = get(client, cast.article(body="").get_absolute_url())
    made = only(told(text), "Article")
    assert not {"image", "keywords", "description", "isBasedOn"} & made.keys()
    assert "images" not in only(told(text), "时间因子")


def test_a_later_change_is_told_to_everybody_alike(client: Client) -> None:
    came = cast.live(60 * 24 * 5)
    changed = came["go_live_at"] + timedelta(days=2)
    text = get(client, cast.article(last_published_at=changed, **came).get_absolute_url())
    made, factor = only(told(text), "Article"), only(told(text), "时间因子")
    assert made["dateModified"] == timezone.localtime(changed).isoformat(timespec="seconds")
    assert factor["upDate"] == made["dateModified"].removesuffix("+08:00")
    assert factor["pubDate"] == made["datePublished"].removesuffix("+08:00")
    assert_visible(told(text), text)


def test_baidu_is_told_of_an_article_as_it_asks(client: Client) -> None:
    address = whole_site()["article"]
    factor = only(told(get(client, address)), "时间因子")
    assert factor["@context"] == CAMBRIAN
    assert factor["@id"] == SITE + address
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", factor["pubDate"])
    assert factor["upDate"] == factor["pubDate"]
    assert len(factor["images"]) <= 3
    assert "appid" not in factor


def test_nothing_typed_ends_a_block(client: Client) -> None:
    article = cast.article(HOSTILE, summary=HOSTILE, tags=("社保",))
    text = get(client, article.get_absolute_url())
    assert "<script>alert" not in text
    assert only(told(text), "Article")["headline"] == HOSTILE


def test_it_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    profile = cast.profile()
    article = cast.article(cover=samples.picture())
    article = Article.objects.select_related("cover", "author", "category").get(pk=article.pk)
    with django_assert_num_queries(0):
        assert articles_markup.article(article, [], profile)
        assert articles_markup.baidu(article)


# --- Lists ---------------------------------------------------------------------------------------------


def test_a_list_names_its_rows_in_their_order(client: Client) -> None:
    older, newer = cast.article(**cast.live(60)), cast.article(**cast.live(5))
    pieces = told(get(client, "/articles/"))
    rows = only(pieces, "CollectionPage")["mainEntity"]["itemListElement"]
    assert [(row["position"], row["url"]) for row in rows] == [
        (1, SITE + newer.get_absolute_url()),
        (2, SITE + older.get_absolute_url()),
    ]
    factor = only(pieces, "时间因子")
    assert newer.go_live_at is not None
    assert factor["upDate"] == f"{timezone.localtime(newer.go_live_at):%Y-%m-%dT%H:%M:%S}"
    assert "pubDate" not in factor


@pytest.mark.parametrize("address", ["/articles/", "/services/", "/jobs/"])
def test_an_empty_list_names_none(client: Client, address: str) -> None:
    assert kinds(told(get(client, address))) == ["BreadcrumbList"]


# --- The way -------------------------------------------------------------------------------------------


def test_the_way_is_told_as_it_is_shown(client: Client) -> None:
    article = cast.article()
    steps = only(told(get(client, article.get_absolute_url())), "BreadcrumbList")["itemListElement"]
    assert [(step["position"], step["name"], step.get("item")) for step in steps] == [
        (1, "首页", f"{SITE}/"),
        (2, "资讯", f"{SITE}/articles/"),
        (3, "用工政策", f"{SITE}/articles/category/policy/"),
    ]


def test_the_last_step_is_the_page_itself() -> None:
    shown = '<ol><li><a href="/">首页</a></li><li aria-current="page">A &amp;\n B</li></ol>'
    assert crumbs_of(shown) == [Crumb("首页", "/"), Crumb("A & B", "")]
    made = breadcrumbs(crumbs_of(shown))
    assert made is not None
    assert made["itemListElement"][1] == {"@type": "ListItem", "position": 2, "name": "A & B"}
    assert breadcrumbs([Crumb("首页", "/")]) is None


# --- Services ------------------------------------------------------------------------------------------


def test_a_service_says_who_offers_it_where_and_from_what_price(client: Client) -> None:
    made = only(told(get(client, whole_site()["service"])), "Service")
    assert made["provider"]["name"] == "鹏聘人力"
    assert made["areaServed"] == [{"@type": "AdministrativeArea", "name": "宝安区"}]
    price = made["offers"]["priceSpecification"]
    assert (price["minPrice"], price["priceCurrency"], price["unitText"]) == (
        180,
        "CNY",
        "元/人·月",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"price_valid_until": timezone.localdate() - timedelta(days=1)},
        {"price_from": None},
        {"price_unit": "% 服务费"},
    ],
    ids=["past", "none", "no money"],
)
def test_a_price_nobody_may_quote_is_not_offered(fields: dict[str, Any]) -> None:
    service = Service(**{"price_from": 180, "price_unit": "元/人·月", **fields})
    assert staffing_markup.offer(service) is None


# --- The agency ----------------------------------------------------------------------------------------


def test_the_agency_says_where_it_is_and_when_one_may_come(client: Client) -> None:
    made = only(told(get(client, whole_site()["contact"])), "EmploymentAgency")
    assert made["name"] == "鹏聘人力"
    assert made["legalName"].startswith("深圳市鹏聘")
    assert made["address"]["streetAddress"] == "深圳市宝安区示例路 1 号"
    assert made["telephone"].startswith("+86")
    assert made["logo"].startswith(SITE)
    (hours,) = made["openingHoursSpecification"]
    assert (hours["opens"], hours["closes"]) == ("08:30", "18:00")
    assert len(hours["dayOfWeek"]) == 6
    assert made["contactPoint"][0]["hoursAvailable"]


def test_without_an_address_there_is_no_agency_to_come_to(client: Client) -> None:
    cast.hotline()
    assert kinds(told(get(client, "/contact/"))) == ["BreadcrumbList"]


@pytest.mark.parametrize(
    ("words", "spans"),
    [
        ("周一至周五 9:00–18:00", [(5, "09:00", "18:00")]),
        ("周一到周五 9:00-12:00，周六 9:30-12:00", [(5, "09:00", "12:00"), (1, "09:30", "12:00")]),
        ("星期天 0:00–24:00", [(1, "00:00", "23:59")]),
        ("周一至周五 9:00–18:00（节假日除外）", []),
        ("周六至周一 9:00–18:00", []),
        ("周一 18:00–9:00", []),
        ("周一 9:00–25:00", []),
        ("随时", []),
        ("", []),
    ],
)
def test_office_hours_are_told_where_they_are_clear(
    words: str, spans: list[tuple[int, str, str]]
) -> None:
    found = staffing_markup.opening_hours(words)
    assert [(len(each["dayOfWeek"]), each["opens"], each["closes"]) for each in found] == spans


# --- The site ------------------------------------------------------------------------------------------


def test_the_home_page_says_how_the_site_is_searched(client: Client) -> None:
    pieces = told(get(client, whole_site()["home"]))
    site = only(pieces, "WebSite")
    action = site["potentialAction"]
    assert action["target"]["urlTemplate"] == f"{SITE}/search/?q={{search_term_string}}"
    assert only(pieces, "Organization")["@id"] == site["publisher"]["@id"]
