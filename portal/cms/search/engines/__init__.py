"""What differs between SQLite and PostgreSQL: how tokens are written, and how a query is asked.

Each engine gives the same rows for the same query (tests/cms/test_search.py compares both with
the literal truth). An engine has `make(cursor)`, `drop(cursor)`, `write(cursor, table, rowid,
tokens)`, `erase(cursor, table, rowids)` and `condition(table, alias, terms)`, which returns SQL and
its parameters; `alias` is the table's name in the query, quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django.db.backends.utils import CursorWrapper
from django.db.models import Lookup

from portal.cms.search.engines import postgresql, sqlite
from portal.cms.search.models import TokensField
from portal.cms.search.tokens import Phrase

# Phrases any of which will do; a query is terms all of which are needed.
Term = tuple[Phrase, ...]
# What the rows that `matching` selects from are called.
HELD = "held"


class Engine(Protocol):
    def make(self, cursor: CursorWrapper) -> None: ...
    def drop(self, cursor: CursorWrapper) -> None: ...
    def write(
        self, cursor: CursorWrapper, table: str, rowid: int, tokens: Iterable[str]
    ) -> None: ...
    def erase(self, cursor: CursorWrapper, table: str, rowids: Iterable[int]) -> None: ...
    def condition(
        self, table: str, alias: str, terms: Sequence[Term]
    ) -> tuple[str, list[str | int]]: ...
    def few(
        self, cursor: CursorWrapper, table: str, tokens: Sequence[str], reach: dict[str, int]
    ) -> list[int] | None: ...
    def matching(
        self,
        table: str,
        terms: Sequence[Term],
        span: tuple[int, int],
        *,
        in_order: bool,
        among: Sequence[int] | None,
    ) -> tuple[str, list[Any]]: ...


ENGINES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def engine_of(connection: Any) -> Engine:
    engine: Engine = ENGINES[connection.vendor]
    return engine


@TokensField.register_lookup
class Match(Lookup):  # type: ignore[type-arg]  # subscripts are for type checkers only
    """`tokens__match=terms`: the rows whose tokens hold one phrase of every term."""

    lookup_name = "match"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[str | int]]:
        table = self.lhs.field.model._meta.db_table
        alias = compiler.quote_name_unless_alias(self.lhs.alias)  # in a subquery U0 and the like
        return engine_of(connection).condition(table, alias, self.rhs)
