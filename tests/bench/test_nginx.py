"""The configuration of `deploy/nginx/`: as nginx reads it, and what it does to visitors."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess  # openssl makes the certificate
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.bench import nginx, servers

pytestmark = pytest.mark.skipif(nginx.program() is None, reason="nginx is not installed")


def test_nginx_accepts_the_configuration_as_it_is_copied(tmp_path: Path) -> None:
    certificate, key = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = [
        "-nodes",
        "-subj",
        "/CN=www.example.com",
        "-out",
        str(certificate),
        "-keyout",
        str(key),
    ]
    subprocess.run([*command, *files], check=True, capture_output=True)  # noqa: S603  ours
    changes = {
        # Ports that anybody may listen on, and folders of this test.
        "listen 80;\n  listen [::]:80;": "listen 127.0.0.1:18080;",
        "listen 443 ssl http2;\n  listen [::]:443 ssl http2;": "listen 127.0.0.1:18443 ssl http2;",
        "/etc/letsencrypt/live/www.example.com": str(tmp_path),
        "/var/lib/nginx/portal": str(tmp_path / "cache"),
        "/var/log/nginx/portal.log": str(tmp_path / "access.log"),
        "/var/log/nginx/portal-error.log": str(tmp_path / "site-error.log"),
    }
    assert nginx.verdict(nginx.configure(tmp_path, changes)) == ""


class Upstream(BaseHTTPRequestHandler):
    """Plays the site: every page may be copied for long, so that no second more or less matters."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str]]] = []
    numbers: ClassVar[list[str]] = []
    status: ClassVar[int] = 200
    cache_control: ClassVar[str] = "public, max-age=0, s-maxage=900"

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Accept-Encoding", "")))
        self.numbers.append(self.headers.get("X-Request-ID", ""))
        self.send_response(self.status)
        for name, value in {
            "Content-Length": "2",
            "ETag": '"1"',
            "Cache-Control": self.cache_control,
            "Vary": "Accept-Encoding, Cookie",
            "X-Page-Cache": "hit",
            "X-Request-ID": self.numbers[-1],
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.asked.append((self.path, self.headers["Content-Length"]))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[int]:
    """An nginx before a site that counts; its port."""
    (tmp_path / "static").mkdir()
    (tmp_path / "media").mkdir()
    Upstream.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        port = servers.free_port()
        changes = nginx.on_loopback(tmp_path, port, site.server_port, tmp_path)
        command = nginx.configure(tmp_path, changes)
        with servers.running("nginx", command, {}, port, "/first/", tmp_path / "error.log"):
            Upstream.asked.clear()
            yield port
        site.shutdown()


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={n.replace("_", "-"): v for n, v in headers.items()})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_a_page_is_asked_for_once_in_each_encoding_however_it_is_written(front: int) -> None:
    for accepted in ("gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "gzip, br", "gzip", "gzip;q=1"):
        assert get(front, "/articles/1/", Accept_Encoding=accepted).status == 200
    get(front, "/articles/1/", Accept_Encoding="br;q=0, gzip;q=0.0, identity")
    assert [encoding for _, encoding in Upstream.asked] == ["br", "gzip", ""]


def test_what_the_page_cache_says_reaches_the_visitor(front: int) -> None:
    get(front, "/articles/1/")
    answer = get(front, "/articles/1/")
    assert (answer.headers["X-Page-Cache"], answer.headers["X-Nginx-Cache"]) == ("hit", "HIT")
    assert answer.headers["Server"] == "nginx"
    assert get(front, "/articles/1/", If_None_Match='"1"').status == 304


@pytest.mark.parametrize("cookie", ["session=a", "__Host-session=a", "seen=1; messages=b"])
def test_who_is_known_gets_no_copy_and_leaves_none(front: int, cookie: str) -> None:
    for _ in range(2):
        get(front, "/articles/1/", Cookie=cookie)
    get(front, "/articles/1/", Authorization="Basic eDp5")
    get(front, "/articles/1/")
    assert len(Upstream.asked) == 4


def test_of_what_is_answered_to_who_is_known_no_file_is_kept_either(front: int) -> None:
    for path in ("/media/elsewhere.png", "/static/..%2fadmin/..%2fstatic/a.css"):
        Upstream.asked.clear()
        get(front, path, Cookie="__Host-session=a")
        get(front, path)
        get(front, path)
        assert len(Upstream.asked) == 2


def test_other_cookies_share_a_copy(front: int) -> None:
    get(front, "/articles/1/", Cookie="Hm_lvt=1")
    get(front, "/articles/1/", Cookie="Hm_lvt=2")
    assert len(Upstream.asked) == 1


def post(port: int, path: str, megabytes: int) -> tuple[int, str, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    # Of a body that is too large, nginx wants no byte.
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(megabytes * 2**20))
    connection.endheaders()
    if megabytes < 6 or path.startswith("/admin/"):
        connection.send(bytes(megabytes * 2**20))
    response = connection.getresponse()
    answer = response.status, response.read().decode(), response.headers["Content-Type"]
    connection.close()
    return answer


@pytest.mark.parametrize("path", ["/enquiry/call-back/", "/takedown/", "/jobs/7/apply/"])
def test_a_form_of_anybody_is_a_small_one(front: int, path: str) -> None:
    assert post(front, path, 5)[0] == 200
    status, text, kind = post(front, path, 7)
    assert (status, kind) == (413, "text/html; charset=utf-8")
    assert "表单的附件不超过 5 MB" in text
    assert post(front, "/admin/cms/mediafile/add/", 7)[0] == 200
    assert [asked for asked, _ in Upstream.asked] == [path, "/admin/cms/mediafile/add/"]


def test_every_answer_has_a_number_of_its_own_which_the_site_knows(front: int) -> None:
    Upstream.numbers.clear()
    told = [get(front, "/articles/1/").headers.get_all("X-Request-ID") for _ in range(2)]
    assert told[0] == Upstream.numbers
    assert len(told[0][0]) == 32
    assert told[1] != told[0], "a copy is not answered with the number of who came first"


@pytest.mark.parametrize("path", ["/articles/1/", "/media/elsewhere.png"])
def test_what_there_is_a_copy_of_is_shown_while_the_site_or_its_store_is_away(
    front: int, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Good for this second alone; media are good for longer, whatever the site says.
    monkeypatch.setattr(Upstream, "cache_control", "public, max-age=0, s-maxage=1")
    get(front, path)
    monkeypatch.setattr(Upstream, "status", 503)
    for _ in range(30):
        assert get(front, path).status == 200
        if len(Upstream.asked) > 1:
            break
        threading.Event().wait(0.1)
    assert get(front, "/articles/2/").status == 503
    assert get(front, "/media/another.png").status == 503


def test_whoever_sends_too_much_waits_and_is_told_so_in_chinese(front: int, tmp_path: Path) -> None:
    config = tmp_path / "portal.conf"
    config.write_text(config.read_text().replace("rate=10000r/s", "rate=1r/s"))
    pid = int((tmp_path / "nginx.pid").read_text())
    os.kill(pid, signal.SIGHUP)
    # It takes a moment until the first of nginx's new processes answers; then fifty may come at once.
    answers = (post(front, "/takedown/", 0) for _ in range(1000))
    refused = next(text for status, text, _ in answers if status == 429)
    assert "请稍等几秒" in refused
    assert get(front, "/articles/1/").status == 200, "reading goes on"


UNREADABLE = {
    "no address": b"GET\r\n\r\n",
    "long address": b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 9000),
    "long header": b"GET / HTTP/1.1\r\nHost: a\r\nCookie: %s\r\n\r\n" % (b"a" * 9000),
    "no host": b"GET /articles/1/ HTTP/1.1\r\n\r\n",
    "no size": b"POST /enquiry/ HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "out of the site": b"GET /../a HTTP/1.1\r\nHost: a\r\n\r\n",
    "odd method": b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "odd encoding": b"POST /enquiry/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_what_nginx_cannot_read_it_says_so_of_in_chinese(
    front: int, tmp_path: Path, sent: bytes
) -> None:
    """On both ports; the one that only leads to https is a socket here."""
    for family, place in (
        (socket.AF_INET, ("127.0.0.1", front)),
        (socket.AF_UNIX, str(tmp_path / "redirect.sock")),
    ):
        with socket.socket(family) as line:
            line.settimeout(10)
            line.connect(place)
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: line.recv(65536), b"")).decode()
        assert answer[9:12] in ("400", "405", "414", "501"), place
        assert "<h1>这个请求无法识别</h1>" in answer
        assert "<center>" not in answer
    assert Upstream.asked == []


