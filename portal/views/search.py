"""`/search/`: what was found, most fitting first, with the passage that holds the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.models import Category
from articles.search import category_facet
from portal.cms.limits import Lumps
from portal.cms.paging import page_or_404
from portal.cms.search import finding, log
from portal.cms.search.finding import Found, Hit
from portal.cms.search.looking import Scope
from portal.cms.search.register import searchables
from portal.cms.search.snippets import html_of, marked, snippet
from portal.cms.search.tokens import fold
from portal.cms.visitors import address_of
from portal.views import errors

PAGE_SIZE = 20
# With fewer finds than this, what comes near is shown too.
FEW = 5
# What stands for bytes that are no UTF-8.
UNREADABLE = "\ufffd"
CHINESE = re.compile(r"[\u3400-\u9fff]")
# So many searches an hour come from one network: of an office full of people, and of no machine.
LIMIT = Lumps("search", hour=300, lump=20)
SPANS = {"month": ("一个月内", 31), "year": ("一年内", 366)}


@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what `?q=` finds, narrowed by `type`, `category` and `span`.

    47 queries at most, with those of the chrome and of the log: where of every kind little is found
    and something comes near. Up to six more write down what has never been asked. A query in GBK, as
    old sites' forms write it, is sent on to its address in UTF-8. 429 for who asks too often; counting
    takes four queries every twenty times.
    """
    verdict = LIMIT.take(address_of(request))
    if not verdict.allowed:
        return errors.too_many(request, verdict.again_at)
    in_gbk = read_as_gbk(request)
    if in_gbk is not None:
        return HttpResponseRedirect(request.path + Asked(in_gbk).address())
    asked = Asked(request.GET)
    found = finding.search(asked.query, asked.scope, asked.first)
    page = page_or_404(request, found.of(asked.type), PAGE_SIZE)
    related = asked.related(found) if page.older == "" else Found()
    ctx = {
        "query": asked.query,
        "longest": finding.LONGEST_QUERY if asked.is_cut else None,
        "page": page,
        "results": results(list(page), found),
        "count": count_text(found.count(asked.type)),
        "related": results(related.hits[: finding.NEAR], related),
        "filters": asked.filters(found),
    }
    if asked.is_plain and request.method == "GET":  # HEAD comes from machines
        log.record(asked.query, found.count())
    return render(request, "portal/search.html", ctx)


@dataclass(frozen=True)
class Result:
    """A find as the page shows it."""

    item: Any
    label: str
    title: SafeString
    passage: SafeString

    @property
    def day(self) -> str:
        return timezone.localdate(self.item.go_live_at).isoformat()

    @property
    def category(self) -> str:
        """The category of an article; the others have none."""
        return str(getattr(self.item, "category", None) or "")

    @property
    def pay(self) -> str:
        """The pay of a job."""
        return str(getattr(self.item, "pay_text", ""))


@dataclass(frozen=True)
class Choice:
    """A way to narrow what was found: a link, and how much is behind it where that is known."""

    label: str
    address: str
    is_chosen: bool
    count: str = ""


class Asked:
    """What a request asks for. What it asks for in vain, such as a type there is not, is left out."""

    def __init__(self, parameters: QueryDict) -> None:
        self.parameters = parameters
        query = visible(parameters.get("q", ""))
        self.query = query[: finding.LONGEST_QUERY].rstrip()
        self.is_cut = len(query) > finding.LONGEST_QUERY
        self.type = self._one_of("type", [each.key for each in searchables()])
        self.span = self._one_of("span", SPANS)
        slugs = {category.slug: category for category in self.categories}
        self.category = slugs.get(self._one_of("category", slugs)) if self.type else None

    def _one_of(self, name: str, known: Any) -> str:
        value = self.parameters.get(name, "")
        return value if value in known else ""

    @cached_property
    def categories(self) -> list[Category]:
        """The categories to choose from: only articles stand in one. One query, for them alone."""
        return list(Category.objects.all()) if self.type == "article" else []

    @property
    def scope(self) -> Scope:
        since = None
        if self.span:
            since = timezone.now() - timedelta(days=SPANS[self.span][1])
        facets = [category_facet(self.category.pk)] if self.category else []
        return Scope(facets=facets, since=since)

    @property
    def first(self) -> int | None:
        """How many finds have to be in order: most visitors do not leaf, and see the first page."""
        return None if "page" in self.parameters else PAGE_SIZE

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows it and it is the first page: what the log counts."""
        return not {"type", "span", "category", "page"} & set(self.parameters)

    def related(self, found: Found) -> Found:
        """Return what comes near, of the chosen type, where little was found."""
        if found.count(self.type) >= FEW:
            return Found()
        kinds = [each for each in searchables() if self.type in ("", each.key)]
        return finding.loosely(self.query, replace(self.scope, searchables=kinds), besides=found)

    def filters(self, found: Found) -> list[list[Choice]]:
        """Return the ways to narrow, each a row of links; each link keeps what the others chose.

        Where nothing was found there is nothing to narrow: of the rows only those whose choice may be
        the reason are left.
        """
        types = [("", "全部"), *((each.key, each.label) for each in searchables())]
        spans = [("", "时间不限"), *((key, label) for key, (label, _) in SPANS.items())]
        categories = [("", "全部栏目"), *((each.slug, each.name) for each in self.categories)]
        chosen = self.category.slug if self.category else ""
        rows = {
            # Within a category only its own articles were counted.
            "type": [
                Choice(
                    label,
                    self.address(type=key, category=""),
                    key == self.type,
                    "" if chosen else count_text(found.count(key)),
                )
                for key, label in types
            ],
            "category": [
                Choice(name, self.address(category=key), key == chosen) for key, name in categories
            ],
            "span": [
                Choice(label, self.address(span=key), key == self.span) for key, label in spans
            ],
        }
        narrowed = {"type": chosen, "category": chosen, "span": self.span}
        return [
            row for name, row in rows.items() if len(row) > 1 and (found.count() or narrowed[name])
        ]

    def address(self, **changes: str) -> str:
        """Return the address of this search with some of it changed, on its first page."""
        category = self.category.slug if self.category else ""
        asked = {"q": self.query, "type": self.type, "span": self.span, "category": category}
        return "?" + urlencode({key: value for key, value in (asked | changes).items() if value})


def read_as_gbk(request: HttpRequest) -> QueryDict | None:
    """Return the parameters read as GBK, where that makes text of a query that is none in UTF-8.

    None for a query with Chinese in it that is readable: that was UTF-8, and has been cut off.
    """
    query = request.GET.get("q", "")
    if UNREADABLE not in query or CHINESE.search(query):
        return None
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    parameters = QueryDict(raw, encoding="gb18030")
    return None if UNREADABLE in parameters.get("q", UNREADABLE) else parameters


def visible(query: str) -> str:
    """Return what is typed and can be seen of it: no control characters, nothing without width."""
    kept = "".join(c for c in query if c != UNREADABLE and (c.isspace() or fold(c)))
    return " ".join(kept.split())


def results(hits: list[Hit], found: Found) -> list[Result]:
    """Return the hits as the page shows them; a query for each kind, one more for a service's rows."""
    return [
        Result(
            item,
            hit.searchable.label,
            html_of(marked(hit.searchable.title(item), found.words)),
            html_of(snippet(hit.searchable.text(item), found.words)),
        )
        for hit, item in finding.items(hits)
    ]


def count_text(count: int) -> str:
    return f"{finding.COUNTED}+" if count > finding.COUNTED else str(count)
