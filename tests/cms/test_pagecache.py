"""The page cache in front of Django: what is kept, what passes by it, and for how long."""

from __future__ import annotations

import gzip
import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import brotli
import pytest
import time_machine
from django.apps import apps
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.pagecache import epochs, fragments
from portal.cms.pagecache.epochs import clock, content_changed, once, once_each
from portal.cms.pagecache.models import Changes
from portal.cms.pagecache.pages import KeptPage, encoding_for
from portal.cms.pagecache.store import Store
from portal.cms.pagecache.wsgi import PageCache
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import PendingDraft
from portal.cms.site import SiteLink
from staffing.models import Service
from tests import cast

transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing kept from another test, and a look at the database with every request."""
    monkeypatch.setattr(epochs, "INTERVAL", 0.0)
    clock.reset()
    yield
    clock.reset()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def happened(self) -> str:
        return self.headers["X-Page-Cache"]

    @property
    def text(self) -> str:
        unpack: dict[str, Callable[[bytes], bytes]] = {
            "br": brotli.decompress,
            "gzip": gzip.decompress,
            "": bytes,
        }
        return unpack[self.headers.get("Content-Encoding", "")](self.body).decode()


def ask(site: PageCache, address: str, method: str = "GET", **environ: Any) -> Answer:
    path, _, query = address.partition("?")
    told: list[Any] = []
    answer = site(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(environ.pop("content", b"")),
            **environ,
        },
        lambda status, headers, exc_info=None: told.extend((status, headers)),
    )
    body = b"".join(answer)
    getattr(answer, "close", bool)()
    return Answer(int(told[0][:3]), dict(told[1]), body)


@pytest.fixture
def site() -> PageCache:
    return PageCache(get_wsgi_application())


# --- What is kept -------------------------------------------------------------------------------------


@transactional
def test_second_visitor_is_answered_without_django(
    site: PageCache, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.service(name="劳务派遣")
    first = ask(site, "/services/", HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    with django_assert_num_queries(1):  # has anything changed?
        second = ask(site, "/services/", HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    assert (first.happened, second.happened) == ("miss", "hit")
    assert "劳务派遣" in second.text
    assert second.body == first.body
    assert second.headers["Content-Encoding"] == "br"
    assert second.headers["X-Content-Type-Options"] == "nosniff"
    assert second.headers["Vary"] == "Accept-Encoding, Cookie"


@transactional
def test_every_encoding_says_the_same(site: PageCache) -> None:
    cast.service(name="劳务派遣")
    answers = [
        ask(site, "/services/", HTTP_ACCEPT_ENCODING=accepted)
        for accepted in ("br", "gzip", "", "br;q=0", "*")
    ]
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    for answer in answers:
        assert answer.headers["Content-Length"] == str(len(answer.body))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, BR;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip; q=0", ""),
        ("*;q=0", ""),
        ("deflate", ""),
        ("", ""),
    ],
)
def test_encoding_is_one_the_browser_takes(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


@transactional
def test_known_pages_are_not_sent_again(site: PageCache) -> None:
    cast.service()
    etag = ask(site, "/services/", HTTP_ACCEPT_ENCODING="br").headers["ETag"]
    for known in (etag, f'W/"other", {etag}', "*"):
        again = ask(site, "/services/", HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Vary"] == "Accept-Encoding, Cookie"
    assert ask(site, "/services/", HTTP_IF_NONE_MATCH='"other"').status == 200


@transactional
def test_head_is_told_what_get_would_be(site: PageCache) -> None:
    cast.service()
    for _ in ("miss", "hit"):
        head = ask(site, "/services/", "HEAD")
        assert (head.status, head.body) == (200, b"")
    page = ask(site, "/services/")
    assert page.happened == "hit"
    assert head.headers["Content-Length"] == str(len(page.body))


@transactional
def test_unknown_parameters_share_a_page(site: PageCache) -> None:
    cast.job()
    ask(site, "/jobs/")
    for query in ("utm_source=baidu", "fbclid=1&gclid=2", "PAGE=9", "page=", "&&", "%ff=%ff"):
        assert ask(site, f"/jobs/?{query}").happened == "hit"
    assert ask(site, "/jobs/?page=1&utm_source=x").happened == "miss"
    assert ask(site, "/jobs/?x=y&page=9&page=1").happened == "hit"
    assert "utm_source" not in ask(site, "/jobs/?page=1").text


@transactional
def test_hosts_and_schemes_have_pages_of_their_own(site: PageCache) -> None:
    cast.service()
    ask(site, "/services/")
    assert ask(site, "/services/", HTTP_HOST="localhost").happened == "miss"
    assert ask(site, "/services/", **{"wsgi.url_scheme": "https"}).happened == "miss"
    assert ask(site, "/services/").happened == "hit"


@transactional
def test_nobody_says_where_the_site_stands(site: PageCache) -> None:
    cast.service()
    assert (
        "/evil/" not in ask(site, "/services/", SCRIPT_NAME="/evil", HTTP_SCRIPT_NAME="/evil").text
    )


@transactional
def test_nginx_may_answer_with_it_for_the_rest_of_the_second(site: PageCache) -> None:
    cast.service()
    for _ in range(2):
        before = int(time.time())
        told = ask(site, "/services/").headers["X-Accel-Expires"]
        assert before <= int(told.removeprefix("@")) <= time.time()


# --- What passes by it --------------------------------------------------------------------------------


@transactional
@pytest.mark.parametrize(
    ("address", "environ"),
    [
        ("/services/", {"HTTP_COOKIE": "a=b; session=abc"}),
        ("/services/", {"HTTP_COOKIE": "messages=W1tdXQ"}),
        ("/services/", {"HTTP_AUTHORIZATION": "Basic abc"}),
        ("/services/", {"HTTP_HOST": "evil.example"}),
        ("/services/", {"method": "POST"}),
        ("/services/", {"method": "OPTIONS"}),
        ("/services", {}),
        ("/services/missing/", {}),
        ("/jobs/?page=99", {}),
        ("/jobs/?page=" + "9" * 3000, {}),
        ("/services/", {"HTTP_HOST": "127.0.0.1:" + "0" * 1500 + "80"}),
        ("/articles/0001/", {}),
        ("/search/?q=派遣", {}),
        ("/admin/login/", {}),
        ("/admin/", {}),
        ("/preview/abc/", {}),
        ("/media/missing.webp", {}),
        ("/missing/page/", {}),
    ],
)
def test_not_for_everybody(site: PageCache, address: str, environ: dict[str, Any]) -> None:
    cast.service()
    for _ in ("first", "second"):
        assert ask(site, address, **environ).happened == "bypass"


def inner(status: str = "200 OK", **headers: str) -> Callable[..., list[bytes]]:
    """An application that answers so; the names of headers with _ for -."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        start_response(status, [("Content-Type", "text/html"), *named])
        return [b"page"]

    return application


