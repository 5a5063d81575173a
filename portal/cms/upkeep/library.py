"""The library against its storage: rows without files, files without rows, sizes and records of use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import Storage, default_storage
from django.db import models, transaction
from django.utils import timezone

from portal.cms.media import avif, uses
from portal.cms.media.display import is_animated
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.media.sizes import FORMATS, SIZES
from portal.cms.pagecache.epochs import content_changed
from portal.cms.revisions.content import files_in
from portal.cms.revisions.models import PendingDraft
from portal.cms.richtext.field import texts_of
from portal.cms.rows import in_lots

# Where uploads are written, and their sizes. What an operator puts beside them is none of ours.
ROOMS: Final = ("cabinet", "__processed__")
# The upload that writes it may not have its row yet.
YOUNG: Final = timedelta(days=1)
AT_ONCE: Final = 500
# Whoever has that many more files than rows is looking at another site's database.
FEW: Final = 20
# As texts are stored; see `richtext.document`.
SHOWN: Final = re.compile(r'<img data-file="([0-9]{1,18})"')


def walk(storage: Storage, folder: str) -> Iterator[str]:
    """Yield the names of all files in a folder and below it; a question to the storage for each folder."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for inner in folders:
        yield from walk(storage, f"{folder}/{inner}")


def stored() -> set[str]:
    return {name for room in ROOMS for name in walk(default_storage, room)}


def files() -> Iterator[MediaFile]:
    """Yield all rows of the library; a query for 500."""
    for lot in in_lots(MediaFile.objects.all(), AT_ONCE):
        yield from lot


def original_of(file: MediaFile) -> str:
    return str(file.image_file.name or file.download_file.name or "")


def sizes_of(file: MediaFile) -> dict[str, str]:
    """Return the name in the storage of each size of a picture, by the name of the size."""
    return {size: file.image_file._process_context(FORMATS[size]).name for size in SIZES}


def avif_of(file: MediaFile) -> list[str]:
    return [avif.name_of(file, size) for size in avif.LARGEST_FIRST]


def called(file: MediaFile) -> str:
    return f"“{file}”（编号 {file.pk}）"


# --- Files and rows -------------------------------------------------------------------------------------


def lost() -> Iterator[str]:
    there = stored()
    for file in files():
        if (name := original_of(file)) not in there:
            yield f"{called(file)}的文件不在了：{name or '没有文件名'}。请从备份中取回，或删除这一条。"


def strays() -> list[str]:
    """Return the names of files that belong to no row, but for what is younger than a day."""
    known: set[str] = set()
    for file in files():
        known.add(original_of(file))
        if file.image_file:
            known.update(sizes_of(file).values(), avif_of(file))
    before = timezone.now() - YOUNG
    unknown = sorted(stored() - known)
    return [name for name in unknown if default_storage.get_modified_time(name) < before]


def are_too_many(names: Sequence[str]) -> bool:
    """Whether the files are those of a site whose rows are elsewhere: a wrong DATABASE_URL, a new database,
    or that of last week, which knows nothing of this week's uploads.

    Nothing is deleted then: of the two, the files are the ones that cannot be made anew.
    """
    uploads = [name for name in names if name.startswith(f"{ROOMS[0]}/")]
    if len(uploads) <= FEW:
        return False
    newest = MediaFile.objects.order_by("-created_at").first()
    if newest is None or len(uploads) > MediaFile.objects.count():
        return True
    later = newest.created_at + YOUNG
    return len([name for name in uploads if default_storage.get_modified_time(name) > later]) > FEW


def find_strays() -> Iterator[str]:
    names = strays()
    if are_too_many(names):
        yield "文件比图库里的条目多得多，或者新得多，可能连错了数据库：--fix 一个也不会删除，请先核对。"
    yield from (f"{name} 不属于图库里的任何一条。" for name in names)


def delete_strays() -> int:
    names = strays()
    if are_too_many(names):
        return 0
    for name in names:
        default_storage.delete(name)
    return len(names)


# --- Sizes ------------------------------------------------------------------------------------------------


def lacking() -> Iterator[tuple[MediaFile, list[str], bool]]:
    """Yield pictures with the sizes that should be there and are not, and whether AVIF is lacking.

    What a row says is still to be made, the worker makes; what has lost its original, nobody can.
    """
    there = stored()
    for file in files():
        if not file.image_file or is_animated(file) or original_of(file) not in there:
            continue
        missing = [size for size, name in sizes_of(file).items() if name not in there]
        lost_avif = avif.is_made(file) and not there.issuperset(avif_of(file))
        if (missing and file.shapes_made) or lost_avif:
            yield file, missing, lost_avif


