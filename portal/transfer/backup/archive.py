"""A backup as it comes back: what is not in its manifest, or not as it says, is not unpacked."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from portal.transfer.backup import database
from portal.transfer.backup.making import CHUNK, MARGIN, sentence_of
from portal.transfer.backup.manifest import (
    DATABASE,
    LONGEST,
    MEDIA,
    NAME,
    PACKED,
    PRIVATE,
    BackupError,
    Manifest,
    Part,
    parsed,
)

# What damaged bytes come to; tarfile takes some of its numbers as they are.
BROKEN: Final = (
    *(tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError),
    sqlite3.Error,
)
# As the storages of the site would have it (settings): nginx reads the media.
MODES: Final = {MEDIA: 0o644, PRIVATE: 0o600}


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup. Raises BackupError, also for what is found to be damaged while it is read."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except FileNotFoundError as error:
        raise BackupError(f"找不到文件 {path}。") from error
    except BROKEN as error:
        raise BackupError(f"备份 {path.name} 不完整或已损坏。") from error
    except OSError as error:
        raise BackupError(sentence_of(error)) from error


def unpack(path: Path, folder: Path) -> tuple[Manifest, str]:
    """Unpack a backup into an empty folder and check it: sums, the database, its tables, its version.

    Returns what it says of itself, and a sentence on rows that point nowhere, or "". Raises BackupError; the
    folder holds what there was until then.
    """
    with opened(path) as tar:
        members = members_of(tar)
        manifest = manifest_of(tar, members)
        check_room(folder, manifest)
        for name, mode in MODES.items():
            (folder / name).mkdir(mode=0o755 if mode & 0o044 else 0o700)
        for part in manifest.parts:
            source = tar.extractfile(members[part.name])
            assert source is not None  # noqa: S101 - of a regular file
            with source:
                save(source, folder / part.name, part, MODES.get(part.name.split("/")[0], 0o600))
        unpack_database(folder, manifest)
        check_database(folder / DATABASE, manifest)
        strays = database.strays_of(folder / DATABASE)
    return manifest, strays


def members_of(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Return the files in a tar by name. Raises BackupError: links, devices, one name twice."""
    members: dict[str, tarfile.TarInfo] = {}
    for info in tar:
        if not info.isreg() or info.issparse() or info.name in members:
            raise BackupError(f"备份里有不该有的文件：{info.name[:100]!r}。")
        members[info.name] = info
    return members


def manifest_of(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    """Return the manifest, where it names exactly what there is. Raises BackupError."""
    info = members.pop(NAME, None)
    source = tar.extractfile(info) if info and info.size <= LONGEST else None
    if source is None:
        raise BackupError("这不是本系统的备份，或没有写完：里面没有 manifest.json。")
    with source:
        manifest = parsed(source.read())
    sizes = {part.name: part.size for part in manifest.parts}
    there = {name: info.size for name, info in members.items()}
    if different := sorted(name for name, _ in sizes.items() ^ there.items()):
        raise BackupError(f"备份与它的清单不符：{different[0][:100]!r}。")
    return manifest


def check_room(folder: Path, manifest: Manifest) -> None:
    free, needed = shutil.disk_usage(folder).free, int(manifest.size() * MARGIN)
    if free < needed:
        raise BackupError(
            f"磁盘空间不够：恢复需要约 {needed // 2**20} MB，只剩 {free // 2**20} MB。"
        )


def save(source: IO[bytes] | gzip.GzipFile, target: Path, part: Part, mode: int) -> None:
    """Write one part, never more than its size. Raises BackupError where it is another one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), part.size
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        while chunk := source.read(min(CHUNK, left + 1)):
            digest.update(chunk)
            left -= len(chunk)
            if left < 0:
                break
            file.write(chunk)
    if left or digest.hexdigest() != part.sha256:
        raise BackupError(f"{part.name} 与清单中的校验和不符：备份被改动过或已损坏。")


def unpack_database(folder: Path, manifest: Manifest) -> None:
    packed = folder / PACKED
    try:
        with gzip.open(packed) as source:
            save(source, folder / DATABASE, manifest.database, 0o600)
    except BROKEN as error:
        raise BackupError("备份里的数据库已损坏。") from error
    packed.unlink()


def check_database(path: Path, manifest: Manifest) -> None:
    """Raises BackupError: damaged, of a later version, other rows than the manifest says."""
    if problem := database.problem_of(path):
        raise BackupError(f"备份里的数据库已损坏：{problem}。")
    if unknown := database.unknown_migrations(path):
        raise BackupError(
            f"这个备份是更新版本的程序做的（{unknown[-1]}），请先升级网站程序，再恢复。"
        )
    there = database.tables_of(path)
    for name in sorted(manifest.tables.keys() | there.keys()):
        if manifest.tables.get(name) != there.get(name):
            raise BackupError(
                f"数据表 {name} 有 {there.get(name)} 行，清单中是 {manifest.tables.get(name)} 行。"
            )