@transactional
@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {"Set_Cookie": "a=b"}),
        ("200 OK", {"Cache_Control": "no-store"}),
        ("200 OK", {"Cache_Control": "Private, max-age=60"}),
        ("200 OK", {"Vary": "User-Agent"}),
        ("206 Partial Content", {}),
        ("302 Found", {"Location": "/"}),
        ("500 Internal Server Error", {}),
    ],
)
def test_answers_that_may_not_be_kept(status: str, headers: dict[str, str]) -> None:
    site = PageCache(inner(status, **headers))
    for _ in ("first", "second"):
        answer = ask(site, "/services/")
        assert (answer.happened, answer.body) == ("bypass", b"page")


@transactional
def test_rendering_knows_nothing_of_who_asks(site: PageCache) -> None:
    seen: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        return inner()(environ, start_response)

    ask(
        PageCache(application),
        "/services/?utm_source=x",
        "HEAD",
        HTTP_COOKIE="theme=dark",
        HTTP_IF_NONE_MATCH='"x"',
        HTTP_USER_AGENT="x",
    )
    headers = {name for name in seen[0] if name.startswith("HTTP_")}
    assert headers == {"HTTP_HOST"}
    assert (seen[0]["REQUEST_METHOD"], seen[0]["QUERY_STRING"]) == ("GET", "")


# --- For how long -------------------------------------------------------------------------------------