def test_the_log_names_no_visitor_no_search_and_no_key(front: int, tmp_path: Path) -> None:
    get(front, "/search/?q=li.ming")
    get(front, "/preview/0123456789abcdefghijklmnopqrstuv/")
    log = (tmp_path / "access.log").read_text()
    assert "li.ming" not in log
    assert "0123456789abcdef" not in log.replace(Upstream.numbers[-1], "")
    assert "127.0.0.0 [" in log
    assert '"GET /search/" 200' in log
    assert '"GET /preview/..." 200' in log


def test_files_come_from_the_disk(front: int, tmp_path: Path) -> None:
    (tmp_path / "static/site.0123456789ab.css").write_text("body {}")
    (tmp_path / "media/contract.pdf").write_bytes(b"%PDF-")
    style = get(front, "/static/site.0123456789ab.css").headers
    assert style["Content-Type"] == "text/css; charset=utf-8"
    assert (style["X-Content-Type-Options"], style["Cache-Control"][-9:]) == (
        "nosniff",
        "immutable",
    )
    contract = get(front, "/media/contract.pdf").headers
    assert contract["Content-Disposition"] == "attachment"
    assert contract["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert contract["X-Content-Type-Options"] == "nosniff"
    assert Upstream.asked == []


def test_what_must_not_be_run_is_left_to_the_site(front: int, tmp_path: Path) -> None:
    (tmp_path / "media/page.html").write_text("<script>")
    (tmp_path / "db.sqlite3").write_text("secret")
    for path in ("/media/page.html", "/media/missing.png", "/static/missing.css", "/db.sqlite3"):
        get(front, path)
    assert [path for path, _ in Upstream.asked] == [
        "/media/page.html",
        "/media/missing.png",
        "/static/missing.css",
        "/db.sqlite3",
    ]
