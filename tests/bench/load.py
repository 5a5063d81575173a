"""Asking for pages: by many at once (wrk), and one by one to look at what comes."""

from __future__ import annotations

import http.client
import json
import subprocess  # wrk is a program of its own
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SCRIPT = Path(__file__).with_name("requests.lua")
ENCODINGS = "br, gzip"


class Load(NamedTuple):
    """What the clients saw. Times are in milliseconds; an error is also any status but 2xx and 3xx."""

    requests: int
    seconds: float
    p50: float
    p99: float
    slowest: float
    bytes: int
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def load(port: int, paths: Iterable[str], clients: int, seconds: float) -> Load:
    """Let so many clients ask for these paths, each as soon as it has its answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".paths") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        with start(port, file.name, clients, seconds) as wrk:
            return read(wrk)


def start(port: int, file: str, clients: int, seconds: float) -> subprocess.Popen[str]:
    """Start wrk with a file of paths; it ends by itself."""
    command = [
        *("wrk", "--threads=1", f"--connections={clients}", f"--duration={round(seconds)}s"),
        *("--timeout=10s", "--latency", f"--script={SCRIPT}"),
        *(f"http://127.0.0.1:{port}", "--", file),
    ]
    return subprocess.Popen(  # noqa: S603  ours
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def read(wrk: subprocess.Popen[str]) -> Load:
    """Wait for wrk, and return what it found."""
    output, problem = wrk.communicate()
    if wrk.returncode:
        raise SystemExit(f"wrk failed: {problem}{output}")
    return Load(**json.loads(output.splitlines()[-1]))


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")


def get(port: int, path: str, encodings: str = ENCODINGS) -> Answer:
    """Ask once, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encodings})
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()
