"""Security headers of every answer: of pages, files, redirects and errors.

Two policies for pages, the same for everybody, so that a page that is kept may hold them. No nonce, which
no kept page could have. They are of the shape of SECURE_CSP in Django 6: once there, they move.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal import desk
from portal.cms.richtext.widgets import RichTextWidget

Policy = Mapping[str, tuple[str, ...]]

NONE: Final = ("'none'",)
SELF: Final = ("'self'",)
# No script, style or address stands in a page itself: what somebody smuggles into one does nothing.
PUBLIC: Final[Policy] = {
    "default-src": NONE,
    "script-src": SELF,
    "style-src": SELF,
    "img-src": SELF,
    "connect-src": SELF,
    "form-action": SELF,
    "base-uri": NONE,
    "frame-ancestors": NONE,
}
# The desk shows it in a frame.
PREVIEW: Final[Policy] = {**PUBLIC, "frame-ancestors": SELF}
# Of the rules that Tiptap, the editor's library, puts into a <style>. tests/browser/test_csp.py notices
# when another release brings others.
TIPTAP: Final = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"
# Pictures that were pasted, and the QR code for an authenticator, stand in the page until they are saved.
DESK: Final[Policy] = {
    **PUBLIC,
    "style-src": (*SELF, TIPTAP),
    "img-src": (*SELF, "data:", "blob:"),
    "font-src": SELF,
    "frame-src": SELF,
}

NOT_USED: Final = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
PASSKEYS: Final = ", publickey-credentials-create=({0}), publickey-credentials-get=({0})"


class Room(Enum):
    """The parts of the site whose headers differ, by the beginning of their addresses."""

    PUBLIC = ""
    DESK = desk.ROOM
    PREVIEW = "/preview/"
    MEDIA = settings.MEDIA_URL


class HeadersMiddleware:
    """Adds what an answer does not have: views know better about private files, media and previews.

    Second of all, as answers of other middleware need them as well: SecurityMiddleware, which sets some
    of them, does not see every error. Costs a dozen look-ups; of a page from the page cache, nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in headers(room_of(request), request.is_secure()).items():
            response.headers.setdefault(name, value)
        if settings.DEBUG and response.status_code in (404, 500):
            # The developers' pages have their scripts and styles within them.
            del response.headers["Content-Security-Policy"]
        return response


def room_of(request: HttpRequest) -> Room:
    if desk.is_asked_for(request):  # where there is none, not even the headers tell of it
        return Room.DESK
    rooms = (Room.PREVIEW, Room.MEDIA)
    path = request.path_info
    return next((room for room in rooms if path.startswith(room.value)), Room.PUBLIC)


@cache
def headers(room: Room, is_secure: bool) -> dict[str, str]:
    """Return the headers of a part of the site."""
    policy = {Room.DESK: DESK, Room.PREVIEW: PREVIEW}.get(room, PUBLIC)
    if room is Room.DESK:
        policy = {**policy, "script-src": (*SELF, import_map())}
    if is_secure:
        policy = {**policy, "upgrade-insecure-requests": ()}
    found = {
        "Content-Security-Policy": written(policy),
        # Feed readers show our pictures within pages of their own.
        "Cross-Origin-Resource-Policy": "cross-origin" if room is Room.MEDIA else "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": NOT_USED + PASSKEYS.format("self" if room is Room.DESK else ""),
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Permitted-Cross-Domain-Policies": "none",
    }
    if is_secure and settings.SECURE_HSTS_SECONDS:
        found["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return found


def written(policy: Policy) -> str:
    """Return a policy as the header has it."""
    return "; ".join(" ".join((directive, *sources)) for directive, sources in policy.items())


def import_map() -> str:
    """Return the hash of the one script within a page: by what names the editor's modules find each other.

    The names of their files change with their content, and so does it.
    """
    tag = RichTextWidget().media.render_importmap()[0]
    content = tag.partition(">")[2].rpartition("</script>")[0]
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
