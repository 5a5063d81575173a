"""`manage.py prepare` on a machine where others prepare, or where the database is not there yet."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from pytest_django import Settings

from portal.management.commands import prepare
from tests.start.test_settings import start

pytestmark = pytest.mark.both_databases


class Away:
    """A database that answers at the third try, or never."""

    vendor = "postgresql"

    def __init__(self, tries: float) -> None:
        self.left = tries

    def ensure_connection(self) -> None:
        self.left -= 1
        if self.left > 0:
            raise OperationalError("connection refused")


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "PAUSE", 0)
    monkeypatch.setattr(prepare, "PATIENCE", 0.05)


def test_a_database_that_is_just_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(3)
    monkeypatch.setattr(prepare, "connection", away)
    prepare.Command().await_database()
    assert away.left == 0


def test_one_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "connection", Away(float("inf")))
    with pytest.raises(CommandError, match=r"没有回应.*DATABASE_URL"):
        prepare.Command().await_database()


@pytest.mark.django_db
def test_one_prepares_at_a_time(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    connection.ensure_connection()
    done: list[str] = []

    def other() -> None:
        with (tmp_path / "prepare.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            done.append("other")

    with prepare.by_turns():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.1)
        done.append("we")
    thread.join()
    assert done == ["we", "other"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres://x@127.0.0.1:1/x", "连不上数据库。请检查环境变量 DATABASE_URL"),
        ("sqlite:////nowhere/at/all.sqlite3", "连不上数据库。"),
    ],
)
def test_a_command_without_its_database_ends_in_a_sentence(
    url: str, sentence: str, tmp_path: Path
) -> None:
    done: Any = start(tmp_path, "manage.py", "showmigrations", SECRET_KEY="k", DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.strip().startswith(sentence)
    assert "Traceback" not in done.stderr
