"""What SQLite holds and PostgreSQL would refuse: SQLite takes any text and any number in any column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models

# What PostgreSQL's types hold; BigInteger is all that SQLite has.
RANGES: Final = {
    "SmallIntegerField": (-32_768, 32_767),
    "PositiveSmallIntegerField": (0, 32_767),
    "IntegerField": (-2_147_483_648, 2_147_483_647),
    "PositiveIntegerField": (0, 2_147_483_647),
}
NUL: Final = "\0"


def refused(using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield a sentence for each value that does not fit its column; reads every row of every table once.

    Nothing on PostgreSQL, which would not hold it.
    """
    if connections[using].vendor != "sqlite":
        return
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield from _of_model(model, using)


def _of_model(model: type[models.Model], using: str) -> Iterator[str]:
    meta = model._meta
    columns = [field for field in meta.local_concrete_fields if condition(field)]
    if not columns:
        return
    flags = ", ".join(f"coalesce({condition(field)}, 0)" for field in columns)
    any_of = " OR ".join(f"({condition(field)})" for field in columns)
    pk = quoted(meta.pk.column)
    # It is put together of our own names alone. None may hold a percent sign, which would be a parameter.
    sql = f"SELECT {pk}, {flags} FROM {quoted(meta.db_table)} WHERE {any_of}"  # noqa: S608
    with connections[using].cursor() as cursor:
        found = cursor.execute(sql).fetchall()
    for pk_value, *wrong in found:
        for field, is_wrong in zip(columns, wrong, strict=True):
            if is_wrong and (words := why(field, _value(model, field, pk_value, using))):
                yield f"{meta.verbose_name} {pk_value} 的“{field.verbose_name}”{words}"


def condition(field: models.Field[Any, Any]) -> str:
    """Return the SQL that is true where a value may not fit; "" where any does."""
    column, kind = quoted(field.column), field.get_internal_type()
    if kind == "JSONField":
        return f"instr({column}, '\\u0000') > 0"
    if isinstance(field, models.DecimalField):
        whole = (field.max_digits or 0) - (field.decimal_places or 0)
        return f"abs({column}) >= 1{'0' * whole}"
    if kind in RANGES:
        low, high = RANGES[kind]
        return (
            f"typeof({column}) NOT IN ('integer', 'null') OR {column} NOT BETWEEN {low} AND {high}"
        )
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        has_nul = f"instr(CAST({column} AS BLOB), x'00') > 0"
        is_char = kind != "TextField" and field.max_length
        return f"length({column}) > {field.max_length} OR {has_nul}" if is_char else has_nul
    return ""


def why(field: models.Field[Any, Any], value: Any) -> str:
    """Return what is wrong with a value; "" where nothing is."""
    if field.get_internal_type() == "JSONField":
        # A text in which somebody has typed these six signs is found as well; it holds no empty sign.
        return "含有 PostgreSQL 不接受的空字符。" if _holds_nul(value) else ""
    if isinstance(value, str):
        if NUL in value:
            return "含有 PostgreSQL 不接受的空字符。"
        longest = field.max_length
        if longest and len(value) > longest and field.get_internal_type() != "TextField":
            return f"有 {len(value)} 字，超过 {longest} 字。"
    return "不是这一栏能存的数字。"


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_nul, [*value, *value.values()]))
    return any(map(_holds_nul, value)) if isinstance(value, list) else NUL in str(value)


def _value(model: type[models.Model], field: models.Field[Any, Any], pk: Any, using: str) -> Any:
    """As it is stored: Django would fail to read some of it."""
    with connections[using].cursor() as cursor:
        table, column = quoted(model._meta.db_table), quoted(field.column)
        row = cursor.execute(
            f"SELECT {column} FROM {table} WHERE {quoted(model._meta.pk.column)} = %s",  # noqa: S608
            [pk],
        ).fetchone()
    value = row[0] if row else None
    return json.loads(value) if field.get_internal_type() == "JSONField" and value else value


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
