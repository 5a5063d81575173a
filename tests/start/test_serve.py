"""`manage.py serve`, as far as it goes before gunicorn takes over."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from portal import running
from portal.management.commands.serve import refuse_taken
from portal.management.holding import hold_data_folder


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CommandError, match=r"端口已被占用.*PORT 换一个端口"):
            refuse_taken("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.EACCES, "没有权限使用这个端口"), (errno.EADDRNOTAVAIL, "请检查环境变量 BIND")],
)
def test_no_reason_is_in_english(
    monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    class Refused(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError(number, "English words")

    monkeypatch.setattr("socket.socket", Refused)
    with pytest.raises(CommandError, match=sentence) as caught:
        refuse_taken("127.0.0.1", 80)
    assert "English" not in str(caught.value)


def test_gunicorn_takes_this_process_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guardian is left behind before; what it does is in `test_guardian`."""
    started: list[list[str]] = []
    monkeypatch.setattr("portal.guardian.start", lambda: started.append(["guardian"]))
    monkeypatch.setattr("os.execv", lambda program, command: started.append(command))
    monkeypatch.setattr("portal.management.commands.serve.refuse_taken", lambda host, port: None)
    call_command("serve")
    assert started[0] == ["guardian"]
    assert started[1][1:4] == ["-m", "gunicorn", "portal.wsgi"]
    assert "--bind=127.0.0.1:8000" in started[1]
    assert "--no-control-socket" in started[1]
    assert "--forwarded-allow-ips=127.0.0.0/8,::1/128" in started[1]


def test_without_a_worker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under systemd each has a unit."""
    started: list[str] = []
    monkeypatch.setattr("portal.guardian.start", lambda: started.append("guardian"))
    monkeypatch.setattr("os.execv", lambda program, command: started.append("gunicorn"))
    monkeypatch.setattr("portal.management.commands.serve.refuse_taken", lambda host, port: None)
    call_command("serve", "--web-only")
    assert started == ["gunicorn"]


def test_while_a_backup_is_restored_nothing_starts(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("portal.management.commands.serve.refuse_taken", lambda host, port: None)
    alone = running.hold(tmp_path, alone=True)
    for command in ("serve", "worker"):
        with pytest.raises(CommandError, match="正在从备份恢复"):
            call_command(command)
    os.close(alone)
    together = [running.hold(tmp_path), running.hold(tmp_path)]
    with pytest.raises(running.TakenError):
        running.hold(tmp_path, alone=True)
    for descriptor in together:
        os.close(descriptor)
    os.close(running.hold(tmp_path, alone=True))


def test_a_data_folder_that_cannot_be_written_to_is_a_sentence(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "missing"
    with pytest.raises(CommandError, match="不能写入"):
        hold_data_folder()
