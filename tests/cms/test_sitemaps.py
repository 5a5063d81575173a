"""The sitemaps: every page that engines may have is in them, nothing else is, and they keep to the protocol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from articles.models import Article, Ranking
from portal.cms.engines import register, sitemaps
from portal.cms.engines.register import Entry, Indexed, Pages, all_indexed
from portal.cms.media import uses
from portal.cms.publishing import Publishable
from portal.districts.models import DistrictPage
from tests import cast
from tests.cms.samples import picture
from tests.staffing.states import WITHDRAWN, hidden

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SITE = "http://127.0.0.1:8000"
URL = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"


def read(text: str | None) -> ElementTree.Element:
    assert text is not None
    return ElementTree.fromstring(text)  # noqa: S314 - ours


def located(text: str | None) -> dict[str, str | None]:
    """Return what stands in a sitemap or an index: by its path, when it changed."""
    found = {}
    for entry in read(text):
        location = entry.findtext(f"{URL}loc") or ""
        assert location.startswith(SITE)
        found[location.removeprefix(SITE)] = entry.findtext(f"{URL}lastmod")
    return found


def everything() -> dict[str, str | None]:
    """Return all that the index leads to."""
    found: dict[str, str | None] = {}
    for address in located(sitemaps.index()):
        key, _, number = address.removeprefix("/sitemap-").removesuffix(".xml").partition("-")
        part = located(sitemaps.part(key, int(number) if number else None))
        assert part, f"{address} is empty"
        assert not part.keys() & found.keys()
        found |= part
    return found


def shown_district() -> Publishable:
    for _ in range(3):
        cast.job()
    return cast.district_page()


MAKERS: dict[str, Callable[[], Any]] = {
    "articles": cast.article,
    "cases": cast.case,
    "districts": shown_district,
    "jobs": cast.job,
    "pages": cast.page,
    "services": cast.service,
}


def test_every_kind_is_tried_here() -> None:
    assert MAKERS.keys() == {kind.key for kind in all_indexed()}


# --- What is in them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", MAKERS)
def test_what_is_public_is_there_with_the_moment_of_its_change(key: str) -> None:
    item = MAKERS[key]()
    again = timezone.now() - timedelta(minutes=1)
    type(item).objects.filter(pk=item.pk).update(last_published_at=again)
    address = item.get_absolute_url()
    lastmod = everything()[address]
    assert lastmod is not None
    assert lastmod.endswith("+08:00")
    assert datetime.fromisoformat(lastmod) == again.replace(microsecond=0)
    part = f"/sitemap-{key}-{(item.pk - 1) // sitemaps.RANGE + 1}.xml"
    assert located(sitemaps.index())[part] == lastmod


@pytest.mark.parametrize("state", [*hidden(), "withdrawn", "not indexable"])
@pytest.mark.parametrize("key", MAKERS)
def test_nothing_else_is(key: str, state: str) -> None:
    more = {"withdrawn": WITHDRAWN, "not indexable": {"indexable": False}}
    if key == "jobs":
        more["not indexable"] = {"filled_at": timezone.now()}
    item = MAKERS[key]()
    assert item.get_absolute_url() in everything()
    fields = {**hidden(), **more}[state]
    type(item).objects.filter(pk=item.pk).update(**fields)
    assert item.get_absolute_url() not in everything()


def test_pages_that_are_no_items_are_there() -> None:
    cast.article(tags=("社保",))
    cast.article(tags=("社保",))
    cast.article(tags=("社保",))
    Ranking.refresh()
    found = everything()
    assert {"/", "/articles/", "/articles/category/policy/", "/services/"} <= found.keys()
    assert "/articles/tag/%E7%A4%BE%E4%BF%9D/" in found
    assert found["/articles/"] is None, "nobody knows for sure when a list has changed"


def test_a_kind_without_items_has_no_part() -> None:
    assert not [address for address in located(sitemaps.index()) if "-jobs-" in address]
    job = cast.job()
    number = (job.pk - 1) // sitemaps.RANGE + 1
    assert f"/sitemap-jobs-{number}.xml" in located(sitemaps.index())


def test_an_item_stays_in_its_part_whatever_happens_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sitemaps, "RANGE", 100)
    articles = [cast.article() for _ in range(3)]
    for article, pk in zip(articles, (1_100, 1_101, 1_300), strict=True):
        Article.objects.filter(pk=article.pk).update(id=pk)
    numbered = {f"/sitemap-articles-{number}.xml" for number in (11, 12, 13)}
    assert numbered <= located(sitemaps.index()).keys()
    assert list(located(sitemaps.part("articles", 12))) == ["/articles/1101/"]
    Article.objects.get(pk=1_100).delete()
    assert sitemaps.part("articles", 11) is None
    assert list(located(sitemaps.part("articles", 12))) == ["/articles/1101/"]


def test_many_articles_are_each_there_once_in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of soak_sitemap, which has 120,000."""
    monkeypatch.setattr(sitemaps, "RANGE", 100)
    pattern = cast.article()
    rows = []
    for n in range(450):
        row = Article(title=f"问答{n}", category=pattern.category, author=pattern.author)
        row.status, row.go_live_at = pattern.status, pattern.go_live_at
        row.indexable = n % 3 > 0
        row.count_save()
        rows.append(row)
    Article.objects.bulk_create(rows)
    found = {path for path in everything() if path[len("/articles/") :][:1].isdigit()}
    assert found == {item.get_absolute_url() for item in [pattern, *rows] if item.indexable}


