"""A backup comes back whole, or the site stays as it was: whatever the file says, wherever it is cut off."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection, connections
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles.models import Article
from portal import running
from portal.cms.media.models import MediaFile
from portal.cms.pagecache.models import Changes
from portal.cms.search import indexing
from portal.cms.upkeep.register import checks
from portal.management.commands import prepare
from portal.management.holding import hold_data_folder
from portal.transfer.backup import database, making, restoring, swapping
from portal.transfer.backup import manifest as manifests
from portal.transfer.backup.manifest import BackupError
from portal.transfer.copying import databases
from portal.transfer.copying.databases import CopyError
from portal.transfer.copying.rows import is_empty
from tests import cast
from tests.cms import samples
from tests.transfer.tiny import MIGRATION, tiny

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("folder")]

Members = dict[str, bytes]
Change = Callable[[Members], None]

SETTINGS, PACKED, NAME = "settings.json", "db.sqlite3.gz", "manifest.json"
PICTURE = "media/cabinet/2026/11/a.jpg"


def part(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()}


def good(folder: Path, *migrations: tuple[str, str], more: str = "") -> Members:
    """Return what is in a backup of a site of one table and two files."""
    path = folder / "made.sqlite3"
    tiny(path, *migrations)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(more)
    rows = path.read_bytes()
    path.unlink()
    members = {
        SETTINGS: b"{}",
        PACKED: gzip.compress(rows, mtime=0),
        PICTURE: b"picture",
        "private/2026/11/b.pdf": b"paper",
    }
    says = {
        "format": "hr-portal-backup",
        "version": 1,
        "site": "https://www.example.com",
        "made_at": "2026-11-24T02:40:00+08:00",
        "engine": "sqlite",
        "migrations": [MIGRATION, *migrations],
        "tables": {"django_migrations": 1 + len(migrations), "note": 2},
        "database": part("db.sqlite3", rows),
        "parts": [part(name, content) for name, content in members.items()],
        "missing": [],
    }
    return {**members, NAME: json.dumps(says).encode()}


def written(path: Path, members: Members) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return written(tmp_path / "good.tar", good(tmp_path))


def say(sentence: str) -> None:
    assert sentence


# --- What is no backup of ours ------------------------------------------------------------------------


def test_a_whole_one_is_whole_and_looking_leaves_nothing(
    backup: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("restore", str(backup), "--verify")
    said = capsys.readouterr().out
    assert "备份于 2026-11-24T02:40:00+08:00，来自 https://www.example.com：3 行，2 个文件" in said
    assert "备份完整，可以恢复" in said
    assert list(folder.iterdir()) == []


def says(**values: Any) -> Change:
    def change(members: Members) -> None:
        members[NAME] = json.dumps(json.loads(members[NAME]) | values).encode()

    return change


def added(name: str, content: bytes = b"x", *, listed: bool = True) -> Change:
    def change(members: Members) -> None:
        members[name] = content
        if listed:
            parts = json.loads(members[NAME])["parts"]
            says(parts=[*parts, part(name, content)])(members)

    return change


def replaced(name: str, content: bytes) -> Change:
    return lambda members: members.update({name: content})


def without(name: str) -> Change:
    def change(members: Members) -> None:
        del members[name]

    return change


def no_settings(members: Members) -> None:
    del members[SETTINGS]
    parts = [part for part in json.loads(members[NAME])["parts"] if part["name"] != SETTINGS]
    says(parts=parts)(members)


def another_database(members: Members) -> None:
    """Larger than it says, by what a gigabyte of nothing is packed into."""
    members[PACKED] = gzip.compress(gzip.decompress(members[PACKED]) + bytes(1 << 20))
    parts = [part for part in json.loads(members[NAME])["parts"] if part["name"] != PACKED]
    says(parts=[*parts, part(PACKED, members[PACKED])])(members)


def no_database(members: Members) -> None:
    rows = b"SQLite format 3\x00" + bytes(4096)
    members[PACKED] = gzip.compress(rows)
    parts = [part for part in json.loads(members[NAME])["parts"] if part["name"] != PACKED]
    says(parts=[*parts, part(PACKED, members[PACKED])], database=part("db.sqlite3", rows))(members)


ATTACKS: dict[str, tuple[Change, str]] = {
    "a changed byte": (replaced(PICTURE, b"pictura"), "校验和不符"),
    "a shorter part": (replaced(PICTURE, b"pic"), "与它的清单不符"),
    "a part too many": (added("media/b.jpg", listed=False), "与它的清单不符"),
    "a part too few": (without(PICTURE), "与它的清单不符"),
    "no manifest": (without(NAME), "没有 manifest.json"),
    "upwards": (added("media/../../../escaped"), "不该有的文件"),
    "upwards at once": (added("../escaped"), "不该有的文件"),
    "from the root": (added("/tmp/escaped"), "不该有的文件"),  # noqa: S108 - nobody writes there
    "another folder": (added("static/site.js"), "不该有的文件"),
    "a folder itself": (added("media"), "不该有的文件"),
    "beside the folders": (added("db.sqlite3-wal"), "不该有的文件"),
    "a dot": (added("media/./b.jpg"), "不该有的文件"),
    "two slashes": (added("media//b.jpg"), "不该有的文件"),
    "a backslash": (added("media/..\\..\\b.jpg"), "不该有的文件"),
    "a file that is a folder, too": (added(f"{PICTURE}/b.jpg"), "读写文件时出错"),
    "no settings": (no_settings, "不完整"),
    "a later version": (says(version=2), "更新版本"),
    "something else": (says(format="hr-portal-export"), "不是本系统备份"),
    "no JSON": (replaced(NAME, b"{"), "不是 JSON"),
    "deep JSON": (replaced(NAME, b"[" * 100_000), "不是 JSON"),
    "a list": (replaced(NAME, b"[]"), "不是本系统备份"),
    "more rows": (says(tables={"django_migrations": 1, "note": 3}), "note 有 2 行，清单中是 3 行"),
    "another table": (says(tables={"django_migrations": 1}), "note 有 2 行"),
    "endless rows": (says(tables={"note": float("inf")}), "不完整"),
    "no tables": (says(tables=[]), "不完整"),
    "a negative size": (says(database={**part("db.sqlite3", b""), "size": -1}), "不完整"),
    "a size of no number": (says(database={**part("db.sqlite3", b""), "size": True}), "不完整"),
    "a site that is no text": (says(site={}), "不完整"),
    "more than is known": (says(run="rm -rf /"), "不完整"),
    "more than the disk": (says(database={**part("db.sqlite3", b""), "size": 10**18}), "磁盘空间不够"),
    "a packed bomb": (another_database, "校验和不符"),
    "no database": (no_database, "数据库已损坏"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_not_as_it_says_is_refused(tmp_path: Path, folder: Path, name: str) -> None:
    change, reason = ATTACKS[name]
    members = good(tmp_path)
    change(members)
    with pytest.raises(CommandError, match=reason):
        call_command("restore", str(written(tmp_path / "bad.tar", members)), "--verify")
    assert list(folder.iterdir()) == []
    assert not list(tmp_path.rglob("*escaped*"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_nothing_but_files_is_taken(tmp_path: Path, folder: Path, kind: bytes) -> None:
    path = written(tmp_path / "bad.tar", good(tmp_path))
    with tarfile.open(path, "a") as tar:
        info = tarfile.TarInfo("media/link")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BackupError, match="不该有的文件"):
        restoring.verify(path, say)
    assert list(folder.iterdir()) == []


def test_no_name_comes_twice(tmp_path: Path) -> None:
    path = written(tmp_path / "bad.tar", good(tmp_path))
    with tarfile.open(path, "a") as tar:
        tar.addfile(tarfile.TarInfo(PICTURE))
    with pytest.raises(BackupError, match="不该有的文件"):
        restoring.verify(path, say)


def test_what_a_later_program_made_asks_for_that_program(tmp_path: Path) -> None:
    path = written(tmp_path / "new.tar", good(tmp_path, ("cms", "9999_from_next_year")))
    with pytest.raises(BackupError, match="9999_from_next_year），请先升级"):
        restoring.verify(path, say)


@pytest.mark.parametrize("size", [0, 100, 512, 3000, 5000])
def test_what_is_cut_off_is_no_backup(backup: Path, size: int) -> None:
    backup.write_bytes(backup.read_bytes()[:size])
    with pytest.raises(BackupError, match=r"不完整|没有写完"):
        restoring.verify(backup, say)


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("restore", str(tmp_path / "none.tar"), "--verify")
    with pytest.raises(CommandError, match="读写文件时出错"):
        call_command("restore", str(tmp_path), "--verify")


def test_a_database_that_cannot_be_looked_through_is_refused(tmp_path: Path) -> None:
    """What SQLite itself takes for whole."""
    astray = "ALTER TABLE note ADD kin REFERENCES django_migrations (nowhere)"
    path = written(tmp_path / "astray.tar", good(tmp_path, more=astray))
    with pytest.raises(BackupError, match="不完整或已损坏"):
        restoring.verify(path, say)


def test_a_folder_that_cannot_be_written_to_is_said_in_a_sentence(
    backup: Path, folder: Path
) -> None:
    folder.rmdir()
    with pytest.raises(CommandError, match="读写文件时出错：找不到"):
        call_command("restore", str(backup), "--verify")


@hypothesis.settings(
    max_examples=30, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_whatever_is_damaged_is_refused_in_a_sentence_or_does_not_matter(
    backup: Path, random: random.Random, bytes_changed: int
) -> None:
    content = bytearray(backup.read_bytes())
    heads = [n for n in range(0, len(content), 512) if content[n + 257 : n + 262] == b"ustar"]
    for _ in range(bytes_changed):  # in what tarfile reads as names and numbers, or anywhere
        start = random.choice(heads) if random.random() < 0.7 else random.randrange(len(content))
        place = min(start + random.randrange(512), len(content) - 1)
        content[place] = random.randrange(256)
    damaged = backup.with_name("damaged.tar")
    damaged.write_bytes(content)
    try:
        found = restoring.verify(damaged, say)
    except BackupError:
        return
    assert found == manifests.parsed(good(backup.parent)[NAME])


# --- Into its place -----------------------------------------------------------------------------------


class KilledError(BaseException):
    """As by SIGKILL: nothing of ours goes on after it."""


def fill(places: swapping.Places, words: str) -> None:
    for name, place in places.items():
        if name in {"media", "private"}:
            place.mkdir(parents=True)
            (place / "a").write_text(words)
        else:
            place.write_text(words)


def found(places: swapping.Places) -> set[str]:
    """Return what can be read at all the places."""
    read = (place / "a" if place.is_dir() else place for place in places.values())
    return {path.read_text() for path in read if path.exists()}


def restored_to(folder: Path) -> Path:
    folder.mkdir()
    fill({name: folder / name for name in ("db.sqlite3", "media", "private")}, "new")
    return folder


def test_a_death_at_any_moment_leaves_the_old_site_or_ends_in_the_new_one(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "media", "private")
    rename, replace = Path.rename, Path.replace
    left = [0]

    def mortal(act: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def moves(path: Path, target: Path) -> Path:
            if not left[0]:
                raise KilledError
            left[0] -= 1
            return act(path, target)

        return moves

    monkeypatch.setattr(Path, "rename", mortal(rename))
    monkeypatch.setattr(Path, "replace", mortal(replace))
    outcomes = []
    for moves in range(20):
        settings.DATA_DIR = tmp_path / str(moves)
        settings.DATA_DIR.mkdir()
        places = {name: settings.DATA_DIR / name for name in names}
        fill(places, "old")
        restored = restored_to(settings.DATA_DIR / "restored-1")
        left[0] = moves
        try:
            swapping.begin(restored, settings.DATA_DIR / "replaced-1", places)
            swapping.finish()
        except KilledError:
            noted = swapping.is_half_done()
            assert swapping.is_needed(restored) == noted
            left[0] = 99
            assert swapping.finish() == noted
        else:
            assert moves > 5
        outcomes.append(found(places))
        if outcomes[-1] == {"new"}:
            # The log of another file would ruin this one.
            assert not places["db.sqlite3-wal"].exists()
            kept = {name: settings.DATA_DIR / "replaced-1" / name for name in names}
            assert found(kept) == {"old"}
            assert all(place.exists() for place in kept.values())
        assert not swapping.is_half_done()
        assert not swapping.finish()
    assert outcomes == [{"old"}] + [{"new"}] * 19


def test_what_somebody_made_in_between_is_kept_too(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path / "site"
    settings.DATA_DIR.mkdir()
    place, replaced = settings.DATA_DIR / "db.sqlite3", settings.DATA_DIR / "replaced-1"
    restored = restored_to(settings.DATA_DIR / "restored-1")
    replaced.mkdir()
    (replaced / "db.sqlite3").write_text("old")
    places = {"db.sqlite3": str(place)}
    swapping.write_note(
        {"restored": str(restored), "replaced": str(replaced), "places": places, "phase": "in"}
    )
    for path in (place, settings.DATA_DIR / "db.sqlite3-wal"):
        path.write_text("in between")
    assert swapping.finish()
    assert place.read_text() == "new"
    assert sorted(path.name for path in settings.DATA_DIR.glob("db*")) == ["db.sqlite3"]
    kept = {path.name: path.read_text() for path in replaced.iterdir()}
    between = "in between"
    assert kept == {
        "db.sqlite3": "old",
        "db.sqlite3.later": between,
        "db.sqlite3-wal": between,
    }


def test_what_lies_on_another_disk_is_not_moved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "media")
    with pytest.raises(BackupError, match="media 不在数据文件夹所在的磁盘上"):
        swapping.check({"media": folder / "media"})


def test_what_is_mounted_from_the_same_disk_is_not_moved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by `mount --bind`, or as a volume of a container: nothing but the system's own list shows it."""
    places = {name: folder / name for name in ("db.sqlite3", "media")}
    swapping.check(places)
    bound = re.escape(str(folder)) + r"/(media|db\.sqlite3)"
    for name in ("media", "db.sqlite3"):
        monkeypatch.setattr(swapping, "mounts", lambda name=name: {Path("/"), folder / name})
        with pytest.raises(BackupError, match=f"^{bound} 不在"):
            swapping.check(places)
    monkeypatch.setattr(swapping, "mounts", lambda: {Path("/"), folder})
    swapping.check(places)


