"""The guarded fetcher: what it brings in, and where nobody can make it go. Loopback plays the world."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from portal.cms.accounts import User
from portal.cms.media import fetching
from portal.cms.media.fetching import FetchError, SpacerError, download, fetch_picture, is_public
from portal.cms.media.models import MediaFile
from portal.cms.media.widgets import picker_addresses
from tests import cast
from tests.cms import samples
from tests.desk.english import english_in

pytestmark = pytest.mark.django_db

FETCH = "/admin/cms/mediafile/fetch/"
HOST = "pictures.example"
Answer = Callable[[BaseHTTPRequestHandler], None]


# --- The world ---------------------------------------------------------------------------------------


class World(ThreadingHTTPServer):
    """A web server with some names. What it answers at a path is put into `pages`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.pages: dict[str, Answer] = {}
        self.names: dict[str, list[str]] = {HOST: ["127.0.0.1"]}
        self.looked_up: list[str] = []
        self.requests: list[BaseHTTPRequestHandler] = []
        self.over = threading.Event()

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.server_port}{path}"

    def look_up(self, host: str, port: int, **options: Any) -> list[Any]:
        self.looked_up.append(host)
        kind = socket.SOCK_STREAM
        found = []
        for address in self.names.get(host, [host]):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                socket.inet_pton(family, address)
            except OSError as error:
                raise socket.gaierror(socket.EAI_NONAME, "no such name") from error
            found.append((family, kind, 6, "", (address, port)))
        return found

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up here, as they should."""


class Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: World

    def do_GET(self) -> None:
        self.server.requests.append(self)
        self.server.pages.get(self.path, gone)(self)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def send(visit: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    visit.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        visit.send_header(name.replace("_", "-"), value)
    visit.end_headers()
    visit.wfile.write(body)


def gone(visit: BaseHTTPRequestHandler) -> None:
    send(visit, b"", 404)


def page(body: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda visit: send(visit, body, status, **headers)


def to(location: str, status: int = 302) -> Answer:
    return page(b"", status, Location=location)


def raw(content: bytes) -> Answer:
    def answer(visit: BaseHTTPRequestHandler) -> None:
        visit.wfile.write(content)

    return answer


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A public web of one server on the loopback; all other addresses are as public as ever."""
    world = World()
    thread = threading.Thread(target=world.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setattr(socket, "getaddrinfo", world.look_up)
    monkeypatch.setattr(fetching, "PORTS", fetching.PORTS | {world.server_port})
    monkeypatch.setattr(
        fetching, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )
    yield world
    world.over.set()
    world.shutdown()
    world.server_close()
    thread.join()


def refusal(url: str, **options: Any) -> str:
    with pytest.raises(FetchError) as refused:
        fetch_picture(url, **options)
    (sentence,) = refused.value.messages
    assert not english_in(sentence)
    assert not MediaFile.objects.exists()
    return str(sentence)


# --- What is brought in ----------------------------------------------------------------------------


def test_a_picture_comes_into_the_library_and_says_where_it_is_from(world: World) -> None:
    world.pages["/a/%E5%8E%82%E9%97%A8.jpg?x=1&y=%2F"] = page(samples.jpeg((60, 40)))

    file = fetch_picture(world.url("/a/厂门.jpg?x=1&y=%2F#top"), alt="厂门口")

    assert (file.image_width, file.image_height) == (60, 40)
    assert (file.title, file.image_alt_text) == ("厂门", "厂门口")
    assert file.rights == f"来自网页：{world.url('/a/厂门.jpg?x=1&y=%2F#top')}"
    assert str(file.folder) == "未归类"
    assert Path(file.image_file.path).is_file()


def test_wechat_shows_its_pictures_to_who_names_no_page(world: World) -> None:
    """It answers any other page's Referer with a picture that says so, and a status of 200."""

    def mmbiz(visit: BaseHTTPRequestHandler) -> None:
        referer = visit.headers["Referer"]
        ours = referer is None or referer.startswith("https://mp.weixin.qq.com/")
        send(visit, samples.encoded(samples.image((90, 60) if ours else (10, 10)), "WEBP"))

    world.pages["/mmbiz_jpg/abc/640?wx_fmt=webp&tp=webp"] = mmbiz

    file = fetch_picture(world.url("/mmbiz_jpg/abc/640?wx_fmt=webp&tp=webp"))

    assert (file.image_width, file.image_height) == (90, 60)
    assert file.title == HOST, "not 640"


def test_a_request_tells_nothing_and_asks_for_no_packing(world: World) -> None:
    world.pages["/a.png"] = page(samples.png((9, 9)))

    download(world.url("/a.png"))

    headers = dict(world.requests[0].headers)
    assert set(headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"}
    assert headers["Host"] == f"{HOST}:{world.server_port}"
    assert headers["Accept-Encoding"] == "identity"
    assert "avif" not in headers["Accept"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(world: World, status: int) -> None:
    world.pages["/old"] = to("/new?厂".encode().decode("latin-1"), status)
    world.pages["/new?%E5%8E%82"] = to(world.url("/a.jpg", "cdn.example"), status)
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)))
    world.names["cdn.example"] = ["127.0.0.1"]

    assert fetch_picture(world.url("/old")).image_width == 9
    assert world.looked_up == [HOST, HOST, "cdn.example"], "each time anew"


