"""Rows as lists show them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, TextField


def without_texts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Leave the long texts in the database: fifty bodies are megabytes, and a list shows titles."""
    fields = rows.model._meta.concrete_fields
    light: QuerySet[Any] = rows.defer(*(f.name for f in fields if isinstance(f, TextField)))
    return light