def test_the_list_of_what_is_mounted_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b"30 22 8:1 /a /srv/two\\040words rw shared:1 - ext4 /dev/sda1 rw\n"
    monkeypatch.setattr(Path, "read_bytes", lambda path: line)
    assert swapping.mounts() == {Path("/srv/two words")}


def test_what_cannot_be_moved_away_leaves_the_site_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("db.sqlite3", "db.sqlite3-wal", "media", "private")
    places = {name: folder / name for name in names}
    fill(places, "old")
    restored = restored_to(folder / "restored-1")
    rename = Path.rename

    def busy(path: Path, target: Path) -> Path:
        if path == places["media"]:
            raise OSError(16, "Device or resource busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", busy)
    swapping.begin(restored, folder / "replaced-1", places)
    with pytest.raises(OSError, match="busy"):
        swapping.finish()
    assert found(places) == {"old"}
    assert all(place.exists() for place in places.values())
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "restored-1"])
    assert not swapping.is_half_done()


def test_what_cannot_be_ended_is_said_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> bool:
        raise OSError(16, "Device or resource busy")

    (folder / swapping.NOTE).write_text("{}")
    monkeypatch.setattr(swapping, "finish", fails)
    with pytest.raises(BackupError, match="不能接着做完：读写文件时出错：正在被使用"):
        restoring.go_on(say)


