"""Files at the root, by which engines know whose site this is."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.engines.models import Verification
from portal.cms.engines.rootfiles import check
from tests import cast

pytestmark = pytest.mark.django_db

FILE = Verification.Way.FILE
KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("baidu_verify_codeva-a1B2.html", "text/html; charset=utf-8"),
        ("BingSiteAuth.xml", "application/xml; charset=utf-8"),
        ("MP_verify_a1B2c3.txt", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_shown_as_it_is_and_runs_nothing(client: Client, name: str, kind: str) -> None:
    cast.verification(name, "原样的内容", way=FILE)
    response = client.get(f"/{name}")
    assert response.content.decode() == "原样的内容"
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_tag_is_no_file_and_a_file_there_is_not_is_not_found(client: Client) -> None:
    cast.verification("MP_verify_x.txt", way=Verification.Way.META)
    assert client.get("/MP_verify_x.txt").status_code == 404
    assert client.get("/baidu_verify_none.html").status_code == 404
    assert client.post("/MP_verify_x.txt").status_code == 405


def test_the_key_of_indexnow_is_there_as_long_as_the_target_is_active(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert client.get(f"/{KEY}.txt").status_code == 404
    target = cast.push_target("indexnow")
    with django_assert_num_queries(3):  # one of them whether a scheduled change is due
        response = client.get(f"/{KEY}.txt")
    assert response.content.decode() == KEY
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert client.get(f"/{KEY}.html").status_code == 404
    target.active = False
    target.save()
    assert client.get(f"/{KEY}.txt").status_code == 404


def test_the_token_of_baidu_is_no_file(client: Client) -> None:
    target = cast.push_target("baidu")
    assert client.get(f"/{target.secret}.txt").status_code == 404


def test_robots_and_sitemaps_come_first(client: Client) -> None:
    cast.verification("robots.txt", "User-agent: *\nDisallow: /", way=FILE)
    assert "Sitemap:" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "baidu_verify_codeva-a1B2c3.html",
        "BingSiteAuth.xml",
        "ByteDanceVerify.html",
        "sogousiteverification.txt",
        "shenma-site-verification.txt",
        "MP_verify_a1B2c3.txt",
        "google0123456789abcdef.html",
        "0123456789abcdef0123456789abcdef.txt",
    ],
)
def test_what_engines_ask_for_is_taken(name: str) -> None:
    check(name, "codeva-a1B2c3")


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("index.html", "x", "name"),
        ("robots.txt", "x", "name"),
        ("sitemap.xml", "x", "name"),
        ("baidu_verify_../x.html", "x", "name"),
        ("baidu_verify_x.php", "x", "name"),
        ("ByteDanceVerify.html", "<script>alert(1)</script>", "content"),
        ("ByteDanceVerify.html", "< SCRIPT src=//x>", "content"),
        ("ByteDanceVerify.html", "<img src=x onerror=alert(1)>", "content"),
        ("MP_verify_x.txt", "字" * 2000, "content"),
    ],
)
def test_anything_else_is_refused(name: str, content: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check(name, content)
    assert list(refused.value.message_dict) == [field]
