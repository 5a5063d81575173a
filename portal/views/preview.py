"""`/preview/<signed>/`: a page as it will be, for those who were given the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.views import article_page
from portal.cms.kinds import errors_unless_named
from portal.cms.preview import Preview, gone
from portal.cms.site import Page
from portal.districts.models import DistrictPage
from portal.views.districts import district_page
from portal.views.pages import standing_page
from staffing.cases.views import case_page
from staffing.models import Case, Job, Service
from staffing.views import job_page, service_page

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # Whoever a link in the text leads to must not learn the address of the preview.
    "Referrer-Policy": "no-referrer",
    # The desk shows it in a frame; no other page of the site may stand in one.
    "X-Frame-Options": "SAMEORIGIN",
}


PAGES: dict[type[Any] | None, Callable[[HttpRequest, Any], HttpResponse]] = {
    Article: article_page,
    Case: case_page,
    DistrictPage: district_page,
    Job: job_page,
    Page: standing_page,
    Service: service_page,
}


@require_safe
def preview(request: HttpRequest, signed: str) -> HttpResponse:
    """Show the page; 404 for any link that is forged, expired, revoked, or not for this visitor.

    Costs what the page costs, the preview, a query for each relation, and for a look that is not
    shared two to know the visitor.
    """
    found = Preview.objects.signed(signed)
    allowed = found is not None and found.open_to(request.user)
    response = page_of(request, found) if found is not None and allowed else gone(request)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def page_of(request: HttpRequest, preview: Preview) -> HttpResponse:
    page, item = PAGES.get(preview.content_type.model_class()), preview.look()
    if page is None or item is None:
        return gone(request)
    # base.html asks for it: the bar above the page, no indexing, no counting.
    request.preview = preview  # type: ignore[attr-defined]
    return page(request, item)


@checks.register
def check_every_kind_has_a_page(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Without its page, every preview of a kind would answer that the link is good no longer."""
    hint = "Add it to PAGES in portal/views/preview.py, with the view that shows one item."
    return errors_unless_named(PAGES, "no page shows a preview of it", hint, "portal.E001")
