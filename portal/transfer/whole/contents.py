"""The contents of drafts and revisions as they come: JSON that the desk applies as if it were its own."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from taggit.managers import TaggableManager

from portal.cms.lines import LinesField
from portal.cms.publishing import Publishable
from portal.cms.revisions.content import Content, covered_fields
from portal.cms.revisions.models import AboutItem
from portal.cms.richtext.clean import clean
from portal.cms.richtext.field import RichTextField
from portal.transfer.whole.schema import LARGEST_ID

# PostgreSQL takes no NUL, and no database half a character.
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def take_contents(row: AboutItem) -> None:
    """Check the contents of a row, and clean their texts. Raises ValueError or OverflowError.

    What the item has no field for is left out: a version before had one.
    """
    kind = ContentType.objects.get_for_id(row.content_type_id) if row.content_type_id else None
    model = kind.model_class() if kind else None
    if model is None or not issubclass(model, Publishable):
        raise ValueError("content_type 不是可以发布的内容")
    for field in row._meta.concrete_fields:
        if isinstance(field, models.JSONField):
            setattr(row, field.name, taken(model, getattr(row, field.name)))


def taken(model: type[Publishable], content: Any) -> Content:
    """Return a content with values as an item of the model has them. Raises like `take_contents`."""
    found = columns_of(model, content)
    for relation in model._meta.many_to_many:
        if relation.name in content:
            kind = str if isinstance(relation, TaggableManager) else int
            found[relation.name] = list_of(kind, content[relation.name], relation.name)
    for part in model.parts:
        if part in content:
            related: Any = model._meta.get_field(part).related_model
            found[part] = [
                columns_of(related, row) | ({"id": row["id"]} if is_id(row.get("id")) else {})
                for row in list_of(dict, content[part], part)
            ]
    return found


def columns_of(model: type[models.Model], content: Any) -> Content:
    if not isinstance(content, dict):
        raise ValueError("内容不是 JSON 对象")
    found = {}
    for field in covered_fields(model):
        if field.name in content:
            try:
                found[field.name] = value_of(field, content[field.name])
            except (ValidationError, ValueError, TypeError) as error:
                raise ValueError(f"内容里 {field.name} 的值不对") from error
    return found


def value_of(field: Any, value: Any) -> Any:
    check_plain(value)
    if value is None and field.null:
        return None
    if field.is_relation and is_id(value):
        return value
    if isinstance(field, RichTextField) and isinstance(value, str):
        return str(clean(value))
    if isinstance(field, LinesField):
        return list_of(str, value, field.name)
    if isinstance(value, (str, int)) and not field.is_relation:
        there = field.to_python(value)
        check_plain(there)
        if value == (there if isinstance(there, (str, int)) else written(there)):
            return value
    raise ValueError(field.name)


def written(value: Any) -> str:
    """Return a moment, a day, a time or an amount as a content has it."""
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def list_of(kind: type, values: Any, name: str) -> list[Any]:
    if not isinstance(values, list) or not all(type(value) is kind for value in values):
        raise ValueError(f"内容里 {name} 的值不对")
    for value in values:
        check_plain(value)
    return values


def is_id(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def check_plain(value: Any) -> None:
    """Refuse what no database takes, and what no clock shows. Raises ValueError or OverflowError."""
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ValueError("有不能保存的字符")
    if isinstance(value, datetime):
        timezone.localtime(value)  # where the calendar ends, one moment has no local time
