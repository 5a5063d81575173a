"""A real server, killed with SIGKILL again and again while two editors save and publish.

Run by `make soak`, not by `make test`: `ROUNDS` deaths take minutes. After every death the server is
started anew on the same data, and whatever it had answered for must be there: no text lost, none half
published. What it had not answered for may be there or not, but never in part.

Once all of it dies at a time, and once any one of its processes, under a supervisor that does what
systemd does with the units of deploy/: then it also has to be up again by itself.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess  # the server is a process of its own: it is there to be killed
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.desk.forms import FormReader
from tests.start.waiting import until

ROUNDS = int(os.environ.get("ROUNDS", "60"))
KILLS = int(os.environ.get("KILLS", "50"))
# As the units of deploy/systemd have it, and how long an editor may have to wait for the site.
RESTART, UP_AGAIN = 2.0, 10.0  # seconds
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "深圳-Soak-2026"

SETUP = f"""
from portal.cms.accounts import User
from articles.models import Article, Author, Category
for name in ("xiaolin", "laozhou"):
    User.objects.create_superuser(name, f"{{name}}@example.com", {PASSWORD!r})
category = Category.objects.create(name="用工政策", slug="policy")
author = Author.objects.create(name="编辑部", handle="bianjibu")
for title in ("线上的文章", "草稿"):
    article = Article.objects.create(title=title, category=category, author=author, body="<p>正文。</p>")
    title == "草稿" or article.publish()
"""


class Server:
    """The site as `manage.py serve` runs it, in a process group of its own."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "DATA_DIR": str(data),
            "PORT": str(self.port),
            "SITE_URL": self.url,
            "SECRET_KEY": "used-by-the-soak-alone",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *command: str) -> None:
        command = (sys.executable, "manage.py", *command)
        subprocess.run(command, cwd=ROOT, env=self.env, check=True)  # noqa: S603 - ours

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        if (process := self.process) is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            # Whoever of them is still dying holds the port.
            until(lambda: not processes(process.pid), "the server does not die")


class Editor(threading.Thread):
    """Opens a form, types, presses a button, until the server is gone; notes what was answered."""

    def __init__(self, server: Server, name: str, article: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.server, self.editor, self.article = server, name, article
        self.random = random.Random(seed)
        self.sent: list[str] = []
        self.answered: list[str] = []

    def run(self) -> None:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        try:
            self.post(browser, "/admin/login/", username=self.editor, password=PASSWORD)
            for n in range(1000):
                self.work(browser, f"{self.editor}的第{n}稿·{self.random.random()}")
        except (URLError, HTTPException, OSError):
            return  # the server was killed: that is what this is about

    def work(self, browser: OpenerDirector, title: str) -> None:
        button = self.random.choice(["_save", "_publish", "_save", "_withdraw", "_discard"])
        self.sent.append(title)
        answer = self.post(
            browser,
            f"/admin/articles/article/{self.article}/change/",
            title=title,
            tags=f"标签{self.random.randint(1, 9)}",
            **{button: "confirmed"},
        )
        if answer == 200:
            self.answered.append(title)

    def post(self, browser: OpenerDirector, path: str, **typed: str) -> int:
        form = FormReader()
        form.feed(browser.open(self.server.url + path, timeout=20).read().decode())
        data: dict[str, Any] = {**form.data, **typed}
        body = urlencode(data, doseq=True).encode()
        with browser.open(self.server.url + path, body, timeout=20) as answer:
            return int(answer.status)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.manage("migrate", "--verbosity=0")
    server.manage("collectstatic", "--noinput", "--verbosity=0")
    server.manage("shell", "--verbosity=0", "--command", SETUP)
    yield server
    server.kill()


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(data / "db.sqlite3") as connection:
        return connection.execute(sql).fetchall()


def test_no_death_loses_an_answered_text_or_leaves_half_of_one(
    server: Server, tmp_path: Path
) -> None:
    chance = random.Random(20261123)
    answered: set[str] = set()
    for n in range(ROUNDS):
        server.start()
        editors = [Editor(server, name, 1 + n % 2, n) for name in ("xiaolin", "laozhou")]
        for editor in editors:
            editor.start()
        time.sleep(chance.uniform(1.5, 4))
        server.kill()
        for editor in editors:
            editor.join(timeout=30)
            answered.update(editor.answered)
        kept = {row[0] for row in rows(tmp_path, "select content ->> '$.title' from cms_revision")}
        assert answered <= kept, answered - kept
        assert rows(tmp_path, "pragma integrity_check") == [("ok",)]
        # What is live, or the draft of what is not, is the content of a revision: nothing half done.
        for (title,) in rows(tmp_path, "select title from articles_article"):
            assert title in kept or title in {"线上的文章", "草稿"}
        # A pending draft belongs to a published article, and its content is a revision's.
        stray = (
            "select count(*) from cms_pendingdraft d join articles_article a on a.id = d.object_id"
        )
        assert rows(tmp_path, f"{stray} where a.status <> 'published'") == [(0,)]
    print(f"{ROUNDS} deaths, {len(answered)} answered texts, all kept")
    assert len(answered) > ROUNDS


# --- Any one process ----------------------------------------------------------------------------------


class Unit:
    """A service: when its first process ends, what is left of it is killed, and it is started again."""

    def __init__(self, server: Server, *command: str) -> None:
        self.server, self.command = server, (sys.executable, "manage.py", *command)
        self.process = self.start()
        self.start_at = 0.0  # by time.monotonic()

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - ours
            self.command,
            cwd=ROOT,
            env=self.server.env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def tend(self) -> None:
        if self.process.poll() is None:
            return
        if not self.start_at:
            self.kill()
            self.start_at = time.monotonic() + RESTART
        elif time.monotonic() >= self.start_at:
            self.start_at, self.process = 0.0, self.start()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self) -> list[int]:
        """The processes of the group besides the first one."""
        return [pid for pid in processes(self.process.pid) if pid != self.process.pid]