def test_root_does_not_write_into_the_folder_of_another(
    folder: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site could open neither the locks nor the database that root makes there."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(making, "owner_of", lambda folder: 65_534)
    with pytest.raises(CommandError, match="不要用 root"):
        call_command("restore", str(backup))
    with pytest.raises(CommandError, match="不要用 root"):
        call_command("backup")
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(os, "geteuid", lambda: 10_001)  # of a volume that lets us write
    making.demand_owner()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(making, "owner_of", lambda folder: 0)  # as in a container
    making.demand_owner()


def test_locks_that_cannot_be_opened_are_said_in_a_sentence(folder: Path, backup: Path) -> None:
    (folder / running.NAME).mkdir()
    with pytest.raises(CommandError, match="读写文件时出错"):
        call_command("restore", str(backup))


def test_a_restore_deletes_no_file_of_the_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that came after the backup are of no row: it may be a rehearsal, beside the living site."""
    asked: dict[str, Any] = {}
    monkeypatch.setattr(indexing, "is_current", lambda: True)
    monkeypatch.setattr(restoring, "call_command", lambda name, **options: asked.update(options))
    restoring.bring_up_to_date(say)
    every = {each.key for each in checks()}
    assert every - {*asked["only"]} == restoring.DELETE_FILES
    assert every > restoring.DELETE_FILES


def test_nobody_prepares_what_is_just_being_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(prepare.Command, "prepare", lambda self: done.append("prepared"))
    with restoring.alone(), pytest.raises(CommandError, match="正在从备份恢复"):
        call_command("prepare")
    assert done == []


def test_what_a_backup_says_cannot_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = good(tmp_path)
    says(site="https://\x1b]0;x\x07", missing=["media/\ud800 图.png"])(members)
    call_command("restore", str(written(tmp_path / "odd.tar", members)), "--verify")
    said = capsys.readouterr().out
    assert "media/\N{REPLACEMENT CHARACTER} 图.png" in said
    assert "\x1b" not in said
    said.encode()


@pytest.fixture
def serving(folder: Path) -> Iterator[None]:
    descriptor = running.hold(folder)
    yield
    os.close(descriptor)


@pytest.mark.usefixtures("serving")
def test_a_site_that_runs_is_left_alone(backup: Path, folder: Path) -> None:
    with pytest.raises(CommandError, match="还在运行，请先停止"):
        call_command("restore", str(backup))
    call_command("restore", str(backup), "--verify")
    assert [path.name for path in folder.iterdir()] == ["serving.lock"]


def test_a_backup_that_is_being_made_is_waited_for(folder: Path, backup: Path) -> None:
    with restoring.alone(), pytest.raises(BackupError, match="还在运行"):
        restoring.restore(backup, replace=False, tell=say)
    with making.only_one(), pytest.raises(BackupError, match="另一个备份正在进行"):
        restoring.restore(backup, replace=False, tell=say)


def test_nobody_serves_half_a_site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore that was cut off, a start says what to do, and `prepare` does it."""
    (folder / swapping.NOTE).write_text("{}")
    with pytest.raises(CommandError, match=r"manage\.py prepare"):
        hold_data_folder()
    done: list[str] = []
    monkeypatch.setattr(restoring, "finish", lambda tell: done.append("finished"))
    monkeypatch.setattr(restoring, "bring_up_to_date", lambda tell: done.append("up to date"))
    restoring.go_on(say)
    assert done == ["finished", "up to date"]
    (folder / swapping.NOTE).unlink()
    restoring.go_on(say)
    assert len(done) == 2


# --- Onto PostgreSQL ----------------------------------------------------------------------------------


on_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="there, the file itself takes its place"
)


