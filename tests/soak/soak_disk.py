"""A real server on a disk that fills up: reading goes on, writing says so, nothing is lost or broken.

Run by `make soak`, as root, for the disk is a tmpfs of its own. (`make test` has the twin without a disk:
tests/cms/test_upkeep.py.)
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from staffing.incoming.token import DIGITS
from tests.desk.forms import FormReader
from tests.soak.soak_enquiries import QUESTION
from tests.soak.soak_kills import PASSWORD, SETUP, Server, rows

SIZE = "40m"
FORM = "/admin/articles/article/2/change/"
PAGES = (
    "/",
    "/articles/",
    "/articles/1/",
    "/services/",
    "/search/?q=文章",
    "/enquiry/",
    "/sitemap.xml",
)
WORDS = "磁盘已满，没有保存"
# What is free in the database and its log is written first: so often a large text is saved at most.
MOST_SAVES = 200

MORE = """
from articles.models import Article
first = Article.objects.get(title="线上的文章")
about = {"category": first.category, "author": first.author, "body": "<p>正文。</p>"}
for n in range(60):
    Article.objects.create(title=f"还没有人读过的{n}", **about).publish()
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid():
        pytest.skip("a disk of its own needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)  # noqa: S603 - ours
    yield folder
    # Lazily: what was killed a moment ago may still hold it.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607 - ours


@pytest.fixture
def server(disk: Path) -> Iterator[Server]:
    server = Server(disk)
    server.manage("migrate", "--verbosity=0")
    server.manage("collectstatic", "--noinput", "--verbosity=0")
    server.manage("shell", "--verbosity=0", "--command", SETUP + MORE)
    yield server
    server.kill()


class Editor:
    """Somebody with a form open in a browser."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))
        self.saved: list[str] = []
        page = self.ask("/admin/login/")[1]
        self.ask("/admin/login/", {**typed(page), "username": "xiaolin", "password": PASSWORD})

    def save(self, title: str, letters: int = 40_000) -> tuple[int, str]:
        """Write a text and save it; what is answered well is remembered."""
        status, page = self.ask(FORM)
        assert status == 200, page
        form = {**typed(page), "title": title, "body": f"<p>{'字' * letters}</p>", "_save": "1"}
        status, page = self.ask(FORM, form)
        if status == 200:
            self.saved.append(title)
        return status, page

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        return ask(self.browser, self.server.url + path, data)


class Visitor:
    """Somebody with the enquiry form open, who answers what is asked for."""

    def __init__(self, server: Server) -> None:
        self.url, self.browser = f"{server.url}/enquiry/", build_opener()
        _, page = ask(self.browser, self.url)
        self.typed = {**typed(page), "agree": page.split('name="agree" value="')[1].split('"')[0]}
        self.typed |= {"phone": "+8613800138000", "name": "王女士", "company": "示例电子"}

    def send(self) -> tuple[int, str]:
        status, page = ask(self.browser, self.url, self.typed)
        if status == 422 and (asked := QUESTION.search(page)):
            self.typed["answer"] = str(sum(map(DIGITS.index, asked.groups())))
            again = {**typed(page), "agree": self.typed["agree"], "answer": self.typed["answer"]}
            status, page = ask(self.browser, self.url, again)
        return status, page


def ask(browser: OpenerDirector, url: str, data: dict[str, str] | None = None) -> tuple[int, str]:
    body = urlencode(data, doseq=True).encode() if data else None
    address = url.encode("ascii", "xmlcharrefreplace").decode() if body else quoted(url)
    try:
        with browser.open(Request(address, body), timeout=30) as answer:  # noqa: S310 - ours
            return answer.status, answer.read().decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def quoted(url: str) -> str:
    return "".join(sign if sign.isascii() else urlencode({"": sign})[1:] for sign in url)


def typed(page: str) -> dict[str, str]:
    reader = FormReader()
    reader.feed(page)
    return reader.data


def fill(folder: Path) -> Path:
    """Leave no room at all; return what takes it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


def read_everything(server: Server, first: int) -> None:
    """What is kept, and what nobody has read yet."""
    stranger = build_opener()
    fresh = (f"/articles/{number}/" for number in range(first, first + 10))
    answers = {path: ask(stranger, server.url + path)[0] for path in (*PAGES, *fresh)}
    assert set(answers.values()) == {200}, answers


def test_a_full_disk_stops_writers_alone(server: Server, disk: Path) -> None:
    server.start()
    editor = Editor(server)
    assert editor.save("有地方的时候")[0] == 200
    read_everything(server, 3)

    visitor = Visitor(server)
    filler = fill(disk)
    status, page = 200, ""
    for n in range(MOST_SAVES):
        status, page = editor.save(f"第{n}稿")
        if status != 200:
            break
    print(f"{len(editor.saved)} texts went into what was free; then {status}")
    assert (status, WORDS in page) == (503, True), page
    read_everything(server, 13)
    assert rows(disk, "pragma integrity_check") == [("ok",)]
    status, page = visitor.send()
    assert (status, "您填的内容都在" in page) == (503, True), page

    # Dead and up again, as root or an operator does who knows nothing of the disk.
    server.kill()
    server.start()
    read_everything(server, 23)
    assert editor.save("还是满的")[0] == 503
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGTERM)
    server.process.wait()
    server.kill()
    server.start()
    read_everything(server, 33)

    filler.unlink()
    assert editor.save("又有地方了")[0] == 200
    read_everything(server, 43)
    status, page = visitor.send()
    assert (status, "已经收到" in page) == (200, True), page
    kept = {title for (title,) in rows(disk, "select content ->> '$.title' from cms_revision")}
    assert set(editor.saved) <= kept
    assert rows(disk, "pragma integrity_check") == [("ok",)]
    server.manage("check_site")
