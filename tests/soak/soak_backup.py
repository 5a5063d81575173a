"""Backups of a site whose editors and machine write at full speed, killed in the middle; and restores.

Run by `make soak`, not by `make test`; ARTICLES=… for another size, DEATHS=… for more of them. Every
backup is restored in a folder of its own: rows of one moment, all that was answered for before it began,
and in the end the same sums and the same pages.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess  # backups and restores are processes of their own: they are there to be killed
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.soak.soak_kills import ROOT, SETUP, Server, Stubborn, rows
from tests.transfer.reading import read_elsewhere

ARTICLES: Final = int(os.environ.get("ARTICLES", "20000"))
DEATHS: Final = int(os.environ.get("DEATHS", "5"))

FILL: Final = f"""
import random
from django.core.management import call_command
from articles.models import Article, Author, Category
from tests import cast
from tests.cms import samples
about = dict(category=Category.objects.first(), author=Author.objects.first())
chance = random.Random(1)
words = "派遣 合同 工资 社保 宝安 龙岗 普工 仓库 夜班 许可证 培训 体检".split()
def text():
    return "".join(f"<p>{{''.join(chance.choices(words, k=60))}}。</p>" for _ in range(8))
for start in range(0, {ARTICLES}, 500):
    Article.objects.bulk_create(
        Article(title=f"第{{n}}篇", body=text(), **about, **cast.live(n + 1))
        for n in range(start, min(start + 500, {ARTICLES}))
    )
for n in range(20):
    samples.picture(f"车间{{n}}.jpg", (200 + n, 150))
cast.service()
cast.page()
call_command("reindex", verbosity=0)
"""
# Two rows at a time, in a process of its own; nearly as fast as the disk takes them, for SQLite lets whoever
# comes first write first, and editors would have no turn.
PAIRS: Final = """
import time
from itertools import count
from django.db import transaction
from tests import cast
for n in count():
    with transaction.atomic():
        for half in "ab":
            cast.missed(f"/pair/{n}-{half}.html")
    time.sleep(0.005)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "site").mkdir()
    server = Server(tmp_path / "site")
    server.manage("migrate", "--verbosity=0")
    server.manage("collectstatic", "--noinput", "--verbosity=0")
    server.manage("shell", "--verbosity=0", "--command", SETUP + FILL)
    yield server
    server.kill()


def begin(server: Server, data: Path, *command: str) -> subprocess.Popen[str]:
    data.mkdir(exist_ok=True)
    return subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**server.env, "DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(server: Server, data: Path, *command: str) -> float:
    """Run a command to its end; return how long that took."""
    began = time.monotonic()
    process = begin(server, data, *command)
    output = process.communicate()[0]
    assert process.returncode == 0, output
    return time.monotonic() - began


def killed(server: Server, data: Path, after: float, *command: str) -> bool:
    """Begin a command and kill it; return whether it was still running."""
    process = begin(server, data, *command)
    time.sleep(after)
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return running


def check(data: Path, answered: set[str]) -> int:
    """Look at a restored site: whole, of one moment, with all that was answered; return how many pairs."""
    assert rows(data, "pragma integrity_check") == [("ok",)]
    assert rows(data, "pragma foreign_key_check") == []
    kept = {title for (title,) in rows(data, "select content ->> '$.title' from cms_revision")}
    assert answered <= kept, answered - kept
    pairs = rows(
        data,
        "select count(*), count(distinct substr(path, 1, length(path) - 7)) from cms_missedaddress"
        " where path like '/pair/%'",
    )
    ((halves, wholes),) = pairs
    assert halves == 2 * wholes
    return int(wholes)


def test_backups_under_load_come_back_whole_however_often_they_are_killed(
    server: Server, tmp_path: Path
) -> None:
    chance = random.Random(20261124)
    site, backups = tmp_path / "site", tmp_path / "site" / "backups"
    server.start()
    editors = [Stubborn(server, name, 1, n) for n, name in enumerate(("xiaolin", "laozhou"))]
    writer = begin(server, site, "shell", "--verbosity=0", "--command", PAIRS)
    try:
        for editor in editors:
            editor.start()
        while not all(editor.saved for editor in editors):
            time.sleep(0.1)

        # Without a death first, to know how long it takes.
        answered = {title for editor in editors for title in editor.answered}
        saved = sum(len(editor.saved) for editor in editors)
        took = run(server, site, "backup")
        while_it_ran = sum(len(editor.saved) for editor in editors) - saved
        (first,) = backups.glob("*.tar")
        size = first.stat().st_size / 2**20
        took_back = run(server, tmp_path / "first", "restore", str(first))
        pairs = check(tmp_path / "first", answered)
        print(
            f"{ARTICLES} articles: backup {took:.1f} s, {size:.0f} MB; meanwhile {while_it_ran} saves;"
            f" restore {took_back:.1f} s, {pairs} pairs"
        )
        assert while_it_ran, "nobody could save anything while it was made"

        deaths = 0
        for _ in range(DEATHS):
            deaths += killed(server, site, chance.uniform(0.5, took), "backup")
            for path in backups.glob("*.tar"):
                run(server, site, "restore", str(path), "--verify")
        answered = {title for editor in editors for title in editor.answered}
        run(server, site, "backup")
        print(f"{deaths} backups killed; what has a name is whole, and the next one is made")
        assert not [*site.glob(".making-*"), *backups.glob(".*"), *site.glob("restored-*")]
        newest = max(backups.glob("*.tar"))
    finally:
        for editor in editors:
            editor.over.set()
        os.killpg(writer.pid, signal.SIGKILL)
        writer.communicate()
        for editor in editors:
            editor.join(timeout=30)
    failed = sum(editor.failed for editor in editors)
    saved = sum(len(editor.saved) for editor in editors)
    # On a slow machine the writer in its loop may keep an editor from the database for 20 seconds.
    print(f"{saved} saves in all, {failed} requests without an answer")
    assert failed <= saved // 10

    # Over what is there already, and killed: the old site or the new one, and the next one ends it.
    deaths = half_done = 0
    there = tmp_path / "first"
    for _ in range(DEATHS):
        deaths += killed(server, there, chance.uniform(0.5, took_back), "restore", str(newest))
        half_done += (there / "restoring.json").exists()
        run(server, there, "prepare")  # as the next start does
        assert not (there / "restoring.json").exists()
        check(there, set())
    run(server, there, "restore", str(newest))
    check(there, answered)
    print(f"{deaths} restores killed, {half_done} of them while files changed places")

    # Nobody writes any more: the same rows, and the same pages.
    server.kill()
    last = tmp_path / "last.tar"
    run(server, site, "backup", str(last))
    run(server, there, "restore", str(last))
    env = {**server.env, "DATA_DIR": str(site)}
    before = read_elsewhere(env)
    after = read_elsewhere({**env, "DATA_DIR": str(there)})
    assert after["sums"].items() ^ before["sums"].items() == set()
    assert after["pages"] == before["pages"]
    print(f"{len(after['sums'])} tables and {len(after['pages'])} pages the same elsewhere")
