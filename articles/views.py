"""The pages of the articles: lists, archives, the ranking, the article itself, and its reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from taggit.models import Tag

from articles import markup
from articles.models import Article, Author, Category, Month, Ranking, TagUse, Window
from articles.models.archive import FIRST_YEAR
from articles.models.article import NOW, tags_of
from articles.models.reads import record_read
from articles.models.related import Link, links_to, related_to
from articles.rows import categories, place, rows_of
from portal.cms.addresses import address
from portal.cms.media.models import MediaFile
from portal.cms.pagecache.epochs import once, once_each
from portal.cms.pagecache.views import cacheable
from portal.cms.paging import page_or_404
from portal.cms.prepared import Given, Prepared
from portal.cms.publishing import missing
from portal.cms.site import MOST_FURTHER_TITLES, current_profile
from portal.cms.visitors import is_crawler, is_from_our_pages

PAGE_SIZE = 20
TOP_PAGE_SIZE = 100
TAGS_PAGE_SIZE = 200
TAGS_BESIDE = 16
TITLES_TOLD = 3
TAGS_OF_THE_YEAR = 60


@once
def tags_beside() -> list[TagUse]:
    """The tags that stand beside every list; one query an epoch."""
    return list(TagUse.objects.of_the_year()[:TAGS_BESIDE])


@cacheable("page", "before")
@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published().pinned_first().only("pinned", "go_live_at")
    ctx = {
        "named": "人力资讯",
        "page": page_or_404(request, articles, PAGE_SIZE),
        "categories": categories().values(),
    }
    return render_list(request, "articles/list.html", ctx)


@cacheable("page", "before")
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Category, slug=slug)
    own = Article.objects.published().filter(category=shown)
    articles = own.pinned_first().only("pinned", "go_live_at")
    ctx = {
        "category": shown,
        "named": shown.name,
        "page": page_or_404(request, articles, PAGE_SIZE),
        "categories": categories().values(),
    }
    return render_list(request, "articles/category.html", ctx)


@cacheable("page", "before")
@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """The articles of a tag; 404 for one that only hidden articles carry: it would tell of them."""
    shown = tag_called(name)
    if shown is None:
        raise Http404
    articles = Article.objects.published().tagged(shown).only("pk")
    page = page_or_404(request, articles, PAGE_SIZE)
    if not page.object_list:
        raise Http404
    # It may have been asked for in other capitals.
    known_as = address("articles:tag", shown.name)
    ctx = {
        "tag": shown,
        "named": shown.name,
        "page": page,
        "titles": titles_of(page.object_list[:TITLES_TOLD]),
        "canonical": known_as,
    }
    return render_list(request, "articles/tag.html", ctx)


def titles_of(articles: Iterable[Article]) -> list[str]:
    """Return the titles of articles of which no more than the number is loaded; one query."""
    numbers = [article.pk for article in articles]
    titles = dict(Article.objects.filter(pk__in=numbers).values_list("pk", "title"))
    return [titles[pk] for pk in numbers if pk in titles]


def tag_called(name: str) -> Tag | None:
    """Return the tag of that name, capitals aside: one query, two where it is not spelled so."""
    if "\0" in name:
        return None
    # The name as it stands first: that one is in an index.
    exact = Tag.objects.filter(name=name).first()
    return exact or Tag.objects.filter(name__iexact=name).first()


@cacheable("page")
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """All tags, the most used first; before them those of the last year."""
    Ranking.refresh_if_due()
    ctx: dict[str, Any] = {"page": page_or_404(request, TagUse.objects.linked(), TAGS_PAGE_SIZE)}
    if not ctx["page"].label:
        ctx["lately"] = TagUse.objects.of_the_year()[:TAGS_OF_THE_YEAR]
        ctx["rising"] = [use for use in ctx["lately"] if use.rising]
    return render_list(request, "articles/tags.html", ctx)


@cacheable()
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The years and months that have articles."""
    Ranking.refresh_if_due()
    by_year = groupby(
        Month.objects.linked(), lambda month: timezone.localtime(month.begins_at).year
    )
    years = [(year, list(months)) for year, months in by_year]
    ctx = {
        "years": [
            (year, sum(month.articles for month in months), months) for year, months in years
        ],
        "categories": categories().values(),
    }
    return render_list(request, "articles/archive.html", ctx)


@cacheable("page", "before")
@require_safe
def archive_year(request: HttpRequest, year: str) -> HttpResponse:
    ctx = archive_of(request, start_of(int(year)), start_of(int(year) + 1))
    ctx["named"] = f"{int(year)}年的文章"
    return render_list(request, "articles/archive_year.html", ctx)


@cacheable("page", "before")
@require_safe
def archive_month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    ctx = archive_of(request, start_of(int(year), int(month)), start_of(int(year), int(month) + 1))
    ctx["named"] = f"{int(year)}年{int(month)}月的文章"
    return render_list(request, "articles/archive_month.html", ctx)


