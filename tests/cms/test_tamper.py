"""挂马 and 暗链: what is seen in a page, what becomes of it, and who hears of it."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.cms.delivery.models import Delivery, DeliveryTarget, DueTask
from portal.cms.engines.crawl import Crawl
from portal.cms.engines.models import CrawledPage
from portal.cms.tamper import files, watching, wire
from portal.cms.tamper.models import OutsideHost
from portal.cms.tamper.reading import Sighting, look
from portal.cms.tamper.watching import Watch, meet, render
from tests import cast
from tests.loopback import serving

pytestmark = pytest.mark.both_databases

LIST = "/admin/cms/outsidehost/"
OWN = django_settings.SITE_URL


def seen(html: str) -> set[tuple[str, str]]:
    """What is seen, with a mere # for code that stands in the page."""
    return {(kind, "#" if host[0] == "#" else host) for kind, host in look(html)}


# --- Reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "kind", "host"),
    [
        ('<a href="https://evil.example/x?y#z">', "link", "evil.example"),
        ('<a href="//evil.example">', "link", "evil.example"),
        ("<a href='/\\evil.example/'>", "link", "evil.example"),
        ('<a href="  hT\ntps://EVIL.example.:8080">', "link", "evil.example"),
        ('<a href="https:evil.example">', "link", "evil.example"),
        ('<a href="https://www.example.com@evil.example/">', "link", "evil.example"),
        ('<a href="&#104;ttps://evil.example/">', "link", "evil.example"),
        ('<area href="http://[2001:db8::1]/">', "link", "2001:db8::1"),
        ('<a href="https://例子.中国/">', "link", "xn--fsqu00a.xn--fiqs8s"),
        ('<link rel="canonical" href="https://evil.example/">', "link", "evil.example"),
        ('<form action="https://evil.example/">', "form", "evil.example"),
        ('<button formaction="//evil.example">', "form", "evil.example"),
        ('<script src="//evil.example/a.js"></script>', "script", "evil.example"),
        ('<svg:script xlink:href="//evil.example/a.js"></svg:script>', "script", "evil.example"),
        ('<link rel="Stylesheet" href="//evil.example/a.css">', "script", "evil.example"),
        ('<base href="https://evil.example/">', "script", "evil.example"),
        ("<style>@import '//evil.example/a.css'</style>", "script", "evil.example"),
        ('<iframe src="https://evil.example/">', "frame", "evil.example"),
        ('<object data="//evil.example/a.swf">', "frame", "evil.example"),
        ('<embed src="//evil.example/a.swf">', "frame", "evil.example"),
        ('<meta http-equiv="Refresh" content="0;URL=\'https://evil.example/\'">', "frame", "evil.example"),
        ('<img src="https://evil.example/1.gif">', "picture", "evil.example"),
        ('<img srcset="/a.jpg 1x, https://evil.example/b.jpg 2x">', "picture", "evil.example"),
        ('<video poster="//evil.example/1.jpg">', "picture", "evil.example"),
        ('<p style="background: url(//evil.example/1.png)">', "picture", "evil.example"),
        ("<script>alert(1)</script>", "script", "#"),
        ('<script type="module">alert(1)</script>', "script", "#"),
        ('<script type="text/javascript">alert(1)', "script", "#"),
        ("<svg onload=alert(1)>", "script", "#"),
        ('<a href="java\tscript:alert(1)">', "script", "#"),
        ('<iframe src="data:text/html,x">', "script", "#"),
        ('<animate attributeName="href" to="javascript:alert(1)">', "script", "#"),
        ('<p style="width: expression(alert(1))">', "script", "#"),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_seen_however_it_is_written(html: str, kind: str, host: str) -> None:
    assert (kind, host) in seen(html)


@pytest.mark.parametrize("room", ["noscript", "template", "svg", "textarea", "title", "select"])
def test_it_is_seen_wherever_it_stands(room: str) -> None:
    hidden = "<script src='//evil.example'></script>"
    assert seen(f"<{room}>{hidden}</{room}>") == {("script", "evil.example")}
    assert seen(f"<!-- --!>{hidden} -->") == {("script", "evil.example")}
    framed = '<iframe srcdoc="&lt;script src=//evil.example&gt;">'
    assert seen(framed) == {("frame", "#"), ("script", "evil.example")}


def test_what_is_ours_or_harmless_is_not_seen() -> None:
    assert not seen(
        f'<a href="/x/">内</a><a href="{OWN}/x/">内</a><a href="tel:110">打</a><a href="#top">上</a>'
        '<a href="mailto:a@b.example">信</a><img src="data:image/png;base64,AA==" alt="data: 图">'
        '<script src="/static/a.js"></script><link rel="stylesheet" href="/static/a.css">'
        '<script type="application/ld+json">{"@id": "https://schema.example"}</script>'
        '<script src="/static/b.js"> </script><p style="color: red">文</p>https://evil.example'
        '<meta name="description" content="javascript: 是什么"><p data-label="data: 数据">文</p>'
    )


def test_two_pieces_of_code_are_two() -> None:
    one, other = look("<script>a()</script>"), look("<script>b()</script>")
    assert one != other
    assert one == look("<p onclick=' a() '>")


@pytest.mark.parametrize("part", ["<a ", "<!--", "<script>", "<iframe srcdoc='", '<a href="'])
def test_a_long_hostile_page_takes_no_long_time(part: str) -> None:
    began = time.process_time()
    look(part * 20_000)
    assert time.process_time() - began < 2


# --- Meeting ---------------------------------------------------------------------------------------------

LINK, SCRIPT = Sighting("link", "links.example"), Sighting("script", "evil.example")


def settled() -> None:
    """The site has been looked at for a night."""
    now = timezone.now()
    DueTask.objects.create(name=watching.TASK, due_at=now, finished_at=now)


def somebody_to_tell() -> None:
    fields: dict[str, Any] = {"address": "laochen@example.com", "topics": ["tamper"]}
    DeliveryTarget.objects.create(name="站长", **fields)


def told() -> dict[str, Delivery]:
    """What is to be told, by the host it is about."""
    return {str(delivery.subject): delivery for delivery in Delivery.objects.all()}


@pytest.mark.django_db
def test_of_a_new_site_links_are_known_and_code_is_not() -> None:
    somebody_to_tell()
    meet({LINK: ["/"], SCRIPT: ["/"]})
    approved = dict(OutsideHost.objects.values_list("kind", "approved_at"))
    assert approved["link"] is not None
    assert approved["script"] is None
    assert set(told()) == {"evil.example"}


@pytest.mark.django_db
def test_what_is_new_waits_and_is_told_once() -> None:
    settled()
    somebody_to_tell()
    for _ in range(2):
        watch = Watch()
        watch.note({"/": [LINK, SCRIPT], "/a/": [SCRIPT]})
        watch.note({"/b/": [SCRIPT]})
        watch.end()
    row = OutsideHost.objects.get(kind="script")
    assert (row.page, row.pages, row.approved_at) == ("/", 3, None)
    assert Delivery.objects.count() == 2
    assert told()["evil.example"].due_at < told()["links.example"].due_at, "code is told of first"


@pytest.mark.django_db
def test_what_comes_back_is_told_again_unless_it_was_approved() -> None:
    settled()
    somebody_to_tell()
    meet({LINK: ["/"], SCRIPT: ["/"]})
    OutsideHost.objects.update(last_at=timezone.now() - timedelta(days=8))
    OutsideHost.objects.filter(kind="link").update(approved_at=timezone.now())
    meet({LINK: ["/"], SCRIPT: ["/"]})
    assert Delivery.objects.filter(occasion="").count() == 2
    assert Delivery.objects.exclude(occasion="").count() == 1


@pytest.mark.django_db
def test_a_flood_fills_neither_table_nor_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_NEW", 3)
    settled()
    links = {Sighting("link", f"{n}.example"): ["/"] for n in range(9)}
    meet({**links, SCRIPT: ["/"]})
    assert OutsideHost.objects.count() == 3
    assert OutsideHost.objects.filter(kind="script").exists(), "code comes before links"


@pytest.mark.django_db
def test_the_message_says_what_stands_where() -> None:
    settled()
    meet({LINK: ["/a/"], SCRIPT: ["/b/"], Sighting("script", "#0123456789ab"): ["/"]})
    rows = list(OutsideHost.objects.order_by("pk"))
    message = render(rows)
    text = message.text()
    assert message.title == "页面里出现未经认可的外部代码"
    assert "脚本：evil.example，在 /b/" in text
    assert "写在页面里的代码（指纹 0123456789ab）" in text
    assert text.index("evil.example") < text.index("links.example")
    assert LIST in text
    assert render([r for r in rows if r.kind == "link"]).title == "页面链到了未认可的网站"


@pytest.mark.django_db
def test_the_nightly_look_sees_what_a_page_was_given() -> None:
    settled()
    body = '<p><a href="https://links.example/">看</a></p>'
    article = cast.article(body=body).get_absolute_url()
    night = Crawl()
    night.look(["/", article])
    night.watch.end()
    row = OutsideHost.objects.get(host="links.example")
    assert (row.page, row.pages) == (article, 1)
    assert not OutsideHost.objects.code().exists(), "our own pages hold none"


# --- Over the wire ------------------------------------------------------------------------------------------


class Visited(ThreadingHTTPServer):
    """The site as visitors get it; `answer` writes what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.answer: Callable[[Visit], tuple[int, dict[str, str], str]] = lambda visit: (
            200,
            {},
            "",
        )
        self.paths: list[str] = []
        self.over = threading.Event()


class Visit(BaseHTTPRequestHandler):
    server: Visited

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        status, headers, body = self.server.answer(self)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def visited(settings: Settings) -> Iterator[Visited]:
    with serving(Visited()) as server:
        settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
        yield server


@pytest.mark.django_db
def test_what_only_visitors_from_a_search_engine_get_is_seen(visited: Visited) -> None:
    settled()

    def cloaked(visit: Visit) -> tuple[int, dict[str, str], str]:
        spider = "Baiduspider" in visit.headers["User-Agent"]
        hidden = "<script src='//evil.example'></script>" if spider else ""
        return 200, {}, f"<h1>派遣</h1>{hidden}"

    visited.answer = cloaked
    CrawledPage.objects.create(path="/jobs/")
    wire.run(timezone.now())
    assert visited.paths == ["/", "/", "/jobs/", "/jobs/"]
    assert [row.host for row in OutsideHost.objects.code()] == ["evil.example"]


@pytest.mark.django_db
def test_a_visitor_who_is_sent_elsewhere_is_an_alarm(visited: Visited) -> None:
    settled()

    def sent_on(visit: Visit) -> tuple[int, dict[str, str], str]:
        if "baidu.com" not in (visit.headers["Referer"] or ""):
            return 200, {}, ""
        return 302, {"Location": "https://evil.example/"}, ""

    visited.answer = sent_on
    wire.run(timezone.now())
    row = OutsideHost.objects.get()
    assert (row.kind, row.host, row.page) == ("frame", "evil.example", "/")


@pytest.mark.django_db
def test_a_site_that_does_not_answer_itself_is_no_alarm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(url: str, face: wire.Face) -> tuple[int, str, str]:
        raise ConnectionRefusedError(url)

    monkeypatch.setattr(wire, "ask", away)
    wire.run(timezone.now())
    assert not OutsideHost.objects.exists()
    assert "cannot be asked" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("location", ["http://[", "http://127.0.0.1:99999/"])
def test_a_place_to_go_on_to_that_nobody_can_read_is_an_alarm_and_hides_no_other(
    visited: Visited, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    settled()
    visited.answer = lambda visit: (302, {"Location": location}, "")
    monkeypatch.setattr(files, "changed", lambda: iter(["site/a.css"]))
    wire.run(timezone.now())
    assert {row.host for row in OutsideHost.objects.all()} == {"?", "/static/site/a.css"}


@pytest.mark.django_db
def test_a_page_that_fails_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settled()

    def ask(url: str, face: wire.Face) -> tuple[int, str, str]:
        if "Baiduspider" not in face.agent:
            raise ValueError(url)
        return 200, "", "<script src='//evil.example'></script>"

    monkeypatch.setattr(wire, "ask", ask)
    wire.run(timezone.now())
    assert [row.host for row in OutsideHost.objects.all()] == ["evil.example"]
    assert "cannot be asked" in caplog.text


def test_a_page_is_followed_to_an_address_of_ours_in_chinese_and_read_where_it_is_packed() -> None:
    def answer(visit: Visit) -> tuple[int, dict[str, str], str]:
        return 302, {"Location": "/跳转?a=%20".encode().decode("latin-1")}, ""

    with serving(Visited()) as server:
        server.answer = answer
        said = wire.ask(f"http://127.0.0.1:{server.server_port}/", wire.FACES[0])
    assert said == (302, "/%E8%B7%B3%E8%BD%AC?a=%20", "")
    assert wire.unpacked(gzip.compress(b"page"), "gzip") == b"page"
    with pytest.raises(HTTPException):
        wire.unpacked(b"page", "br")


# --- Files ----------------------------------------------------------------------------------------------------


class Collected:
    """Static files as `collectstatic` leaves them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def load_manifest(self) -> tuple[dict[str, str], str]:
        return {"a.css": "site/a.0cc175b9c0f1.css", "b.css": "site/b.92eb5ffee6ae.css"}, ""

    def path(self, name: str) -> str:
        return str(self.root / name)


@pytest.mark.django_db
def test_a_static_file_that_somebody_has_changed_is_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    monkeypatch.setattr(files, "staticfiles_storage", Collected(tmp_path))
    sound = tmp_path / "site/a.0cc175b9c0f1.css"
    sound.write_text("a")
    Path(f"{sound}.gz").write_bytes(gzip.compress(b"a"))
    assert list(files.changed()) == []
    Path(f"{sound}.gz").write_bytes(gzip.compress(b"evil"))
    Path(f"{sound}.br").write_bytes(b"no brotli")
    (tmp_path / "site/b.92eb5ffee6ae.css").write_text("evil")
    names = ["site/a.0cc175b9c0f1.css.gz", "site/a.0cc175b9c0f1.css.br", "site/b.92eb5ffee6ae.css"]
    assert list(files.changed()) == names

    monkeypatch.setattr(wire, "seen_at", lambda path, face: frozenset())
    wire.run(timezone.now())
    assert {str(row) for row in OutsideHost.objects.code()} == {
        f"被改动的文件 /static/{name}" for name in names
    }


# --- The desk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(cast.laochen())
    return client


def act(client: Client, action: str, *rows: OutsideHost) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data, follow=True).content.decode()


