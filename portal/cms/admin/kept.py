"""The rows that hold what is typed and not saved: `Autosave`, as `pulse` and `autosaving` use them.

Of a form whose text is stored the row stays, empty: a message that was under way meanwhile, perhaps
waiting for the very save, would else bring the text back as one that was never saved.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.cms.admin.desk import person
from portal.cms.revisions.models import Autosave, Presence

# What nobody has asked for in this time goes, when the next form is kept, whoever's it is.
KEPT = timedelta(days=30)

Data = dict[str, list[str]]
About = dict[str, Any]


def may_write(model_admin: Any, request: HttpRequest, object_id: int | None) -> bool:
    """Whether this person writes such items at all. What is locked today is kept all the same."""
    if object_id is None:
        return bool(model_admin.has_add_permission(request))
    return bool(model_admin.has_change_permission(request))


def about(model_admin: Any, request: HttpRequest, object_id: int | None) -> About:
    """Return what the rows of this person's forms of one item have in common; None: of new items."""
    content_type = ContentType.objects.get_for_model(model_admin.model)
    return {
        "user_id": person(request).pk,
        "content_type_id": content_type.pk,
        "object_id": object_id,
    }


def is_about(row: Autosave | Presence, form: About) -> bool:
    return all(getattr(row, name) == value for name, value in form.items())


def is_data(data: Any) -> bool:
    """Whether `data` is what a form sends: lists of texts, by the names of the fields."""
    return isinstance(data, dict) and all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in data.values()
    )


def worth_keeping(data: Data) -> Data:
    """Leave out the tokens and the verbs, and the signs that PostgreSQL's JSON cannot hold."""
    return {
        _storable(name): [_storable(value) for value in values]
        for name, values in data.items()
        if name not in ("csrfmiddlewaretoken", "form_token") and not name.startswith("_")
    }


def _storable(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()


def left(**form: Any) -> QuerySet[Any]:
    """Return the rows in which a text is left."""
    rows: QuerySet[Any] = Autosave.objects.filter(**form).exclude(data={})
    return rows


def store(form: About, token: UUID, data: Data) -> Autosave | None:
    """Keep `data` under `token`; None where that is another form's: somebody else's, another item's.

    The row of a form whose text is stored comes back as it is, empty. Belongs into a transaction.
    """
    # Locked: PostgreSQL would else read the row as it was before a save that is under way.
    rows: QuerySet[Autosave] = Autosave.objects.select_for_update()
    row, made = rows.get_or_create(token=token, defaults={**form, "data": data})
    if not is_about(row, form):
        return None
    if made:
        Autosave.objects.filter(saved_at__lt=timezone.now() - KEPT).delete()
    elif row.data not in ({}, data):
        row.data = data
        row.save()
    return row


def spend(form: About, token: UUID) -> None:
    """Let nothing be kept under `token` any more: what its form has sent is stored. Two queries."""
    # Insert first, which waits for a message that is inserting the same row; then empty whatever row
    # is there.
    spent = Autosave(token=token, data={}, **form)
    Autosave.objects.bulk_create([spent], ignore_conflicts=True)
    own = Autosave.objects.filter(token=token, user_id=form["user_id"])
    own.update(data={}, saved_at=timezone.now())


def first(data: Data, name: str) -> str:
    """Return the value of a field that has one."""
    return (data.get(name) or [""])[0]
