"""The whole site into one zip: rows as lines of JSON with their schema, and the files of the library.

What people see of each other stays behind (`carried.LEFT`); what is hidden from visitors, drafts and
what lies in the recycle bin, comes along: it is a file for whoever may see all that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.core.files.storage import Storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from portal.cms.media.models import MediaFile
from portal.transfer.reasons import reason_of
from portal.transfer.whole.carried import CARRIED, LEFT, Model, label_of
from portal.transfer.whole.manifest import MEDIA, NAME, SCHEMA, Manifest, Part
from portal.transfer.whole.media import names_of
from portal.transfer.whole.numbers import last_number
from portal.transfer.whole.rows import is_carried, line_of
from portal.transfer.whole.schema import schema
from portal.transfer.whole.snapshot import snapshot

AT_ONCE: Final = 500
APPS: Final = ("articles", "cabinet", "cms", "portal", "staffing", "taggit")

Tell = Callable[[str], None]


class ExportError(Exception):
    """Nothing was exported; the message says why, in Chinese."""


@dataclass
class Exported:
    """What became of an export."""

    manifest: Manifest
    missing: list[str] = field(default_factory=list)  # files of rows that the storage does not have


def export_site(path: Path, tell: Tell = lambda sentence: None) -> Exported:
    """Write the site into `path`, which is there when it is whole, or not at all. Raises ExportError.

    Memory: some hundred rows, and the names of the files. All rows are as of one moment; files that are
    deleted meanwhile are named in `missing`.
    """
    manifest = Manifest(
        site=settings.SITE_URL,
        exported_at=timezone.localtime().isoformat(timespec="seconds"),
        migrations=last_migrations(),
        left={label_of(model): reason for model, reason in LEFT.items()},
    )
    with whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with snapshot():
            tell("正在写出内容……")
            parts = tuple(write_part(archive, model) for model in CARRIED)
            stored = [
                (file.image_file.storage, list(names_of(file)))
                for file in MediaFile.objects.order_by("pk").iterator(AT_ONCE)
            ]
        tell(f"正在写出 {len(stored)} 个图片与文件……")
        exported = Exported(replace(manifest, parts=parts))
        write_media(archive, stored, exported)
        archive.writestr(SCHEMA, json.dumps(schema(), ensure_ascii=False, indent=1))
        archive.writestr(NAME, exported.manifest.as_json())
    return exported


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name when all is written; for its owner's eyes alone."""
    if path.exists():
        raise ExportError(f"文件 {path} 已经存在，没有覆盖；请换一个文件名。")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ExportError(f"不能在 {path.parent} 写文件：{reason_of(error)}。") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except OSError as error:
        raise ExportError(f"写文件 {path} 时出错：{reason_of(error)}。") from error
    finally:
        Path(name).unlink(missing_ok=True)


def last_migrations() -> dict[str, str]:
    """Return the last migration that each of our apps has had; one query."""
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return {app: name for app, name in applied if app in APPS}


def write_part(archive: zipfile.ZipFile, model: Model) -> Part:
    label = label_of(model)
    name = f"data/{label}.jsonl"
    digest, rows, size = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as target:
        for row in model._base_manager.order_by("pk").iterator(AT_ONCE):
            if not is_carried(row):
                continue
            line = line_of(row)
            target.write(line)
            digest.update(line)
            rows, size = rows + 1, size + len(line)
    return Part(name, label, rows, size, digest.hexdigest(), last_number(model))


def write_media(
    archive: zipfile.ZipFile, stored: list[tuple[Storage, list[str]]], exported: Exported
) -> None:
    """Write the files that are there, as they are: they are compressed already."""
    files = size = 0
    for storage, names in stored:
        for name in names:
            try:
                source = storage.open(name)
            except OSError:
                if name == names[0]:  # of sizes, not all may have been made yet
                    exported.missing.append(name)
                continue
            entry = zipfile.ZipInfo(MEDIA + name, date_time=timezone.localtime().timetuple()[:6])
            with source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)
            files, size = files + 1, size + entry.file_size
    exported.manifest = replace(exported.manifest, media_files=files, media_bytes=size)
