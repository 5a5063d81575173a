"""What a view answers while the database or the files cannot be had."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.cms.outage import outage_of
from portal.views import errors


class OutageMiddleware:
    """Answers a view that failed for want of the database, of room or of the files.

    The answer asks to go back and try again: the browser still holds what was typed. What fails outside
    of views comes to `errors.server_error`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        outage = outage_of(exception)
        return errors.unavailable(outage) if outage else None
