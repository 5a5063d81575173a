"""A sending: who sent it, as far as that is kept, and how they came to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from portal.cms.addresses import LONGEST, own_path
from portal.cms.visitors import address_of
from staffing.incoming.token import Token
from staffing.models.journal import without_phones

LONGEST_HOST: Final = 100
HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?", re.ASCII)
MOST_WORDS: Final = 40


@dataclass(frozen=True)
class Visit:
    """`certain`: the visitor has answered a question in words, so nothing more is asked.

    The pages, the host and the words are what the visitor's browser says; they are ours to count with
    and nothing to believe. No number stands in them: a tag, or the name of a site, may be any word.
    """

    submission: str
    address: str = ""
    certain: bool = False
    page: str = ""
    landing_page: str = ""
    referrer_host: str = ""
    search_words: str = ""

    @classmethod
    def of(cls, request: HttpRequest, token: Token, *, certain: bool) -> Visit:
        """Read what a form brought along. No query."""
        told = request.POST
        return cls(
            submission=token.submission,
            address=address_of(request),
            certain=certain,
            page=kept_path(told.get("source", "")),
            landing_page=kept_path(told.get("landing_page", "")),
            referrer_host=without_phones(host_of(told.get("referrer_host", "")))[:LONGEST_HOST],
            search_words=without_phones(words_of(told.get("search_words", "")))[:MOST_WORDS],
        )


def kept_path(text: str) -> str:
    """Return the path of a page of ours as it is kept: without numbers, and no longer than its column.

    A landline that is masked is longer than it was.
    """
    return without_phones(own_path(text))[:LONGEST]


def host_of(text: str) -> str:
    """Return the name of another site; empty where it is none, or this one."""
    host = text.strip().lower()
    own = urlsplit(settings.SITE_URL).hostname
    return host if HOST.fullmatch(host) and host != own else ""


def words_of(text: str) -> str:
    """Return words in one line, as many as are kept."""
    line = " ".join(text[: MOST_WORDS * 4].split())
    return line[:MOST_WORDS] if line.isprintable() else ""
