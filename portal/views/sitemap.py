"""网站地图: the site on one page, for people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Category, Month, Ranking
from portal.cms.pagecache.views import cacheable
from portal.cms.site import Page
from staffing.models import Case, Job, Service

TITLES_A_CATEGORY = 50
MONTHS = 24
CASES = 50


@cacheable()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Show the way to everything. One query a category besides seven: the cost grows with those, which
    are few, and not with the articles.
    """
    # These are there whether or not their texts have been written.
    pages = Page.objects.published().exclude(slug__in=Page.BESIDE)
    context = {
        "pages": pages.defer("body").order_by("pk"),
        "services": Service.objects.published().for_list(),
        "cases": Case.objects.published().newest().only("title", "slug")[:CASES],
        "kinds": Job.Kind.choices,
        "categories": newest_by_category(),
        "months": latest_months(),
    }
    return render(request, "portal/sitemap.html", context)


def newest_by_category() -> list[dict[str, Any]]:
    """Return each category with its newest articles.

    A query for each reads the first rows of an index. One query for all would have to number every
    article of the site first: SQLite has no other way to the newest of each.
    """
    titles = Article.objects.published().newest().only("title")
    return [
        {"category": category, "articles": titles.filter(category=category)[:TITLES_A_CATEGORY]}
        for category in Category.objects.all()
    ]


def latest_months() -> list[date]:
    """Return the latest months that show articles, newest first; two queries."""
    Ranking.refresh_if_due()
    return [timezone.localtime(m.begins_at).date() for m in Month.objects.linked()[:MONTHS]]
