"""gunicorn's worker, but for what it says where no answer of the site's comes about.

Its own pages are English, without our headers, and repeat what was asked. Imports nothing of Django's:
gunicorn looks for its worker before there are settings.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.workers.gthread import ThreadWorker

OUR_FAULT = (InvalidResponseHeader, InvalidResponseHeaderName)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads, as gunicorn has them."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read, with 400; or one on which everything of ours has failed."""
        status = HTTPStatus.BAD_REQUEST
        if not isinstance(exc, ParseException) or isinstance(exc, OUR_FAULT):
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            self.log.error("a request got no answer", exc_info=exc)
        with suppress(OSError):  # who has gone needs none
            client.sendall(answer(status))


@cache
def answer(status: HTTPStatus) -> bytes:
    """Return the page of an error as it is sent, with the headers of every page."""
    from django.conf import settings
    from django.template.loader import render_to_string

    from portal.middleware.headers import Room, headers

    body = render_to_string(f"{status}.html").encode()
    fields = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        **headers(Room.PUBLIC, settings.HTTPS),
    }
    lines = [
        f"HTTP/1.1 {status} {status.phrase}",
        *(f"{n}: {value}" for n, value in fields.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
