"""From a backup to a site: unpacked and checked beside what is there, then put in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files import File
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.utils import timezone

from portal import running
from portal.cms.pagecache.models import Changes
from portal.cms.search import indexing
from portal.cms.upkeep.register import checks
from portal.transfer.backup import archive, database, files, swapping
from portal.transfer.backup.making import demand_owner, only_one, sentence_of
from portal.transfer.backup.manifest import DATABASE, BackupError, Manifest
from portal.transfer.copying.databases import CopyError, migrate, opened, url_of
from portal.transfer.copying.rows import Tell, copy, is_empty

# Pages that were kept before, by browsers and by nginx too, are of no count that comes again.
AHEAD: Final = 1_000_000
RESTORED: Final = "restored-"
REPLACED: Final = "replaced-"
# Checks that mend by deleting files of no row. In a bucket, those that came after the backup are of none:
# never right after a restore, which may be a rehearsal, or one that is taken back.
DELETE_FILES: Final = {"strays", "private"}


def verify(path: Path, tell: Tell) -> Manifest:
    """Unpack a backup and check it, as a restore would; leave nothing. Raises BackupError."""
    with unpacked(path, tell) as (_, manifest):
        return manifest


@contextmanager
def unpacked(path: Path, tell: Tell) -> Iterator[tuple[Path, Manifest]]:
    """Yield a folder that holds what is in a backup, checked; what is still there afterwards goes."""
    moment = f"{RESTORED}{timezone.localtime():%Y%m%d-%H%M%S}-"
    try:
        folder = Path(tempfile.mkdtemp(prefix=moment, dir=settings.DATA_DIR))
    except OSError as error:
        raise BackupError(sentence_of(error)) from error
    try:
        tell("正在解开并核对备份……")
        manifest, strays = archive.unpack(path, folder)
        if strays:
            tell(strays)
        yield folder, manifest
    finally:
        if not swapping.is_needed(folder):
            shutil.rmtree(folder, ignore_errors=True)


def restore(path: Path, *, replace: bool, tell: Tell) -> Manifest:
    """Make the site what it was when the backup was made. What is there now is kept beside.

    Nobody may be using the site on this machine. On PostgreSQL the rows are replaced in one transaction,
    and only with `replace` where there are any. Raises BackupError.
    """
    with alone():
        finish(tell)
        for stray in settings.DATA_DIR.glob(f"{RESTORED}*"):
            shutil.rmtree(stray, ignore_errors=True)
        places = swapping.places()
        swapping.check(places)
        with unpacked(path, tell) as (folder, manifest):
            try:
                upgrade(folder / DATABASE, tell)
                with opened(url_of(folder / DATABASE)) as alias:
                    Changes.objects.using(alias).create(count=AHEAD)
                if connection.vendor != "sqlite":
                    make_room(replace=replace)
                if settings.S3_BUCKET:  # it only adds: cut off here, the site is what it was
                    upload(folder, manifest, tell)
                put_in_place(folder, places, tell)
            except (CopyError, DatabaseError, OSError) as error:
                raise BackupError(sentence_of(error)) from error
        bring_up_to_date(tell)
    return manifest


@contextmanager
def alone() -> Iterator[None]:
    """Within, no site, no worker and no backup start in this data folder.

    Raises BackupError where one runs, or where the folder is not ours to write to.
    """
    with ExitStack() as held:
        try:
            settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
            demand_owner()
            held.callback(os.close, running.hold(settings.DATA_DIR, alone=True))
            held.enter_context(only_one())
        except running.TakenError as error:
            raise BackupError("网站或后台任务还在运行，请先停止，再恢复。") from error
        except OSError as error:
            raise BackupError(sentence_of(error)) from error
        yield


def go_on(tell: Tell) -> None:
    """End a restore that was cut off while it put things in their place; mostly there was none.

    Raises BackupError where the site runs.
    """
    if swapping.is_half_done():
        with alone():
            finish(tell)
            bring_up_to_date(tell)


def finish(tell: Tell) -> bool:
    """Go on with a restore that was cut off while it put things in their place. Raises BackupError."""
    connections.close_all()
    try:
        if rows := swapping.awaited_rows():
            load_again(rows, tell)
        done = swapping.finish()
    except (CopyError, DatabaseError, OSError) as error:
        raise BackupError(f"上一次恢复中途被打断，不能接着做完：{sentence_of(error)}") from error
    if done:
        tell("上一次恢复中途被打断，已经接着做完。")
    return done


def load_again(rows: Path, tell: Tell) -> None:
    """Load the rows of a restore that was cut off as it did so: they are all there, or none is.

    Raises BackupError, CopyError, DatabaseError; while the database is away, all is as it was before.
    """
    if not rows.exists():
        swapping.give_up()
        raise BackupError("上一次恢复中途被打断，解开的文件又已经不在：请再恢复一次。")
    connection.ensure_connection()
    with or_given_up():
        upgrade(rows, tell)  # by a program that is newer than the one that was cut off
        migrate()
        load(rows, tell)
    swapping.rows_are_there()


@contextmanager
def or_given_up() -> Iterator[None]:
    """Within, the database gets its rows; or else the site is what it was, and no restore half done.

    Unless the database has gone meanwhile: then nobody knows whether it has them, and it is to be tried again.
    """
    try:
        yield
    except BaseException:
        if connection.is_usable():
            swapping.give_up()
        raise


def upgrade(rows: Path, tell: Tell) -> None:
    """Bring the rows of a backup to the schema of this program. Raises CopyError."""
    if database.lacking_migrations(rows):
        tell("正在把备份升级到现在的版本……")
        migrate(url_of(rows))


def make_room(*, replace: bool) -> None:
    """Have all tables in the database of the site. Raises BackupError where they are not to be replaced."""
    migrate()
    if not replace and not is_empty(DEFAULT_DB_ALIAS):
        raise BackupError(
            "数据库里已经有内容，没有改动。确认要全部换成备份里的内容，请加上 --replace。"
        )


def load(rows: Path, tell: Tell) -> None:
    """Copy the rows of a backup into the database of the site. Raises CopyError, DatabaseError."""
    tell("正在写入数据库……")
    with opened(url_of(rows)) as source:
        copy(source, DEFAULT_DB_ALIAS, tell)


def upload(folder: Path, manifest: Manifest, tell: Tell) -> None:
    """Put the files of a backup into the bucket that are not there: no name is ever given twice."""
    tell("正在把图片与文件上传到对象存储……")
    storages = files.storages()
    for part in manifest.parts:
        place, _, name = part.name.partition("/")
        if name and not storages[place].exists(name):
            with (folder / part.name).open("rb") as file:
                storages[place].save(name, File(file))


def put_in_place(folder: Path, places: swapping.Places, tell: Tell) -> None:
    """Let rows and files take the place of what is there. Cut off in between, whoever starts ends it.

    Raises CopyError, DatabaseError, OSError; then nothing is changed, or only files are not in place yet.
    """
    rows = folder / DATABASE
    if not places:  # PostgreSQL and a bucket: one transaction is all
        load(rows, tell)
        return
    if DATABASE in places and places[DATABASE].exists():
        # Nothing may lie beside the file that is part of it. Or else it is ruined, which may be why.
        with suppress(sqlite3.Error, DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    # A power cut must not find the new names and none of the content.
    os.sync()
    name = folder.name.replace(RESTORED, REPLACED)
    swapping.begin(folder, settings.DATA_DIR / name, places, rows=DATABASE not in places)
    if DATABASE not in places:
        with or_given_up():
            load(rows, tell)
        swapping.rows_are_there()
    swapping.finish()


def bring_up_to_date(tell: Tell) -> None:
    """Make anew what a backup does not hold, or what follows from the key of this site."""
    if not indexing.is_current():
        tell("正在重建搜索索引……")
        call_command("reindex", verbosity=0)
    tell("正在检查……")
    only = [each.key for each in checks() if each.key not in DELETE_FILES]
    with suppress(CommandError):  # it has said what it has found
        call_command("check_site", fix=True, only=only)
