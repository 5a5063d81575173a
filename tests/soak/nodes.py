"""Three nodes of one site behind nginx, and the world around them, all on loopback: each can be ended.

PostgreSQL is that of `tests/bin/with-postgres`, the object store is moto's, mail goes to a mailbox.
"""

from __future__ import annotations

import http.client
import logging
import os
import shutil
import signal
import subprocess  # every node is processes of its own: they are there to be killed
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from moto.server import ThreadedMotoServer

from tests.bench import nginx
from tests.bench.servers import free_port
from tests.desk.forms import FormReader

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "portal-soak"
EDITOR, PASSWORD = "xiaolin", "深圳-Soak-2026"
HOST = "127.0.0.1"
AS_PEOPLE_DO = 10  # seconds; who is quicker is taken for a machine

SETUP = f"""
from portal.cms.accounts import User
from articles.models import Article, Author, Category
from portal.cms.delivery.models import DeliveryTarget
User.objects.create_superuser({EDITOR!r}, "xiaolin@example.com", {PASSWORD!r})
category = Category.objects.first()
for title in ("第0版", "另一篇"):
    made = Article.objects.create(
        title=title, category=category, author=Author.objects.first(), body="<p>正文。</p>"
    )
    made.publish()
    print(made.pk)
DeliveryTarget.objects.create(name="邮件", address="zu@example.com", topics=["enquiry"])
DeliveryTarget.objects.create(
    name="群", kind="wecom", topics=["enquiry"],
    address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=nobody-there",
)
"""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    took: float  # seconds


class Visitor:
    """One who asks, with cookies; a connection for each request, as any node may be gone by the next."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Raises OSError or HTTPException where there is no answer, or half of one."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=self.timeout)
        try:
            body = None if data is None else urlencode(data, doseq=True)
            if self.cookies:
                pairs = (f"{name}={one.value}" for name, one in self.cookies.items())
                headers["Cookie"] = "; ".join(pairs)
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("GET" if data is None else "POST", path, body, headers)
            response = connection.getresponse()
            content = response.read()
            for line in response.headers.get_all("Set-Cookie") or ():
                self.cookies.load(line)
        finally:
            connection.close()
        took = time.monotonic() - began
        return Answer(response.status, content, dict(response.headers), took)

    def send(self, path: str, **typed: Any) -> Answer:
        """Open a form, change some fields, send it."""
        form = FormReader()
        html = self.ask(path).body.decode()
        form.feed(html)
        if 'name="agree"' in html:  # a visitor's, who reads it for a while
            typed["agree"] = html.split('name="agree" value="')[1].split('"')[0]
            time.sleep(AS_PEOPLE_DO)
        sent = {name: value for name, value in form.data.items() if name != "q"}
        return self.ask(path, {**sent, **typed})

    def sign_in(self) -> None:
        answer = self.send("/admin/login/", username=EDITOR, password=PASSWORD)
        assert answer.status == 302, answer.body.decode()


@dataclass
class Node:
    """`manage.py serve`, in a process group and a data folder of its own."""

    data: Path
    env: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        env = {**self.env, "DATA_DIR": str(self.data), "PORT": str(self.port)}
        with (self.data / "log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def manage(self, *arguments: str) -> None:
        assert self.command(*arguments).wait() == 0, self.log()

    def log(self) -> str:
        return (self.data / "log").read_text(errors="replace")

    def start(self) -> None:
        self.process = self.command("serve")
        until(self.is_up, "a node did not start", 60)

    def is_up(self) -> bool:
        try:
            return Visitor(self.port, 2).ask("/healthz").status == 200
        except OSError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Store:
    """The object store. What it holds is there again after it was away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.server: Any = None

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request
        self.server = ThreadedMotoServer(ip_address=HOST, port=self.port, verbose=False)
        self.server.start()

    def make_bucket(self) -> None:
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **keys)
        client.create_bucket(Bucket=BUCKET)

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None


