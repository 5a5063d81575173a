"""Answers to what went wrong: each says what happened, and how to go on."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import render
from django.urls import Resolver404, reverse

from portal.cms.handing_back import Why, hand_back
from portal.cms.publishing import Gone
from portal.views.lost import suggest, words_of
from portal.views.pages import is_address_of_page

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, also for bodies over the limit. Rendered without the chrome: nothing sent is trusted."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form of the desk without its token: an old tab, or cookies switched off.

    It gets back what was typed: its token is void after every login. Not where another site has sent
    it: that text would stand there as the visitor's own, one click from their form. 405 for all other
    pages, which only show something: the token is looked for before the view could say so.
    """
    if not request.path_info.startswith(reverse("admin:index")):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    sender = sender_of(request)
    is_ours = sender in (settings.SITE_URL, f"{request.scheme}://{request.get_host()}")
    if is_ours or not sender:
        handed_back = hand_back(request, Why.EXPIRED, is_ours=is_ours)
        if handed_back is not None:
            return handed_back
    return render(request, "403.html", {"stale_form": True}, status=403)


def sender_of(request: HttpRequest) -> str:
    """Return the origin of the page that sent a form; "" where the browser says nothing of it.

    No page can have a browser say something else. `null` is one that is not to be told, not ours.
    """
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return "null"
    if "Origin" in request.headers:
        return request.headers["Origin"]
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "null"
    return f"{page.scheme}://{page.netloc}" if page.netloc else ""


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """404; 410 where the content was public and has been withdrawn. Without the database: a bare page.

    The address of a page without its slash leads to the page. Costs the queries of the chrome, and
    those of a search where the address has words to look for; one for a single word without a slash.
    None for a file, whose answer no reader sees.
    """
    gone = isinstance(exception, Gone)
    status = 410 if gone else 404
    path = request.path_info
    if path.startswith((settings.MEDIA_URL, settings.STATIC_URL)):
        return HttpResponse("没有这个文件。", "text/plain; charset=utf-8", status)
    # A list that has no such page: its address is right, and there is nothing to look for.
    listing = bool(request.resolver_match and {"page", "before"} & request.GET.keys())
    try:
        if isinstance(exception, Resolver404) and is_address_of_page(f"{path}/"):
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        suggestions = [] if listing else suggest(path)
        context = {
            "gone": gone,
            "listing": listing,
            # Words that have just found nothing are no help in the field.
            "query": " ".join(words_of(path)) if suggestions else "",
            "suggestions": suggestions,
        }
        return render(request, "404.html", context, status=status)
    except Error:
        logger.warning("a missing page, and no database to help on with", exc_info=True)
        return render(None, "404_bare.html", {"gone": gone, "status": status}, status=status)


def busy(request: HttpRequest) -> HttpResponse:
    """503 while another writer holds the database longer than we wait. Sent by `portal.middleware`."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500. No query and no context: whatever broke may be broken here too."""
    return render(None, "500.html", status=500)
