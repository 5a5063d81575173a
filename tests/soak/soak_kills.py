"""A real server, killed with SIGKILL again and again while two editors save and publish.

Run by `make soak`, not by `make test`: `ROUNDS` deaths take minutes. After every death the server is
started anew on the same data, and whatever it had answered for must be there: no text lost, none half
published. What it had not answered for may be there or not, but never in part.
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
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.desk.forms import FormReader

ROUNDS = int(os.environ.get("ROUNDS", "60"))
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
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


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