@pytest.mark.both_databases
@transactional
def test_change_is_shown_at_once(site: PageCache) -> None:
    service = cast.service(name="劳务派遣")
    assert "劳务派遣" in ask(site, "/services/").text
    service.name = "岗位外包"
    service.save()
    again = ask(site, "/services/")
    assert (again.happened, "岗位外包" in again.text) == ("miss", True)


@pytest.mark.both_databases
@transactional
def test_change_that_is_rolled_back_changes_nothing(site: PageCache) -> None:
    service = cast.service(name="劳务派遣")
    ask(site, "/services/")
    with transaction.atomic():
        service.name = "岗位外包"
        service.save()
        transaction.set_rollback(True)
    assert ask(site, "/services/").happened == "hit"


@pytest.mark.both_databases
@transactional
def test_savepoint_that_is_rolled_back_takes_only_its_own_change_along() -> None:
    before = generation()
    with transaction.atomic():
        with transaction.atomic():
            content_changed()
            transaction.set_rollback(True)
        content_changed()
        content_changed()
    assert generation() == before + 1


@transactional
def test_drafts_and_reads_change_nothing(site: PageCache, client: Client) -> None:
    article, draft = cast.article(), cast.draft()
    with transaction.atomic():
        actions.save(article, content_of(article) | {"title": "改"}, cast.xiaolin())
    ask(site, "/services/")
    before = generation()
    draft.save()
    client.post(f"/articles/{article.pk}/read/", HTTP_USER_AGENT="Mozilla/5.0")
    assert Article.objects.get(pk=article.pk).read_count == 1
    assert generation() == before


@pytest.mark.both_databases
@transactional
@pytest.mark.parametrize(("field", "shown"), [("go_live_at", True), ("expire_at", False)])
def test_moments_are_kept_to_the_second(site: PageCache, field: str, shown: bool) -> None:
    noon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    times: dict[str, Any] = {"go_live_at": noon - timedelta(days=1)} | {field: noon}
    cast.service(name="日结用工", **times)
    with time_machine.travel(noon - timedelta(seconds=1), tick=False) as clock_on_the_wall:
        assert ("日结用工" in ask(site, "/services/").text) is not shown
        assert ask(site, "/services/").happened == "hit"
        clock_on_the_wall.shift(2)
        assert ("日结用工" in ask(site, "/services/").text) is shown


@pytest.mark.both_databases
@transactional
def test_scheduled_change_is_shown_on_time(site: PageCache) -> None:
    noon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    service = cast.service(name="劳务派遣", required_licence=cast.licence())
    editor = cast.amin()
    with transaction.atomic():
        actions.save(service, content_of(service) | {"name": "岗位外包"}, editor, apply_at=noon)
        actions.schedule(service, editor, noon)
    with time_machine.travel(noon - timedelta(seconds=1), tick=False) as clock_on_the_wall:
        assert "劳务派遣" in ask(site, "/services/").text
        clock_on_the_wall.shift(2)
        assert "岗位外包" in ask(site, "/services/").text


@pytest.mark.both_databases
@transactional
def test_last_day_of_a_job_ends_at_midnight(site: PageCache) -> None:
    today = timezone.localdate()
    cast.job(title="电子厂普工", valid_through=today)
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59, microsecond=0)
    with time_machine.travel(midnight, tick=False) as clock_on_the_wall:
        assert "电子厂普工" in ask(site, "/jobs/").text
        clock_on_the_wall.shift(2)
        assert "电子厂普工" not in ask(site, "/jobs/").text


@pytest.mark.both_databases
@transactional
def test_database_is_asked_twice_a_second(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = [1000.0]
    monkeypatch.setattr(epochs, "INTERVAL", 0.5)
    monkeypatch.setattr("portal.cms.pagecache.epochs.time.monotonic", lambda: now[0])
    epoch = clock.current()
    content_changed_elsewhere()
    now[0] += 0.49
    with django_assert_num_queries(0):
        assert clock.current() is epoch
    now[0] += 0.01
    assert clock.current() is not epoch


def content_changed_elsewhere() -> None:
    Changes.objects.create()


@pytest.mark.both_databases
@transactional
def test_own_worker_knows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "INTERVAL", 1000.0)
    epoch = clock.current()
    with transaction.atomic():
        content_changed()
        assert clock.current() is epoch
    assert clock.current() is not epoch