@pytest.mark.parametrize("length", [5, 180])
def test_what_was_fetched_today_is_not_fetched_again(world: World, length: int) -> None:
    path = f"/{'x' * length}"
    for end in ("a", "b"):
        world.pages[path + end] = page(samples.jpeg((9, 9)))

    first = fetch_picture(world.url(path + "a"))
    again = fetch_picture(world.url(path + "a"))
    other = fetch_picture(world.url(path + "b"))

    assert again == first
    assert other != first
    assert len(world.requests) == 2
    assert len(first.rights) <= 200


def test_the_next_day_the_page_may_have_another_picture(world: World) -> None:
    world.pages["/today.jpg"] = page(samples.jpeg((9, 9)))
    first = fetch_picture(world.url("/today.jpg"))
    MediaFile.objects.update(created_at=first.created_at - timedelta(hours=25))
    world.pages["/today.jpg"] = page(samples.jpeg((8, 8)))

    assert fetch_picture(world.url("/today.jpg")).image_width == 8


@pytest.mark.parametrize("start", ["https://www.example.com", ""])
@pytest.mark.parametrize("size", ["url", "large", "square"])
def test_a_picture_of_our_own_pages_is_the_file_itself(start: str, size: str) -> None:
    file = samples.picture()

    assert fetch_picture(start + getattr(file.image_file, size)) == file


def test_a_name_that_only_looks_like_ours_is_fetched(world: World) -> None:
    path = "/media/cabinet/2026/11/0123456789abcdef.jpg"
    world.pages[path] = page(samples.jpeg((9, 9)))

    assert fetch_picture(world.url(path)).image_width == 9


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "image/svg+xml"])
def test_what_it_is_the_content_says(world: World, kind: str) -> None:
    world.pages["/a.pdf"] = page(samples.png((9, 9)), Content_Type=kind)

    assert fetch_picture(world.url("/a.pdf")).image_width == 9


def test_a_body_in_chunks_is_put_together(world: World) -> None:
    picture = samples.jpeg((9, 9))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (picture[:99], picture[99:]))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    world.pages["/a.jpg"] = raw(head + chunks + b"0\r\n\r\n")

    assert fetch_picture(world.url("/a.jpg")).image_width == 9


def test_a_length_that_promises_too_much_does_no_harm(world: World) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)), Content_Length="99999999999")

    assert fetch_picture(world.url("/a.jpg")).image_width == 9


def test_a_server_that_keeps_the_line_open_is_not_waited_for(world: World) -> None:
    def keep(visit: BaseHTTPRequestHandler) -> None:
        send(visit, samples.jpeg((9, 9)))
        world.over.wait()

    world.pages["/a.jpg"] = keep

    assert fetch_picture(world.url("/a.jpg"), seconds=2).image_width == 9


def test_where_one_address_does_not_answer_the_next_is_tried(world: World) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    world.names[HOST] = ["127.0.0.1", "127.0.0.1"]
    look_up = world.look_up

    def first_nobody(host: str, port: int, **options: Any) -> list[Any]:
        first, second = look_up(host, port)
        return [(*first[:4], ("127.0.0.1", nobody)), second]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", first_nobody)
        assert fetch_picture(world.url("/a.jpg")).image_width == 9


def test_no_proxy_of_the_environment_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert fetch_picture(world.url("/a.jpg")).image_width == 9


