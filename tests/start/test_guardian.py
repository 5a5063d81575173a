"""The guardian: a worker beside the server while it runs, and none of either when it has ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import guardian
from portal.guardian import Guardian
from tests.start.waiting import SECONDS, until

ROOT = Path(__file__).resolve().parents[2]


# --- With a worker of the test's ----------------------------------------------------------------------


class Pipe:
    """What a server holds open while it lives."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def end(self) -> None:
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.end()
    os.close(pipe.reading)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guardian, "LOOK", 0.01)
    monkeypatch.setattr(guardian, "FIRST_PAUSE", 0.01)


def guarded(pipe: Pipe, program: str, *arguments: str) -> tuple[Guardian, threading.Thread]:
    kept = Guardian([sys.executable, "-c", program, *arguments], pipe.reading)
    kept.pause = 0.01
    thread = threading.Thread(target=kept.run, daemon=True)
    thread.start()
    return kept, thread


# Each start of it adds its process id to a file.
NOTES = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n');"
WAITS = "import signal; signal.pause()"


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_is_started_again_after_longer_and_longer_pauses(
    pipe: Pipe, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "starts"
    kept, thread = guarded(pipe, f"{NOTES} sys.exit(3)", str(file))
    until(lambda: len(pids(file)) >= 4, "it was not started again")
    pipe.end()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert kept.pause >= 0.08
    assert "后台任务程序意外结束（3）" in capfd.readouterr().err


def test_the_pause_has_an_end(monkeypatch: pytest.MonkeyPatch, pipe: Pipe, tmp_path: Path) -> None:
    monkeypatch.setattr(guardian, "LONGEST_PAUSE", 0.02)
    file = tmp_path / "starts"
    kept, thread = guarded(pipe, f"{NOTES} sys.exit()", str(file))
    until(lambda: len(pids(file)) >= 4, "it was not started again")
    pipe.end()
    thread.join(SECONDS)
    assert kept.pause == 0.02


def test_a_worker_that_has_lived_long_is_started_again_soon(
    monkeypatch: pytest.MonkeyPatch, pipe: Pipe, tmp_path: Path
) -> None:
    monkeypatch.setattr(guardian, "SETTLED", 0)
    file = tmp_path / "starts"
    kept, thread = guarded(pipe, f"{NOTES} sys.exit()", str(file))
    until(lambda: len(pids(file)) >= 4, "it was not started again")
    pipe.end()
    thread.join(SECONDS)
    assert kept.pause <= 0.02, "the first pause, doubled once at most"


def test_when_the_server_is_gone_the_worker_goes(pipe: Pipe, tmp_path: Path) -> None:
    file = tmp_path / "starts"
    _, thread = guarded(pipe, f"{NOTES} {WAITS}", str(file))
    until(lambda: pids(file), "it was not started")
    pipe.end()
    thread.join(SECONDS)
    assert not is_running(pids(file)[0])


def test_a_worker_that_does_not_listen_is_killed(
    monkeypatch: pytest.MonkeyPatch, pipe: Pipe, tmp_path: Path
) -> None:
    monkeypatch.setattr(guardian, "PATIENCE", 0.1)
    file = tmp_path / "starts"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    _, thread = guarded(pipe, f"{deaf} {NOTES} {WAITS}", str(file))
    until(lambda: pids(file), "it was not started")
    pipe.end()
    thread.join(SECONDS)
    assert not is_running(pids(file)[0])


def test_without_a_server_no_worker_is_started(pipe: Pipe, tmp_path: Path) -> None:
    pipe.end()
    _, thread = guarded(pipe, NOTES, str(tmp_path / "starts"))
    thread.join(SECONDS)
    assert not pids(tmp_path / "starts")


# --- The real ones ------------------------------------------------------------------------------------


class Site:
    """`manage.py serve`, in a process group of its own. There is no database: its worker waits for one."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {"DATA_DIR": str(data), "PORT": str(port), "SECRET_KEY": "k"}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={**kept, **environment, "WEB_WORKERS": "1"},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def group(self) -> dict[int, str]:
        """Return the processes of the group that still run, with their command lines."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _, group = folder.joinpath("stat").read_text().rpartition(")")[2].split()[:3]
                command = folder.joinpath("cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if group == str(self.process.pid) and state != "Z":
                found[int(folder.name)] = command
        return found

    def running(self, name: str) -> list[int]:
        return [pid for pid, command in self.group().items() if name in command]

    def is_complete(self) -> bool:
        return bool(len(self.running("gunicorn")) == 2 and self.running("manage.py worker"))

    def is_gone(self) -> bool:
        return self.process.poll() is not None and not self.group()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    try:
        until(site.is_complete, "the site did not start")
        yield site
    finally:
        if site.group():
            os.killpg(site.process.pid, signal.SIGKILL)
        site.process.wait()


def test_ctrl_c_ends_everything_and_a_killed_worker_comes_back_before(site: Site) -> None:
    (first,) = site.running("manage.py worker")
    os.kill(first, signal.SIGKILL)
    until(lambda: site.running("manage.py worker") not in ([], [first]), "it did not come back")
    os.killpg(site.process.pid, signal.SIGINT)
    until(site.is_gone, f"left behind: {site.group()}")


def test_told_all_together_to_end_as_by_systemd_they_do(site: Site) -> None:
    os.killpg(site.process.pid, signal.SIGTERM)
    until(site.is_gone, f"left behind: {site.group()}")
    assert site.process.returncode == 0


def test_kill_9_of_the_server_ends_everything(site: Site) -> None:
    os.kill(site.process.pid, signal.SIGKILL)
    until(site.is_gone, f"left behind: {site.group()}")


def test_kill_9_of_the_guardian_ends_the_worker_and_not_the_server(site: Site) -> None:
    (pid,) = site.running("portal.guardian")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not site.running("manage.py worker"), "the worker was left behind")
    assert len(site.running("gunicorn")) == 2
    os.kill(site.process.pid, signal.SIGTERM)
    until(site.is_gone, f"left behind: {site.group()}")
