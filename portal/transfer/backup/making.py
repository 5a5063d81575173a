"""Makes a backup while the site is used: rows as of one moment, and the files that belong to them."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import pwd
import shutil
import socket
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.core.files import File
from django.db import DatabaseError, connection
from django.utils import timezone

from portal import running
from portal.cms.outage import StorageAwayError
from portal.cms.seeing.looks import database_bytes
from portal.cms.seeing.models import BackupRun
from portal.transfer.backup import database, files
from portal.transfer.backup.environment import settings_without_secrets
from portal.transfer.backup.manifest import (
    DATABASE,
    NAME,
    PACKED,
    SETTINGS,
    BackupError,
    Manifest,
    Part,
)
from portal.transfer.backup.swapping import is_half_done, sync
from portal.transfer.copying.databases import CopyError, opened, url_of
from portal.transfer.copying.rows import Tell
from portal.transfer.reasons import reason_of
from portal.transfer.whole.exporting import ExportError, whole_file

LOCK: Final = "backup.lock"
WORK: Final = ".making-backup-"
# So that those made by the clock can go without those made by hand.
PREFIXES: Final = {BackupRun.Kind.NIGHTLY: "nightly-", BackupRun.Kind.HAND: "backup-"}
SUFFIX: Final = ".tar"
CHUNK: Final = 1 << 20
LEVEL: Final = 6
MARGIN: Final = 1.1

FAILURES: Final = (BackupError, CopyError, ExportError, DatabaseError, OSError, sqlite3.Error)


class NotSentError(BackupError):
    """The backup is whole here; its copy in the bucket is not there."""


def make(
    path: Path | None = None,
    kind: BackupRun.Kind = BackupRun.Kind.HAND,
    *,
    to_s3: bool = False,
    tell: Tell = lambda sentence: None,
) -> tuple[Path, Manifest]:
    """Make a backup: whole under its name, or not there at all. Raises BackupError; noted either way.

    Takes room for itself, and for the database twice meanwhile. Nobody waits for it: readers and writers
    go on. Raises NotSentError where it is whole here, but not in the bucket.
    """
    if is_half_done():
        raise BackupError("上一次恢复中途被打断，网站还不完整：请先运行 prepare 接着做完，再备份。")
    moment = timezone.localtime()
    path = path or settings.BACKUP_DIR / f"{PREFIXES[kind]}{moment:%Y%m%d-%H%M%S}{SUFFIX}"
    with ExitStack() as held:
        try:
            held.enter_context(only_one())
        except OSError as error:
            problem = sentence_of(error)
            ended(noted(kind, path.name), problem=problem)
            raise BackupError(problem) from error
        run = begun(kind, path.name)
        try:
            manifest = write(path, tell)
        except FAILURES as error:
            problem = sentence_of(error)
            ended(run, problem=problem)
            raise BackupError(problem) from error
        whole = {"size": path.stat().st_size, "files": manifest.files()}
        if to_s3:
            tell("正在上传到对象存储……")
            try:
                upload(path)
            except OSError as error:
                problem = f"已经做好，但没有传到对象存储：{sentence_of(error)}"
                ended(run, problem=problem, **whole)
                raise NotSentError(problem) from error
        ended(run, **whole)
    return path, manifest


@contextmanager
def only_one() -> Iterator[None]:
    """Let one backup be made at a time on this machine, and clear away what one that was killed left.

    Raises BackupError where that may not be; OSError where the folders cannot be written to.
    """
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    demand_owner()
    with (settings.DATA_DIR / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("另一个备份正在进行，请等它结束。") from error
        for stray in settings.DATA_DIR.glob(f"{WORK}*"):
            shutil.rmtree(stray, ignore_errors=True)
        for prefix in PREFIXES.values():
            for stray in settings.BACKUP_DIR.glob(f".{prefix}*"):
                stray.unlink(missing_ok=True)
        yield


def demand_owner() -> None:
    """Raise BackupError where root is at work in the folder of another: the site could not use what we write."""
    owner = owner_of(settings.DATA_DIR)
    if owner and not os.geteuid():
        raise BackupError(
            f"请不要用 root 运行：写下的文件网站打不开。{settings.DATA_DIR} 属于用户 {name_of(owner)}，"
            "请用这个用户运行（见 docs/operations.md 的 portal 命令）。"
        )


def owner_of(folder: Path) -> int:
    """Return who has served the site; before a first start, whose folder it is."""
    lock = folder / running.NAME
    return (lock if lock.exists() else folder).stat().st_uid


def name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a number of another machine, or of a container
        return str(user)


def begun(kind: BackupRun.Kind, name: str) -> BackupRun:
    """Note that one begins. Those of this machine without an end are dead: we hold the lock."""
    BackupRun.objects.filter(node=this_node(), finished_at=None).update(
        finished_at=timezone.now(), problem="没有做完：程序中途被结束。"
    )
    return noted(kind, name)


def noted(kind: BackupRun.Kind, name: str) -> BackupRun:
    return BackupRun.objects.create(
        kind=kind, node=this_node(), begun_at=timezone.now(), name=name[:200]
    )


def this_node() -> str:
    return socket.gethostname()[:60]


def ended(run: BackupRun, **fields: Any) -> None:
    if "problem" in fields:
        fields["problem"] = fields["problem"][:300]
    BackupRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), **fields)


def sentence_of(error: Exception) -> str:
    """Return what went wrong in a sentence for the owner."""
    match error:
        case BackupError() | CopyError() | ExportError():
            return str(error)
        case StorageAwayError():
            return f"{reason_of(error)}。"
        case OSError():
            return f"读写文件时出错：{reason_of(error)}。"
    return f"数据库出错：{' '.join(str(error).split())}。"


def write(path: Path, tell: Tell) -> Manifest:
    if not path.parent.exists():
        path.parent.mkdir(parents=True, mode=0o700)
    files.ask()
    check_room(path.parent)
    with tempfile.TemporaryDirectory(prefix=WORK, dir=settings.DATA_DIR) as folder:
        work = Path(folder)
        held = files.Held(work)
        held.hold_all()
        tell("正在保存数据库……")
        database.save_to(work / DATABASE, tell)
        with opened(url_of(work / DATABASE)) as alias:
            named = files.wanted(alias)
        for stored in named:
            held.hold(stored)
        with whole_file(path) as file:
            manifest = pack(file, work, held, named, tell)
    sync(path.parent)
    return manifest


def check_room(folder: Path) -> None:
    """Raise BackupError where the disk would be full before the end."""
    stored, rows = files.bytes_here(), database_bytes()
    for place, needed in ((settings.DATA_DIR, 2 * rows), (folder, stored + rows)):
        free = shutil.disk_usage(place).free
        if free < needed * MARGIN:
            wanted, there = int(needed * MARGIN) // 2**20, free // 2**20
            raise BackupError(f"{place} 所在的磁盘空间不够：需要约 {wanted} MB，只剩 {there} MB。")


def pack(
    file: IO[bytes], work: Path, held: files.Held, named: list[files.Stored], tell: Tell
) -> Manifest:
    """Write all parts into a tar, the manifest last: without it, none is taken for a backup."""
    plain = work / DATABASE
    with plain.open("rb") as source, gzip.open(work / PACKED, "wb", LEVEL) as target:
        reader = Summing(source)
        shutil.copyfileobj(reader, target, CHUNK)
    manifest = Manifest(
        site=settings.SITE_URL,
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        engine=connection.vendor,
        migrations=tuple(sorted(database.migrations_in(plain))),
        tables=database.tables_of(plain),
        database=Part(DATABASE, plain.stat().st_size, reader.digest.hexdigest()),
    )
    tell(f"正在写入 {len(named)} 个图片与文件……")
    with tarfile.open(fileobj=file, mode="w") as tar:
        parts = [add(tar, SETTINGS, BytesIO(settings_without_secrets()))]
        with (work / PACKED).open("rb") as packed:
            parts.append(add(tar, PACKED, packed))
        missing = []
        for stored in named:
            opened_file = held.open(stored)
            if opened_file is None:
                missing += [stored.part] if stored.needed else []
                continue
            with opened_file:
                parts.append(add(tar, stored.part, opened_file))
        manifest = replace(manifest, parts=tuple(parts), missing=tuple(missing))
        add(tar, NAME, BytesIO(manifest.as_json()))
    return manifest


class Summing:
    """A file that is summed up as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.digest.update(chunk)
        return chunk


def add(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> Part:
    """Add one part. Raises OSError where it turns out shorter than it is."""
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, os.SEEK_END) or file.tell()
    info.mode, info.mtime = 0o600, int(timezone.now().timestamp())
    file.seek(0)
    reader = Summing(file)
    tar.addfile(info, reader)
    return Part(name, info.size, reader.digest.hexdigest())


def upload(path: Path) -> None:
    """Send a backup to the bucket, below backups/. Raises OSError."""
    from portal.cms.media.bucket import BackupBucket  # boto3 is there only where there is a bucket

    with path.open("rb") as file:
        BackupBucket().save(path.name, File(file))
