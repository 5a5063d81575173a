"""A whole site out of its zip, into an empty one: the same rows, numbers and addresses.

The files come first, each looked at; then all rows in one transaction, so that a site is there or is not;
then what is made of them. Whoever made the zip says what the site shows from then on, no more than an
editor could: texts are cleaned, values are checked as a form would, and no account comes along.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.base import DeserializedObject
from django.db import Error, IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models import ProtectedError

from portal.cms.media import avif
from portal.cms.media.models import MediaFile
from portal.cms.pagecache.epochs import content_changed
from portal.transfer.reasons import reason_of
from portal.transfer.sources.records import SourceError
from portal.transfer.whole import archive, derived
from portal.transfer.whole.archive import Archive
from portal.transfer.whole.carried import CARRIED, OWN, Model, label_of
from portal.transfer.whole.manifest import MEDIA
from portal.transfer.whole.media import is_ours, is_what_it_says, names_of, original_of, shapes_of
from portal.transfer.whole.numbers import go_on_after
from portal.transfer.whole.rows import UNFIT, read_rows, unfit
from portal.transfer.whole.schema import LARGEST_ID

Tell = Callable[[str], None]


@dataclass
class Imported:
    """What became of an import."""

    rows: dict[Model, int] = field(default_factory=dict)
    files: int = 0
    warnings: list[str] = field(default_factory=list)


def import_site(
    path: Path, *, dry_run: bool = False, tell: Tell = lambda sentence: None
) -> Imported:
    """Import an export into this site, which must be empty.

    All or nothing. A dry run reads and checks everything, and leaves nothing. Raises SourceError: not
    empty, not ours, damaged, or with something in it that no site of ours writes.
    """
    with archive.opened(path) as found:
        check_version(found)
        check_empty()
        for part in found.parts.values():
            found.check_digest(part)
        return Import(found, dry_run=dry_run, tell=tell).run()


def check_version(found: Archive) -> None:
    """Raises SourceError for an export of a newer site, whose columns are unknown here."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for app, name in found.manifest.migrations.items():
        if (app, name) not in loader.disk_migrations:
            raise SourceError(
                "这个文件由更新版本的网站程序导出"
                f"（{str(app)[:20]} {str(name)[:60]}）；请先升级本站的程序。"
            )


def check_empty() -> None:
    """Raises SourceError where anybody has put anything into the site; a query each."""
    for model in OWN:
        if model._base_manager.exists():
            raise SourceError(
                f"本站已有内容（{model._meta.verbose_name}），整站导入只能用于空网站。"
                "演示内容可以先用 manage.py load_demo --remove 移除。"
            )


