"""The home page: what the agency does, what it wrote, whom it is hiring."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.models import Article, Category, Ranking
from portal.cms.pagecache.views import cacheable
from portal.cms.site import HomeFact
from staffing.models import Job, Service

ARTICLES_EACH = 4
MOST_READ = 8
JOBS = 6


@cacheable()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    ctx = {
        "facts": HomeFact.objects.all(),
        "services": Service.objects.published().for_list(),
        "desks": desks(),
        "most_read": Ranking.current().only("title")[:MOST_READ],
        "jobs": Job.objects.open().select_related("district").newest()[:JOBS],
    }
    return render(request, "portal/home.html", ctx)


def desks() -> list[dict[str, Any]]:
    """The categories that have articles, each with its newest (pinned ones first); two queries.

    The second names, for each category, the newest few: it reads those from the index, and does not
    look at all articles, as ranking them within their categories would.
    """
    categories = list(Category.objects.all())
    if not categories:
        return []
    newest = Q()
    for category in categories:
        own = Article.objects.published().filter(category=category).pinned_first()
        newest |= Q(pk__in=own.values("pk")[:ARTICLES_EACH])
    articles = list(Article.objects.filter(newest).for_list().pinned_first())
    found = (
        {"category": category, "articles": [item for item in articles if item.category == category]}
        for category in categories
    )
    return [desk for desk in found if desk["articles"]]
