"""`/cases/` and `/cases/<slug>/`: work the agency has done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.cms.pagecache.views import cacheable
from portal.cms.paging import page_or_404
from portal.cms.publishing import get_published_or_404
from staffing.models import Case
from staffing.services.views import words

CASES_A_PAGE = 12
OTHER_CASES = 4


@cacheable("page", "before")
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases, newest first; three queries. Raises Http404 for a page there is not."""
    page = page_or_404(request, Case.objects.published().for_list(), CASES_A_PAGE)
    context = {"page": page, "words": words("cases")}
    return render(request, "staffing/cases.html", context)


@cacheable()
@require_safe
def case(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one case, and others beside it; two queries."""
    complete = Case.objects.select_related("district", "service__required_licence", "cover", "logo")
    return case_page(request, get_published_or_404(complete, slug=slug))


def case_page(request: HttpRequest, item: Case) -> HttpResponse:
    """Show a case: one that is published, or a preview."""
    service = item.service if item.service and item.service.is_public else None
    others = Case.objects.published().exclude(pk=item.pk).for_list()
    context = {"case": item, "service": service, "others": others[:OTHER_CASES]}
    return render(request, "staffing/case.html", context)
