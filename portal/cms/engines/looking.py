"""A page of this site as engines find it: rendered in this process, read once."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.urls import Resolver404, resolve
from django.utils.encoding import repercent_broken_unicode
from django.utils.http import RFC3986_SUBDELIMS

from portal.cms.addresses import FILES, names_item
from portal.cms.compliance.typography import length
from portal.cms.redirects.keys import is_entrance
from portal.cms.richtext.scan import scan
from portal.cms.tamper.reading import Sighting
from portal.cms.tamper.reading import look as outside_of

# In the environment of a request of our own: nobody who came is counted for it (`portal.views.errors`).
OWN_REQUEST: Final = "portal.own_request"
TITLE: Final = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What stands beside the text of a page, or below it.
BESIDE: Final = frozenset({"nav", "aside", "footer", "form"})
OK: Final = 200
FAILED: Final = 500
VOID: Final = frozenset(
    {"img", "br", "hr", "input", "source", "wbr", "meta", "link", "base", "area"}
)
# The class of what editors wrote.
TEXT: Final = "body"


@dataclass
class Look:
    """What a page is and says; `links` lead to paths of ours, and are those of its own part."""

    path: str
    status: int
    milliseconds: int = 0
    title: str = ""
    description_length: int = 0
    words: int = 0
    pictures_without_alt: int = 0
    links: list[str] = field(default_factory=list)
    chrome: list[str] = field(default_factory=list)  # those around it, which all pages have
    may_index: bool = True
    outside: frozenset[Sighting] = frozenset()  # what of it is not ours


@cache
def handler() -> WSGIHandler:
    return WSGIHandler()


def look_at(path: str) -> Look:
    """Render a page as a stranger gets it, past the page cache, and read it. Raises what a view raises.

    No socket, and no signal of a request: those of the one within which this may run go on.
    """
    began = time.perf_counter()
    status, body = asked(path)
    milliseconds = round(1000 * (time.perf_counter() - began))
    if status != 200:
        return Look(path, status, milliseconds)
    look = read(path, body)
    look.outside = outside_of(body)
    look.milliseconds = milliseconds
    return look


def asked(path: str) -> tuple[int, str]:
    """Return the status and the text of what is answered at an address of ours."""
    site = urlsplit(settings.SITE_URL)
    place, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(place).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        OWN_REQUEST: True,
    }
    response = handler().get_response(WSGIRequest(environ))
    return response.status_code, getattr(response, "content", b"").decode(errors="replace")


def path_of(link: str) -> str:
    """Return the path of a link as a request has it: what is no UTF-8 stays percent-encoded."""
    return repercent_broken_unicode(unquote_to_bytes(link.partition("?")[0])).decode()


class Places:
    """Whether something that is no item is at an address: a file by its name, a list by asking for it.

    So many are asked for, at the cost of a page each, and each once; of the others it is believed.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.statuses: dict[str, int] = {}

    def has(self, link: str) -> bool:
        path = path_of(link)
        for room, has_file in (
            (settings.MEDIA_URL, default_storage.exists),
            (settings.STATIC_URL, is_static),
        ):
            if path.startswith(room):
                return is_file(has_file, path.removeprefix(room))
        if names_item(path) or not _has_view(path):
            return False
        if link not in self.statuses:
            if len(self.statuses) >= self.most:
                return True
            try:
                self.statuses[link] = asked(link)[0]
            except Exception:  # noqa: BLE001 - the nightly look tells of it, as of a page of its own
                self.statuses[link] = FAILED
        return self.statuses[link] < 400


def is_static(name: str) -> bool:
    """As it was written, or by the name that it has for visitors."""
    return finders.find(name) is not None or staticfiles_storage.exists(name)


def is_file(has_file: Callable[[str], object], name: str) -> bool:
    try:
        return bool(name and has_file(name))
    except (OSError, ValueError, SuspiciousOperation):
        return False


def _has_view(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def read(path: str, source: str) -> Look:
    """Return what the HTML of a page says. Our own, so that its tags are closed."""
    look = Look(path, OK, title=title_of(source))
    words: list[str] = []
    around: list[tuple[str, bool]] = []  # the tags that are open, with whether they hold a text
    # The tokeniser leaves a head out.
    for token in scan(source.replace("<head>", "", 1)):
        tags = [tag for tag, _ in around]
        if token.kind == "text":
            if "main" in tags and not BESIDE.intersection(tags):
                words.append(token.value)
        elif token.kind == "open":
            _note(look, token.value, token.attributes, around)
            if token.value not in VOID:
                around.append((token.value, TEXT in token.attributes.get("class", "").split()))
        elif token.value in tags:
            while around.pop()[0] != token.value:
                pass
    look.words = length(" ".join(words))
    look.links, look.chrome = (list(dict.fromkeys(links)) for links in (look.links, look.chrome))
    return look


def title_of(source: str) -> str:
    found = TITLE.search(source)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def _note(look: Look, tag: str, attributes: dict[str, str], around: list[tuple[str, bool]]) -> None:
    in_main = any(name == "main" for name, _ in around)
    if tag == "meta" and attributes.get("name") == "description":
        look.description_length = length(attributes.get("content", ""))
    elif tag == "meta" and attributes.get("name") == "robots":
        look.may_index = "noindex" not in attributes.get("content", "")
    elif tag == "img" and in_main:
        in_text = any(is_text for _, is_text in around)
        # An empty one is right beside a title that says the same; not in a text.
        lacks = not attributes.get("alt", "").strip() if in_text else "alt" not in attributes
        look.pictures_without_alt += lacks
    elif tag == "a" and (own := own_link(attributes.get("href", ""))):
        (look.links if in_main else look.chrome).append(own)


def own_link(href: str) -> str:
    """Return the path of a link that leads to a page of ours, "" for any other.

    A query is that of a filter, and no page of its own, but for the numbers of the front door's, and
    where other systems show their pages by one: at a path that no view of ours knows.
    """
    href = href.strip().removeprefix(settings.SITE_URL).partition("#")[0]
    if not href.startswith("/") or href.startswith("//"):
        return ""
    place, _, query = href.partition("?")
    # By its bytes: old Chinese sites wrote theirs in GBK.
    place = quote(unquote_to_bytes(place), safe=f"{RFC3986_SUBDELIMS}/~:@")
    if place.startswith(f"/{settings.ADMIN_PATH}/"):
        return ""
    kept = is_entrance(query) if place == "/" else not _is_listing(path_of(place))
    return f"{place}?{query}" if query and kept else place


def _is_listing(path: str) -> bool:
    try:
        return resolve(path).view_name not in FILES and not names_item(path)
    except Resolver404:
        return path.startswith((settings.MEDIA_URL, settings.STATIC_URL))
