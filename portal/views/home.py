"""The home page: what the agency does, what it wrote, whom it is hiring."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from articles.models import Article, Category, Ranking
from portal.cms.engines.proofs import proofs
from portal.cms.pagecache.views import cacheable
from portal.cms.redirects.keys import is_entrance
from portal.cms.site import HomeFact
from staffing.models import Case, Job, Service

ARTICLES_EACH = 4
MOST_READ = 8
JOBS = 6
CASES = 3


@cacheable(unless=is_entrance)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page; 404 for pages that other systems show at the front door, such as `/?p=12`.

    The 404 handler knows where they have moved.
    """
    if is_entrance(request.META.get("QUERY_STRING", "")):
        raise Http404
    shown = SimpleLazyObject(desks)
    ctx = {
        # First: it may count for seconds, and begin an epoch. What is asked after it is asked as of now.
        "most_read": Ranking.current().only("title")[:MOST_READ],
        "facts": HomeFact.objects.all(),
        "services": Service.objects.published().for_list(),
        "desks": shown,
        "jobs": Job.objects.open().select_related("district").newest()[:JOBS],
        "cases": Case.objects.published().for_list()[:CASES],
        "newest": partial(newest, shown),
        "proofs": proofs,
    }
    return render(request, "portal/home.html", ctx)


def newest(desks: Any) -> datetime | None:
    """Return when the newest article came that the page shows."""
    moments = (article.go_live_at for desk in desks for article in desk["articles"])
    return max(moments, default=None)


def desks() -> list[dict[str, Any]]:
    """The categories that have articles, each with its newest (pinned ones first).

    One query, and one a category, of which a site has few: each reads the first rows of an index. One
    query for all of them would look at all articles.
    """
    newest = Article.objects.published().for_list().pinned_first()
    found = (
        {"category": category, "articles": list(newest.filter(category=category)[:ARTICLES_EACH])}
        for category in Category.objects.all()
    )
    return [desk for desk in found if desk["articles"]]