def find_lacking() -> Iterator[str]:
    return (
        f"{called(file)}缺 {len(missing) + without_avif} 种尺寸的图。"
        for file, missing, without_avif in lacking()
    )


def make_lacking() -> int:
    """Make the sizes, a second or two a picture; AVIF is left to the worker. Passes over what fails."""
    made = 0
    for file, missing, without_avif in list(lacking()):
        try:
            for size in missing:
                file.image_file.process(size)
        except (OSError, ValueError):
            continue
        if without_avif:
            # Not by `save`: nothing about the picture has changed.
            MediaFile.objects.filter(pk=file.pk).update(avif_name="")
        made += 1
    return made


# --- Records of use -----------------------------------------------------------------------------------------


def showing() -> Iterator[tuple[models.Model, set[int]]]:
    """Yield each text that shows files, or has records of use, with what it shows. Reads all texts."""
    for model in apps.get_models():
        fields = texts_of(model)
        if not fields:
            continue
        shows = models.Q(*((f"{f.name}__contains", "<img") for f in fields), _connector=models.Q.OR)
        for row in _with_uses(model, shows):
            yield row, shown_by(row)
    for draft in PendingDraft.objects.order_by("pk"):
        if draft.content_type.model_class() is not None:
            yield draft, shown_by(draft)


def shown_by(row: models.Model) -> set[int]:
    """Return the keys of the files that a text, or a draft of one, says it shows."""
    if isinstance(row, PendingDraft):
        model: Any = row.content_type.model_class()
        return set(files_in(model, row.content)) if model is not None else set()
    texts = (getattr(row, field.attname) or "" for field in texts_of(type(row)))
    return {int(number) for text in texts for number in SHOWN.findall(text)}


def _with_uses(model: Any, shows: models.Q) -> Iterator[models.Model]:
    used = MediaUse.objects.filter(content_type__app_label=model._meta.app_label)
    used = used.filter(content_type__model=model._meta.model_name)
    rows = model._base_manager.filter(shows | models.Q(pk__in=used.values("object_id")))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        yield from model._base_manager.filter(pk__in=ids[start : start + AT_ONCE])


def unrecorded() -> Iterator[tuple[models.Model, set[int]]]:
    """Yield texts whose records of use say something else than they do, with the files they show."""
    known = set(MediaFile.objects.values_list("pk", flat=True))
    recorded: dict[tuple[int, int], set[int]] = {}
    for row in MediaUse.objects.values_list("content_type", "object_id", "file"):
        recorded.setdefault(row[:2], set()).add(row[2])
    for text, shown in showing():
        kind = ContentType.objects.get_for_model(text)
        if recorded.pop((kind.pk, text.pk), set()) != shown & known:
            yield text, shown & known


def find_unrecorded() -> Iterator[str]:
    return (
        f"{text._meta.verbose_name}“{text}”用到的图片记录不全，图片可能被误删。"
        for text, _ in unrecorded()
    )


def record_uses() -> int:
    """Record what the texts show now: while all were looked at, somebody may have saved this one."""
    count = 0
    for text, _ in list(unrecorded()):
        with transaction.atomic():
            row = type(text)._base_manager.select_for_update().filter(pk=text.pk).first()
            if row is None:
                continue
            there = MediaFile.objects.filter(pk__in=shown_by(row)).values_list("pk", flat=True)
            uses.record(row, set(there), row._state.db or "default")
        count += 1
    return count


def find_orphans() -> Iterator[str]:
    count = len(orphaned_uses())
    if count:
        yield f"有 {count} 条图片使用记录所属的内容已经不在，图片因此不能删除。"


def orphaned_uses() -> list[int]:
    """Return the records of use of what is gone; a query a kind."""
    found: list[int] = []
    for kind in MediaUse.objects.order_by().values_list("content_type", flat=True).distinct():
        rows = MediaUse.objects.filter(content_type=kind)
        model: Any = rows.select_related("content_type")[0].content_type.model_class()
        if model is not None:
            owner = model._base_manager.filter(pk=models.OuterRef("object_id"))
            rows = rows.exclude(models.Exists(owner))
        found.extend(rows.values_list("pk", flat=True))
    return found


def delete_orphans() -> int:
    ids = orphaned_uses()
    for start in range(0, len(ids), AT_ONCE):
        MediaUse.objects.filter(pk__in=ids[start : start + AT_ONCE]).delete()
    if ids:
        with transaction.atomic():
            content_changed()
    return len(ids)
