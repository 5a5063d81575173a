"""Rows as lists show them, and counts of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery, TextField


def without_texts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Leave the long texts in the database: fifty bodies are megabytes, and a list shows titles."""
    fields = rows.model._meta.concrete_fields
    light: QuerySet[Any] = rows.defer(*(f.name for f in fields if isinstance(f, TextField)))
    return light


def in_lots(rows: QuerySet[Any], size: int) -> Iterator[list[Any]]:
    """Yield rows by their numbers, so many at a time. A query for each lot, and none is open in between:
    whatever is done with a lot may take long, and write.
    """
    rows = rows.order_by("pk")
    lot = list(rows[:size])
    while lot:
        yield lot
        lot = list(rows.filter(pk__gt=lot[-1].pk)[:size])


class RowCount(Subquery):
    """How many rows a query returns, as one column of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
