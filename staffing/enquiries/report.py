"""线索报表: which pages bring calls and leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from portal.cms.addresses import items_at
from staffing.models import DailyCalls, Enquiry

SPANS: Final = (30, 90, 365)
# Pages beyond these brought one call in a year; their titles would be that many rows.
MOST: Final = 100
COUNTED: Final = 500


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
    def leads(self) -> int:
        return self.call_backs + self.companies + self.applications

    @property
    def order(self) -> tuple[int, int]:
        return -self.leads, -self.taps


def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the report of `?days=`, the last 30 by default. Three queries, and one a kind of page."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else SPANS[0]
    by_page, by_landing = pages(days), landing_pages(days)
    name(by_page, by_landing)
    total = Line("")
    for line in by_page:
        for field in ("taps", "call_backs", "companies", "applications", "won"):
            setattr(total, field, getattr(total, field) + getattr(line, field))
    shown = {
        "title": "线索报表",
        "days": days,
        "spans": SPANS,
        "total": total,
        "by_page": by_page[:MOST],
        "by_landing": by_landing[:MOST],
        "cut": max(len(by_page), len(by_landing)) > MOST,
        "most": MOST,
    }
    return TemplateResponse(request, "admin/staffing/report.html", {**context, **shown})


def pages(days: int) -> list[Line]:
    """Return what each page led to while it was open, those that brought most first; two queries."""
    lines = _leads(days, "page")
    calls = DailyCalls.objects.filter(
        action=DailyCalls.Action.CALL, day__gt=timezone.localdate() - timedelta(days)
    )
    taps = calls.order_by().values("page").annotate(n=Sum("count")).order_by("-n", "page")
    for page, count in taps.values_list("page", "n")[:COUNTED]:
        lines.setdefault(page, Line(page)).taps = count
    return sorted(lines.values(), key=lambda line: line.order)


def landing_pages(days: int) -> list[Line]:
    """Return what became of visits that began with each page; one query."""
    return sorted(_leads(days, "landing_page").values(), key=lambda line: line.order)


def _leads(days: int, field: str) -> dict[str, Line]:
    # What turned out to be no lead brings nobody anything.
    real = Enquiry.objects.exclude(status=Enquiry.Status.INVALID)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    late: QuerySet[Any] = real.filter(received_at__gte=midnight - timedelta(days - 1))
    kind, rows = Enquiry.Kind, late.exclude(**{field: ""}).order_by().values(field)
    counted = rows.annotate(
        leads=Count("pk"),
        call_backs=Count("pk", Q(kind=kind.CALL_BACK)),
        companies=Count("pk", Q(kind=kind.COMPANY)),
        applications=Count("pk", Q(kind=kind.APPLICATION)),
        won=Count("pk", Q(status=Enquiry.Status.WON)),
    ).order_by("-leads", field)[:COUNTED]
    return {
        row[field]: Line(
            row[field],
            call_backs=row["call_backs"],
            companies=row["companies"],
            applications=row["applications"],
            won=row["won"],
        )
        for row in counted
    }


def name(*tables: Iterable[Line]) -> None:
    """Give the lines that are shown the titles of their pages; one query for each kind there is."""
    lines = [line for table in tables for line in list(table)[:MOST]]
    items = items_at({line.page for line in lines})
    for line in lines:
        line.title = str(items.get(line.page, "首页" if line.page == "/" else ""))
