"""Queries whose SQL is written once.

Django writes the SQL of a query anew each time it is asked, which takes about a millisecond: twenty times
as long as SQLite looks for a row. That is for the few queries that every page of a kind asks, with other
values each time; all others are written where they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


class Given(models.Expression):
    """The place of a value that comes with each run: `filter(pk=Given("pk", BigIntegerField()))`."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[M]):
    """A query over the rows of a model, made by a function when it is asked first."""

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        self.build = build

    @cached_property
    def written(self) -> tuple[models.Manager[M], str, tuple[Any, ...]]:
        """The SQL, and what goes into its places: a value, or a `Given`."""
        query = self.build()
        sql, parameters = query.query.sql_with_params()
        return query.model._base_manager, sql, parameters

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for these values; one query."""
        manager, sql, parameters = self.written
        return list(manager.raw(sql, [self.bind(each, values) for each in parameters]))

    def first(self, **values: Any) -> M | None:
        return next(iter(self.rows(**values)), None)

    def bind(self, parameter: Any, values: dict[str, Any]) -> Any:
        if not isinstance(parameter, Given):
            return parameter
        return parameter.output_field.get_db_prep_value(values[parameter.name], connection)
