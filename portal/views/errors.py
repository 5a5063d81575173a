"""Answers to what went wrong: each says what happened, and how to go on."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.cms.expired import hand_back
from portal.cms.publishing import Gone


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, also for bodies over the limit. Rendered without the chrome: nothing sent is trusted."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: an old tab, or cookies switched off.

    A form of the desk gets back what was typed: its token is void after every login.
    """
    if request.path_info.startswith(reverse("admin:index")):
        handed_back = hand_back(request)
        if handed_back is not None:
            return handed_back
    return render(request, "403.html", {"stale_form": True}, status=403)


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """404; 410 where the content was public and has been withdrawn."""
    gone = isinstance(exception, Gone)
    return render(request, "404.html", {"gone": gone}, status=410 if gone else 404)


def busy(request: HttpRequest) -> HttpResponse:
    """503 while another writer holds the database longer than we wait. Sent by `portal.middleware`."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500. No query and no context: whatever broke may be broken here too."""
    return render(None, "500.html", status=500)