@pytest.fixture
def changed_since(
    schema: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Article, MediaFile]:
    """Return a backup of an article and a file; both have changed since."""

    def schema_of(url: str | None = None) -> None:
        if url:
            Path(url.removeprefix("sqlite:///")).write_bytes(schema.read_bytes())

    monkeypatch.setattr(database, "migrate", schema_of)
    monkeypatch.setattr(restoring, "migrate", schema_of)
    monkeypatch.setattr(restoring, "bring_up_to_date", lambda tell: None)
    # All of the test is in one transaction, which a closed connection would end.
    monkeypatch.setattr(connections, "close_all", lambda: None)
    article, file = cast.article("正本"), samples.document()
    path, _ = making.make()
    article.title = "改过"
    article.save()
    default_storage.delete(str(file.download_file.name))
    connection.check_constraints()
    return path, article, file


def is_as_before(article: Article, file: MediaFile) -> bool:
    """Whether rows and files are those of the backup; or neither."""
    article.refresh_from_db()
    found = article.title == "正本"
    assert default_storage.exists(str(file.download_file.name)) == found
    return found


@pytest.mark.django_db
@on_postgresql
def test_on_postgresql_rows_are_replaced_only_when_asked_to(
    changed_since: tuple[Path, Article, MediaFile],
) -> None:
    path, article, file = changed_since
    with pytest.raises(BackupError, match="--replace"):
        restoring.restore(path, replace=False, tell=say)
    assert not is_as_before(article, file)
    restoring.restore(path, replace=True, tell=say)
    assert is_as_before(article, file)
    assert not is_empty("default")
    assert Changes.objects.filter(count=restoring.AHEAD).exists()


