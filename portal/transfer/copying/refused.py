"""Which rows a database would not take: said one by one, once it has refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from django.db import connections, models

from portal.transfer.copying.sums import AT_ONCE
from portal.transfer.copying.tables import Model, copied, fields_of

MOST: Final = 50
SURROGATE: Final = re.compile("[\ud800-\udfff]")


def problems(source: str, target: str) -> list[str]:
    """Return the first rows of all tables that PostgreSQL refuses and SQLite keeps, each as a sentence."""
    found: list[str] = []
    for model in copied():
        for sentence in problems_of(model, source, target):
            found.append(sentence)
            if len(found) == MOST:
                return [*found, "……"]
    return found


def problems_of(model: Model, source: str, target: str) -> Iterator[str]:
    fields = fields_of(model)
    names = [field.attname for field in fields]
    rows = model._base_manager.using(source).order_by("pk").values_list("pk", *names)
    for pk, *values in rows.iterator(AT_ONCE):
        for field, value in zip(fields, values, strict=True):
            if reason := reason_against(field, value, target):
                label = model._meta.verbose_name
                yield f"{label} {pk} 的“{field.verbose_name}”{reason}"


def reason_against(field: models.Field[Any, Any], value: Any, target: str) -> str:
    """Return what is wrong with a value; "" where nothing is."""
    if isinstance(field, models.JSONField):
        value = json.dumps(value, ensure_ascii=False)
        # What is written as an escape is a sign once it is read.
        if "\\u0000" in value:
            return "含有空字符（NUL）"
    if isinstance(value, str):
        return reason_against_text(field, value)
    if isinstance(value, int) and not isinstance(value, bool):
        column = field.target_field if isinstance(field, models.ForeignKey) else field
        ranges = connections[target].ops.integer_field_ranges
        lowest, highest = ranges.get(column.get_internal_type(), (value, value))
        if not lowest <= value <= highest:
            return f"超出范围：{value}"
    return ""


def reason_against_text(field: models.Field[Any, Any], text: str) -> str:
    if "\x00" in text:
        return "含有空字符（NUL）"
    if SURROGATE.search(text):
        return "含有无效的字符"
    longest = field.max_length if isinstance(field, models.CharField) else None
    if longest is not None and len(text) > longest:
        return f"有 {len(text)} 字，超过 {longest} 字"
    return ""
