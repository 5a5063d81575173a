"""复制为新稿: a draft that begins as another item stands."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import models

from portal.cms.publishing import Publishable
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.content import apply, gone_in
from portal.cms.revisions.models import Event

if TYPE_CHECKING:
    from portal.cms.accounts import User
    from portal.cms.admin.publishable import PublishableAdmin

SUFFIX = "（副本）"


def copy_as_draft(model_admin: PublishableAdmin, item: Publishable, by: User) -> Any:
    """Return a new draft with the text under work of `item`; the caller opens the transaction.

    State, what is `not_restored` either, the fields in the admin's `not_copied`, and what pointed at
    something deleted since begin afresh; unique addresses get a number. Costs a query for each relation and each row.
    """
    content = drafts.working_content(item)
    gone = [field.name for field in gone_in(type(item), content)]
    for name in (*item.not_restored, *model_admin.not_copied, *gone):
        content.pop(name, None)
    title = model_admin.title_field
    content[title] = _marked(content[title], item._meta.get_field(title))
    for field in item._meta.concrete_fields:
        if isinstance(field, models.SlugField) and field.unique:
            content[field.name] = _free_slug(field, content[field.name])
    copy = type(item)(created_by=by, updated_by=by)
    apply(copy, content)
    actions.record(copy, Event.SAVED, by, note=f"复制自“{item}”")
    return copy


def _marked(title: str, field: Any) -> str:
    return title[: field.max_length - len(SUFFIX)] + SUFFIX


def _free_slug(field: models.Field[Any, Any], slug: str) -> str:
    """Return the slug with the first number that nobody has: `dispatch-2`."""
    limit = field.max_length or 50
    candidates = (f"{slug[: limit - len(f'-{n}')]}-{n}" for n in count(2))
    others = field.model._default_manager
    return next(c for c in candidates if not others.filter(**{field.name: c}).exists())
