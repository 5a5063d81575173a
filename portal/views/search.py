"""Site search by title: an item is found when its title holds every word of the query."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles.models import Article
from portal.cms.publishing import PublishableQuerySet
from portal.cms.site import Page
from staffing.models import Job, Service

LONGEST_QUERY = 100
SHOWN = 20
COUNTED = 1000


@dataclass(frozen=True)
class Group:
    """What was found of one type: the newest, and how many there are."""

    type: str
    label: str
    items: list[Any]
    count: int

    @property
    def count_text(self) -> str:
        """How many, as a reader is told; counting stops early, so that it stays cheap."""
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)

    @property
    def all_shown(self) -> bool:
        return self.count <= len(self.items)


@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what `?q=` finds, by type; eight queries, none without a word to look for."""
    query = normalised(request.GET.get("q", ""))
    wanted = words(query)
    groups = search_all(wanted) if wanted else []
    context = {"query": query, "groups": groups, "found": any(group.items for group in groups)}
    return render(request, "portal/search.html", context)


def search_all(wanted: list[str]) -> list[Group]:
    """Return a group for each type, those without a find included."""
    jobs = Job.objects.open().select_related("district")
    return [
        search_titles("service", "服务", Service.objects.published(), "name", wanted),
        search_titles("job", "正在招的岗位", jobs, "title", wanted),
        search_titles("article", "资讯", Article.objects.published(), "title", wanted),
        search_titles("page", "单页", Page.objects.published(), "title", wanted),
    ]


def search_titles(
    type_: str, label: str, items: PublishableQuerySet, field: str, wanted: list[str]
) -> Group:
    """Return the items whose `field` holds all words, newest first; two queries, reading no body."""
    rule = Q(*(Q((f"{field}__icontains", word)) for word in wanted))
    found = items.filter(rule).newest()
    deferred = {"body"} & {each.name for each in items.model._meta.get_fields()}
    return Group(type_, label, list(found.defer(*deferred)[:SHOWN]), found[: COUNTED + 1].count())


def normalised(query: str) -> str:
    """Return the query in half-width forms, without invisible characters, and of a sane length."""
    text = " ".join(unicodedata.normalize("NFKC", query[:LONGEST_QUERY]).split())
    return "".join(filter(str.isprintable, text))[:LONGEST_QUERY]


def words(query: str) -> list[str]:
    """Return the words of a normalised query.

    Punctuation parts them and is not looked for: the query has `(示例)` where a title has `（示例）`.
    """
    return re.findall(r"[^\W_]+", query)
