"""Taking a private file in, and losing none of those that nobody has any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from portal.cms.delivery import periodic
from portal.cms.media.admission import Admitted, UploadError, admit
from portal.cms.media.serving import DOCUMENTS, PICTURES
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import private_storage
from portal.cms.private.uses import use_of

MOST_BYTES = 5 * 1024 * 1024
WORDS = {
    "pdf": "PDF",
    "doc": "Word",
    "docx": "Word",
    "xls": "Excel",
    "xlsx": "Excel",
    "jpg": "JPG",
    "png": "PNG",
}
# Its transaction may still be open.
YOUNG = timedelta(days=1)


def keep(file: File[Any], used_for: str) -> PrivateFile:
    """Store a file, and return its row; both are part of the present transaction, if there is one.

    What it is, its content decides; pictures are drawn anew, without the place where they were taken.
    A picture takes a second or two. Raises `UploadError`, a ValidationError with a sentence for whoever sent it.
    """
    use = use_of(used_for)
    if use is None:
        raise LookupError(f"nobody may open files for {used_for!r}")
    if (file.size or 0) > MOST_BYTES:
        raise UploadError(f"文件超过 {MOST_BYTES // 2**20} MB 的上限；请压缩后再上传。")
    admitted = admit(file)
    extension = PurePath(str(admitted.name)).suffix.lstrip(".")
    if extension not in use.accepts:
        words = "、".join(dict.fromkeys(WORDS.get(name, name.upper()) for name in use.accepts))
        raise UploadError(f"只接受 {words} 文件。")
    content = content_of(admitted)
    kept = PrivateFile(
        name=f"{admitted.title[:90] or '文件'}.{extension}",
        content_type=(PICTURES | DOCUMENTS)[f".{extension}"],
        size=len(content),
        sha256=sha256(content).hexdigest(),
        used_for=used_for,
    )
    kept.file.save(f"file.{extension}", ContentFile(content), save=False)
    try:
        kept.save()
    except Exception:
        kept.file.delete(save=False)
        raise
    return kept


def content_of(admitted: Admitted) -> bytes:
    admitted.seek(0)
    content: bytes = admitted.read()
    return content


def sweep(now: datetime) -> None:
    """Delete files that have no row: their transaction was rolled back, or the site was killed in it."""
    storage = private_storage()
    for folder in folders(storage):
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(
            PrivateFile.objects.filter(file__startswith=folder).values_list("file", flat=True)
        )
        for name in set(names) - known:
            if storage.get_modified_time(name) < now - YOUNG:
                storage.delete(name)


def folders(storage: Storage) -> Iterator[str]:
    """Yield the folders of all months."""
    try:
        years = storage.listdir("")[0]
    except FileNotFoundError:  # nothing was ever kept
        return
    for year in years:
        yield from (f"{year}/{month}" for month in storage.listdir(year)[0])


periodic("private", "清理没有归属的私密文件", sweep, at=time(4, 15))
