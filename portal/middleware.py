"""What stands around every request."""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from portal.views import errors


class DatabaseBusyMiddleware:
    """Answers a writer that waited in vain for SQLite's one writer's place, such as during an import.

    The answer asks to go back and try again: the browser still holds what was typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError) and "locked" in str(exception):
            return errors.busy(request)
        return None
