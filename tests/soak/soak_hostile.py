"""Requests that no browser sends, as bytes at gunicorn and at nginx in front of it: nothing breaks.

Run by `make soak`, not by `make test`, which asks the same of the site without servers. EXAMPLES is how
many are sent to each. The demo content is there, so that pages have something to show.

One answer above 500 is right: 501 to a Transfer-Encoding that nobody knows (RFC 9112 §6.1). It is counted
apart.
"""

from __future__ import annotations

import os
import socket
import subprocess  # nginx is a program of its own
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.audit import site
from tests.audit.tools import REPORTS
from tests.bench import nginx
from tests.portal.hostile import Environ, as_bytes, environs

EXAMPLES = int(os.environ.get("EXAMPLES", "1000"))
SLOWEST = 5.0  # seconds of the clock, on a machine that does other things as well
UNKNOWN_ENCODING = 501


class Servers:
    """The ports of both, and the folder where the log of gunicorn lies."""

    def __init__(self, gunicorn: int, front: int, log: Path) -> None:
        self.ports = {"gunicorn": gunicorn, "nginx": front}
        self.log = log


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("hostile")
    REPORTS.mkdir(exist_ok=True)
    with site.served() as (upstream, data):
        port = site.free_port()
        changes = nginx.on_loopback(folder, port, upstream, data)
        with subprocess.Popen(nginx.configure(folder, changes)) as server:  # noqa: S603 - ours
            try:
                site.await_answer(server, port)
                yield Servers(upstream, port, REPORTS / "server.log")
            finally:
                server.terminate()


def answer_to(port: int, request: bytes) -> tuple[int, float]:
    """Send bytes; return the status, 0 where the connection is closed without one, and the seconds."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        received = b""
        try:
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            while len(received) < 12 and (chunk := line.recv(4096)):
                received += chunk
        except (ConnectionError, BrokenPipeError):
            pass  # it has heard enough
    status = int(received[9:12]) if received.startswith(b"HTTP/1.") else 0
    return status, time.monotonic() - began


@pytest.mark.parametrize("name", ["gunicorn", "nginx"])
def test_no_answer_is_an_error(servers: Servers, name: str) -> None:
    seen: Counter[int] = Counter()
    slowest = [0.0]

    @seed(20261124)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(environ=environs())
    def send(environ: Environ) -> None:
        status, took = answer_to(servers.ports[name], as_bytes(environ))
        seen[status] += 1
        slowest[0] = max(slowest[0], took)
        assert status < 500 or status == UNKNOWN_ENCODING, as_bytes(environ)[:3000]
        assert took < SLOWEST, as_bytes(environ)[:3000]

    send()
    print(f"{name}: {dict(sorted(seen.items()))}, slowest {slowest[0]:.2f} s")
    assert b"Traceback" not in servers.log.read_bytes()
