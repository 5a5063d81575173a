"""A look at the site from outside: what a visitor gets, whatever stands between.

Web servers, proxies and injected modules add what the site itself never sends. And whoever plants
something often shows it only to those who come from a search engine, or only to its spider: we ask as
each of them (`FACES`).
"""

from __future__ import annotations

import logging
import zlib
from datetime import datetime, time, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

from portal.cms.delivery import periodic
from portal.cms.engines.looking import OK
from portal.cms.engines.models import CrawledPage
from portal.cms.media.fetching import tls
from portal.cms.tamper import files
from portal.cms.tamper.reading import (
    FRAME,
    LONGEST_HOST,
    SCRIPT,
    Sighting,
    look,
    of_address,
    own_hosts,
)
from portal.cms.tamper.watching import TASK, Watch

logger = logging.getLogger(__name__)

AT: Final = time(2, 50)  # after the look at all pages
PAGES: Final = 5  # besides the front page
SECONDS: Final = 15.0
MOST_BYTES: Final = 5 * 1024 * 1024
MOST_HOPS: Final = 3
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What asking a server may raise that answers nonsense, or not at all.
FAILURES: Final = (OSError, HTTPException, ValueError, zlib.error)
# What `quote` must leave as it is in an address: what is quoted already (%), and what divides it.
AS_IT_IS: Final = "/#%[]=:;$&()+,!?*@'~\\"


class Face(NamedTuple):
    """Who seems to ask."""

    agent: str
    referrer: str


FACES: Final = (
    Face(
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/130.0.0.0 Mobile Safari/537.36",
        "https://www.baidu.com/",
    ),
    Face(
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "",
    ),
)


def run(now: datetime) -> None:
    """Ask for the front page and some others, and look at the static files; a dozen requests.

    A site that cannot be reached from its own machine by its public name is no alarm: the log says so.
    """
    watch = Watch()
    pages = CrawledPage.objects.filter(status=OK).exclude(path="/").order_by("?")
    for path in ["/", *pages.values_list("path", flat=True)[:PAGES]]:
        for face in FACES:
            # One bad answer must not hide the others: whoever means harm could give it on purpose.
            try:
                seen = seen_at(path, face)
            except FAILURES as error:
                logger.warning("%s cannot be asked over the wire: %s", path, type(error).__name__)
            else:
                watch.note({path: seen})
    for name in files.changed():
        address = settings.STATIC_URL + name
        watch.note({address: [Sighting(SCRIPT, address[:LONGEST_HOST])]})


def seen_at(path: str, face: Face) -> frozenset[Sighting]:
    """Return what a visitor gets of others at a path of ours. Raises FAILURES.

    Where a redirect leads to an address that cannot be parsed, it leads to somebody else ("?").
    """
    url = settings.SITE_URL + path
    for _ in range(MOST_HOPS):
        status, location, body = ask(url, face)
        if status not in REDIRECTS or not location:
            return look(body)
        try:
            url = urljoin(url, location)
            if (urlsplit(url).hostname or "") not in own_hosts():
                return frozenset(of_address(FRAME, url))
            urlsplit(url).port  # noqa: B018 - raises ValueError where it is none
        except ValueError:
            return frozenset({Sighting(FRAME, "?")})
    return frozenset()


def ask(url: str, face: Face) -> tuple[int, str, str]:
    """Return status, where it leads on, and the page.

    Without the guard that `media.fetching` has against addresses inside the network: this one is our own.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: HTTPConnection
    if parts.scheme == "https":
        connection = HTTPSConnection(host, port, timeout=SECONDS, context=tls())
    else:
        connection = HTTPConnection(host, port, timeout=SECONDS)
    headers = {"User-Agent": face.agent, "Accept": "text/html", "Accept-Encoding": "identity"}
    if face.referrer:
        headers["Referer"] = face.referrer
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        body = unpacked(answer.read(MOST_BYTES), answer.getheader("Content-Encoding", ""))
        # The library has read the header's bytes as Latin-1. Those beyond ASCII are quoted, as browsers do.
        location = quote(answer.getheader("Location", "").encode("latin-1"), safe=AS_IT_IS)
        return answer.status, location, body.decode(errors="replace")
    finally:
        connection.close()


def unpacked(body: bytes, packed: str) -> bytes:
    """Return a page unpacked: some servers pack what nobody asked them to. Raises FAILURES."""
    if packed.lower() == "gzip":
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, MOST_BYTES)
    if packed.lower() not in {"", "identity"}:
        raise HTTPException(packed)
    return body


periodic(TASK, "核对页面里的站外链接与代码", run, at=AT, takes=timedelta(minutes=15))
