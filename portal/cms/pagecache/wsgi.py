"""The page cache as a WSGI application around Django's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.handlers.wsgi import get_path_info

from portal.cms.pagecache.epochs import clock
from portal.cms.pagecache.pages import Headers, KeptPage
from portal.cms.pagecache.store import Store
from portal.cms.pagecache.views import parameters_of

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Key = tuple[str, str, str, str]

NAME: Final = "X-Page-Cache"
SAFE: Final = frozenset({"GET", "HEAD"})
# All that a rendering may know of who asks: what is in the key. Anything else a page depended on,
# such as a cookie, would be shown to everybody.
KNOWN_HEADERS: Final = frozenset({"HTTP_HOST", "HTTP_X_FORWARDED_PROTO"})
# Addresses longer than this are nobody's pages, and would fill the memory as keys.
LONGEST_ADDRESS: Final = 1000


class PageCache:
    """Answers from memory what it can, and hands everything else to Django.

    Kept are answers to GET and HEAD of views that are `cacheable`, asked by who is not signed in:
    200, without cookie, not marked private or no-store. The header X-Page-Cache says what happened:
    `hit`, `miss` (rendered now, and kept), `bypass`.
    """

    def __init__(self, application: Application, limit: int | None = None) -> None:
        """`limit` is the size of the memory in bytes, of this worker."""
        self.application = application
        self.limit = settings.PAGE_CACHE_BYTES if limit is None else limit
        # Cookies with which Django may answer somebody else than everybody: who is signed in, who is
        # owed a message.
        self.personal = (f"{settings.SESSION_COOKIE_NAME}=", "messages=")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # A hit costs little beside the server's own work only as long as it takes few calls.
        if not self.is_for_everybody(environ):
            return self.bypass(environ, start_response)
        store = clock.present().kept.get(self)
        if store is None:
            store = self.store()
        asked: Key = (
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
        )
        page = store.get(asked)
        if page is not None:
            return send(page, "hit", environ, start_response)
        key = normalised(asked, environ)
        if key is None:
            return self.bypass(environ, start_response)
        page = store.get(key)
        if page is not None:
            return send(page, "hit", environ, start_response)
        with store.rendering(key) as first:
            page = None if first else store.get(key)
            if page is not None:
                return send(page, "hit", environ, start_response)
            return self.render(store, key, environ, start_response)

    def is_for_everybody(self, environ: Environ) -> bool:
        """Whether the answer may be what everybody gets: whoever asks is a reader, and not signed in."""
        if environ["REQUEST_METHOD"] not in SAFE or "HTTP_AUTHORIZATION" in environ:
            return False
        cookies = environ.get("HTTP_COOKIE")
        return not cookies or not any(name in cookies for name in self.personal)

    def store(self) -> Store:
        """Return the pages of the present epoch, none if it has just begun."""
        store: Store = clock.present().kept.setdefault(self, Store(self.limit))
        return store

    def bypass(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *rest: Any) -> Any:
            return start_response(status, [*headers, (NAME, "bypass")], *rest)

        return self.application(environ, start)

    def render(
        self, store: Store, key: Key, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Let Django answer as to anybody; keep the answer if it may be kept."""
        status, headers, body = self.ask(environ, query=key[-1])
        if not may_be_kept(status, headers):
            if environ["QUERY_STRING"] != key[-1]:  # a redirect, say, which takes all of them along
                return self.bypass(environ, start_response)
            start_response(status, [*headers, (NAME, "bypass")])
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        page = KeptPage(headers, body)
        store.put(key, page)
        return send(page, "miss", environ, start_response)

    def ask(self, environ: Environ, query: str) -> tuple[str, Headers, bytes]:
        """Return status, headers and content of what Django answers to a stranger's GET."""
        request = {
            name: value
            for name, value in environ.items()
            if not name.startswith("HTTP_") or name in KNOWN_HEADERS
        }
        request |= {"REQUEST_METHOD": "GET", "QUERY_STRING": query}
        started: list[tuple[str, Headers]] = []
        response = self.application(
            request, lambda status, headers, *rest: started.append((status, headers))
        )
        try:
            body = b"".join(response)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        return status, headers, body


def normalised(asked: Key, environ: Environ) -> Key | None:
    """Return what the page that is asked for depends on; None where it cannot be kept."""
    if sum(map(len, asked)) > LONGEST_ADDRESS:
        return None
    known = parameters_of(get_path_info(environ), asked[-1])
    if known is None:
        return None
    # What the page does not know would only multiply it; of two values Django takes the last.
    values = {name: value for name, value in parse_qsl(asked[-1]) if name in known}
    return *asked[:-1], urlencode(sorted(values.items()))


def may_be_kept(status: str, headers: Headers) -> bool:
    """Whether an answer is the same for everybody who asks for it before the epoch ends."""
    named = {name.lower(): value.lower() for name, value in headers}
    varies = {name.strip() for name in named.get("vary", "").split(",")}
    return (
        status.startswith("200 ")
        and "set-cookie" not in named
        and not any(word in named.get("cache-control", "") for word in ("private", "no-store"))
        and varies <= {"", "accept-encoding", "cookie"}
    )


def send(
    page: KeptPage, happened: str, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer with a kept page, in the encoding the browser takes, or with 304 if it has the page."""
    answer = page.answer(environ.get("HTTP_ACCEPT_ENCODING", ""))
    # nginx counts in whole seconds, and would make one or two of `s-maxage=1`: this one, and no other.
    told = ((NAME, happened), ("X-Accel-Expires", f"@{int(time.time())}"))
    if page.is_unchanged(answer, environ):
        start_response("304 Not Modified", [*answer.unchanged, *told])
        return ()
    start_response("200 OK", [*answer.headers, *told])
    return () if environ["REQUEST_METHOD"] == "HEAD" else (answer.body,)