@pytest.mark.django_db
def test_the_owner_approves_doubts_and_forgets(owner: Client) -> None:
    settled()
    meet({LINK: ["/articles/1/"], SCRIPT: ["/"]})
    link, script = OutsideHost.objects.order_by("kind")
    page = owner.get(LIST).content.decode()
    assert "links.example" in page
    assert page.count("待核对</span>") == 2

    assert "已认可 1 项" in act(owner, "approve", link)
    link.refresh_from_db()
    assert (link.approved_by, link.approved_at is not None) == (cast.laochen(), True)
    assert "links.example" not in owner.get(f"{LIST}?approved=no").content.decode()
    assert "evil.example" not in owner.get(f"{LIST}?approved=yes").content.decode()
    assert "已撤回 1 项" in act(owner, "doubt", link)
    link.refresh_from_db()
    assert (link.approved_by, link.approved_at) == (None, None)
    assert "已移出 1 项" in act(owner, "forget", script)
    assert list(OutsideHost.objects.all()) == [link]


@pytest.mark.django_db
def test_two_cards_of_the_owner_say_what_waits(owner: Client) -> None:
    settled()
    meet({LINK: ["/"], SCRIPT: ["/"]})
    desk = owner.get("/admin/").content.decode()
    assert "页面里未经认可的外部代码" in desk
    assert "待核对的站外链接" in desk
    assert "evil.example" in owner.get(f"{LIST}?attention=code").content.decode()
    assert "evil.example" not in owner.get(f"{LIST}?attention=outside").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("person", [cast.xiaolin, cast.laozhou, cast.amin])
def test_it_is_nobody_elses(client: Client, person: Callable[[], Any]) -> None:
    client.force_login(person())
    assert client.get(LIST).status_code == 403


@pytest.mark.django_db
def test_nothing_is_typed_there(owner: Client) -> None:
    meet({LINK: ["/"]})
    row = OutsideHost.objects.get()
    assert owner.get(f"{LIST}add/").status_code == 403
    assert owner.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert owner.post(f"{LIST}{row.pk}/change/", {"host": "x.example"}).status_code == 403
    assert owner.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