# --- What is refused for its content -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (samples.SVG, "不是图片"),
        (samples.HTML, "不是图片"),
        (samples.PDF, "不是图片"),
        (samples.office(), "不是图片"),
        (b"", "不是图片"),
        (gzip.compress(samples.jpeg()), "不是图片"),
        (samples.png_of_100_megapixels(), "万像素"),
        (samples.jpeg()[:2000], "不完整"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_says(
    world: World, body: bytes, reason: str
) -> None:
    world.pages["/a.jpg"] = page(body, Content_Type="image/jpeg")

    assert reason in refusal(world.url("/a.jpg"))


def test_a_spacer_is_refused_as_one(world: World) -> None:
    world.pages["/count.gif"] = page(samples.encoded(samples.image((1, 1)), "GIF"))

    with pytest.raises(SpacerError):
        fetch_picture(world.url("/count.gif"))
    assert not MediaFile.objects.exists()


def test_a_length_that_promises_too_little_leaves_a_broken_picture(world: World) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg(), Content_Length="2000")

    assert "不完整" in refusal(world.url("/a.jpg"))


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate, gzip"])
def test_a_packed_body_is_not_unpacked(world: World, packing: str) -> None:
    bomb = gzip.compress(samples.jpeg((9, 9)) + b"\x00" * 50_000_000)
    world.pages["/a.jpg"] = page(bomb, Content_Encoding=packing)

    assert "压缩" in refusal(world.url("/a.jpg"))


MEGABYTE = b"\x00" * 1_000_000


@pytest.mark.parametrize(
    ("head", "part", "reason"),
    [
        ("Content-Length: 100\r\n\r\n\xff\xd8\xff", MEGABYTE, "不完整"),  # a hundred are read
        ("X: y\r\n\r\n", MEGABYTE, "20 MB"),
        ("Transfer-Encoding: chunked\r\n\r\n", b"f4240\r\n" + MEGABYTE + b"\r\n", "20 MB"),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", MEGABYTE, "20 MB"),
        ("Transfer-Encoding: chunked\r\n\r\n-1\r\n", MEGABYTE, "20 MB"),
    ],
)
def test_an_endless_body_ends_at_the_limit(
    world: World, head: str, part: bytes, reason: str
) -> None:
    sent = 0

    def endless(visit: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        visit.wfile.write(f"HTTP/1.1 200 OK\r\n{head}".encode("latin-1"))
        while not world.over.is_set():
            visit.wfile.write(part)
            sent += len(part)

    world.pages["/a.jpg"] = endless

    assert reason in refusal(world.url("/a.jpg"))
    assert sent < 40_000_000


@pytest.mark.parametrize("status", [204, 206, 304, 400, 403, 404, 500])
def test_only_a_plain_200_has_the_picture(world: World, status: int) -> None:
    body = b"" if status in {204, 304} else samples.jpeg((9, 9))
    world.pages["/a.jpg"] = page(body, status)

    assert str(status) in refusal(world.url("/a.jpg"))


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x00\xff" * 99, b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 999,
     b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 abc\r\n\r\n"],
)  # fmt: skip
def test_an_answer_that_is_no_http_is_refused(world: World, answer: bytes) -> None:
    world.pages["/a.jpg"] = raw(answer)

    assert "连接" in refusal(world.url("/a.jpg"))


# --- Time ------------------------------------------------------------------------------------------


def drip(head: bytes, drop: bytes) -> Answer:
    def answer(visit: BaseHTTPRequestHandler) -> None:
        over: threading.Event = visit.server.over  # type: ignore[attr-defined]
        visit.wfile.write(head)
        while not over.wait(0.02):
            visit.wfile.write(drop)
            visit.wfile.flush()

    return answer


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b""),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff", b"\x00"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n\xff\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
)
def test_a_server_that_drips_gets_no_more_than_the_whole_time(
    world: World, head: bytes, drop: bytes
) -> None:
    world.pages["/a.jpg"] = drip(head, drop)
    began = time.monotonic()

    assert "太慢" in refusal(world.url("/a.jpg"), seconds=0.3)
    assert time.monotonic() - began < 3


def test_redirects_share_the_time(world: World) -> None:
    def late(visit: BaseHTTPRequestHandler) -> None:
        world.over.wait(0.2)
        send(visit, b"", 302, Location="/a.jpg")

    world.pages["/a.jpg"] = late

    # Each with that time of its own, they would go on until there are too many.
    assert "太慢" in refusal(world.url("/a.jpg"), seconds=0.5)


def test_a_resolver_that_does_not_answer_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(host: str, port: int, **options: Any) -> list[Any]:
        world.over.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)

    assert "太慢" in refusal(world.url("/a.jpg"), seconds=0.1)


def test_an_address_where_nobody_is_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    waits: list[float | None] = []

    def connect(line: socket.socket, address: Any) -> None:
        waits.append(line.gettimeout())
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    world.names[HOST] = ["8.8.8.8", "8.8.4.4"]

    assert "太慢" in refusal(f"http://{HOST}/a.jpg", seconds=99)
    assert waits == [fetching.CONNECT_SECONDS] * 2


