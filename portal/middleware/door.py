"""What is refused before anything else looks at it: no view, no session, no body is touched for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from portal import desk
from portal.cms.handing_back import MOST_OF_STRANGERS
from portal.cms.visitors import hop_of
from portal.views import errors

METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS")
# A form of anybody's has one file of 5 MB at most; the desk's imports and pasted pictures have 48.
MOST_OF_FORMS: Final = 6 * 1024 * 1024
MOST_OF_THE_DESK: Final = 50 * 1024 * 1024
MADE_BY_DJANGO: Final = re.compile(r"[a-z0-9]{32}")


class DoorMiddleware:
    """Lets in who asks in a way that the site knows, and whom the desk is open to.

    Costs a few comparisons; a query for a body of more than 2 MB at the desk, to know whose it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        try:
            request.get_host()
        except DisallowedHost:  # quietly: whoever scans the net for machines asks for their numbers
            return errors.bad_request(request)
        if request.method == "OPTIONS":  # the same everywhere: no other site may ask us anything
            return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})
        forget_false_session(request)
        if desk.leads_there(request) and not may_see_desk(request):
            desk.hide(request)
        return refused_body(request) or self.get_response(request)


def forget_false_session(request: HttpRequest) -> None:
    """Take away a session's cookie that Django has not made: PostgreSQL breaks on a NUL within one."""
    if not MADE_BY_DJANGO.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)


def may_see_desk(request: HttpRequest) -> bool:
    """Whether the desk is open to where a request comes from: one address, not its network."""
    networks = settings.ADMIN_ALLOWED_FROM
    address = hop_of(request) if networks else None
    return not networks or any(address in network for network in networks if address)


def refused_body(request: HttpRequest) -> HttpResponse | None:
    """Return what is said to a body that is too large, by what is said of it; None if it may come."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    if not (told.isascii() and told.isdigit() and len(told) < 20):
        return errors.bad_request(request)
    size = int(told)
    is_for_desk = desk.is_asked_for(request)
    if size > (MOST_OF_THE_DESK if is_for_desk else MOST_OF_FORMS):
        return errors.too_large(request)
    if is_for_desk and size > MOST_OF_STRANGERS and not is_signed_in(request):
        return errors.stale_form(request)
    return None


def is_signed_in(request: HttpRequest) -> bool:
    """Whether the session that a request names is somebody's. One query."""
    sessions = import_module(settings.SESSION_ENGINE)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return bool(key) and SESSION_KEY in sessions.SessionStore(key)