class Postgres:
    """A server of `tests/bin/with-postgres`, until `end`."""

    def __init__(self) -> None:
        command = [str(ROOT / "tests/bin/with-postgres"), "sh", "-c", "echo $DATABASE_URL; cat"]
        self.shell = subprocess.Popen(  # noqa: S603 - ours
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.shell.stdout is not None
        self.url = self.shell.stdout.readline().strip()
        folder = Path(self.url.partition("?host=")[2])
        self.data = folder / "data"
        found = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name)
        )
        self.program = str(found[-1] / "pg_ctl")

    def end(self) -> None:
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.close()
        self.shell.wait()
        self.shell.stdout.close()

    def control(self, *arguments: str) -> None:
        as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_server, self.program, *arguments, f"--pgdata={self.data}", "--silent"]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)  # noqa: S603 - ours

    def stop(self) -> None:
        # "-D" "…/data" "-c" "listen_addresses=" …
        self.options = (self.data / "postmaster.opts").read_text().split('"')[1::2][2:]
        self.control("stop", "--mode=fast")

    def start(self) -> None:
        options = " ".join(f"'{one}'" for one in self.options)
        self.control("start", "--wait", f"--log={self.data.parent / 'log'}", f"--options={options}")


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mail_port = free_port()  # nobody is there yet
        self.store = Store()
        self.postgres = Postgres()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env = {
            **kept,
            "DATABASE_URL": self.postgres.url,
            "EMAIL_URL": f"smtp://{HOST}:{self.mail_port}",
            "S3_ACCESS_KEY": "k",
            "S3_ADDRESSING": "path",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT": self.store.endpoint,
            "S3_REGION": "us-east-1",
            "S3_SECRET_KEY": "s",
            "SECRET_KEY": "used-by-the-soak-alone",
            "WEB_WORKERS": "2",
        }
        self.front = free_port()
        env["SITE_URL"] = f"http://{HOST}:{self.front}"
        self.nodes = [Node(folder / f"node{n}", env) for n in range(3)]
        for node in self.nodes:
            node.data.mkdir()
        self.nginx: subprocess.Popen[bytes] | None = None
        self.articles: list[int] = []

    def start(self) -> None:
        self.store.start()
        self.store.make_bucket()
        # Two at once, as on a first start of several machines.
        began = [node.command("prepare") for node in self.nodes[:2]]
        assert [process.wait() for process in began] == [0, 0], [n.log() for n in self.nodes]
        shutil.copytree(self.nodes[0].data / "static", self.nodes[2].data / "static")
        self.nodes[2].manage("shell", "--verbosity=0", "--command", SETUP)
        self.articles = [int(line) for line in self.nodes[2].log().split() if line.isdigit()]
        for node in self.nodes:
            node.start()
        self.start_nginx()

    def start_nginx(self) -> None:
        folder = self.folder / "nginx"
        folder.mkdir()
        changes = nginx.on_loopback(folder, self.front, self.nodes[0].port, self.nodes[0].data)
        rule = "max_fails=3 fail_timeout=5s;"
        servers = "\n  ".join(f"server {HOST}:{node.port} {rule}" for node in self.nodes)
        changes[f"server {HOST}:{self.nodes[0].port} {rule}"] = servers
        command = nginx.configure(folder, changes)
        self.nginx = subprocess.Popen(command)  # noqa: S603 - ours
        until(lambda: Visitor(self.front).ask("/healthz").status == 200, "nginx did not start")

    def stop(self) -> None:
        if self.nginx is not None:
            self.nginx.terminate()
            self.nginx.wait()
        for node in self.nodes:
            node.kill()
        self.store.stop()
        self.postgres.end()


class Readers:
    """Several who read one page after the other, until told to stop; what they did not get, they note."""

    def __init__(
        self, port: int, paths: list[str], number: int = 6, *, past_copies: bool = True
    ) -> None:
        """`past_copies`: by addresses that nginx has no copy of, and are one page for the site."""
        self.port, self.paths, self.past_copies = port, paths, past_copies
        self.over = threading.Event()
        self.answered = 0
        self.longest = 0.0
        self.failed: list[str] = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.read, args=(n,)) for n in range(number)]

    def read(self, number: int) -> None:
        visitor = Visitor(self.port)
        turn = number
        while not self.over.is_set():
            turn += 1
            path = self.paths[turn % len(self.paths)]
            if self.past_copies:
                path += f"?n={number}-{turn}"
            try:
                answer = visitor.ask(path)
                problem = "" if answer.status == 200 else f"{path.split('?')[0]}: {answer.status}"
                took = answer.took
            except (OSError, http.client.HTTPException) as error:
                problem, took = f"{path.split('?')[0]}: {error!r}", 0.0
            with self.lock:
                self.answered += 1
                self.longest = max(self.longest, took)
                if problem:
                    self.failed.append(problem)
            time.sleep(0.02)  # two processors for all of this

    @contextmanager
    def reading(self) -> Iterator[Readers]:
        for thread in self.threads:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in self.threads:
                thread.join()


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> float:
    """Wait for something; return how long that took."""
    began = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() - began < seconds, what
        time.sleep(0.05)
