"""A change under load: when every worker shows it, and what the readers notice."""

from __future__ import annotations

import http.client
import statistics
import subprocess  # the editor is a process of its own
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench import load, servers
from tests.bench.report import Report
from tests.bench.servers import ROOT, Server
from tests.bench.sites import DATA, Site

CLIENTS = 64
CHANGES = 10
WATCHED = 2.5  # seconds after each change
EDITS, EDITED_WITHIN = 100, 10  # on one article, in so many seconds


class Seen(NamedTuple):
    """One answer to somebody who looks on: when he asked, and what he got from whom."""

    asked: float
    worker: str
    etag: str


class Arrival(NamedTuple):
    """How long after a change the old page was still served, and how many workers showed the new one."""

    seconds: float
    workers: int


class Editor:
    """Somebody who changes the title of one article, at once and as often as asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.changes = 0

    def change(self) -> float:
        """Change it; return when that was committed."""
        self.begin()
        return self.committed()

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.changes += 1
        self.process.stdin.write(f"第 {self.changes} 次修改的标题 {time.time()}\n")
        self.process.stdin.flush()

    def committed(self) -> float:
        assert self.process.stdout is not None
        return float(self.process.stdout.readline())


@contextmanager
def editing(site: Site, pk: int) -> Iterator[Editor]:
    code = f"from tests.bench.editor import work; work({pk})"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    with subprocess.Popen(  # noqa: S603  ours
        command,
        cwd=ROOT,
        env=site.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        editor = Editor(process)
        editor.change()  # the first one loads what it needs
        yield editor
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def loaded(server: Server, path: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Have 64 clients ask for a page during the block, and for so many seconds at least."""
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as file:
        file.write(path + "\n")
        file.flush()
        with load.start(server.port, file.name, CLIENTS, seconds) as wrk:
            yield wrk


def freshness(site: Site, folder: Path, report: Report) -> None:
    path = site.pages["article"][0]
    pk = int(path.split("/")[2])
    report.heading(
        f"Changes under load of {CLIENTS} clients, {site.size:,} articles, {site.vendor}"
    )
    with ExitStack() as stack:
        named = servers.gunicorn("site", "tests.bench.named", site.env, path)
        server = stack.enter_context(named)
        own = folder / "nginx-fresh"
        own.mkdir()
        front = stack.enter_context(servers.front("nginx", server, DATA, own, path))
        editor = stack.enter_context(editing(site, pk))
        for name, asked, bound in (("gunicorn", server, 1.0), ("nginx", front, 2.0)):
            seen = arrivals(asked, path, editor)
            stale = [each.seconds for each in seen]
            workers = min(each.workers for each in seen)
            report.say(
                f"- {name}: {len(stale)} changes; the old page was last seen after"
                f" {statistics.median(stale):.2f} s (median), {max(stale):.2f} s (latest)"
            )
            report.must(f"change → seen everywhere, {name}, seconds", max(stale), most=bound)
            if asked is server:  # of those behind nginx, some are not asked at all
                report.must("workers seen with the new page", workers, least=len(server.workers()))
        often(server, path, editor, report)


def arrivals(server: Server, path: str, editor: Editor) -> list[Arrival]:
    with loaded(server, path, CHANGES * (WATCHED + 0.5) + 2):
        time.sleep(1)
        return [arrival(server, path, editor) for _ in range(CHANGES)]


def arrival(server: Server, path: str, editor: Editor) -> Arrival:
    old = {look(server.port, path).etag for _ in range(3)}
    at = editor.change()
    seen = list(watch(server.port, path, at + WATCHED))
    last = max((each.asked for each in seen if each.etag in old), default=at)
    arrived = {each.worker for each in seen if each.etag not in old}
    return Arrival(max(0.0, last - at), len(arrived))


def watch(port: int, path: str, until: float) -> Iterator[Seen]:
    while time.time() < until:
        yield look(port, path)
        time.sleep(0.005)


def look(port: int, path: str) -> Seen:
    """Ask on a connection of its own: which worker takes that is left to the kernel."""
    asked = time.time()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("HEAD", path, headers={"Accept-Encoding": load.ENCODINGS})
    headers = connection.getresponse().headers
    connection.close()
    return Seen(asked, headers.get(servers.WORKER, ""), headers["ETag"])


def often(server: Server, path: str, editor: Editor, report: Report) -> None:
    """Change a hot article again and again; what do its readers notice?"""
    with loaded(server, path, EDITED_WITHIN) as wrk:
        began = time.time()
        for number in range(EDITS):
            time.sleep(max(0.0, began + number * EDITED_WITHIN / EDITS - time.time()))
            editor.change()
        took = time.time() - began
        seen = load.read(wrk)
    report.say(
        f"- {EDITS} edits of a hot article in {took:.1f} s: {seen.requests:,} requests,"
        f" {seen.errors} errors, p99 {seen.p99:.0f} ms, slowest {seen.slowest:.0f} ms"
    )
    # Where they take longer, the machine is too busy for this to say anything.
    report.must(f"{EDITS} edits under load: seconds", took, most=1.2 * EDITED_WITHIN)
    report.must(f"{EDITS} edits under load: errors", seen.errors, most=0)
    report.must(f"{EDITS} edits under load: slowest request, seconds", seen.slowest / 1000, most=1)
