"""The pages of the articles: lists, archives, the ranking, the article itself, and its reads."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Exists
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from taggit.models import Tag

from articles.models import Article, Category, Ranking
from articles.models.article import ArticleQuerySet
from articles.models.reads import is_crawler, record_read
from portal.cms.paging import page_or_404
from portal.cms.publishing import get_published_or_404
from portal.cms.site import SiteProfile

PAGE_SIZE = 20
TOP_PAGE_SIZE = 100
FIRST_YEAR = 1990  # the web is no older, and far years do not convert between time zones


@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published().for_list().pinned_first()
    ctx = {
        "page": page_or_404(request, articles, PAGE_SIZE),
        "categories": Category.objects.all(),
    }
    return render(request, "articles/list.html", ctx)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Category, slug=slug)
    articles = Article.objects.published().filter(category=shown).for_list().pinned_first()
    ctx = {
        "category": shown,
        "page": page_or_404(request, articles, PAGE_SIZE),
        "categories": Category.objects.all(),
    }
    return render(request, "articles/category.html", ctx)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """The articles of a tag; 404 for one that only hidden articles carry: it would tell of them."""
    shown = None if "\0" in name else Tag.objects.filter(name__iexact=name).first()
    if shown is None:
        raise Http404
    articles = Article.objects.published().filter(tags=shown).for_list().newest()
    page = page_or_404(request, articles, PAGE_SIZE)
    if not page.object_list:
        raise Http404
    return render(request, "articles/tag.html", {"tag": shown, "page": page})


@require_safe
def archive_year(request: HttpRequest, year: str) -> HttpResponse:
    ctx = archive_of(request, start_of(int(year)), start_of(int(year) + 1))
    ctx["months"] = months_with_articles(int(year))
    return render(request, "articles/archive_year.html", ctx)


@require_safe
def archive_month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    ctx = archive_of(request, start_of(int(year), int(month)), start_of(int(year), int(month) + 1))
    return render(request, "articles/archive_month.html", ctx)


def archive_of(request: HttpRequest, begin: datetime, end: datetime) -> dict[str, Any]:
    """The articles of a span of time, and the dates of the nearest ones before and after it."""
    everything = Article.objects.published().newest()
    within = everything.filter(go_live_at__gte=begin, go_live_at__lt=end)
    page = page_or_404(request, within.for_list(), PAGE_SIZE)
    if not page.object_list:
        raise Http404
    dates = everything.values_list("go_live_at", flat=True)
    return {
        "begin": begin,
        "page": page,
        "earlier": dates.filter(go_live_at__lt=begin).first(),
        "later": dates.filter(go_live_at__gte=end).last(),
    }


def start_of(year: int, month: int = 1) -> datetime:
    """When a month begins in Beijing; month 13 is the next January. Raises Http404 for far years."""
    years, index = divmod(month - 1, 12)
    if not FIRST_YEAR <= year + years <= timezone.localdate().year + 1:
        raise Http404
    return timezone.make_aware(datetime(year + years, index + 1, 1))


def months_with_articles(year: int) -> list[datetime]:
    """The months of a year that have articles; one query that looks once into each month."""
    published = Article.objects.published()
    starts = [start_of(year, month) for month in range(1, 14)]
    probes = {
        f"month_{begin.month}": Exists(published.filter(go_live_at__gte=begin, go_live_at__lt=end))
        for begin, end in pairwise(starts)
    }
    found = published.newest().annotate(**probes).values(*probes).first() or {}
    return [begin for begin in starts[:12] if found.get(f"month_{begin.month}")]


@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """人力资讯TOP500."""
    ranked: ArticleQuerySet = Ranking.current().for_list()
    return render(
        request, "articles/top.html", {"page": page_or_404(request, ranked, TOP_PAGE_SIZE)}
    )


@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    complete = Article.objects.select_related("category", "author", "cover")
    return article_page(request, get_published_or_404(complete.prefetch_related("tags"), pk=pk))


def article_page(request: HttpRequest, shown: Article) -> HttpResponse:
    """Show an article: one that is published, or a preview."""
    profile = SiteProfile.load()
    others = Article.objects.published().exclude(pk=shown.pk).newest().only("title")
    ctx = {
        "article": shown,
        "disclaimer": shown.disclaimer(profile),
        # A cover that opens the text already is not shown twice.
        "cover": None if f'data-file="{shown.cover_id}"' in shown.body else shown.cover,
        "neighbours": shown.neighbours(),
        "related": shown.related(),
        "further": others[: profile.further_titles],
    }
    return render(request, "articles/article.html", ctx)


@csrf_exempt  # the page is cached for everybody and carries no token; see `is_from_our_pages`
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a read (reads.js sends it): 204; crawlers are thanked like readers, and not counted."""
    if not is_from_our_pages(request):
        return HttpResponse(status=403)
    if is_crawler(request.headers.get("User-Agent", "")) or record_read(pk):
        return HttpResponse(status=204)
    return HttpResponse(status=404)


def is_from_our_pages(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request; old ones say nothing."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.get_host()}"
    return site == "same-origin" and origin in (None, own)
