"""复制为新稿: a draft that begins as another item stands."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import models
from django.forms.models import _get_foreign_key

from portal.cms.publishing import Publishable

if TYPE_CHECKING:
    from portal.cms.accounts import User
    from portal.cms.admin.publishable import PublishableAdmin

SUFFIX = "（副本）"
# What belongs to the life of one item, not to its text.
LIFE = (
    "status",
    "go_live_at",
    "expire_at",
    "first_published_at",
    "last_published_at",
    "deleted_at",
    "edit_version",
)


def copy_as_draft(model_admin: PublishableAdmin, item: Publishable, by: User) -> Any:
    """Return a new draft with the text, tags and rows of `item`; the caller opens the transaction.

    Dates, state, and the fields in the admin's `not_copied` begin afresh; unique addresses get a
    number. Costs a query for each relation and each row.
    """
    copy = type(item)._default_manager.get(pk=item.pk)
    copy.pk = None
    copy._state.adding = True
    for name in (*LIFE, *model_admin.not_copied):
        setattr(copy, name, _field(copy, name).get_default())
    copy.created_by = copy.updated_by = by
    _mark_title(copy, model_admin.title_field)
    for field in copy._meta.concrete_fields:
        if isinstance(field, models.SlugField) and field.unique:
            setattr(copy, field.name, _free_slug(copy, field))
    copy.save()
    for relation in item._meta.many_to_many:
        getattr(copy, relation.name).set(getattr(item, relation.name).all())
    for inline in model_admin.inlines:
        _copy_rows(item, copy, inline)
    return copy


def _field(item: Publishable, name: str) -> models.Field[Any, Any]:
    field = item._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 - for the type checker
    return field


def _mark_title(copy: Publishable, name: str) -> None:
    limit = _field(copy, name).max_length or 0
    setattr(copy, name, getattr(copy, name)[: limit - len(SUFFIX)] + SUFFIX)


def _free_slug(copy: Publishable, field: models.Field[Any, Any]) -> str:
    """Return the slug with the first number that nobody has: `dispatch-2`."""
    slug, limit = getattr(copy, field.name), field.max_length or 50
    candidates = (f"{slug[: limit - len(f'-{n}')]}-{n}" for n in count(2))
    others = type(copy)._default_manager
    return next(c for c in candidates if not others.filter(**{field.name: c}).exists())


def _copy_rows(item: Publishable, copy: Publishable, inline: Any) -> None:
    key: Any = _get_foreign_key(type(item), inline.model, fk_name=inline.fk_name)
    for row in inline.model._default_manager.filter(**{key.name: item}).order_by("pk"):
        row.pk = None
        row._state.adding = True
        setattr(row, key.name, copy)
        row.save()
