"""Taking a private file in, and losing none of those that nobody has any more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from portal.cms.delivery import periodic
from portal.cms.media import pictures
from portal.cms.media.admission import Admitted, UploadError, admit
from portal.cms.media.serving import DOCUMENTS, PICTURES
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import private_storage
from portal.cms.private.uses import Use, use_of

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
# More of them, and more than there are rows: it is a wrong database, not a transaction that failed.
FEW = 20

logger = logging.getLogger(__name__)


def admitted(file: File[Any], used_for: str) -> Admitted:
    """Return a file as it may be kept for a use: what it is, its content decides; pictures are drawn anew.

    A picture takes a second or two, so this is for before a transaction. What the use does not accept
    is refused before anything is drawn. Passing a second time changes nothing. Raises `UploadError`, a
    ValidationError with a sentence for whoever sent it; LookupError for a use nobody has registered.
    """
    use = use_of(used_for)
    if use is None:
        raise LookupError(f"nobody may open files for {used_for!r}")
    if (file.size or 0) > MOST_BYTES:
        raise UploadError(f"文件超过 {MOST_BYTES // 2**20} MB 的上限；请压缩后再上传。")
    if not isinstance(file, Admitted):
        file.seek(0)
        if drawn := pictures.format_of(file.read(12)):
            demand(pictures.EXTENSIONS.get(drawn, drawn.lower()), use)
        file = admit(file)
    demand(extension_of(file), use)
    return file


def demand(extension: str, use: Use) -> None:
    if extension not in use.accepts:
        words = "、".join(dict.fromkeys(WORDS.get(name, name.upper()) for name in use.accepts))
        raise UploadError(f"只接受 {words} 文件。")


def extension_of(file: Admitted) -> str:
    return PurePath(str(file.name)).suffix.lstrip(".")


def keep(file: File[Any], used_for: str) -> PrivateFile:
    """Store a file, and return its row; both are part of the present transaction, if there is one.

    Within a transaction give what `admitted` returned: then this writes, and no more. Raises what that does.
    """
    file = admitted(file, used_for)
    extension, content = extension_of(file), content_of(file)
    kept = PrivateFile(
        name=f"{file.title[:90] or '文件'}.{extension}",
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


def content_of(file: Admitted) -> bytes:
    file.seek(0)
    content: bytes = file.read()
    return content


def strays(now: datetime) -> list[str]:
    """Return files that have no row, but for what is younger than a day; a query a month."""
    storage, found = private_storage(), []
    for folder in folders(storage):
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        known = set(
            PrivateFile.objects.filter(file__startswith=folder).values_list("file", flat=True)
        )
        unknown = sorted(set(names) - known)
        found += [n for n in unknown if storage.get_modified_time(n) < now - YOUNG]
    return found


def sweep(now: datetime) -> None:
    """Delete files that have no row: their transaction was rolled back, or the site was killed in it.

    Not where there are far too many: then it is the database that is another one, and nothing would bring
    the files back.
    """
    names = strays(now)
    if len(names) > max(FEW, PrivateFile.objects.count()):
        logger.error("%d private files without a row: is this their database?", len(names))
        return
    for name in names:
        private_storage().delete(name)


def folders(storage: Storage) -> Iterator[str]:
    """Yield the folders of all months."""
    try:
        years = storage.listdir("")[0]
    except FileNotFoundError:  # nothing was ever kept
        return
    for year in years:
        yield from (f"{year}/{month}" for month in storage.listdir(year)[0])


periodic("private", "清理没有归属的私密文件", sweep, at=time(4, 15))
