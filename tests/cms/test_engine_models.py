"""What is kept of engines and of old addresses: how rows are found, and what they cannot say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from articles.models import Article
from portal.cms.engines.models import CrawledPage, PublicAddress, Verification
from portal.cms.redirects.keys import key_of
from portal.cms.redirects.models import MissedAddress, Redirect
from tests import cast
from tests.staffing.test_indexes import matter

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def of_kind(rows: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.filter(content_type_id=1, object_id=1)
    return found


def sitemap_part() -> QuerySet[Any]:
    shown = Article.objects.published().filter(indexable=True, pk__gt=0, pk__lte=10_000)
    return shown.order_by("pk").values_list("pk", "go_live_at", "expire_at", "last_published_at")


QUERIES: dict[str, list[QuerySet[Any]]] = {
    "cms_redirect_item": [of_kind(Redirect.objects.order_by())],
    "cms_redirect_pattern": [Redirect.objects.extra(where=["kind = 'pattern'"]).order_by("pk")],
    "cms_redirect_hits": [Redirect.objects.order_by("-hits", "-pk")[:50]],
    "cms_missed_list": [MissedAddress.objects.order_by("settled", "-hits", "-pk")[:50]],
    "cms_missed_last": [
        MissedAddress.objects.filter(last_at__lt=timezone.now() - timedelta(days=90)).order_by()
    ],
    "cms_publicaddress_item": [of_kind(PublicAddress.objects.order_by())],
    "cms_publicaddress_list": [PublicAddress.objects.order_by("-changed_at", "-pk")[:50]],
    "cms_crawled_title": [CrawledPage.objects.filter(title_key="x").order_by()],
    "cms_crawled_dead": [CrawledPage.objects.filter(has_dead_links=True).order_by("pk")],
    "cms_crawled_at": [CrawledPage.objects.order_by("crawled_at")[:100]],
}


def test_an_index_serves_what_it_was_made_for() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole")
    for index, queries in QUERIES.items():
        for query in queries:
            plan = query.explain()
            assert index in plan, plan
            assert "B-TREE FOR ORDER BY" not in plan, plan
    # By the newest, or by those not settled: few rows of few.
    assert "USING INDEX cms_missed_" in matter("misses")(cast.laozhou()).explain()
    assert "cms_crawled_dead" in matter("dead")(cast.laozhou()).explain()
    assert "COVERING INDEX articles_article_engines" in sitemap_part().explain()


def test_no_index_is_forgotten() -> None:
    models = (Redirect, MissedAddress, PublicAddress, CrawledPage, Verification)
    assert {index.name for model in models for index in model._meta.indexes} == set(QUERIES)


def test_an_address_that_engines_know_outlives_its_item() -> None:
    article = cast.article()
    path = article.get_absolute_url()
    PublicAddress.objects.create(path=path, item=article, stamp="1")
    article.delete()
    row = PublicAddress.objects.get(path=path)
    assert (row.item, row.stamp, len(row.key)) == (None, "1", 32)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicAddress.objects.create(path=path)


def test_an_item_is_named_whole_or_not_at_all() -> None:
    kind = ContentType.objects.get_for_model(Article)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicAddress.objects.create(path="/a/", content_type=kind)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicAddress.objects.create(path="/a/", object_id=1)


def test_addresses_that_differ_in_capitals_are_two_to_engines() -> None:
    PublicAddress.objects.create(path="/services/a/")
    PublicAddress.objects.create(path="/services/A/")


def test_a_proof_is_named_once_for_its_way() -> None:
    cast.verification()
    cast.verification("baidu_verify_x.html", way=Verification.Way.FILE)
    cast.verification("baidu_verify_x.html")
    Verification(engine="baidu", name="baidu-site-verification", content="x").full_clean()
    for proof in Verification.objects.all()[:2]:
        proof.pk = None
        with pytest.raises(ValidationError, match="已有这个"):
            proof.full_clean()
    with pytest.raises(ValidationError):
        Verification(engine="bing", name="msvalidate.01", content="长" * 4001).full_clean()


def test_pages_of_one_title_are_found_together() -> None:
    for path, title in {"/a/": "劳务派遣", "/b/": "劳务派遣", "/c/": "劳务外包"}.items():
        CrawledPage.objects.create(path=path, title=title)
    first = CrawledPage.objects.get(path="/a/")
    assert CrawledPage.objects.filter(title_key=first.title_key).count() == 2


def test_an_address_that_leads_nowhere_is_counted_under_its_key() -> None:
    cast.missed("/News/12.html")
    assert MissedAddress.objects.get(key=key_of("/news/12.html")).hits == 20
