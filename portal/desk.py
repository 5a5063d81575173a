"""Where the desk is, and for whom there is none: said once, for whoever answers outside of it."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest

ROOM: Final = f"/{settings.ADMIN_PATH}/"
# The URL map without it.
WITHOUT: Final = "portal.public_urls"


def hide(request: HttpRequest) -> None:
    """Let there be no desk for this request: its address leads nowhere, as any other that does."""
    request.urlconf = WITHOUT  # type: ignore[attr-defined]


def is_asked_for(request: HttpRequest) -> bool:
    """Whether a request leads to the desk, and there is one for it."""
    return leads_there(request) and getattr(request, "urlconf", None) != WITHOUT


def leads_there(request: HttpRequest) -> bool:
    """Whether a request has an address of the desk, with its last slash or without."""
    return f"{request.path_info}/".startswith(ROOM)