# --- Pictures -----------------------------------------------------------------------------------------


def pictures_of(part: str | None) -> list[str]:
    return [element.text or "" for element in read(part).iter(f"{IMAGE}loc")]


def test_pictures_are_told_cover_first_each_once_and_no_more_than_ten() -> None:
    cover, shown = picture("封面.jpg"), picture("正文.jpg")
    figure = f'<figure><img data-file="{shown.pk}" alt="车间"></figure>'
    article = cast.article(cover=cover, body=f"<p>正文。</p>{figure}{figure}")
    number = (article.pk - 1) // sitemaps.RANGE + 1
    uses.record(article, [shown.pk, cover.pk], "default")
    told = pictures_of(sitemaps.part("articles", number))
    assert told == [f"{SITE}{file.get_absolute_url()}" for file in (cover, shown)]
    more = [picture(f"图{n}.jpg", (60, 40)) for n in range(12)]
    uses.record(article, [file.pk for file in more], "default")
    assert len(pictures_of(sitemaps.part("articles", number))) == 10


def test_the_logo_of_a_client_who_is_not_named_is_not_told() -> None:
    case = cast.case(logo=picture())
    number = (case.pk - 1) // sitemaps.RANGE + 1
    assert pictures_of(sitemaps.part("cases", number)) == []


# --- Cost, and the protocol ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", MAKERS)
def test_a_part_costs_three_queries_and_reads_no_text(
    key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    item = MAKERS[key]()
    number = (item.pk - 1) // sitemaps.RANGE + 1
    sitemaps.part(key, number)  # content types are known from here on
    with django_assert_max_num_queries(3), CaptureQueriesContext(connection) as asked:
        sitemaps.part(key, number)
    assert '"body"' not in "".join(query["sql"] for query in asked.captured_queries)


def test_the_covers_of_a_part_are_found_without_reading_the_articles() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps long texts elsewhere, and reads small tables whole")
    with CaptureQueriesContext(connection) as asked:
        list(sitemaps._covers(Article, 0, sitemaps.RANGE))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(row[3] for row in cursor.fetchall())
    assert "USING COVERING INDEX articles_article_cover_id" in plan


def test_no_part_can_grow_beyond_the_protocol() -> None:
    """50 MB, if every address were as long as it may be, and every item had all its pictures."""
    longest = Indexed("x", "", DistrictPage, DistrictPage.objects.live, ())
    assert longest.pictures
    picture = sitemaps.LONGEST_ADDRESS // 10  # names of ours are some 60 signs long
    a_page = 200 + 200 + sitemaps.MOST_PICTURES * (picture + 60)
    assert sitemaps.RANGE * a_page < 50_000_000
    assert sitemaps.RANGE <= sitemaps.MOST_ADDRESSES


def test_pages_beyond_the_limits_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ["/a/", f"/{'b' * 3000}/", "/c/?a=1&b=<2>", "/d/", "/e/"]
    many = Pages("many", "许多", lambda: map(Entry, paths))
    monkeypatch.setattr(register, "_pages", {"many": many})
    monkeypatch.setattr(sitemaps, "MOST_ADDRESSES", 4)
    assert list(located(sitemaps.part("many", None))) == ["/a/", "/c/?a=1&b=<2>", "/d/"]


# --- Over HTTP ----------------------------------------------------------------------------------------


def test_they_are_answered_as_xml_and_may_be_kept(client: Client) -> None:
    article = cast.article()
    number = (article.pk - 1) // sitemaps.RANGE + 1
    for address in ("/sitemap.xml", "/sitemap-site.xml", f"/sitemap-articles-{number}.xml"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert response["Content-Type"] == "application/xml; charset=utf-8"
        assert located(response.content.decode())
    from portal.cms.pagecache.views import parameters_of

    assert parameters_of("/sitemap.xml") == parameters_of("/sitemap-articles-1.xml") == frozenset()


@pytest.mark.parametrize(
    "address",
    ["/sitemap-articles-99999.xml", "/sitemap-nothing.xml", "/sitemap-nothing-1.xml"],
)
def test_a_part_there_is_not_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post("/sitemap.xml").status_code == 405


def test_addresses_are_those_of_the_world(settings: Settings) -> None:
    settings.SITE_URL = "https://www.example.com"
    assert "<loc>https://www.example.com/sitemap-site.xml</loc>" in sitemaps.index()
    assert "<loc>https://www.example.com/</loc>" in (sitemaps.part("site", None) or "")
