"""Counts requests and their seconds, and writes a line of the log for each, where that is wanted.

Without METRICS_PORT the library that counts is not even imported, and nothing is in the way of a request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import get_path_info

from portal.cms.pagecache.views import parameters_of
from portal.cms.pagecache.wsgi import NAME as PAGE_CACHE
from portal.cms.seeing.requests import Application, Environ, StartResponse, view_name

logger = logging.getLogger("portal.access")

# What gunicorn answers where the application raises.
BROKEN: Final = "500"


def measured(application: Application) -> Application:
    """Return the application with whatever is wanted around it: counts, lines, or nothing at all."""
    is_counted, is_written = settings.METRICS_PORT > 0, logger.isEnabledFor(logging.INFO)
    if not (is_counted or is_written):
        return application
    if is_counted:
        from portal.cms.seeing import counters

        counters.watch()
    return Measured(application, counted=is_counted, written=is_written)


class Measured:
    """Measures until an answer begins. What streams, such as an export, is counted as begun."""

    def __init__(self, application: Application, *, counted: bool, written: bool) -> None:
        self.application = application
        self.counted = counted
        self.written = written

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said.append((status, headers))
            return start_response(status, headers, *rest)

        try:
            return self.application(environ, start)
        finally:
            status, headers = said[-1] if said else (BROKEN, [])
            self.note(environ, status[:3], dict(headers), time.perf_counter() - began)

    def note(self, environ: Environ, status: str, headers: dict[str, str], took: float) -> None:
        cache = headers.get(PAGE_CACHE, "none")
        if self.counted:
            from portal.cms.seeing import counters

            counters.requests.labels(f"{status[0]}xx", cache).inc()
            counters.seconds.labels(cache).observe(took)
        if self.written:
            write(environ, status, cache, headers.get("Content-Length", ""), took)


def write(environ: Environ, status: str, cache: str, size: str, took: float) -> None:
    """Write one line: the view, and the address of a page that is the same for everybody.

    No other address: it may hold a token, or a name. No query, and not who has asked.
    """
    method, path = environ["REQUEST_METHOD"], get_path_info(environ)
    fields: dict[str, Any] = {
        "method": method,
        "view": view_name(path),
        "status": int(status),
        "ms": round(took * 1000, 1),
        "cache": cache,
    }
    if parameters_of(path) is not None:
        fields["path"] = path
    if size.isdigit():
        fields["bytes"] = int(size)
    message = "%s %s %s %.1f ms %s"
    shown = fields.get("path", fields["view"])
    logger.info(message, method, shown, status, took * 1000, cache, extra={"fields": fields})


def slow_statement() -> None:
    """Count a statement that took long."""
    if settings.METRICS_PORT:
        from portal.cms.seeing import counters

        counters.slow.inc()
