"""The JSON Schema of an export's rows, made from the models: so it is never out of date."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db import models

from portal.cms.lines import LinesField
from portal.transfer.whole.carried import BEHIND, CARRIED, Model, label_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# What the smallest column for a number of a row holds.
LARGEST_ID: Final = 2**31 - 1
ID: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
TEXT: Final = {"type": "string"}

Json = dict[str, Any]
POSITIVE: Final = (
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
)

# The first that fits counts.
TYPES: Final[tuple[tuple[type[Any] | tuple[type[Any], ...], Json], ...]] = (
    (models.JSONField, {}),
    (models.BooleanField, {"type": "boolean"}),
    (POSITIVE, {"type": "integer", "minimum": 0}),
    (models.IntegerField, {"type": "integer"}),
    (models.DecimalField, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.TimeField, {"type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}:[0-9]{2}"}),
    (LinesField, {"type": "string", "description": "每行一条"}),
)


def schema() -> Json:
    """Return the schema of a line of any part; `$defs` has that of each model by its name."""
    return {
        "$schema": DIALECT,
        "title": "整站导出：data/ 里每个文件的每一行",
        "anyOf": [{"$ref": f"#/$defs/{label_of(model)}"} for model in CARRIED],
        "$defs": {label_of(model): row_of(model) for model in CARRIED},
    }


def row_of(model: Model) -> Json:
    fields = {field.name: told(field, value_of(field)) for field in fields_of(model)}
    return {
        "title": str(model._meta.verbose_name),
        **exactly(
            {"model": {"const": label_of(model)}, "pk": ID, "fields": exactly(fields)},
        ),
    }


def fields_of(model: Model) -> list[Any]:
    """Return the fields that a row has: those that Django serialises."""
    own: list[Any] = [*model._meta.local_concrete_fields, *model._meta.local_many_to_many]
    return [field for field in own if field.serialize]


def exactly(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def told(field: Any, value: Json) -> Json:
    """Add what a field is called, where it has a name for people."""
    named = field.verbose_name != field.name.replace("_", " ")
    return {"title": str(field.verbose_name), **value} if named else value


def value_of(field: Any) -> Json:
    """Return the schema of a field's value."""
    if field.many_to_many:
        return {"type": "array", "items": ID}
    if field.is_relation and field.related_model in BEHIND:
        return {"type": "null"}
    if field.is_relation and field.related_model is ContentType:
        value: Json = {"enum": [label_of(model).split(".") for model in CARRIED]}
    elif field.is_relation:
        value = ID
    else:
        value = plain_value_of(field)
    if not field.null or not value:
        return value
    return {"anyOf": [value, {"type": "null"}]}


def plain_value_of(field: Any) -> Json:
    value = next((value for kind, value in TYPES if isinstance(field, kind)), TEXT)
    if field.choices:
        # An empty one says that none was chosen.
        values = [choice for choice, _ in field.flatchoices]
        return {"enum": [*values, *([""] if field.blank and "" not in values else [])]}
    if value is TEXT and field.max_length:
        return {**TEXT, "maxLength": field.max_length}
    return value