def archive_of(request: HttpRequest, begin: datetime, end: datetime) -> dict[str, Any]:
    """The articles of a span of time, the months of its year, the nearest dates before and after."""
    Ranking.refresh_if_due()
    # The span before `.published()`: of two limits in one direction, SQLite takes the first to the
    # index, and from the other one it would walk through all that is newer.
    everything = Article.objects.newest()
    within = everything.filter(go_live_at__gte=begin, go_live_at__lt=end).published()
    page = page_or_404(request, within.only("go_live_at"), PAGE_SIZE)
    if not page.object_list:
        raise Http404
    earlier = everything.filter(go_live_at__lt=begin).published()
    later = everything.filter(go_live_at__gte=end).published()
    in_year = {"begins_at__gte": start_of(begin.year), "begins_at__lt": start_of(begin.year + 1)}
    return {
        "begin": begin,
        "page": page,
        "months": Month.objects.linked().filter(**in_year).reverse(),
        "earlier": earlier.values_list("go_live_at", flat=True).first(),
        "later": later.values_list("go_live_at", flat=True).last(),
    }


def start_of(year: int, month: int = 1) -> datetime:
    """When a month begins in Beijing; month 13 is the next January. Raises Http404 for far years."""
    years, index = divmod(month - 1, 12)
    if not FIRST_YEAR <= year + years <= timezone.localdate().year + 1:
        raise Http404
    return timezone.make_aware(datetime(year + years, index + 1, 1))


# Of all pages at once: to count them takes as long.
@once_each(len(Window))
def ranked(window: Window) -> list[Article]:
    """The ranking of a window, as it is shown; a query an epoch, and one asks whether it is due."""
    shown = ("title", "go_live_at", "category__name")
    return list(Ranking.current(window).select_related("category").only(*shown))


@cacheable("page", "window")
@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """人力资讯TOP500: of 30 days, and by `?window=` of a year and of all time."""
    asked = request.GET.get("window", "")
    # The first window has the address without a parameter, and no other.
    if asked not in ("", Window.YEAR, Window.ALL):
        raise Http404
    window = Window(asked or Window.MONTH)
    ctx = {
        "named": "人力资讯TOP500",
        "page": page_or_404(request, ranked(window), TOP_PAGE_SIZE),
        "window": window,
        "windows": Window,
    }
    if asked:
        ctx |= {"canonical": f"{request.path}?window={asked}"}
    return render_list(request, "articles/top.html", ctx)


def render_list(request: HttpRequest, template: str, ctx: dict[str, Any]) -> HttpResponse:
    """Render a list with what every list has: its rows, and the tags beside it.

    One of articles is `named`, for engines, as its heading has it.
    """
    # Functions, which only the templates that show them call.
    if "page" in ctx:
        ctx["rows"] = partial(rows_of, ctx["page"])
    if "named" in ctx:
        ctx["newest"] = partial(markup.newest, ctx["page"])
    ctx["beside"] = tags_beside
    return render(request, template, ctx)


@once
def newest_titles() -> list[Link]:
    """As many as any page lists, and one that may be the page's own; one query an epoch."""
    return links_to(Article.objects.published().newest()[: MOST_FURTHER_TITLES + 1])


# As with categories; but there may be many.
@once_each(100)
def author_of(pk: int) -> Author | None:
    return Author.objects.filter(pk=pk).first()


by_number = Prepared(
    lambda: Article.objects.published(NOW).filter(pk=Given("pk", BigIntegerField()))
)


@cacheable()
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    shown = by_number.first(now=timezone.now(), pk=pk)
    if shown is None:
        raise missing(Article.objects, pk=pk)
    place([shown])
    shown.author = author_of(shown.author_id) if shown.author_id else None
    return article_page(request, shown, tags_of(shown))


def article_page(
    request: HttpRequest, shown: Article, tags: Sequence[Tag] | None = None
) -> HttpResponse:
    """Show an article: one that is published, or a preview, which has its own tags."""
    profile = current_profile()
    tags = list(shown.tags.all()) if tags is None else tags
    newest = newest_titles()[: profile.further_titles + 1]
    ctx = {
        "article": shown,
        "disclaimer": shown.disclaimer(profile),
        "cover": cover_above(shown),
        "neighbours": shown.neighbours(),
        "related": related_to(shown, tags),
        "tags": tags,
        # All articles but the newest show the same titles, and share the part with them.
        "among_newest": shown.pk if any(other.pk == shown.pk for other in newest) else None,
        "further": [other for other in newest if other.pk != shown.pk][: profile.further_titles],
        "changed_at": markup.changed_at(shown),
        # Functions, which only a page calls that engines may have.
        "markup": partial(markup.article, shown, tags, profile),
        "time_factor": partial(markup.baidu, shown),
    }
    return render(request, "articles/article.html", ctx)


def cover_above(article: Article) -> MediaFile | None:
    """Return the cover to show above the text: none that stands in the text itself."""
    return None if f'data-file="{article.cover_id}"' in article.body else article.cover


@csrf_exempt  # the page is cached for everybody and carries no token; see `is_from_our_pages`
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Count a read (counting.js sends it): 204; crawlers are thanked like readers, and not counted."""
    if not is_from_our_pages(request):
        return HttpResponse(status=403)
    if is_crawler(request.headers.get("User-Agent", "")) or record_read(pk):
        return HttpResponse(status=204)
    return HttpResponse(status=404)
