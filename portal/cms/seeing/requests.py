"""The number of a request, which an error page shows and every line of the log carries."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

from django.urls import Resolver404, resolve

from portal.cms.visitors import is_proxy

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

NAME: Final = "X-Request-ID"
WELL_FORMED: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


class Asked(NamedTuple):
    """The request that this thread has in hand."""

    number: str
    path: str


# Not reset at the end of a request: while its body is still being sent, lines of the log are about it. The
# next request of this thread puts its own in place.
_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def current() -> str:
    """Return the number of the request in hand; "" outside of one."""
    asked = _asked.get()
    return asked.number if asked else ""


def view_in_hand() -> str:
    """Return the name of the view that answers the request in hand; "" outside of one.

    The name, not the address: that may hold a token, or what somebody looked for.
    """
    asked = _asked.get()
    return view_name(asked.path) if asked else ""


def view_name(path: str) -> str:
    """Return the name of the view at a path, "-" where there is none. Takes some 50 µs."""
    try:
        return resolve(path).view_name or "-"
    except Resolver404:
        return "-"


class RequestIds:
    """Gives every request its number, and every answer; outside the page cache, which keeps headers."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        number = given(environ) or secrets.token_hex(6)
        _asked.set(Asked(number, environ["PATH_INFO"]))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (NAME, number)], *rest)

        return self.application(environ, start)


def given(environ: Environ) -> str:
    """Return the number that a proxy of ours has given; "" where there is none, or anybody made it up."""
    number = environ.get("HTTP_X_REQUEST_ID", "")
    if not number or not is_proxy(environ.get("REMOTE_ADDR", "")):
        return ""
    return number if WELL_FORMED.fullmatch(number) else ""
