"""`/prices/` and `/faq/`: what each service says of both, on one page. No bodies are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.cms.pagecache.views import cacheable
from portal.cms.site import Page
from staffing.models import Faq, Service
from staffing.models.service import Audience


@cacheable()
@require_safe
def prices(request: HttpRequest) -> HttpResponse:
    """收费标准 (人力资源市场暂行条例 §32): the price of every service, and who supervises; two queries."""
    context = {"services": Service.objects.published().for_list(), "page": words("prices")}
    return render(request, "staffing/prices.html", context)


@cacheable()
@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """常见问题 of all services, by who asks; two queries."""
    asked = Faq.objects.filter(service__in=Service.objects.published())
    asked = asked.select_related("service").order_by("service__order", "service", "order", "pk")
    shown = asked.defer("service__body")
    context = {"groups": list(by_audience(list(shown))), "page": words("faq")}
    return render(request, "staffing/faq.html", context)


@dataclass(frozen=True)
class Group:
    """The questions of those who ask."""

    key: str
    label: str
    faqs: list[Faq]


def by_audience(faqs: list[Faq]) -> Iterator[Group]:
    """Yield what each audience asks; nothing for those who ask nothing."""
    labels = {
        Audience.ENTERPRISE: "企业常问",
        Audience.SEEKER: "求职者常问",
        Audience.BOTH: "都会问到",
    }
    for audience, label in labels.items():
        own = [item for item in faqs if item.audience == audience]
        if own:
            yield Group(audience.value, label, own)


def words(slug: str) -> Page | None:
    """Return what the staff want said above such a page, where they have published it; one query."""
    return Page.objects.published().filter(slug=slug).first()
