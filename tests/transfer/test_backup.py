"""Backups: whole or not there, of one moment, and with no key in them; and the site comes back elsewhere."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from portal.cms import private
from portal.cms.delivery import due
from portal.cms.outage import StorageAwayError
from portal.cms.private import uses
from portal.cms.seeing import looks
from portal.cms.seeing.admin import backup_badge
from portal.cms.seeing.models import BackupRun
from portal.transfer.backup import database, environment, files, making, nightly, restoring
from portal.transfer.backup.files import Stored
from portal.transfer.backup.making import make
from portal.transfer.backup.manifest import BackupError
from portal.transfer.copying.rows import Tell
from tests import cast
from tests.cms import samples
from tests.transfer import reading, whole_site
from tests.transfer.tiny import tiny

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("folder")]

ON_SQLITE = connection.vendor == "sqlite"
LATER = datetime(2026, 11, 24, 2, 40, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[Stored]:
    """A site of one table, where a backup takes no time; return which files it has."""
    named: list[Stored] = []
    monkeypatch.setattr(database, "save_to", lambda path, tell: tiny(path))
    monkeypatch.setattr(files, "wanted", lambda alias: named)
    return named


def members(path: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(path) as tar:
        for info in tar:
            file = tar.extractfile(info)
            assert file
            found[info.name] = file.read()
    return found


def left_over(folder: Path) -> list[str]:
    """Return what there is beside the lock and the backups."""
    names = (path.name for path in (*folder.iterdir(), *(folder / "backups").glob(".*")))
    return sorted({*names} - {"backup.lock", "backups"})


# --- There and back -----------------------------------------------------------------------------------


@contextmanager
def somebody_writing() -> Iterator[list[int]]:
    """Write two rows at a time, as fast as that goes; yield how often it has been done."""
    done: list[int] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with transaction.atomic():
                for _ in range(2):
                    cast.missed(f"/news/{len(done)}-{_}.html")
            done.append(1)
        connections["default"].close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_site_comes_back_elsewhere_as_it_was_while_somebody_writes(
    tmp_path: Path, media_root: Path, schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backup, `restore` into another folder, and there: the same rows, the same files, the same pages."""
    monkeypatch.setattr(uses, "_uses", {})
    private.allow("cv", lambda user, file: True)
    # What migrations take ten seconds for; a backup of PostgreSQL is made into such a file.
    monkeypatch.setattr(
        database, "migrate", lambda url: shutil.copyfile(schema, url.removeprefix("sqlite:///"))
    )
    whole_site.build()
    cast.xiaolin()
    kept = private.keep(samples.named(samples.PDF, "简历.pdf"), "cv")
    pages = reading.pages()  # a search among them is noted
    sums = reading.sums("cms.MissedAddress")
    said: list[str] = []

    with somebody_writing() as done:
        path, manifest = make(tell=said.append)
    assert done, "nobody was kept waiting"

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"DATA_DIR": str(elsewhere), "DATABASE_URL": f"sqlite:///{elsewhere}/db.sqlite3"}
    done_there = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "manage.py", "restore", str(path)],
        env={**os.environ, **env},
        cwd=reading.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done_there.returncode == 0, done_there.stderr
    assert "已恢复到备份时的状态" in done_there.stdout
    there = reading.read_elsewhere(env, "cms.MissedAddress")
    assert there["sums"].items() ^ sums.items() == set()
    assert there["pages"] == pages
    stored = {part.name: part for part in manifest.parts if "/" in part.name}
    assert f"private/{kept.file.name}" in stored
    assert len(stored) > 3
    assert not manifest.missing
    for name in stored:
        here = media_root.parent / name
        assert (elsewhere / name).read_bytes() == here.read_bytes()
    # Of one moment: both rows of each pair, or none.
    with closing(sqlite3.connect(elsewhere / "db.sqlite3")) as rows:
        paths = [path for (path,) in rows.execute("SELECT path FROM cms_missedaddress")]
        pairs = {path.rpartition("-")[0] for path in paths}
        assert len(paths) == 2 * len(pairs)
        # Older pages are of no count that comes again, whoever has kept them.
        (count,) = rows.execute("SELECT sum(count) FROM cms_changes").fetchone()
        assert count > restoring.AHEAD
    assert BackupRun.objects.get().problem == ""


def test_a_row_that_points_nowhere_is_told_and_no_reason_to_have_no_backup(
    schema: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copyfile(schema, tmp_path / "stray.sqlite3"))
    assert database.strays_of(path) == ""
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute("INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (99, 1)")
    assert database.problem_of(path) == ""
    assert "1 行指向不存在的内容（auth_group_permissions" in database.strays_of(path)
    path.write_bytes(path.read_bytes()[:-4096])
    assert database.problem_of(path)


