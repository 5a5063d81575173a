"""What is answered at addresses of yesterday: in one hop, and only where nothing is there today."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal.cms.pagecache.wsgi import PageCache
from portal.cms.publishing import Status
from portal.cms.redirects import remember
from portal.cms.redirects.finding import answer_for
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.patterns import PatternError, check_target, compiled, expand
from tests import cast

PATTERN = Redirect.Kind.PATTERN


def answered(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    return response.status_code, response.headers.get("Location", "")


# --- Exact ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "asked"),
    [
        ("http://www.old.example/news/12.html", "/news/12.html"),
        ("/news/12.html", "/NEWS/12.HTML"),
        ("/news/12.html", "/news//12.html/"),
        ("/news/12.html", "/news/12.html?from=singlemessage&utm_source=wx"),
        ("/news/12.html", "/index.php/news/12.html"),
        ("/list_3.html", "/list_3_7.html"),
        ("/category/zhengce/", "/category/zhengce/page/4/"),
        ("/about/", "/about/index.html"),
        ("/plus/view.php?aid=12", "/plus/view.php?aid=12&tid=&from=x"),
        ("/?p=12", "/?p=12"),
        ("/?p=12", "/?utm_source=x&p=12"),
        ("/?p=12", "/index.php?p=12"),
        ("/?product/1.html", "/?product/1.html"),
        ("/?product/1.html", "/?product%2F1.html"),
        ("/?tag=招工", "/?tag=" + quote("招工")),
        ("/新闻/招聘.html", "/" + quote("新闻") + "/" + quote("招聘") + ".html"),
        ("/新闻/招聘.html", "/" + quote("新闻".encode("gbk")) + "/" + quote("招聘".encode("gbk")) + ".html"),
        ("/wp-content/uploads/2020/01/a.jpg", "/wp-content/uploads/2020/01/a-300x200.jpg"),
        ("/static/upload/image/1.jpg", "/static/upload/image/1.jpg"),
    ],
)  # fmt: skip
def test_an_old_address_leads_on_however_it_is_written(
    client: Client, old: str, asked: str
) -> None:
    article = cast.article()
    remember([(old, article)], "old.example")

    status, location = answered(client, asked)
    assert (status, location.partition("?")[0]) == (301, article.get_absolute_url())
    assert client.get(asked)["Cache-Control"] == "private, max-age=3600"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "asked", "location"),
    [
        ("/jobs/", "bd_vid=1%2F2&id=3&UTM_source=x", "/jobs/?bd_vid=1%2F2&UTM_source=x"),
        ("/jobs/?kind=day#top", "from=wx", "/jobs/?kind=day&from=wx#top"),
        ("/jobs/?utm_source=old", "utm_source=x", "/jobs/?utm_source=old"),
        ("/jobs/", "id=3", "/jobs/"),
        ("https://new.example/", "bd_vid=1", "https://new.example/"),
    ],
)
def test_the_campaign_that_was_paid_for_goes_along(
    client: Client, target: str, asked: str, location: str
) -> None:
    cast.redirect("/old.html", target)
    assert answered(client, f"/old.html?{asked}") == (301, location)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["/index.html", "/INDEX.PHP", "/default.asp"])
def test_the_front_page_by_its_other_names(client: Client, asked: str) -> None:
    assert answered(client, asked) == (301, "/")


@pytest.mark.django_db
def test_a_folder_by_the_name_of_its_index(client: Client) -> None:
    cast.page("about", "关于我们")
    assert answered(client, "/about/index.html") == (301, "/about/")
    assert answered(client, "/articles/index.php") == (301, "/articles/")
    assert answered(client, "/never/index.html")[0] == 404
    cast.article(tags=("100%",))
    assert answered(client, "/articles/tag/100%25/index.html") == (301, "/articles/tag/100%25/")
    assert answered(client, "/static/index.html")[0] == 404


@pytest.mark.django_db
def test_a_page_that_is_there_comes_before_every_redirect(client: Client) -> None:
    page = cast.page("about", "关于我们")
    for number, old in enumerate(["/about/", "/articles/", "/?p=1"]):
        Redirect.objects.create(old=old, target=f"/gone-{number}/")
    Redirect.objects.create(kind=PATTERN, old=r"/a(.*)", target="/jobs/")
    for address in (page.get_absolute_url(), "/articles/", "/"):
        assert client.get(address).status_code == 200
    assert answered(client, "/about") == (301, "/about/")


@pytest.mark.django_db
def test_where_the_item_is_decides(client: Client) -> None:
    live, draft, binned = cast.article(), cast.article(), cast.article()
    withdrawn = cast.hidden_articles()["withdrawn"]
    remember(
        [("/1.html", live), ("/2.html", draft), ("/3.html", withdrawn), ("/4.html", binned)], "old"
    )
    draft.status = Status.DRAFT
    draft.save()
    binned.bin()
    gone = cast.article()
    remember([("/5.html", gone)], "old")
    gone.delete()

    assert answered(client, "/1.html") == (301, live.get_absolute_url())
    assert [answered(client, f"/{n}.html")[0] for n in (2, 3, 4, 5)] == [404, 410, 410, 410]
    assert "这篇内容已下线" in client.get("/3.html").content.decode()


@pytest.mark.django_db
def test_nobody_is_sent_from_one_address_to_the_next(client: Client) -> None:
    article = cast.article()
    cast.redirect("/a.html", "/b.html")
    cast.redirect("/b.html", "/c.html?x=1")
    remember([("/c.html", article)], "old.example")
    assert answered(client, "/a.html") == (301, article.get_absolute_url())
    article.withdraw()
    assert answered(client, "/a.html")[0] == 410


@pytest.mark.django_db
def test_circles_lead_nowhere_and_end(client: Client) -> None:
    cast.redirect("/a.html", "/b.html")
    cast.redirect("/b.html", "/A.html")
    cast.redirect("/self.html", "/self.html?from=x")
    for number in range(8):
        cast.redirect(f"/{number}.html", f"/{number + 1}.html")
    assert {
        client.get(address).status_code for address in ("/a.html", "/self.html", "/0.html")
    } == {404}
    assert answered(client, "/6.html") == (301, "/8.html")


@pytest.mark.django_db
def test_a_target_elsewhere_is_as_it_was_typed(client: Client) -> None:
    cast.redirect("/shop.html", "https://shop.example/a?b=c#d")
    cast.redirect("/me.html", "http://testserver.example/jobs/")
    assert answered(client, "/shop.html") == (301, "https://shop.example/a?b=c#d")


@pytest.mark.django_db
def test_what_is_gone_is_said(client: Client) -> None:
    cast.redirect("/old.html", code=410)
    cast.redirect("/static/old.jpg", code=410)
    assert client.get("/old.html").status_code == 410
    response = client.get("/static/old.jpg")
    assert (response.status_code, response.content.decode()) == (410, "没有这个文件。")


@pytest.mark.django_db
def test_only_who_looks_is_led_on(client: Client) -> None:
    cast.redirect("/old/1.html", "/jobs/")
    assert client.head("/old/1.html").status_code == 301
    assert client.post("/old/1.html").status_code == 404


@pytest.mark.django_db
def test_the_desk_leads_nowhere_else(client: Client) -> None:
    cast.redirect("/admin/nothing/", "/jobs/")
    cast.redirect("/preview/abc/", "/jobs/")
    assert client.get("/preview/abc/").status_code == 404
    assert client.get("/admin/nothing/").headers.get("Location") != "/jobs/"


@pytest.mark.django_db
def test_a_redirect_costs_so_many_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    article = cast.article()
    remember([("/1.html", article)], "old.example")
    cast.redirect("/2.html", "/jobs/")
    answer_for("/1.html")
    with django_assert_max_num_queries(3):  # it, its kind, its item
        assert answer_for("/1.html") is not None
    with django_assert_max_num_queries(3):  # it, and whether that has moved
        assert answer_for("/2.html") is not None


# --- The front door ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["p=99", "id=9", "cat=3", "product/1.html", "tag=招工", "date=2021-3"]
)
def test_an_unknown_page_at_the_front_door_is_none(client: Client, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "utm_source=x", "p=abc", "from=timeline", "x=1", "id="])
def test_any_other_query_is_the_front_page(client: Client, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_page_cache_does_not_answer_for_them() -> None:
    application = PageCache(get_wsgi_application(), limit=10_000_000)
    article = cast.article()
    remember([("/?p=1", article), ("/?news/2.html", article)], "old.example")
    seen: list[Any] = []

    def ask(query: str) -> tuple[str, str]:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": query, "SERVER_NAME": "testserver",
            "SERVER_PORT": "80", "HTTP_HOST": "testserver", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
        }  # fmt: skip
        b"".join(
            application(environ, lambda status, headers, *rest: seen.append((status, headers)))
        )
        status, headers = seen[-1]
        return status[:3], dict(headers).get("X-Page-Cache", "")

    ask("")  # may count the reads, which ends the epoch
    ask("")
    assert ask("") == ("200", "hit")
    for query in ("p=1", "news/2.html", "p=1&utm_source=x"):
        assert [ask(query) for _ in range(2)] == [("301", "bypass")] * 2
    assert ask("p=2") == ("404", "bypass")
    assert ask("utm_source=x") == ("200", "hit")


# --- Patterns ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "target", "asked", "location"),
    [
        (r"/news/(\d+).html", "/articles/?n=$1", "/news/12.html", "/articles/?n=12"),
        (r"/news/(\d+).html", "/articles/", "/News/12.HTML?from=x", "/articles/?from=x"),
        (r"http://old.example/list_(\d+)_(\d+).html", "/x/$2/$1", "/list_3_7.html", "/x/7/3"),
        (r"/tag/([^/]+)/", "/articles/tag/$1/", "/tag/HR%20Tips/", "/articles/tag/HR%20Tips/"),
        (r"/tag/([^/]+)", "/articles/tag/$1/", "/tag/" + quote("招工".encode("gbk")), "/articles/tag/" + quote("招工") + "/"),
        (r"/m/(.*)", "/$1", "/m/a/b.html", "/a/b.html"),
        (r"/m/(.*)", "/$1", "/m//evil.example/", "/evil.example"),
        (r"/old(.*)", "/$1", "/old%2F%2Fevil.example", "/evil.example"),
        (r"/plus/list.php?tid=(\d+)", "/c/$1/", "/plus/list.php?TotalResult=9&tid=3&PageNo=2", "/c/3/"),
        (r"/?list_(\d+)/", "/c/$1/", "/?list_4/", "/c/4/"),
        (r"/go/(.*)", "https://new.example/$1", "/go/a", "https://new.example/a"),
    ],
)  # fmt: skip
def test_a_class_of_addresses_leads_on(
    client: Client, old: str, target: str, asked: str, location: str
) -> None:
    cast.redirect(old, target, kind=PATTERN)
    assert answered(client, asked) == (301, location)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["/news/12xhtml", "/news/x.html", "/news/12.html/a", "/a/news/12.html"]
)
def test_a_dot_is_a_dot_and_the_whole_address_counts(client: Client, asked: str) -> None:
    cast.redirect(r"/news/(\d+).html", "/articles/", kind=PATTERN)
    assert client.get(asked).status_code == 404


@pytest.mark.django_db
def test_an_address_of_its_own_comes_before_a_class(client: Client) -> None:
    cast.redirect(r"/news/(\d+).html", "/articles/", kind=PATTERN)
    cast.redirect(r"/news/(.*)", "/services/", kind=PATTERN)
    cast.redirect("/news/12.html", "/jobs/")
    assert answered(client, "/news/12.html") == (301, "/jobs/")
    assert answered(client, "/news/13.html") == (301, "/articles/")
    assert answered(client, "/news/x.html") == (301, "/services/")


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("/news/12.html", "没有括号"),
        (r"/news/(\d*).html", "没有括号"),
        (r"/(\d+)/[a-z]+", "括号只认三种"),
        (r"/a/(\d+)(\d+)", "别的字"),
        (r"/(\d+)0(\d+)0(\d+)x", "不能紧跟数字"),
        (r"/a?id=(\d+)%30", "不能紧跟数字"),
        ("/(.*)", "所有打不开"),
        ("/([^/]+)-([^/]+)-(.*)a", "最多 2 个"),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(old: str, says: str) -> None:
    with pytest.raises(PatternError, match=says):
        compiled(old)


@pytest.mark.parametrize("target", ["/a/$2", "/$0", "https://$1/", "https://a.$1.example/"])
def test_a_target_takes_only_what_is_there_and_no_host(target: str) -> None:
    with pytest.raises(PatternError):
        check_target(compiled(r"/news/(\d+).html"), target)


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=30)
def test_nothing_that_is_asked_for_breaks_a_pattern(path: str, query: str) -> None:
    for old in (r"/a/(.*)", r"/([^/]+)-(.*).html", r"/x?id=(\d+)"):
        groups = compiled(old).match(path, query)
        if groups is not None:
            assert not expand("/$1", groups).startswith("//")


def test_a_hostile_address_is_compared_in_no_time() -> None:
    pattern = compiled(r"/([^/]+)-([^/]+)-x.html")
    assert pattern.match("/" + "-" * 299, "") is None
    assert pattern.match("/" + "-" * 100_000, "") is None
    numbers = compiled("/" + "-".join([r"(\d+)"] * 9) + "x")
    assert numbers.match("/" + "0" * 298, "") is None
    assert numbers.match("/1-2-3-4-5-6-7-8-9x", "") == tuple("123456789")


@pytest.mark.django_db
def test_a_pattern_that_no_form_would_take_is_passed_over(client: Client) -> None:
    cast.redirect("/q/(.*)", "/a/$9", kind=PATTERN)
    cast.redirect("/o/(.*)", "https://$1/", kind=PATTERN)
    assert client.get("/q/1").status_code == 404
    assert client.get("/o/evil.example").status_code == 404
