"""A WordPress export of 500 MB moves in: killed half-way, gone on with, in the memory of a small one.

Run by `make soak`, not by `make test`; MEGABYTES=… for another size. The file is what exports of that
size are made of: posts of six kilobytes, four earlier versions of each, comments, fields of plugins,
attachments. The peak is that of the process which imports, as the system counts it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess  # the import is a process of its own: it is there to be killed
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.transfer.test_wxr import channel, item

MEGABYTES = int(os.environ.get("MEGABYTES", "500"))
SMALL = 5
# What the process may grow by, from a small file to this one.
MOST_GROWN = 100
ROOT = Path(__file__).resolve().parents[2]

BODY = (
    "<!-- wp:heading --><h2>第 {n} 条</h2><!-- /wp:heading -->\n"
    "<!-- wp:paragraph --><p>宝安区的工厂招普工，<strong>包吃住</strong>，十八元一小时，"
    '<a href="https://old.example/{n}/">详情</a>。</p><!-- /wp:paragraph -->\n'
) * 20
COMMENT = (
    "<wp:comment><wp:comment_id>{n}</wp:comment_id><wp:comment_content><![CDATA["
    + "请问还招人吗？" * 40
    + "]]></wp:comment_content></wp:comment>\n"
)
META = (
    "<wp:postmeta><wp:meta_key>_elementor_data</wp:meta_key><wp:meta_value><![CDATA["
    + '[{"id":"x","elType":"section"}]' * 200
    + "]]></wp:meta_value></wp:postmeta>\n"
)
TYPED = "<wp:post_type>{}</wp:post_type><wp:status>{}</wp:status>\n"


class Peak(NamedTuple):
    megabytes: int
    seconds: float


def records(most: int) -> Iterator[str]:
    """Yield items until there are so many bytes."""
    written, number = 0, 0
    while written < most:
        number += 1
        body = BODY.format(n=number)
        comments = "".join(COMMENT.format(n=n) for n in range(10))
        parts = [
            item(number * 10, f"第 {number} 篇", body, TYPED.format("post", "publish") + META + comments),
            *(
                item(number * 10 + n, f"第 {number} 篇", body, TYPED.format("revision", "inherit"))
                for n in range(1, 5)
            ),
            item(
                number * 10 + 5,
                "图",
                "",
                TYPED.format("attachment", "inherit")
                + f"<wp:attachment_url>https://old.example/{number}.jpg</wp:attachment_url>",
            ),
        ]  # fmt: skip
        whole = "".join(parts)
        written += len(whole.encode())
        yield whole


def written(path: Path, megabytes: int) -> int:
    """Write an export; return how many posts are in it."""
    head, tail = channel("\n").split("\n\n")
    posts = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for whole in records(megabytes * 1_000_000):
            posts += 1
            file.write(whole)
        file.write(tail)
    return posts


class Site:
    """A site with nothing in it, on SQLite, in a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.database = data / "db.sqlite3"
        self.env = {**os.environ, "DATA_DIR": str(data), "DEBUG": "False"}
        self.env.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-m", "portal.keyfile"], env=self.env, cwd=ROOT, check=True)
        self.manage("migrate", "--verbosity", "0").wait()

    def manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own interpreter
            [sys.executable, "manage.py", *arguments],
            env=self.env,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def move(self, path: Path) -> Peak:
        """Import to the end; return what it took."""
        began = time.monotonic()
        process = self.manage("import_site", "wordpress", str(path), "--site", "old.example")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return Peak(used.ru_maxrss // 1024, time.monotonic() - began)

    def articles(self) -> int:
        with closing(sqlite3.connect(self.database)) as database:
            count: int = database.execute("SELECT count(*) FROM articles_article").fetchone()[0]
        return count

    def kill_at(self, path: Path, articles: int) -> None:
        """Begin an import, and kill it once so many articles are there."""
        process = self.manage("import_site", "wordpress", str(path), "--site", "old.example")
        while process.poll() is None and self.articles() < articles:
            time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_memory_is_that_of_a_small_site_and_a_killed_run_is_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = tmp_path / "small.xml", tmp_path / "large.xml"
    site = Site(tmp_path)
    written(small, SMALL)
    before = site.move(small)
    posts = written(large, MEGABYTES)
    site.kill_at(large, posts // 2)
    there = site.articles()
    assert posts // 2 <= there < posts
    after = site.move(large)
    with capsys.disabled():
        print(
            f"\n{SMALL} MB: {before.megabytes} MB, {before.seconds:.0f} s; {MEGABYTES} MB, {posts} posts,"
            f" killed at {there}, then {after.megabytes} MB, {after.seconds:.0f} s"
        )
    assert site.articles() == posts
    assert after.megabytes - before.megabytes < MOST_GROWN