def test_who_is_signed_in_stays_out_of_it(schema: Path, tmp_path: Path) -> None:
    path = Path(shutil.copyfile(schema, tmp_path / "rows.sqlite3"))
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute("INSERT INTO django_session VALUES ('key', 'data', '2027-01-01')")
        rows.execute("INSERT INTO cms_cache VALUES ('key', 'value', '2027-01-01')")
    database.leave_behind(path)
    counts = database.tables_of(path)
    assert (counts["django_session"], counts["cms_cache"]) == (0, 0)
    assert counts["auth_permission"]


# --- What is in it ------------------------------------------------------------------------------------


def test_a_backup_says_what_is_in_it_and_is_for_its_owner_alone(
    small: list[Stored], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://zu:geheim@mail.example:587/?password=geheim")
    monkeypatch.setenv("BAIDU_PUSH_TOKEN", "geheim")
    default_storage.save("cabinet/a.jpg", ContentFile(b"picture"))
    small += [Stored("media", "cabinet/a.jpg"), Stored("media", "cabinet/lost.jpg")]
    small += [Stored("media", "cabinet/not-yet-made.webp", needed=False)]

    path, manifest = make()

    assert path.parent == folder / "backups"
    assert path.stat().st_mode & 0o777 == 0o600
    found = members(path)
    assert list(found) == ["settings.json", "db.sqlite3.gz", "media/cabinet/a.jpg", "manifest.json"]
    said = json.loads(found["manifest.json"])
    assert said["missing"] == ["media/cabinet/lost.jpg"]
    assert said["tables"]["note"] == 2
    assert [part["name"] for part in said["parts"]] == list(found)[:-1]
    assert b"geheim" not in b"".join(found.values())
    assert os.environ["SECRET_KEY"].encode() not in found["settings.json"]
    assert json.loads(found["settings.json"])["EMAIL_URL"] == "smtp://mail.example:587/"
    run = BackupRun.objects.get()
    assert (run.name, run.problem, run.files) == (path.name, "", 1)
    assert run.size == path.stat().st_size
    assert run.finished_at
    assert left_over(folder) == []
    assert manifest.files() == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/portal", "/srv/portal"),
        ("postgres://portal:geheim@db/portal?sslmode=require", "postgres://db/portal"),
        ("https://www.example.com", "https://www.example.com"),
        ("http://[geheim", ""),
    ],
)
def test_an_address_is_shown_without_its_password(text: str, shown: str) -> None:
    assert environment.shown_of(text) == shown


def test_what_is_deleted_meanwhile_is_still_in_it(
    small: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = default_storage.save("cabinet/a.jpg", ContentFile(b"picture"))
    small.append(Stored("media", name))

    def rows(path: Path, tell: Tell) -> None:
        tiny(path)
        default_storage.delete(name)
        small.append(Stored("media", default_storage.save("cabinet/b.jpg", ContentFile(b"new"))))

    monkeypatch.setattr(database, "save_to", rows)
    path, manifest = make()
    found = members(path)
    assert (found["media/cabinet/a.jpg"], found["media/cabinet/b.jpg"]) == (b"picture", b"new")
    assert manifest.missing == ()


def test_each_file_is_in_it_once_and_none_that_leads_astray(settings: Settings) -> None:
    """Two rows with one file, as somebody may have written by hand, make no backup that is refused."""
    first = samples.document()
    second = samples.document("另一份.pdf")
    type(second).objects.filter(pk=second.pk).update(download_file=first.download_file.name)
    third = samples.document("第三份.pdf")
    type(third).objects.filter(pk=third.pk).update(download_file="../../etc/passwd.pdf")
    wanted = files.wanted("default")
    assert [stored.name for stored in wanted].count(first.download_file.name) == 1
    held = files.Held(settings.DATA_DIR)
    (astray,) = (stored for stored in wanted if "passwd" in stored.name)
    held.hold(astray)
    assert held.open(astray) is None


# --- When it cannot be --------------------------------------------------------------------------------


def test_nothing_is_overwritten(small: list[Stored], folder: Path) -> None:
    path = folder / "mine.tar"
    path.write_text("mine")
    with pytest.raises(BackupError, match="已经存在，没有覆盖"):
        make(path)
    assert path.read_text() == "mine"
    assert "已经存在" in BackupRun.objects.get().problem


def test_a_disk_that_would_be_full_is_seen_beforehand(
    small: list[Stored], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "database_bytes", lambda: 50 * 2**20)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: SimpleNamespace(total=0, used=0, free=30 * 2**20)
    )
    with pytest.raises(BackupError, match="磁盘空间不够：需要约 110 MB，只剩 30 MB"):
        make()
    assert "磁盘空间不够" in BackupRun.objects.get().problem
    assert left_over(folder) == []


def test_a_file_that_goes_while_their_sizes_are_added_up_is_no_reason_to_have_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "paths", lambda storage: [tmp_path / "gone", Path(__file__)])
    assert files.bytes_here() == 2 * Path(__file__).stat().st_size


def test_what_fails_leaves_nothing_and_says_so(
    small: list[Stored], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "add", full)
    with pytest.raises(CommandError, match=r"写文件.*出错：磁盘已满。$"):
        call_command("backup")
    assert list((folder / "backups").iterdir()) == []
    assert left_over(folder) == []
    assert BackupRun.objects.get().problem