def test_who_takes_the_connection_and_says_nothing_is_left(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.MonkeyPatch.context() as patch:
        port = silent.getsockname()[1]
        patch.setattr(fetching, "PORTS", {port})
        for scheme in ("http", "https"):
            assert "太慢" in refusal(f"{scheme}://{HOST}:{port}/a.jpg", seconds=0.1)


# --- Where it does not go ------------------------------------------------------------------------------


@pytest.fixture
def nobody_connects(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Connections are refused; the list is where they would have gone."""
    tried: list[Any] = []

    def connect(line: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


@pytest.mark.parametrize(
    "address",
    [
        "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:20::1",
        "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "169.253.1.1",
     "192.167.1.1", "198.20.0.1", "223.255.255.254", "2400:3200::1", "2606:4700:4700::1111", "2001:4860:4860::8888"],
)  # fmt: skip
def test_what_is_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.100.100.200", "localhost",
     "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00::1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "１２７.0.0.1",
     "127。0。0。1"],
)  # fmt: skip
def test_nothing_inside_is_connected_to(nobody_connects: list[Any], host: str) -> None:
    assert "内部网络" in refusal(f"http://{host}/a.jpg")
    assert not nobody_connects


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1", "127.0.0.01", "0x7f.0.0.0x1",
     "8.8.2056", "0", "0x", "256.1.1.1", "127%2e0%2e0%2e1", "[fe80::1%25eth0]", "[2400::1%25eth0]", "", ".", "a..b",
     "-a.example", "a b.example", "a\\b.example", "[::1", "x" * 64 + ".example", "x." * 130 + "example",
     "ex\x01ample"],
)  # fmt: skip
def test_a_host_that_is_spelled_oddly_is_not_looked_up(world: World, host: str) -> None:
    with pytest.raises(FetchError):
        download(f"http://{host}:{world.server_port}/a.jpg")
    assert not world.looked_up


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "完整网址"),
        ("a.jpg", "完整网址"),
        ("/images/a.jpg", "完整网址"),
        ("//pictures.example/a.jpg", "完整网址"),
        ("ftp://pictures.example/a.jpg", "完整网址"),
        ("file:///etc/passwd", "完整网址"),
        ("gopher://127.0.0.1:6379/_x", "完整网址"),
        ("data:image/png;base64,AAAA", "完整网址"),
        ("javascript:alert(1)", "完整网址"),
        ("http://xiaolin@pictures.example/a.jpg", "密码"),
        ("http://xiaolin:secret@pictures.example/a.jpg", "密码"),
        ("http://:@pictures.example/a.jpg", "密码"),
        ("http://pictures.example\\@127.0.0.1/a.jpg", "密码"),
        ("http://pictures.example:0/a.jpg", "端口"),
        ("http://pictures.example:22/a.jpg", "端口"),
        ("https://pictures.example:8443/a.jpg", "端口"),
        ("http://pictures.example:99999/a.jpg", "无法识别"),
        ("http://pictures.example:x/a.jpg", "无法识别"),
        ("http:///a.jpg", "无法识别"),
        ("http:pictures.example/a.jpg", "无法识别"),
        ("http://[::1/a.jpg", "无法识别"),
        ("http://pictures.example℀/a.jpg", "无法识别"),
        ("http://nowhere.example/a.jpg", "找不到"),
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(
    world: World, nobody_connects: list[Any], url: str, reason: str
) -> None:
    assert reason in refusal(url)
    assert not nobody_connects


@pytest.mark.parametrize("inside", ["10.0.0.1", "::1", "::ffff:10.0.0.1"])
def test_one_address_inside_is_enough_to_refuse_a_name(
    world: World, nobody_connects: list[Any], inside: str
) -> None:
    world.names[HOST] = ["8.8.8.8", inside]

    assert "内部网络" in refusal(f"http://{HOST}/a.jpg")
    assert not nobody_connects


def test_a_name_that_changes_its_answer_gets_nowhere(
    monkeypatch: pytest.MonkeyPatch, nobody_connects: list[Any]
) -> None:
    """First it is public, to pass the guard; then it is our own machine, to be connected to."""
    answers = iter(["8.8.8.8"])

    def look_up(host: str, port: int, **options: Any) -> list[Any]:
        address = next(answers, "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    assert "连接不上" in refusal("http://rebind.example/a.jpg")
    assert nobody_connects == [("8.8.8.8", 80)]
    assert "内部网络" in refusal("http://rebind.example/a.jpg"), "asked anew, it is refused"
    assert len(nobody_connects) == 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.2/a.jpg", "内部网络"),
        ("http://169.254.169.254/latest/meta-data/", "内部网络"),
        ("http://[::1]/a.jpg", "内部网络"),
        ("https://inside.example/a.jpg", "内部网络"),
        ("http://2130706433/a.jpg", "无法识别"),
        ("http://[bad/a.jpg", "无法识别"),
        ("http://pictures.example:6379/", "端口"),
        ("http://x:y@pictures.example/a.jpg", "密码"),
        ("file:///etc/passwd", "完整网址"),
        ("gopher://127.0.0.1/", "完整网址"),
        ("", "转来转去"),
    ],
)
def test_no_redirect_leads_past_the_guard(world: World, location: str, reason: str) -> None:
    world.names["inside.example"] = ["10.0.0.1"]
    world.pages["/a.jpg"] = to(location)

    assert reason in refusal(world.url("/a.jpg"))
    assert len(world.requests) == 1


def test_redirects_in_a_circle_come_to_an_end(world: World) -> None:
    world.pages |= {"/a": to("/b"), "/b": to("/a")}

    assert "转来转去" in refusal(world.url("/a"))
    assert len(world.requests) == 1 + fetching.MAX_REDIRECTS


# --- https -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for pictures.example, with its key, that no system trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("缺少 openssl，请先运行 tests/bin/system-packages。", pytrace=False)
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    command = [openssl, "req", "-x509", *kind, *names, *files]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


@pytest.fixture
def secure_world(world: World, certificate: Path) -> World:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    world.socket = context.wrap_socket(
        world.socket, server_side=True, do_handshake_on_connect=False
    )
    world.names["other.example"] = ["127.0.0.1"]
    return world


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(fetching, "tls", lambda: context)


@pytest.mark.usefixtures("trusted")
def test_https_is_for_the_host_that_was_asked_for(secure_world: World) -> None:
    port = secure_world.server_port

    assert fetch_picture(f"https://{HOST}:{port}/a.jpg").image_width == 9
    MediaFile.objects.all().delete()
    assert "证书" in refusal(f"https://other.example:{port}/a.jpg")
    assert "证书" in refusal(f"https://127.0.0.1:{port}/a.jpg")


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_world: World) -> None:
    assert "证书" in refusal(f"https://{HOST}:{secure_world.server_port}/a.jpg")
    assert not secure_world.requests


# --- The endpoint --------------------------------------------------------------------------------------


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(cast.laozhou())
    return client


def test_the_editor_has_a_picture_fetched(chief: Client, world: World) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 8)))

    response = chief.post(FETCH, {"url": world.url("/a.jpg"), "image_alt_text": "厂门口"})

    file = MediaFile.objects.get()
    assert response.status_code == 200
    answer = response.json()
    assert (answer["pk"], answer["name"]) == (file.pk, "a")
    assert answer["picture"]["src"] == file.image_file.url
    assert (answer["picture"]["width"], answer["picture"]["alt"]) == (9, "厂门口")
    assert LogEntry.objects.filter(object_id=str(file.pk)).exists()
    assert picker_addresses()["fetch"] == FETCH


@pytest.mark.parametrize(
    "fields",
    [{}, {"url": " "}, {"url": "http://127.0.0.1/a.jpg"}, {"url": "http://10.0.0.1:6379/"}, {"url": "x" * 5000},
     {"url": "http://a\x00b/"}, {"url": "http://8.8.8.8/", "image_alt_text": "字" * 301}],
)  # fmt: skip
def test_a_refusal_is_a_sentence(
    chief: Client, nobody_connects: list[Any], fields: dict[str, str]
) -> None:
    response = chief.post(FETCH, fields)

    assert response.status_code == 400
    assert response.json()["error"]
    assert not english_in(response.json()["error"])
    assert not nobody_connects


def test_a_refusal_says_of_a_spacer_that_nobody_misses_it(chief: Client, world: World) -> None:
    world.pages |= {"/a.gif": page(samples.gif(1, (1, 1))), "/b.gif": page(samples.SVG)}

    assert chief.post(FETCH, {"url": world.url("/a.gif")}).json()["spacer"] is True
    assert chief.post(FETCH, {"url": world.url("/b.gif")}).json()["spacer"] is False


def test_only_who_may_upload_has_pictures_fetched(client: Client, world: World) -> None:
    world.pages["/a.jpg"] = page(samples.jpeg((9, 9)))
    asked = {"url": world.url("/a.jpg")}
    assert "/login/" in client.post(FETCH, asked)["Location"]

    looker = User.objects.create_user("xiaowang", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_mediafile"))
    client.force_login(looker)

    assert client.post(FETCH, asked).status_code == 403
    assert not world.requests


def test_fetching_takes_a_post(chief: Client) -> None:
    assert chief.get(FETCH).status_code == 405
