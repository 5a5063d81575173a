"""Where a file is used: by fields that point at it, and in rich texts that show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.rows import without_texts


def record(text: models.Model, files: Collection[int], using: str) -> None:
    """Remember that `text` shows exactly `files`. One query, more only where something changed.

    Belongs into the transaction that saves the text.
    """
    rows = MediaUse.objects.using(using).filter(**_key(text))
    known = set(rows.values_list("file_id", flat=True))
    if known - set(files):
        rows.exclude(file__in=files).delete()
    if added := sorted(set(files) - known):
        # Two saves of one text at once add the same rows; the second finds nothing left to do.
        MediaUse.objects.using(using).bulk_create(
            [MediaUse(file_id=file, **_key(text)) for file in added], ignore_conflicts=True
        )


def release(text: models.Model, using: str) -> None:
    """Forget what `text`, which is no more, has shown."""
    MediaUse.objects.using(using).filter(**_key(text)).delete()


def _key(text: models.Model) -> dict[str, object]:
    return {"content_type": ContentType.objects.get_for_model(text), "object_id": text.pk}


def users(files: Collection[MediaFile]) -> dict[int, list[models.Model]]:
    """Return, by the id of the file, the objects that use it.

    A query for each relation to the library, and two for the rich texts, however many files.
    """
    found: dict[int, dict[tuple[type[models.Model], object], models.Model]] = defaultdict(dict)
    for file_id, user in [*_by_relation(files), *_by_text(files)]:
        found[file_id].setdefault((type(user), user.pk), user)
    return {file.pk: list(found[file.pk].values()) for file in files}


def _by_relation(files: Collection[MediaFile]) -> Iterator[tuple[int, models.Model]]:
    # `include_hidden`: pictures are related by fields without a way back (related_name="+").
    for relation in MediaFile._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.many_to_many:
            continue
        field: Any = relation.field
        if field.model is not MediaUse:
            for user in _all(field.model).filter(**{f"{field.name}__in": files}):
                yield getattr(user, field.attname), user


def _by_text(files: Collection[MediaFile]) -> Iterator[tuple[int, models.Model]]:
    by_type: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for use in MediaUse.objects.filter(file__in=files):
        by_type[use.content_type_id][use.object_id].append(use.file_id)
    for content_type, objects in by_type.items():
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is not None:
            for user in _all(model).filter(pk__in=objects):
                yield from ((file, user) for file in objects[user.pk])


def _all(model: type[models.Model]) -> models.QuerySet[models.Model]:
    """All objects, the binned ones too, without the long texts that a name does not need."""
    return without_texts(model._base_manager.all())
