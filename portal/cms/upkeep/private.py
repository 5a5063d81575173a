"""Private files against their storage: CVs, scans, proofs."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from portal.cms.private.keeping import folders, strays, sweep
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import private_storage


def find() -> Iterator[str]:
    """Yield rows whose file is not there, or not as long as it was, and files of no row.

    Files are told by the names that we have given them, never by those they came with, which may be
    somebody's own.
    """
    storage = private_storage()
    there = {
        f"{folder}/{name}" for folder in folders(storage) for name in storage.listdir(folder)[1]
    }
    for row in PrivateFile.objects.order_by("pk").iterator(500):
        if row.file.name not in there:
            yield f"私密文件 {row.pk} 的文件不在了，请从备份中取回：{row.file.name}。"
        elif storage.size(row.file.name) != row.size:
            yield f"私密文件 {row.pk} 的大小与收到时不同，请从备份中取回：{row.file.name}。"
    yield from (f"私密文件夹里的 {name} 不属于任何一条。" for name in strays(timezone.now()))


def mend() -> int:
    """Delete the files of no row, as every night."""
    now = timezone.now()
    before = len(strays(now))
    sweep(now)
    return before - len(strays(now))
