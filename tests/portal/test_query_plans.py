"""What each page has the database do, on a site of some thousand articles and on one of three times as
many: the same. A scan or a sort of a whole table would take three times the work.

What is compared is work and not time: SQLite's virtual machine counts its instructions, PostgreSQL the
rows it reads. Lists are counted up to 1,001 items, so the smaller site has that many in each. Jobs do
not grow: they end, and an agency has some hundreds of them at any time; the log of lost addresses is bounded. Left out is what is about the whole
site: site maps, and the report on all pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from articles.models import Article, Ranking, TagEntry
from portal.cms.admin.desk import DeskPaginator
from portal.cms.engines.models import CrawledPage, PublicAddress
from portal.cms.redirects import remember
from portal.cms.redirects.keys import digest
from portal.cms.search import indexing
from portal.cms.search.register import searchables
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FEW, TIMES = 1_600, 3
# Deeper B-trees and other pages of the same table, but no walk.
MOST_GROWTH = 1.3

PUBLIC = [
    "/",
    "/articles/",
    "/articles/?page=2",
    "/articles/?page=50",
    "{deep}",
    "/articles/category/policy/",
    "/articles/tag/派遣/",
    "/articles/tags/",
    "/articles/archive/",
    "/articles/archive/{year}/",
    "/articles/archive/{year}/{month}/",
    "/articles/top/",
    "/articles/top/?window=all",
    "{article}",
    "/articles/feed/",
    "/articles/category/policy/feed/",
    "/articles/tag/派遣/feed.json",
    "/services/",
    "/jobs/",
    "/jobs/?page=2",
    "/jobs/kind/temporary/",
    "{job}",
    "/licences/",
    "/contact/",
    "/sitemap/",
    "/robots.txt",
    "/missing/",
    "/missing.html",
    "{old}",
    "/?p=99",
]
DESK = [
    "/admin/articles/article/",
    "/admin/articles/article/?p=2",
    "/admin/articles/article/?state=live",
    "/admin/articles/article/?state=draft",
    "/admin/articles/article/?state=deleted",
    "/admin/staffing/job/",
    "/admin/cms/mediafile/",
    "/admin/cms/redirect/",
    "/admin/cms/missedaddress/",
    "/admin/cms/publicaddress/",
    "/admin/",
]


class Site:
    """A site that grows, and the work of its pages."""

    def __init__(self) -> None:
        self.model = cast.article(tags=("派遣", "深圳"), title="派遣用工问答")
        self.job = cast.job()
        [cast.job() for _ in range(30)]
        self.categories = [self.model.category_id, cast.category("news", "公司动态").pk]
        self.tags = list(Tag.objects.order_by("pk"))
        self.newest = timezone.now()
        cast.service()

    def grow(self, count: int) -> None:
        """Add older articles and jobs, as an import would write them."""
        have = Article.objects.count()
        first = Article.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
        same = values(self.model)
        Article.objects.bulk_create(
            Article(
                **same
                | {
                    "id": first + number - have,
                    "title": f"派遣用工问答之{number}",
                    "category_id": self.categories[number % 10 == 0],
                    "go_live_at": self.newest - timedelta(minutes=number),
                    "read_count": number % 7,
                    "status": "draft" if number < 40 else "published",
                    "deleted_at": self.newest if 40 <= number < 100 else None,
                    "body": f"<p>第{number}个问题。</p>",
                    "updated_at": self.newest - timedelta(minutes=number),
                }
            )
            for number in range(have, count)
        )
        added = Article.objects.filter(pk__gte=first)
        kind = TaggedItem.objects.get(object_id=self.model.pk, tag=self.tags[0]).content_type
        TaggedItem.objects.bulk_create(
            TaggedItem(tag=self.tags[article.pk % 10 == 0], object_id=article.pk, content_type=kind)
            for article in added
        )
        TagEntry.objects.bulk_create(
            TagEntry(
                tag=self.tags[article.pk % 10 == 0], article=article, go_live_at=article.go_live_at
            )
            for article in added.filter(status="published", deleted_at=None)
        )
        remember([(old_address(article.pk), article) for article in added], "old.example")
        PublicAddress.objects.bulk_create(
            PublicAddress(path=path, key=digest(path), stamp="1", was_public=True)
            for path in (article.get_absolute_url() for article in added)
        )
        CrawledPage.objects.bulk_create(
            CrawledPage(path=path, key=digest(path), title=path, status=200)
            for path in (article.get_absolute_url() for article in added)
        )
        for searchable in searchables():
            for _ in indexing.reindex(searchable, batch=1000):
                pass
        Ranking.refresh()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def addresses(self, templates: list[str]) -> dict[str, str]:
        oldest = Article.objects.published().newest().reverse()[0]
        at = timezone.localtime(self.model.go_live_at)
        deep = Client().get("/articles/?page=50").context["page"].older
        names = {
            "deep": deep,
            "old": old_address(oldest.pk),
            "article": oldest.get_absolute_url(),
            "job": self.job.get_absolute_url(),
            "year": at.year,
            "month": f"{at.month:02}",
        }
        return {template: template.format(**names) for template in templates}


def old_address(number: int) -> str:
    return f"/news/{number}.html"


def values(item: Any) -> dict[str, Any]:
    return {field.attname: getattr(item, field.attname) for field in item._meta.concrete_fields}


def work_of(visit: Callable[[], Any]) -> int:
    """Return what the queries of a visit cost the database."""
    return (steps_of if connection.vendor == "sqlite" else rows_of)(visit)


def steps_of(visit: Callable[[], Any]) -> int:
    """Return the hundreds of instructions that SQLite runs."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.ensure_connection()
    assert connection.connection is not None
    connection.connection.set_progress_handler(count, 100)
    try:
        visit()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


def rows_of(visit: Callable[[], Any]) -> int:
    """Return the rows that PostgreSQL reads, whether or not a filter lets them through."""
    with CaptureQueriesContext(connection) as queries:
        visit()
    rows = 0
    with connection.cursor() as cursor:
        # What is switched off next looks dear to the planner; it would compile all cards of the desk first.
        cursor.execute("SET LOCAL jit = off")
        # To find five hundred in a table of some thousand rows it is cheaper to read all of it, and
        # that is no fault: of a million nobody would.
        for way in ("seqscan", "mergejoin", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for query in queries.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
                plan = cursor.fetchone()[0]
                rows += rows_in((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return rows


def rows_in(plan: dict[str, Any]) -> int:
    removed = sum(value for name, value in plan.items() if re.match("Rows Removed", name))
    own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return int(own) + sum(map(rows_in, plan.get("Plans", [])))


def test_work_does_not_grow_with_the_site(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeskPaginator, "MOST", 1000)
    cast.profile(name="示例")
    client.force_login(cast.laochen())
    site, stranger = Site(), Client()
    visitors = {**dict.fromkeys(PUBLIC, stranger), **dict.fromkeys(DESK, client)}
    work: list[dict[str, int]] = []
    for size in (FEW, FEW * TIMES):
        site.grow(size)
        addresses = site.addresses([*PUBLIC, *DESK])
        for name, address in addresses.items():
            assert visitors[name].get(address).status_code in (200, 301, 404), address
        work.append(
            {
                name: work_of(lambda: visitors[name].get(address))  # noqa: B023 - called at once
                for name, address in addresses.items()
            }
        )
    few, many = work
    growing = {
        name: (few[name], many[name]) for name in few if many[name] > few[name] * MOST_GROWTH + 20
    }
    assert growing == {}