def test_one_is_made_at_a_time(small: list[Stored], folder: Path) -> None:
    with (folder / "backup.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="另一个备份正在进行"):
            make()
    assert not BackupRun.objects.exists()


def test_a_night_without_one_is_noted_whatever_stands_in_the_way(folder: Path) -> None:
    (folder / "backup.lock").mkdir()
    with pytest.raises(CommandError, match="读写文件时出错"):
        call_command("backup")
    run = BackupRun.objects.get()
    assert "读写文件时出错" in run.problem
    assert run.finished_at


def test_the_remains_of_one_that_was_killed_are_cleared_away(
    small: list[Stored], folder: Path
) -> None:
    killed = making.begun(BackupRun.Kind.NIGHTLY, "nightly-1.tar")
    (folder / ".making-backup-abc").mkdir()
    (folder / "backups").mkdir()
    (folder / "backups" / ".nightly-1.tar.abc").write_text("half")
    path, _ = make()
    killed.refresh_from_db()
    assert "中途被结束" in killed.problem
    assert list((folder / "backups").iterdir()) == [path]
    assert left_over(folder) == []


# --- Every night --------------------------------------------------------------------------------------


def test_the_newest_stay_and_those_made_by_hand(
    small: list[Stored], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEEP = 2
    settings.BACKUP_DIR.mkdir()
    old = ["nightly-20261120-024000.tar", "nightly-20261121-024000.tar", "backup-2026.tar"]
    for name in old:
        (settings.BACKUP_DIR / name).write_text(name)
    monkeypatch.setattr(os, "nice", lambda more: None)
    call_command("backup", "--nightly")
    run = BackupRun.objects.get()
    assert (run.kind, run.problem) == ("nightly", "")
    assert {path.name for path in settings.BACKUP_DIR.iterdir()} == {*old[1:], run.name}


def test_many_of_one_evening_push_no_night_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEEP = 3
    monkeypatch.setattr(timezone, "localdate", LATER.date)
    nights = [f"nightly-202611{day}-024000.tar" for day in range(20, 25)]
    assert nightly.too_many(nights) == nights[:2]
    evening = [f"nightly-20261124-2300{n:02}.tar" for n in range(9)]
    assert nightly.too_many([*evening, *nights]) == nights[:2]
    # After a month in which none was made, those there are stay.
    assert nightly.too_many(["nightly-20261001-024000.tar", *evening[:2]]) == []


def test_where_the_bucket_refuses_its_copy_the_disk_does_not_fill(
    small: list[Stored], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEEP, settings.BACKUP_TO_S3 = 1, True
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / "nightly-20250101-024000.tar").write_text("good")

    def refuses(path: Path) -> None:
        raise StorageAwayError("AccessDenied")

    monkeypatch.setattr(making, "upload", refuses)
    with pytest.raises(BackupError, match="没有传到对象存储"):
        nightly.run(print)
    (path,) = settings.BACKUP_DIR.iterdir()
    run = BackupRun.objects.get()
    assert (run.name, run.size) == (path.name, path.stat().st_size)
    assert "已经做好" in run.problem
    assert looks.backup().words == run.problem


def test_one_that_was_killed_is_not_being_made_all_day() -> None:
    run = making.begun(BackupRun.Kind.NIGHTLY, "nightly-1.tar")
    assert "正在备份" in backup_badge(run)
    run.begun_at -= timedelta(hours=7)
    assert "没有做完" in backup_badge(run)


def test_where_one_fails_the_old_ones_stay(
    small: list[Stored], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEEP = 1
    settings.BACKUP_DIR.mkdir()
    for n in (1, 2):
        (settings.BACKUP_DIR / f"nightly-{n}.tar").write_text("good")

    def fails(*arguments: object) -> None:
        raise BackupError("磁盘坏了")

    monkeypatch.setattr(making, "write", fails)
    with pytest.raises(BackupError, match="磁盘坏了"):
        nightly.run(print)
    assert len(list(settings.BACKUP_DIR.iterdir())) == 2


def test_the_worker_starts_one_every_night_and_does_not_wait_for_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[list[str], dict[str, Any]]] = []

    class Process:
        def __init__(self, command: list[str], **options: Any) -> None:
            begun.append((command, options))

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    task = due._tasks["backup"]
    assert (task.run, task.at) == (nightly.start, nightly.AT)
    task.run(LATER)
    ((command, options),) = begun
    assert command[1:] == [str(settings.BASE_DIR / "manage.py"), "backup", "--nightly"]
    assert options["start_new_session"]
    settings.BACKUP_KEEP = 0
    task.run(LATER)
    assert len(begun) == 1


def test_a_bucket_has_to_be_there_for_a_copy_in_it() -> None:
    with pytest.raises(CommandError, match="没有设置 S3_BUCKET"):
        call_command("backup", "--to-s3")
