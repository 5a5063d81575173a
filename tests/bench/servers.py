"""The servers that are compared, each a process tree of its own, all under the same gunicorn flags."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess  # a server is a process of its own
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import nginx, processes
from tests.bench.load import Answer, get

ROOT = Path(__file__).parents[2]
# The headers that name the worker, and say how many bytes its page cache holds (see `named`).
WORKER, KEPT = "X-Worker", "X-Kept"
# Said by gunicorn for each answer; given twice they would be sent twice.
OF_GUNICORN = {"server", "date", "connection", "transfer-encoding"}


@dataclass
class Server:
    """A running server. `behind` are processes that work for it: a site behind nginx, PostgreSQL."""

    name: str
    port: int
    pid: int
    started_in: float  # seconds, to the first answer
    behind: list[int] = field(default_factory=list)

    def cpu(self) -> float:
        return sum(map(processes.cpu, [self.pid, *self.behind]))

    def memory(self) -> float:
        return sum(processes.memory(self.pid))

    def workers(self) -> list[float]:
        """Return the MB of each worker."""
        return processes.memory(self.pid)[1:]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(
    name: str, command: list[str], env: dict[str, str], port: int, path: str, log: Path
) -> Iterator[Server]:
    """Run a server until the end of the block; it has answered once when the block begins."""
    began = time.monotonic()
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603  ours
            command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            await_answer(process, port, path, log)
            yield Server(name, port, process.pid, time.monotonic() - began)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


def await_answer(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if get(port, path).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"a server did not start: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def gunicorn(
    name: str,
    module: str,
    env: dict[str, str],
    path: str,
    flags: tuple[str, ...] = (),
) -> Iterator[Server]:
    """Run a WSGI module under gunicorn as `manage.py serve` does."""
    port = free_port()
    own = {**env, "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "tests.bench.launch", module, *flags]
    log = Path(env["DATA_DIR"]) / "bench.log"
    with running(name, command, own, port, path, log) as server:
        if (postgres := postmaster(env)) is not None:
            server.behind.append(postgres)
        yield server


def postmaster(env: dict[str, str]) -> int | None:
    """Return the process of the PostgreSQL of `tests/bin/with-postgres`, where that is in use."""
    _, named, folder = env.get("DATABASE_URL", "").partition("?host=")
    if not named:
        return None
    return int((Path(folder) / "data/postmaster.pid").read_text().split()[0])


@contextmanager
def front(name: str, site: Server, data: Path, folder: Path, path: str) -> Iterator[Server]:
    """Run the nginx of `deploy/` in front of a site."""
    port = free_port()
    command = nginx.configure(folder, nginx.on_loopback(folder, port, site.port, data))
    env = dict(os.environ)
    with running(name, command, env, port, path, folder / "error.log") as server:
        server.behind = [site.pid, *site.behind]
        yield server


def keep(answer: Answer, file: Path) -> Path:
    """Write an answer down for `bare`, which sends the very same."""
    headers = [pair for pair in answer.headers if pair[0].lower() not in OF_GUNICORN]
    body = base64.b64encode(answer.body).decode()
    file.write_text(json.dumps({"headers": headers, "body": body}), encoding="utf-8")
    return file
