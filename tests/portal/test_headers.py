"""The security headers of every kind of answer, and pages that can live under them."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from articles.models import Article
from portal.cms.pagecache.wsgi import PageCache
from portal.cms.preview import Preview
from portal.cms.revisions.content import content_of
from portal.middleware.headers import HeadersMiddleware, Room, headers
from tests import cast
from tests.cms import samples
from tests.cms.test_pagecache import ask

ROOT = Path(settings.BASE_DIR)
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERYWHERE = {
    "Content-Security-Policy": STRICT,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
        "publickey-credentials-create=(), publickey-credentials-get=()"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def unlike(answer: Any) -> dict[str, str | None]:
    """The headers of an answer that are not those of any other."""
    found = {name: answer.headers.get(name) for name in EVERYWHERE}
    return {name: value for name, value in found.items() if value != EVERYWHERE[name]}


@pytest.mark.django_db
def test_every_answer_to_a_stranger_has_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = cast.redirect().old
    answers = {
        "page": client.get("/services/"),
        "feed": client.get("/articles/feed/"),
        "sitemap": client.get("/sitemap.xml"),
        "robots": client.get("/robots.txt"),
        "redirect": client.get(old),
        "missing page": client.get("/no/such/page/"),
        "missing file": client.get("/static/no.css"),
        "method": client.put("/"),
        "options": client.options("/"),
        "host": client.get("/", HTTP_HOST="elsewhere.example"),
        "body": client.generic("POST", "/enquiry/", CONTENT_LENGTH="99999999"),
        "not a form": client.post("/services/"),
    }

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("portal.views.search.Asked", broken)
    client.raise_request_exception = False
    answers["error"] = client.get("/search/")

    assert [answer.status_code for answer in answers.values()] == [
        *(200, 200, 200, 200, 301, 404, 404, 405, 204, 400, 413, 405, 500),
    ]
    assert {name: unlike(answer) for name, answer in answers.items()} == {
        name: {} for name in answers
    }


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_kept_has_them_too() -> None:
    site = PageCache(WSGIHandler())
    for happened in ("miss", "hit"):
        answer = ask(site, "/services/")
        assert answer.happened == happened
        assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE


@pytest.mark.django_db
def test_rooms_of_their_own_have_what_they_need(client: Client) -> None:
    media = client.get(samples.picture().image_file.url)
    b"".join(media.streaming_content)  # type: ignore[attr-defined]
    assert unlike(media) == {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    draft = cast.draft()
    look = Preview.objects.keep(Article, draft.pk, content_of(draft), cast.xiaolin())
    look.share()
    preview = client.get(look.get_absolute_url())
    assert preview.status_code == 200
    assert unlike(preview) == {
        "Content-Security-Policy": STRICT.replace("ancestors 'none'", "ancestors 'self'"),
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "SAMEORIGIN",
    }
    for desk in (client.get("/admin/login/"), client.get("/admin/")):
        assert list(unlike(desk)) == ["Content-Security-Policy", "Permissions-Policy"]
        assert "'unsafe" not in desk["Content-Security-Policy"]
        assert "img-src 'self' data: blob:" in desk["Content-Security-Policy"]


def test_what_a_view_says_itself_stays(rf: RequestFactory) -> None:
    def private(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    answer = HeadersMiddleware(private)(rf.get("/"))
    assert unlike(answer) == {"Content-Security-Policy": "sandbox"}


def test_https_is_asked_for_where_it_is_spoken(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers.cache_clear()
    monkeypatch.setattr(settings, "SECURE_HSTS_SECONDS", 31_536_000)
    answer = HeadersMiddleware(lambda request: HttpResponse())(rf.get("/", secure=True))
    headers.cache_clear()

    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert unlike(answer) == {"Content-Security-Policy": f"{STRICT}; upgrade-insecure-requests"}
    assert "Strict-Transport-Security" not in headers(Room.PUBLIC, False)


@pytest.mark.django_db
def test_the_editor_is_the_only_script_in_a_page_and_its_hash_is_right(client: Client) -> None:
    client.force_login(cast.xiaolin())
    page = client.get(reverse("admin:articles_article_add"))
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", page.text, re.S)
    runs = [(kind, text) for kind, text in inline if "json" not in kind and "template" not in kind]

    assert [kind for kind, _ in runs] == [' type="importmap"']
    assert hash_of(runs[0][1]) in page["Content-Security-Policy"]


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_no_template_holds_what_the_policy_forbids() -> None:
    """A colleague's script in a page would work on their machine with DEBUG, and nowhere else."""
    forbidden = re.compile(
        r"""<script(?![^>]*\b(?:src=|type="(?:application/(?:ld\+)?json|text/template)"))|<style\b|\sstyle="""
        r"""|\son[a-z]+=["']|["']javascript:"""
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for folder in ("templates", "portal", "articles", "staffing")
        for path in sorted((ROOT / folder).rglob("*.html"))
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


# --- Cookies -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_script_and_no_other_site_gets_a_cookie(client: Client) -> None:
    client.get("/admin/login/")
    data = {"username": cast.xiaolin().username, "password": cast.PASSWORD}
    client.post("/admin/login/", data)

    assert {"csrf", "session"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
    # The same for https, where the names and Secure are added: tests/start/test_settings.py.


@pytest.mark.django_db
def test_a_stranger_who_reads_gets_none(client: Client) -> None:
    for path in ("/", "/search/?q=a", "/enquiry/", "/no/such/page/"):
        client.get(path)
    assert not client.cookies