def processes(group: int) -> list[int]:
    """Return the living processes of a group: the server, its workers, the guardian, its worker."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


class Supervisor(threading.Thread):
    def __init__(self, *units: Unit) -> None:
        super().__init__(daemon=True)
        self.units, self.over = units, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            for unit in self.units:
                unit.tend()

    def end(self) -> None:
        self.over.set()
        self.join()
        for unit in self.units:
            unit.kill()


class Stubborn(Editor):
    """Goes on whatever happens; notes when each answered save was begun."""

    def __init__(self, *who: Any) -> None:
        super().__init__(*who)
        self.over = threading.Event()
        self.saved: list[float] = []  # by time.monotonic()
        self.failed = 0

    def run(self) -> None:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        n, signed_in = 0, False
        while not self.over.is_set():
            try:
                if not signed_in:
                    self.post(browser, "/admin/login/", username=self.editor, password=PASSWORD)
                    signed_in = True
                n, began = n + 1, time.monotonic()
                self.work(browser, f"{self.editor}的第{n}稿·{self.random.random()}")
                self.saved.append(began)
            except SignedOutError:
                signed_in = False
            except (URLError, HTTPException, OSError):
                self.failed += 1
                self.over.wait(0.1)

    def post(self, browser: OpenerDirector, path: str, **typed: str) -> int:
        form = FormReader()
        with browser.open(self.server.url + path, timeout=20) as page:
            if "login" in page.url and "login" not in path:
                raise SignedOutError
            form.feed(page.read().decode())
        body = urlencode({**form.data, **typed}, doseq=True).encode()
        with browser.open(self.server.url + path, body, timeout=20) as answer:
            answer.read()
            if "login" in answer.url:
                raise SignedOutError
            return int(answer.status)


class SignedOutError(Exception):
    """The login page, where the form should be."""


class Site:
    """Web and worker under a supervisor, two editors at work, and what kills them."""

    def __init__(self, server: Server, data: Path) -> None:
        self.data, self.random = data, random.Random(20261124)
        self.web, self.worker = Unit(server, "serve", "--web-only"), Unit(server, "worker")
        self.supervisor = Supervisor(self.web, self.worker)
        self.editors = [
            Stubborn(server, name, 1, n) for n, name in enumerate(("xiaolin", "laozhou"))
        ]
        self.waits: dict[str, list[float]] = {"web master": [], "web worker": [], "cms worker": []}
        self.longest_stop = 0.0  # until both editors have saved something again

    def start(self) -> None:
        for thread in (self.supervisor, *self.editors):
            thread.start()
        until(lambda: all(editor.saved for editor in self.editors), "nobody could save anything")
        until(lambda: self.beat() != "None", "the worker does nothing")

    def end(self) -> None:
        for editor in self.editors:
            editor.over.set()
        for editor in self.editors:
            editor.join(timeout=30)
        self.supervisor.end()

    def kill_one(self) -> None:
        """Kill a process while it writes, and wait until what it did is done again."""
        self.make_due("lease_until is null")  # so that the worker writes, too
        time.sleep(self.random.uniform(0.2, 2))
        kind = self.random.choice(list(self.waits))
        before, at = self.beat(), time.monotonic()
        os.kill(self.victim(kind), signal.SIGKILL)
        if kind == "cms worker":
            # What it had in hand is free when its lease ends; no need to wait for that here.
            self.make_due("name = 'heartbeat'")
            until(lambda: self.beat() > before, "the worker is not up again")
        else:
            until(self.answers, f"not up again after the death of a {kind}")
        self.waits[kind].append(time.monotonic() - at)
        until(lambda: self.all_saved_since(at), "the editors cannot go on")
        self.longest_stop = max(self.longest_stop, time.monotonic() - at)

    def answers(self) -> bool:
        try:
            with build_opener().open(self.web.server.url + "/readyz", timeout=20) as answer:
                return bool(answer.status == 200)
        except (URLError, HTTPException, OSError):
            return False

    def victim(self, kind: str) -> int:
        if kind == "web worker":
            return self.random.choice(self.web.children())
        return (self.web if kind == "web master" else self.worker).process.pid

    def make_due(self, which: str) -> None:
        with sqlite3.connect(self.data / "db.sqlite3", timeout=20) as connection:
            due = "update cms_duetask set due_at = '2026-01-01 00:00:00', lease_until = null"
            connection.execute(f"{due} where {which}")

    def beat(self) -> str:
        sql = "select max(finished_at) from cms_duetask where name = 'heartbeat'"
        return str(rows(self.data, sql)[0][0])

    def all_saved_since(self, at: float) -> bool:
        return all(any(began > at for began in editor.saved) for editor in self.editors)

    def answered(self) -> set[str]:
        return {title for editor in self.editors for title in list(editor.answered)}

    def check(self) -> None:
        """Whatever was answered is there, and the database is whole."""
        answered = self.answered()
        sql = "select content ->> '$.title' from cms_revision"
        kept = {title for (title,) in rows(self.data, sql)}
        assert answered <= kept, answered - kept
        assert rows(self.data, "pragma integrity_check") == [("ok",)]
        assert rows(self.data, "pragma foreign_key_check") == []


def test_any_process_may_die_at_any_time(server: Server, tmp_path: Path) -> None:
    site = Site(server, tmp_path)
    try:
        site.start()
        for _ in range(KILLS):
            site.kill_one()
            site.check()
    finally:
        site.end()
    site.check()
    for kind, waits in site.waits.items():
        print(f"{kind}: killed {len(waits)} times, up after {max(waits, default=0):.1f} s at most")
    failed = sum(editor.failed for editor in site.editors)
    print(f"both editors had saved again after {site.longest_stop:.1f} s at most")
    print(f"{len(site.answered())} answered texts, all kept; {failed} requests without an answer")
    assert max(wait for waits in site.waits.values() for wait in waits) < UP_AGAIN
    # Not for dead links: what the editors withdraw, the other pages go on naming for a while.
    server.manage(
        "check_site", *(f"--only={key}" for key in ("database", "uses", "search", "tags"))
    )
