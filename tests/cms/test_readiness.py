"""/healthz and /readyz, and what a node can look at."""

from __future__ import annotations

import shutil
import time
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from portal.cms.delivery.models import Delivery, DeliveryTarget, DueTask
from portal.cms.outage import StorageAwayError
from portal.cms.seeing import looks, probes, readiness
from portal.cms.seeing.models import BackupRun
from portal.cms.seeing.probes import State
from portal.cms.seeing.readiness import Health
from tests.workers import register, tell

pytestmark = pytest.mark.both_databases

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer of another test; and the connection of this one stays open."""
    probes.forget()
    monkeypatch.setattr(readiness, "close_old_connections", lambda: None)


def ask(path: str, method: str = "GET", **environ: str) -> tuple[str, dict[str, str], str]:
    said: list[Any] = []

    def site(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"the site"]

    asked = {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": "127.0.0.1", **environ}
    body = Health(site)(asked, lambda *answer: said.extend(answer))
    return said[0], dict(said[1]), b"".join(body).decode()


def only(monkeypatch: pytest.MonkeyPatch, **states: State) -> None:
    """Let there be these probes alone."""
    made = {
        name: probes.Probe(name, name, lambda state=state: state, state.fatal)  # type: ignore[misc]
        for name, state in states.items()
    }
    monkeypatch.setattr(probes, "_probes", made)


# --- The two addresses ------------------------------------------------------------------------------


def test_healthz_answers_without_a_look_at_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "results", None)
    status, headers, body = ask("/healthz", HTTP_HOST="somebody else's")
    assert (status, body) == ("200 OK", "ok\n")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/healthz/", "/readyz/x"])
def test_everything_else_is_the_sites(path: str) -> None:
    assert ask(path)[2] == "the site"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, database=State(True, "正常", fatal=True))
    status, headers, body = ask(path, "POST")
    assert (status, headers["Allow"], body) == ("405 Method Not Allowed", "GET, HEAD", "")
    status, headers, body = ask(path, "HEAD")
    assert (status[:3], body) == ("200", "")
    assert int(headers["Content-Length"]) > 0


def test_a_node_that_cannot_serve_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, database=State(False, "连不上", fatal=True))
    status, _, body = ask("/readyz")
    assert status == "503 Service Unavailable"
    assert body == "未就绪\n✗ database：连不上\n"


def test_a_late_mail_keeps_no_node_from_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, database=State(True, "正常", fatal=True), mail=State(False, "晚了"))
    assert ask("/readyz")[0] == "200 OK"
    assert ask("/readyz")[2] == "就绪\n✓ database：正常\n✗ mail：晚了\n"


@pytest.mark.parametrize(
    "environ", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}]
)
def test_strangers_hear_one_word_and_wait_for_nothing_else(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, database=State(True, "正常", fatal=True))
    probes.probe("storage", "图片", pytest.fail)
    assert ask("/readyz", **environ)[2] == "就绪\n"


def test_a_look_that_breaks_is_not_well_and_is_made_once_in_five_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = []

    def breaks() -> State:
        looked.append(1)
        raise OperationalError("gone")

    monkeypatch.setattr(probes, "_probes", {"x": probes.Probe("x", "数据库", breaks, fatal=True)})
    assert [ask("/readyz")[0][:3] for _ in range(3)] == ["503", "503", "503"]
    assert looked == [1]
    assert "gone" in caplog.text


# --- What is looked at ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "total", "ok", "fatal"),
    [
        (40 * looks.MB, 10 * looks.GB, False, True),
        (400 * looks.MB, 10 * looks.GB, False, False),
        (600 * looks.MB, 10 * looks.GB, True, False),
        (4 * looks.GB, 100 * looks.GB, False, False),
        (6 * looks.GB, 1000 * looks.GB, True, False),
    ],
)
def test_a_disk_is_told_while_there_is_time_and_fatal_when_it_is_full(
    free: int, total: int, ok: bool, fatal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(total, total - free, free))
    state = looks.disk()
    assert (state.ok, state.fatal) == (ok, fatal)
    assert ("快满了" in state.words) is not ok


def test_sizes_are_read_by_people() -> None:
    assert [looks.in_words(size) for size in (2048, 5.26 * looks.MB, 120 * looks.GB)] == [
        "2 KB",
        "5.3 MB",
        "120 GB",
    ]


def test_a_folder_that_is_not_there_yet_is_well(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "media", tmp_path / "private"
    assert looks.storage() == State(True, "正常")


def test_one_that_nobody_can_write_to_is_not(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "media", tmp_path
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert looks.storage() == State(False, f"文件夹 {tmp_path.name} 不能写入")


def test_an_object_store_that_is_away_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.S3_BUCKET = "portal"

    def away(name: str) -> bool:
        raise StorageAwayError

    monkeypatch.setattr(default_storage, "exists", away)
    probe = probes.Probe("storage", "图片与文件", looks.storage, fatal=False)
    assert probes._look(probe) == State(False, "无法检查", fatal=False)


@pytest.mark.django_db
def test_a_worker_shows_by_its_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "STARTED_AT", time.monotonic())
    assert looks.worker() == State(True, "正在启动")
    monkeypatch.setattr(looks, "STARTED_AT", time.monotonic() - looks.STARTING)
    dead = looks.worker()
    assert not dead.ok
    assert "没有动静" in dead.words
    now = timezone.now()
    DueTask.objects.create(name="heartbeat", due_at=now, finished_at=now)
    assert looks.worker() == State(True, "正在运行")


@pytest.mark.django_db
def test_a_message_that_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cms.delivery.topics._topics", {})
    register()
    fields: Any = {"address": "a@example.com", "topics": ["news"]}
    target = DeliveryTarget.objects.create(name="组", **fields)
    row = tell("p1")
    assert looks.waiting().ok
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(minutes=20))
    assert looks.waiting() == State(False, "最早的一条已经等了 20 分钟", 20)
    target.paused_until = timezone.now() + timedelta(hours=1)
    target.save()
    assert looks.waiting().ok, "who rests is waited for rightly"


@pytest.mark.django_db
def test_the_last_good_backup_counts(settings: Settings) -> None:
    assert "还没有备份过" in looks.backup().words
    now = timezone.now()
    run = BackupRun.objects.create(
        kind="nightly", begun_at=now, finished_at=now, name="a.tar", problem=""
    )
    assert looks.backup().ok
    BackupRun.objects.filter(pk=run.pk).update(finished_at=now - timedelta(hours=40))
    BackupRun.objects.create(kind="hand", begun_at=now, name="b.tar")  # runs still, or was cut off
    BackupRun.objects.create(kind="hand", begun_at=now, finished_at=now, name="c", problem="磁盘满")
    state = looks.backup()
    assert (state.ok, state.figure) == (False, 40.0)
    assert state.words.endswith("太久了")
    settings.BACKUP_KEEP = 0
    assert looks.backup().ok


@pytest.mark.django_db
def test_all_that_the_site_registers_can_be_looked_at() -> None:
    found = {result.key: result.state.words for result in probes.results()}
    assert found.keys() >= {"database", "disk", "storage", "worker", "waiting", "backup", "pages"}
    assert "无法检查" not in found.values()
