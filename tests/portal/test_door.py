"""What is refused before anything looks at it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms.handing_back import MOST_OF_STRANGERS
from portal.cms.visitors import hop_of
from portal.middleware.door import METHODS, MOST_OF_FORMS, MOST_OF_THE_DESK
from tests import cast

# Tests without `django_db` may not touch the database: what is refused must not need it.

LOGIN = "/admin/login/"


def sent(client: Client, path: str, size: object, **more: Any) -> Any:
    """A POST that says that it is of this size, and brings nothing."""
    return client.generic("POST", path, CONTENT_LENGTH=str(size), **more)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "龘"])
def test_other_methods_are_refused_everywhere(client: Client, method: str) -> None:
    for path in ("/", LOGIN, "/media/a.jpg", "/static/a.css"):
        answer = client.generic(method, path)
        assert (answer.status_code, answer["Allow"]) == (405, ", ".join(METHODS))


def test_nobody_elsewhere_may_ask_us_anything(client: Client) -> None:
    for path in ("/", LOGIN, "/no/such/page/"):
        headers = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
        answer = client.options(path, headers=headers)
        assert (answer.status_code, answer["Allow"]) == (204, ", ".join(METHODS))
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1:x", "a b", "[::1", ""])
def test_a_host_that_is_not_ours_is_refused_and_no_line_of_the_log_worth(
    client: Client, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    answer = client.get("/", HTTP_HOST=host, SERVER_NAME="elsewhere.example")

    assert answer.status_code == 400
    assert "这个请求无法识别" in answer.content.decode()
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("size", ["-1", "x", "1e3", "٣", "9" * 40, "1, 2", "+5"])
def test_a_size_that_is_no_number_is_refused(client: Client, size: str) -> None:
    assert sent(client, "/enquiry/", size).status_code == 400


def test_a_body_that_is_too_large_stays_unread(client: Client) -> None:
    for path, size in (("/enquiry/", MOST_OF_FORMS), (LOGIN, MOST_OF_THE_DESK)):
        answer = sent(client, path, size + 1)
        assert answer.status_code == 413
        assert "文件太大或内容太多，没有收到" in answer.content.decode()


@pytest.mark.django_db
def test_what_a_stranger_sends_to_the_desk_is_small(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert sent(client, LOGIN, MOST_OF_STRANGERS + 1).status_code == 403
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32  # of nobody
    with django_assert_num_queries(1):
        assert sent(client, LOGIN, MOST_OF_STRANGERS + 1).status_code == 403
    client.force_login(cast.xiaolin())
    add = reverse("admin:articles_article_add")
    assert client.post(add, {"body": "字" * MOST_OF_STRANGERS}).status_code == 200


# --- Who may see the desk -------------------------------------------------------------------------------


@pytest.fixture
def office(settings: Settings) -> None:
    """The desk is open to one office, and to one address of IPv6."""
    settings.ADMIN_ALLOWED_FROM = (ip_network("203.0.113.0/28"), ip_network("2001:db8::7/128"))


def as_seen_from(address: str, path: str, **more: Any) -> Any:
    return Client(REMOTE_ADDR=address, **more).get(path)


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("address", ["203.0.113.3", "2001:db8::7", "::ffff:203.0.113.3"])
def test_the_desk_is_there_for_who_is_on_the_list(address: str) -> None:
    assert as_seen_from(address, LOGIN).status_code == 200
    # nginx on this machine says who asks; what a visitor writes before that is not believed.
    forwarded = {"X-Forwarded-For": f"198.51.100.9, {address}"}
    assert as_seen_from("127.0.0.1", LOGIN, headers=forwarded).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("path", ["/admin/", "/admin", LOGIN, "/admin/cms/user/", "/admin/jsi18n/"])
def test_for_all_others_it_is_an_address_that_leads_nowhere(path: str) -> None:
    stranger = "203.0.113.16"
    desk, nothing = (
        as_seen_from(stranger, each) for each in (path, path.replace("admin", "nimda"))
    )

    assert desk.status_code == nothing.status_code == 404
    assert desk.content == nothing.content
    assert dict(desk.headers) == dict(nothing.headers)


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("address", ["203.0.113.16", "2001:db8::8", "127.0.0.1", ""])
def test_no_other_address_is_on_the_list(address: str) -> None:
    assert as_seen_from(address, LOGIN).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
def test_a_name_before_our_proxy_opens_nothing() -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.3, 198.51.100.9"}
    assert as_seen_from("127.0.0.1", LOGIN, headers=forwarded).status_code == 404
    assert as_seen_from("198.51.100.9", LOGIN, headers=forwarded).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("path", ["/admin/", LOGIN])
def test_nothing_is_sent_to_a_desk_that_is_not_there(path: str) -> None:
    stranger = Client(enforce_csrf_checks=True, REMOTE_ADDR="198.51.100.9")
    missing = path.replace("admin", "nimda")
    desk, nothing = (stranger.post(each, {"username": "a"}) for each in (path, missing))

    assert (desk.status_code, desk.content) == (nothing.status_code, nothing.content)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ['"\\000aaaaaaaaaaaaa"', "a" * 31 + "A", "é" * 32, "' OR 1=1--"])
def test_a_session_that_django_has_not_begun_is_none(key: str) -> None:
    """A NUL in it, which a cookie in quotes may hold, would be an error of PostgreSQL."""
    browser = Client(HTTP_COOKIE=f"session={key}")
    assert browser.get("/admin/").status_code == 302
    assert browser.post("/admin/login/", {"a": "x" * 3 * 2**20}).status_code in (403, 413)


def test_of_an_address_the_network_is_no_part(rf: RequestFactory) -> None:
    assert str(hop_of(rf.get("/", REMOTE_ADDR="2001:db8::7"))) == "2001:db8::7"
    assert hop_of(rf.get("/", REMOTE_ADDR="")) is None
