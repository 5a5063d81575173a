"""A throw-away site with the demo content, under gunicorn as it runs for real."""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # the site is a process of its own
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.audit.people import MAILS
from tests.audit.tools import HERE, REPORTS

ROOT = HERE.parents[1]
# What the developer's shell says about a site of their own says nothing about this one.
OF_ANOTHER_SITE = {
    *(
        "ADMIN_PATH",
        "ADMIN_ALLOWED_FROM",
        "ALLOWED_HOSTS",
        "BIND",
        "DATABASE_URL",
        "DEBUG",
        "EMAIL_URL",
    ),
    *("METRICS_PORT", "S3_BUCKET", "TRUSTED_PROXIES"),
}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running() -> Iterator[str]:
    """Serve the site on a free port, with data of its own; yield its address.

    That has a name: browsers make no passkeys for numbers.
    """
    with served() as (port, _):
        yield f"http://localhost:{port}"


@contextmanager
def served(site_url: str = "") -> Iterator[tuple[int, Path]]:
    """Serve the site, by default as what it is; yield its port and the folder of its data.

    Takes about half a minute: pictures are cut to size, static files are compressed.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portal-audit-") as data:
        own = {
            "DATA_DIR": data,
            "PORT": str(port),
            "SITE_URL": site_url or f"http://localhost:{port}",
            "SECRET_KEY": "used-by-the-audit-alone",
            "EMAIL_URL": f"file:///{MAILS}",
        }
        env = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_SITE}
        env |= own
        manage(env, "prepare")
        manage(env, "shell", "-c", "from tests.audit import stage; stage.set_up()")
        command = [sys.executable, "manage.py", "serve"]
        with (
            (REPORTS / "server.log").open("wb") as log,
            subprocess.Popen(  # noqa: S603 - ours
                command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
            ) as server,
        ):
            try:
                await_answer(server, port)
                yield port, Path(data)
            finally:
                os.killpg(server.pid, signal.SIGTERM)


def manage(env: dict[str, str], *command: str) -> None:
    """Run a command of the site; what it says is of interest only where it fails."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")


def await_answer(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the site did not start; see {REPORTS / 'server.log'}")
