"""`manage.py serve`, as far as it goes before gunicorn takes over."""

from __future__ import annotations

import errno
import socket

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.management.commands.serve import refuse_taken


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