class Import:
    """One run."""

    def __init__(self, found: Archive, *, dry_run: bool, tell: Tell) -> None:
        self.found = found
        self.dry_run = dry_run
        self.tell = tell
        self.done = Imported()
        self.stored: list[str] = []  # what was written into the storage

    def run(self) -> Imported:
        try:
            with refusals_told():
                self.take_files()
            with refusals_told(), transaction.atomic():
                self.tell("正在写入内容……")
                check_empty()  # while the files were copied, somebody may have begun
                self.take_rows()
                if self.dry_run:
                    transaction.set_rollback(True)
                content_changed()
        except BaseException:
            self.put_back()
            raise
        if self.dry_run:
            return self.done
        self.tell("正在建立搜索索引与榜单……")
        try:
            derived.index_all()
            derived.count()
        except (Error, KeyboardInterrupt):  # the site is there; this, anybody may make later
            self.done.warnings.append(
                "内容已经导入，搜索索引还没有建完；请运行 manage.py reindex，榜单会自动更新。"
            )
        return self.done

    def put_back(self) -> None:
        """Remove the files that were written: their rows do not come."""
        for name in self.stored:
            default_storage.delete(name)
        self.stored = []

    # --- Files -------------------------------------------------------------------------------------------

    def take_files(self) -> None:
        """Store the files of the library, those that belong to a row and are what they are called.

        A dry run only looks at them: what is not written is not left there, whatever ends the run.
        """
        names = self.names()
        known = dict.fromkeys(name for file in names for name in file)
        root = Path(settings.MEDIA_ROOT)
        there = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
        if (size := self.found.size()) > shutil.disk_usage(there).free:
            raise SourceError(f"磁盘空间不够：解开后共有 {size // 2**20} MB。")
        self.tell(f"正在写入 {len(names)} 个图片与文件……")
        for name in known:
            if name in self.found.media:
                self.take_file(name)
                self.done.files += 1
        strange = sum(name not in known for name in self.found.media)
        if strange:
            self.done.warnings.append(f"有 {strange} 个文件不属于图片库中的任何一条，没有放入。")
        for original, *_ in names:
            if original not in self.found.media:
                self.done.warnings.append(f"压缩包里没有图片库的文件 {original}。")

    def names(self) -> list[list[str]]:
        """Return the names of the files of each row of the library. Raises SourceError."""
        names = []
        for row in self.rows_of(MediaFile):
            if not isinstance(row.object, MediaFile) or not is_ours(row.object):
                raise SourceError(f"图片库第 {row.object.pk} 号的文件名不是本系统起的。")
            names.append(list(names_of(row.object)))
        originals = [name for name, *_ in names]
        if len(set(originals)) < len(originals):
            raise SourceError("图片库中有两条指向同一个文件。")
        return names

    def take_file(self, name: str) -> None:
        info = self.found.media[name]
        with self.found.opened(MEDIA + name) as stream:
            if not is_what_it_says(name, stream, info.file_size):
                raise SourceError(f"文件 {name} 的内容与后缀不符，或带有宏。")
            stream.seek(0)
            if default_storage.exists(name):
                check_same(name, stream)  # of an import that was killed
            elif self.dry_run:
                file_digest(stream, "sha256")  # type: ignore[arg-type]  # read to its end: is it whole?
            else:
                self.stored.append(name)
                default_storage.save(name, File(stream))

    # --- Rows --------------------------------------------------------------------------------------------

    def take_rows(self) -> None:
        """Write the rows of all parts in place of those that a new site has."""
        for model in reversed(CARRIED):
            model._base_manager.all().delete()
        for model in CARRIED:
            count = 0
            for row in self.rows_of(model):
                if isinstance(row.object, MediaFile):
                    self.note_what_came(row.object)
                count += 1
                try:
                    # Raw: no signals of ours, no dates of today; of rich texts, the field itself still cleans.
                    row.save(force_insert=True)
                except UNFIT as error:  # of what only the driver sees
                    raise unfit(f"data/{label_of(model)}.jsonl", count, error) from error
            part = self.found.parts.get(model)
            if part and count != part.rows:
                raise SourceError(f"{part.name} 有 {count} 条，清单说有 {part.rows} 条。")
            self.done.rows[model] = count
            go_on_after(model, min(part.last_number, LARGEST_ID) if part else 0)
        connection.check_constraints([model._meta.db_table for model in CARRIED])
        derived.enter_tags()

    def rows_of(self, model: Model) -> Iterator[DeserializedObject]:
        part = self.found.parts.get(model)
        if part is None:
            return
        with self.found.opened(part.name) as stream:
            yield from read_rows(stream, model, part.name)

    def note_what_came(self, file: MediaFile) -> None:
        """Say of a picture what is there of it, so that the worker makes the rest."""
        is_there = original_of(file) in self.found.media
        # Else the library makes what is missing as soon as the row is saved, and fails without a file.
        file._skip_generate_files = self.dry_run or not is_there
        if file.image_file and is_there:
            file.shapes_made = file.shapes_made and shapes_of(file) <= self.found.media.keys()
            if avif.name_of(file, "small") not in self.found.media:
                file.avif_name = ""


def check_same(name: str, stream: BinaryIO) -> None:
    """Raises SourceError where another file of this name is stored."""
    with default_storage.open(name) as stored:
        if file_digest(stored, "sha256").digest() != file_digest(stream, "sha256").digest():  # type: ignore[arg-type]
            raise SourceError(f"媒体文件夹里已有另一个 {name}，没有覆盖；请先清空 media 文件夹。")


@contextmanager
def refusals_told() -> Iterator[None]:
    """Within, what the disk or the database refuses is a SourceError."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"读写文件时出错，没有导入：{reason_of(error)}。") from error
    except IntegrityError as error:
        raise SourceError(f"内容之间的关系不对，没有导入：{error}。") from error
    except ProtectedError as error:
        raise SourceError("本站已有内容在使用内置的条目，整站导入只能用于空网站。") from error
    except Error as error:
        raise SourceError(f"数据库没有接受，没有导入：{error}。") from error
