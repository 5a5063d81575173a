"""The content of an item as data: everything its form covers, and nothing of its state.

A content is a dict that JSON can hold: `{"title": "…", "category": 3, "tags": ["社保"], "faqs":
[{"id": 7, "question": "…"}]}`. Fields hold what is stored (rich text as HTML, dates in ISO 8601,
foreign keys as ids), many-to-many relations sorted ids, tags sorted names, and the rows of a part
(`Publishable.parts`) dicts in their order. A row that was not in the database has no `id`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from taggit.managers import TaggableManager

from portal.cms.media.models import MediaFile
from portal.cms.publishing import Publishable, rehearsal
from portal.cms.richtext.clean import clean
from portal.cms.richtext.field import texts_of

Content = dict[str, Any]


# --- From an item -----------------------------------------------------------------------------------


def content_of(item: Publishable) -> Content:
    """Return the content of an item as the database has it; a query, and one for each relation."""
    return content_as_read(type(item)._base_manager.get(pk=item.pk))


def content_as_read(fresh: Publishable) -> Content:
    """Return the content of an item that was read just now; a query for each relation."""
    content = _fields_of(fresh)
    for relation in fresh._meta.many_to_many:
        related = getattr(fresh, relation.name)
        content[relation.name] = sorted(
            related.names() if _holds_tags(relation) else related.values_list("pk", flat=True)
        )
    for part in fresh.parts:
        rows = getattr(fresh, part).all()
        content[part] = [
            {"id": row.pk, **_fields_of(row, but=_parent_key(fresh, part))} for row in rows
        ]
    return content


def trial(item: Publishable, save: Callable[[], None]) -> Content:
    """Return what the content of `item` would be after `save`, which is undone.

    Whatever a form, its field's cleaning and the database make of a text is in it, as nothing is
    guessed at: it was saved. Rows that came into being have no id, for nothing has it now.
    """
    item._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    known = {part: _ids(item, part) for part in item.parts}
    with rehearsal():
        save()
        content = content_of(item)
    for part, ids in known.items():
        for row in content[part]:
            if row["id"] not in ids:
                del row["id"]
    return content


def same(one: Content, other: Content) -> bool:
    """Whether two contents say the same; which rows of the database hold a part does not matter."""
    return _without_ids(one) == _without_ids(other)


def _ids(item: Publishable, part: str) -> set[int]:
    return set(getattr(item, part).values_list("pk", flat=True)) if item.pk else set()


def _fields_of(row: models.Model, but: str = "") -> Content:
    return {
        field.name: _data(getattr(row, field.attname))
        for field in covered_fields(type(row))
        if field.name != but
    }


def covered_fields(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """The columns that are content: those that people fill in."""
    return (f for f in model._meta.concrete_fields if f.editable and not f.primary_key)


def _data(value: Any) -> Any:
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    # Plain: a cleaned text is a string of a class of its own.
    return str(value) if isinstance(value, str) else value


def _holds_tags(relation: Any) -> bool:
    return isinstance(relation, TaggableManager)


def _parent_key(item: Publishable, part: str) -> str:
    key: str = type(item)._meta.get_field(part).field.name  # type: ignore[union-attr]
    return key


def _without_ids(content: Content) -> Content:
    return {
        name: [{k: v for k, v in row.items() if k != "id"} for row in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in content.items()
    }


# --- Into an item -----------------------------------------------------------------------------------


def as_of(item: Publishable, content: Content) -> None:
    """Make `item`, in memory only, what it is with `content`; the relations as if prefetched.

    What has been deleted since is left out. Forms and public pages can be built from it; a query for
    each relation.
    """
    gone = {field.name: None for field in gone_in(type(item), content)}
    _put_fields(item, {**content, **gone})
    cache: dict[str, Any] = {}
    for relation in item._meta.many_to_many:
        if relation.name in content:
            cache[relation.name] = _related(relation, content[relation.name])
    for part in item.parts:
        if part in content:
            cache[part] = [_row(item, part, data) for data in content[part]]
    item._prefetched_objects_cache = cache  # type: ignore[attr-defined]


def apply(item: Publishable, content: Content, save: Callable[[], None] | None = None) -> None:
    """Make `item` what it is with `content`, and save it; the caller opens the transaction.

    `save` is a verb of the item's that saves it. Raises ValidationError where it cannot be stored any
    more: an address taken by another item meanwhile, a category that is gone.
    """
    item._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    for field in gone_in(type(item), content):
        raise ValidationError({field.name: f"所选的“{field.verbose_name}”已被删除，请重新选择。"})
    _put_fields(item, content)
    item.full_clean()
    (save or item.save)()
    for relation in item._meta.many_to_many:
        if relation.name in content:
            _relate(item, relation, content[relation.name])
    for part in item.parts:
        if part in content:
            _apply_rows(item, part, content[part])


def _relate(item: Publishable, relation: Any, keys: list[Any]) -> None:
    related = getattr(item, relation.name)
    if not _holds_tags(relation):
        related.set(_related(relation, keys))
    # taggit would look up each of them to find that out.
    elif sorted(related.names()) != sorted(keys):
        related.set(keys)


def gone_in(model: type[Publishable], content: Content) -> list[models.Field[Any, Any]]:
    """Return the fields whose object has been deleted since; a query for each foreign key."""
    return [
        field
        for field in covered_fields(model)
        if field.is_relation
        and content.get(field.name) is not None
        and not _exists(field, content[field.name])
    ]


def files_in(model: type[Publishable], content: Content) -> frozenset[int]:
    """Return the ids of the library's files that a content shows or points at. No query."""
    files: set[int] = set()
    for text in texts_of(model):
        files |= clean(content.get(text.name) or "").files
    for field in covered_fields(model):
        if field.related_model is MediaFile and content.get(field.name):
            files.add(content[field.name])
    return frozenset(files)


def _put_fields(row: models.Model, content: Content) -> None:
    for field in covered_fields(type(row)):
        if field.name not in content:
            continue
        if field.is_relation:
            setattr(row, field.attname, content[field.name])
        else:
            setattr(row, field.name, field.to_python(content[field.name]))


def _exists(field: models.Field[Any, Any], key: Any) -> bool:
    related: Any = field.related_model
    return bool(related._base_manager.filter(pk=key).exists())


def _related(relation: Any, keys: list[Any]) -> list[Any]:
    """Return the objects of a relation, without those that are gone; for tags not made yet, new ones."""
    if not _holds_tags(relation):
        return list(relation.related_model._base_manager.filter(pk__in=keys))
    model = relation.related_model
    known = {tag.name: tag for tag in model._base_manager.filter(name__in=keys)}
    return [known.get(name) or model(name=name) for name in keys]


def _row(item: Publishable, part: str, data: Content) -> Any:
    """Return one row of a part in memory; `pk` is None where it was not in the database."""
    relation: Any = type(item)._meta.get_field(part)
    row = relation.related_model(pk=data.get("id"), **{relation.field.name: item})
    _put_fields(row, data)
    row._state.adding = row.pk is None
    return row


def _apply_rows(item: Publishable, part: str, rows: list[Content]) -> None:
    known = getattr(item, part).in_bulk()
    kept = set()
    for data in rows:
        row = known.get(data.get("id")) or _row(item, part, {**data, "id": None})
        _put_fields(row, data)
        row.full_clean()
        row.save()
        kept.add(row.pk)
    for pk in known.keys() - kept:
        known[pk].delete()
