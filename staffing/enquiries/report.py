"""线索报表: which pages bring calls and leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.cms.addresses import items_at
from portal.cms.admin.desk import ModelAdmin, desk_page
from staffing.models import DailyCalls, Enquiry
from staffing.models.journal import without_phones

SPANS: Final = (30, 90, 365)
# Pages beyond these brought one call in a year; their titles would be that many rows.
MOST: Final = 100
COUNTED: Final = 500


# What is counted of leads, by the fields of a line.
COUNTS: Final = {
    "call_backs": Count("pk", Q(kind=Enquiry.Kind.CALL_BACK)),
    "companies": Count("pk", Q(kind=Enquiry.Kind.COMPANY)),
    "applications": Count("pk", Q(kind=Enquiry.Kind.APPLICATION)),
    "won": Count("pk", Q(status=Enquiry.Status.WON)),
}
# Of whoever's browser did not say, and of what is counted under no page.
UNKNOWN: Final = "没有记录来源"


@dataclass
class Line:
    """What one page has brought."""

    page: str
    title: str = ""
    taps: int = 0
    call_backs: int = 0
    companies: int = 0
    applications: int = 0
    won: int = 0

    @property
    def shown(self) -> str:
        """The page as anybody may read it: whoever sends a form can name one with a number in it."""
        return without_phones(self.page)

    @property
    def url(self) -> str:
        """Where it is; empty where that would tell the number."""
        return self.page if self.page == self.shown else ""

    @property
    def leads(self) -> int:
        return self.call_backs + self.companies + self.applications

    @property
    def order(self) -> tuple[int, int]:
        return -self.leads, -self.taps


def show(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the report of `?days=`, the last 30 by default. Five queries, and one a kind of page."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else SPANS[0]
    by_page, by_landing = pages(days), landing_pages(days)
    name(by_page, by_landing)
    shown = {
        "title": "线索报表",
        "days": days,
        "spans": SPANS,
        "total": total(days),
        "by_page": by_page[:MOST],
        "by_landing": by_landing[:MOST],
        "cut": max(len(by_page), len(by_landing)) > MOST,
        "most": MOST,
    }
    return desk_page(model_admin, request, "admin/staffing/report.html", shown)


def total(days: int) -> Line:
    """Return what all pages have brought together, however many there are; two queries."""
    taps = _calls(days).aggregate(n=Sum("count"))["n"] or 0
    return Line("", taps=taps, **_leads(days).aggregate(**COUNTS))


def pages(days: int) -> list[Line]:
    """Return what each page led to while it was open, those that brought most first; two queries."""
    lines = _lines(days, "page")
    taps = _calls(days).order_by().values("page").annotate(n=Sum("count")).order_by("-n", "page")
    for page, count in taps.values_list("page", "n")[:COUNTED]:
        lines.setdefault(page, Line(page)).taps = count
    return sorted(lines.values(), key=lambda line: line.order)


def landing_pages(days: int) -> list[Line]:
    """Return what became of visits that began with each page; one query."""
    return sorted(_lines(days, "landing_page").values(), key=lambda line: line.order)


def _leads(days: int) -> QuerySet[Any]:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    # What turned out to be no lead brings nobody anything.
    real = Enquiry.objects.exclude(status=Enquiry.Status.INVALID).order_by()
    return real.filter(received_at__gte=midnight - timedelta(days - 1))


def _calls(days: int) -> QuerySet[Any]:
    first = timezone.localdate() - timedelta(days - 1)
    return DailyCalls.objects.filter(day__gte=first)


def _lines(days: int, field: str) -> dict[str, Line]:
    counted = _leads(days).values(field).annotate(leads=Count("pk"), **COUNTS)
    rows = counted.order_by("-leads", field).values_list(field, *COUNTS)[:COUNTED]
    return {page: Line(page, **dict(zip(COUNTS, counts, strict=True))) for page, *counts in rows}


def name(*tables: Iterable[Line]) -> None:
    """Give the lines that are shown the titles of their pages; one query for each kind there is."""
    lines = [line for table in tables for line in list(table)[:MOST]]
    items = items_at({line.page for line in lines})
    words = {"/": "首页", "": UNKNOWN}
    for line in lines:
        line.title = str(items.get(line.page, words.get(line.page, "")))