@transactional
def test_pages_outlive_the_database(
    site: PageCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cast.service()
    ask(site, "/services/")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(Changes.objects, "aggregate", fail)
        assert ask(site, "/services/").happened == "hit"
    assert "does not answer" in caplog.text
    content_changed()
    assert ask(site, "/services/").happened == "miss"


def generation() -> int:
    return sum(Changes.objects.values_list("count", flat=True))


@transactional
def test_writers_at_the_same_time_do_not_wait_for_each_other() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    content_changed()
    counted = threading.Event()

    def other() -> None:
        content_changed()
        connection.close()
        counted.set()

    before = generation()
    with transaction.atomic():
        content_changed()
        thread = threading.Thread(target=other)
        thread.start()
        assert counted.wait(10)
    thread.join()
    assert generation() == before + 2


@pytest.mark.both_databases
@transactional
def test_what_is_read_in_an_epoch_is_kept_in_no_later_one() -> None:
    cache = caches["template_fragments"]
    with clock.steady():
        rows_were_read_in = clock.current()
        content_changed_elsewhere()
        cache.set("row", "as it was")
        assert clock.current() is rows_were_read_in
    assert clock.current() is not rows_were_read_in
    assert cache.get("row") is None


@pytest.mark.both_databases
@transactional
def test_own_change_ends_the_epoch_of_a_request() -> None:
    with clock.steady():
        before = clock.current()
        content_changed()
        after = clock.current()
        assert after is not before
        content_changed_elsewhere()
        assert clock.current() is after


@pytest.mark.both_databases
@transactional
def test_item_withdrawn_before_its_moment_counts() -> None:
    service = cast.service(**cast.live(-1))
    with transaction.atomic():
        before = generation()
        service.withdraw()
        assert service.first_published_at is None
        assert generation() == before + 1


@transactional
def test_change_that_waits_for_the_database_does_not_end_every_epoch() -> None:
    article = cast.article()
    PendingDraft.objects.create(
        item=article, content={}, base={}, status="scheduled", apply_at=timezone.now()
    )
    epoch = clock.current()
    assert clock.current() is epoch
    assert epoch.ends_at is not None
    assert epoch.ends_at > timezone.now() + timedelta(seconds=1)


@transactional
def test_thread_that_finds_another_asking_goes_on_with_what_it_knows() -> None:
    epoch = clock.current()
    content_changed()
    with clock._looking:  # as by a thread whose database hangs
        assert clock.current() is epoch
    assert clock.current() is not epoch


# --- One rendering, in bounded memory ------------------------------------------------------------------


@transactional
def test_page_is_rendered_once_however_many_ask() -> None:
    rendered, at_once = [], threading.Barrier(8)
    begun, asked = threading.Event(), threading.Event()

    def application(environ: Any, start_response: Any) -> list[bytes]:
        rendered.append(environ)
        begun.set()
        asked.wait(5)
        return inner()(environ, start_response)

    site, answers = PageCache(application), []
    clock.current()

    def visit() -> None:
        at_once.wait(5)
        answers.append(ask(site, "/services/"))
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    asked.set()
    for thread in threads:
        thread.join()
    assert len(rendered) == 1
    assert {answer.text for answer in answers} == {"page"}
    assert sorted(answer.happened for answer in answers) == ["hit"] * 7 + ["miss"]


def kept(size: int) -> KeptPage:
    page = KeptPage([], b"")
    page.size = size
    return page


def test_store_lets_the_least_recently_asked_go() -> None:
    store = Store(limit=100)
    for name in "abc":
        store.put(name, kept(30))
    store.get("a")
    store.put("d", kept(40))
    assert [name for name in "abcd" if store.get(name)] == ["a", "c", "d"]
    store.put("a", kept(10))  # in the place of the larger one
    store.put("e", kept(20))
    store.put("too large", kept(101))
    assert [name for name in ("a", "c", "d", "e", "too large") if store.get(name)] == list("acde")
    assert store.size == 100


# --- Kept for an epoch ---------------------------------------------------------------------------------


@transactional
def test_once_an_epoch_and_never_within_a_transaction() -> None:
    loaded: list[int] = []

    @once
    def load() -> int:
        loaded.append(1)
        return len(loaded)

    assert (load(), load()) == (1, 1)
    with transaction.atomic():
        assert load() == 2
    content_changed()
    assert (load(), load()) == (3, 3)


@transactional
def test_once_an_epoch_for_each_value_and_the_eldest_goes() -> None:
    asked = []

    @once_each(2)
    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [double(number) for number in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert asked == [1, 2]
    assert [double(number) for number in (3, 2, 1)] == [6, 4, 2]
    assert asked == [1, 2, 3, 1]
    with transaction.atomic():
        assert double(1) == 2
    clock.reset()
    assert double(1) == 2
    assert asked[4:] == [1, 1]


@transactional
def test_parts_of_pages_are_kept_for_an_epoch_and_never_within_a_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fragments, "MOST", 2)
    cache = caches["template_fragments"]
    for key in "abc":
        cache.set(key, f"<p>{key}</p>")
    assert [cache.get(key) for key in "abc"] == [None, "<p>b</p>", "<p>c</p>"]
    with transaction.atomic():
        cache.set("d", "uncommitted")
        assert cache.get("b") is None
    assert cache.get("d") is None
    content_changed()
    assert cache.get("b", "gone") == "gone"


@transactional
def test_menu_marks_where_one_is_though_it_is_kept(site: PageCache) -> None:
    SiteLink.objects.create(placement="menu", label="服务", url="/services/")
    SiteLink.objects.create(placement="menu", label="招工", url="/jobs/")
    job = cast.job()
    current = re.compile('href="([^"]+)" aria-current="([a-z]+)"')
    for _ in range(2):
        assert current.findall(ask(site, "/services/").text)[:1] == [("/services/", "page")]
        assert current.findall(ask(site, "/jobs/").text)[:1] == [("/jobs/", "page")]
        assert current.findall(ask(site, job.get_absolute_url()).text)[:1] == [("/jobs/", "true")]


# What visitors never see. A model that is in neither list has been forgotten.
UNSEEN = {
    "admin.LogEntry", "auth.Permission", "auth.Group_permissions", "auth.Group",
    "contenttypes.ContentType", "sessions.Session", "cabinet.Folder", "portal.DemoItem",
    "cms.User_groups", "cms.User_user_permissions", "cms.User", "cms.WordList", "cms.Decision",
    "cms.MediaUse", "cms.Revision", "cms.PendingDraft", "cms.Autosave", "cms.Presence",
    "cms.Preview", "cms.Comment", "cms.Notice", "cms.Changes",
    # What engines were told, and how pages look to them; who asked for what is not there.
    "cms.PublicAddress", "cms.CrawledPage", "cms.MissedAddress",
    "cms.Delivery", "cms.DeliveryTarget", "cms.DueTask", "cms.Limit", "cms.PrivateFile",
    # Who signs in, from where; backups; what the nightly look has seen.
    "cms.KnownDevice", "cms.BackupRun", "cms.OutsideHost",
    "account.EmailAddress", "account.EmailConfirmation", "mfa.Authenticator", "usersessions.UserSession",
    # Leads and tickets. Forms, which show policies and notices, are never kept.
    "staffing.Enquiry", "staffing.EnquiryEvent", "staffing.Consent", "staffing.Forwarding",
    "staffing.Ticket", "staffing.TicketEntry", "staffing.FormPolicy", "staffing.PrivacyNotice",
    "staffing.PrivacyAct", "staffing.LicenceAlert", "staffing.DailyCalls",
    # The search, which is never kept.
    "cms.IndexEntry", "cms.Titles", "cms.Texts", "cms.Synonyms", "cms.SearchedQuery",
    # Follow articles and tags, in the same transaction.
    "articles.TagEntry",
    # Counted every ten minutes: `Ranking.refresh` says so itself. Reads are no change.
    "articles.Month", "articles.TagUse", "articles.Ranking", "articles.RankedArticle",
    "articles.DailyReads",
}  # fmt: skip


def test_every_model_is_watched_or_unseen() -> None:
    models = set(apps.get_models(include_auto_created=True))
    named = {model._meta.label for model in epochs.watched()}
    assert named | UNSEEN == {model._meta.label for model in models}
    assert not named & UNSEEN
    assert Service in epochs.watched()
