"""What went wrong, said so that one can go on."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from portal.cms.admin.site import leads_somewhere
from portal.cms.outage import Outage
from portal.cms.publishing import Gone, Status
from portal.views import errors
from tests import cast

# Tests without `django_db` may not touch the database: these pages must not need it.


@pytest.mark.django_db
def test_a_missing_page_helps_to_go_on(client: Client) -> None:
    cast.hotline()

    response = client.get("/no/such/page/")
    html = response.content.decode()

    assert response.status_code == 404
    assert "没有找到这个页面" in html
    assert 'action="/search/"' in html
    assert "客服热线:0755-8882 8155" in html
    for address in (
        "/services/",
        "/jobs/",
        "/articles/",
        "/articles/top/",
        "/contact/",
        "/sitemap/",
    ):
        assert f'<a href="{address}">' in html
    assert '<meta name="robots" content="noindex">' in html


@pytest.mark.django_db
def test_a_withdrawn_page_is_gone(client: Client) -> None:
    withdrawn = cast.hidden_articles()["withdrawn"]

    response = client.get(withdrawn.get_absolute_url())
    html = response.content.decode()

    assert response.status_code == 410
    assert "这篇内容已下线" in html
    assert withdrawn.title not in html


@pytest.mark.django_db
def test_what_is_gone_is_helped_on_like_what_is_missing(client: Client) -> None:
    cast.hotline()
    withdrawn = cast.page("dispatch-wages", "派遣工资", status=Status.WITHDRAWN)
    cast.service("wages", "Dispatch 计薪")

    response = client.get(withdrawn.get_absolute_url())
    html = response.content.decode()

    assert response.status_code == 410
    assert 'action="/search/"' in html
    assert "客服热线:0755-8882 8155" in html
    assert '<a href="/jobs/">' in html


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"page": "x"}, {"page": "999"}, {"before": "x"}])
def test_a_wrong_page_of_a_list_leads_back_to_the_first(
    client: Client, wrong: dict[str, str]
) -> None:
    cast.article("用工政策一览")
    response = client.get("/articles/category/policy/", wrong)

    if response.status_code == 404:  # a list may know no keys
        html = response.content.decode()
        assert '<a href="/articles/category/policy/">回到第一页</a>' in html
        assert "用工政策一览" not in html


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/%00/", "/articles/%00/", "/%FF%FE/", "/" + "长" * 3000, "/<script>/"]
)
def test_no_address_is_too_odd_to_be_answered(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 404
    assert "<script>/" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/media/no.jpg", "/media/x.html", "/static/no.css"])
def test_a_missing_file_is_a_line_and_no_page(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    # The redirects; and the due changes.
    with django_assert_num_queries(3 if address.startswith("/static/") else 2):
        response = client.get(address)

    assert response.status_code == 404
    assert response.content.decode() == "没有这个文件。"
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_missing_page_is_missing_without_the_database_too(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def down(*_: object, **__: object) -> None:
        raise error("could not connect")

    monkeypatch.setattr(connection, "cursor", down)
    for exception, status in ((Http404(), 404), (Gone(), 410)):
        for address in ("/深圳劳务派遣/", "/x/1/", "/a.php"):
            response = errors.not_found(rf.get(address), exception)
            assert response.status_code == status
            assert "回到首页" in response.content.decode()


def test_a_bad_request_is_answered_without_the_database(rf: RequestFactory) -> None:
    response = errors.bad_request(rf.get("/"), SuspiciousOperation())

    assert response.status_code == 400
    assert "这个请求无法识别" in response.content.decode()


def test_a_host_we_do_not_know_is_a_bad_request(client: Client) -> None:
    response = client.get("/", headers={"Host": "elsewhere.example"})

    assert response.status_code == 400
    assert "这个请求无法识别" in response.content.decode()


def test_no_permission_is_said_without_the_database(rf: RequestFactory) -> None:
    response = errors.forbidden(rf.get("/"), PermissionDenied())

    assert response.status_code == 403
    assert "没有权限" in response.content.decode()


def test_a_form_of_yesterday_is_explained(rf: RequestFactory) -> None:
    response = errors.csrf_failure(rf.post("/admin/login/"))

    assert response.status_code == 403
    assert "页面已经过期" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/articles/", "/articles/feed/", "/search/", "/contact/", "/jobs/", "/feed"]
)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_where_nothing_is_sent_in_the_method_is_wrong(address: str, method: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = getattr(browser, method)(address)

    # What the site knows at all is said to methods that it does not (`portal.middleware.door`).
    allowed = "GET, HEAD" if method == "post" else "GET, HEAD, POST, OPTIONS"
    assert (response.status_code, response["Allow"]) == (405, allowed)


def test_our_own_fault_is_said_without_database_and_context(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))
    html = response.content.decode()

    assert response.status_code == 500
    assert "网站出了点问题" in html
    assert '<link rel="stylesheet" href="/static/site/site.css">' in html


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_database_that_stays_busy_asks_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("articles.views.record_read", locked)
    response = client.post(f"/articles/{cast.article().pk}/read/", HTTP_USER_AGENT="Mozilla/5.0")
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "还没有保存" in response.content.decode()


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "words", "seconds"),
    [
        ("database is locked", "还没有保存", "60"),
        ("database or disk is full", "磁盘已满", "60"),
        ("unable to open database file", "数据库暂时连不上", "30"),
    ],
)
def test_what_is_in_the_way_is_said_wherever_it_is_met(
    client: Client, monkeypatch: pytest.MonkeyPatch, said: str, words: str, seconds: str
) -> None:
    """In a view, which one middleware sees; in a session, which is nobody's but the error page's."""

    def fails(*_: object) -> None:
        raise OperationalError(said)

    client.raise_request_exception = False
    monkeypatch.setattr(
        "django.contrib.sessions.backends.db.SessionStore._get_session_from_db", fails
    )
    client.cookies["session"] = "a" * 32
    of_session = client.get("/admin/")
    del client.cookies["session"]
    monkeypatch.setattr("portal.views.search.Asked", fails)
    of_view = client.get("/search/")

    for answer in (of_view, of_session):
        assert (answer.status_code, answer["Retry-After"]) == (503, seconds)
        assert answer["Cache-Control"] == "no-store"
        assert words in answer.content.decode()
        assert "填写的内容还在" in answer.content.decode()


def test_an_error_shows_its_number_and_nothing_of_what_went_wrong(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.cms.seeing.requests.current", lambda: "3f9a01c2d4e5")
    try:
        raise ValueError("密码是 abc")
    except ValueError:
        answers = [errors.server_error(rf.get("/")), errors.bad_request(rf.get("/"))]
    answers += [errors.forbidden(rf.get("/")), errors.too_large(rf.get("/"))]
    answers += [errors.too_many(rf.get("/")), errors.unavailable(Outage.FILES)]

    assert [answer.status_code for answer in answers] == [500, 400, 403, 413, 429, 503]
    for answer in answers:
        assert "编号 3f9a01c2d4e5" in answer.content.decode()
        assert "abc" not in answer.content.decode()


@pytest.mark.django_db
def test_a_missing_page_shows_its_number_outside_of_what_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("3f9a01c2d4e5", "aabbccddeeff"):
        monkeypatch.setattr("portal.cms.seeing.requests.current", lambda number=number: number)
        assert client.get("/no/such/page/").content.decode().count(f"编号 {number}") == 1


@pytest.mark.django_db
def test_another_error_of_the_database_stays_an_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr("articles.views.record_read", broken)
    client.raise_request_exception = False
    response = client.post(f"/articles/{cast.article().pk}/read/", HTTP_USER_AGENT="Mozilla/5.0")
    assert response.status_code == 500


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/about.html?page=2", "/baidu_verify_x.txt?before=1"])
def test_a_file_that_is_not_there_is_no_list(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 404
    assert "回到第一页" not in response.content.decode()


@pytest.mark.django_db
def test_no_link_of_the_menu_leads_to_a_file_that_may_not_be_there() -> None:
    assert not leads_somewhere("/about.html")
    assert leads_somewhere("/jobs/")