@pytest.mark.django_db
@on_postgresql
@pytest.mark.parametrize("killed_in", ["load", "rows_are_there", "finish"])
def test_on_postgresql_a_death_between_rows_and_files_is_ended_by_the_next_start(
    changed_since: tuple[Path, Article, MediaFile],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    killed_in: str,
) -> None:
    def dies(*_: object) -> None:
        if killed_in != "finish" or swapping.is_half_done():
            raise KilledError

    path, article, file = changed_since
    finish = swapping.finish
    with monkeypatch.context() as mortal:
        mortal.setattr(restoring if killed_in == "load" else swapping, killed_in, dies)
        mortal.setattr(swapping, "give_up", lambda: None)  # who is dead does nothing
        with pytest.raises(KilledError):
            restoring.restore(path, replace=True, tell=say)
    assert swapping.finish == finish
    with pytest.raises(CommandError, match=r"manage\.py prepare"):
        hold_data_folder()
    with pytest.raises(BackupError, match="网站还不完整"):
        making.make()
    restoring.go_on(say)
    assert is_as_before(article, file)
    assert not swapping.is_half_done()
    assert not list(folder.glob("restored-*"))
    os.close(hold_data_folder())


@pytest.mark.django_db
@on_postgresql
def test_rows_that_postgresql_refuses_leave_the_site_as_it_was(
    changed_since: tuple[Path, Article, MediaFile], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise CopyError("目标数据库不接受下列内容")

    path, article, file = changed_since
    monkeypatch.setattr(restoring, "copy", refused)
    with pytest.raises(BackupError, match="不接受"):
        restoring.restore(path, replace=True, tell=say)
    assert not is_as_before(article, file)
    assert not swapping.is_half_done()
    assert not [*folder.glob("restored-*"), *folder.glob("replaced-*")]


@pytest.mark.django_db
@on_postgresql
def test_where_postgresql_goes_as_it_gets_its_rows_it_is_tried_again(
    changed_since: tuple[Path, Article, MediaFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have committed them, and nobody has heard of it."""

    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection")

    path, article, file = changed_since
    with monkeypatch.context() as away:
        away.setattr(restoring, "copy", gone)
        away.setattr(connection, "is_usable", lambda: False)
        with pytest.raises(BackupError, match="server closed the connection"):
            restoring.restore(path, replace=True, tell=say)
        with pytest.raises(BackupError, match=r"不能接着做完.*server closed the connection"):
            restoring.go_on(say)
    assert swapping.is_half_done()
    restoring.go_on(say)
    assert is_as_before(article, file)


@pytest.mark.django_db
def test_the_rows_of_a_sqlite_file_have_an_address(tmp_path: Path) -> None:
    path = tmp_path / "有 空格#.sqlite3"
    tiny(path)
    with (
        databases.opened(databases.url_of(path)) as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute("SELECT text FROM note")
        assert cursor.fetchall() == [("一",), ("二",)]
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("PRAGMA journal_mode").fetchone() == ("delete",)
