"""Asks the index which places hold what is looked for, of those that may be seen.

All kinds at once: on its way to the finds of one kind FTS5 walks through those of the others, and would
go all that way once for each. In SQL put together here: the ORM takes longer to put a query together
than the index takes to answer it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from portal.cms.pagecache.epochs import once_each
from portal.cms.search.engines import HELD, Term, engine_of
from portal.cms.search.indexing import EPOCH, places_of
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.cms.search.register import Searchable, searchables
from portal.cms.search.tokens import FACET, Phrase

# So many tell a rare pair of characters from a common one. Counting on costs as much as finding.
ENOUGH = 50


@dataclass(frozen=True)
class Scope:
    """Where to look: which kinds, within which facets, since which moment of going live."""

    searchables: Sequence[Searchable] = field(default_factory=searchables)
    facets: Sequence[str] = ()
    since: datetime | None = None


@dataclass(frozen=True)
class Noted:
    """What is learnt of tokens on the way to what holds them; the same whatever is looked for, and where."""

    reach: dict[str, int] = field(default_factory=dict)  # see `engines.sqlite.few`
    few: dict[tuple[str, ...], list[int] | None] = field(default_factory=dict)


class Looking:
    """Looks within a scope at what a stranger may see, or at the rows of `among`, but never `besides`.

    `noted` is what another one has learnt.
    """

    def __init__(
        self,
        scope: Scope,
        besides: Iterable[int] = (),
        among: QuerySet[Any] | None = None,
        noted: Noted | None = None,
    ) -> None:
        self.scope = scope
        self.besides = list(besides)
        self.among = among
        self.facets: list[Term] = [(Phrase((FACET + facet,)),) for facet in scope.facets]
        self.spans = {
            each.number: places_of(each.number, scope.since or EPOCH) for each in scope.searchables
        }
        self.connection = connections[router.db_for_read(Texts)]
        self.engine = engine_of(self.connection)
        self.noted = noted or Noted()

    def places(
        self,
        table: type[Titles] | type[Texts],
        terms: Sequence[Term],
        kinds: Sequence[int],
        limit: int,
    ) -> Mapping[int, list[int]]:
        """Return the places that hold all terms, by kind, newest first, no more than `limit` of each.

        One query, and up to two more for each kind that has as many.
        """
        found: dict[int, list[int]] = {kind: [] for kind in kinds}
        highest = max((self.spans[kind][1] for kind in kinds), default=0)
        wanted = limit
        while kinds:
            sql, parameters = self._matching(table, terms, kinds, highest, in_order=True)
            newest = f"SELECT {HELD}.rowid {sql} ORDER BY {HELD}.rowid DESC LIMIT {wanted}"
            rows = [place for (place,) in self._rows(newest, parameters)]
            for place in dict.fromkeys(rows):  # on PostgreSQL a long text has several rows
                found[place >> 60].append(place)
            if len(rows) < wanted:
                break
            last = rows[-1] >> 60
            wanted = limit - len(found[last])
            highest = (rows[-1] if wanted else last << 60) - 1
            kinds = [kind for kind in kinds if kind << 60 <= highest]
            wanted = wanted or limit
        return found

    @property
    def counts_texts_easily(self) -> bool:
        """PostgreSQL unpacks a text to see whether the words stand behind each other; titles are short."""
        return self.connection.vendor == "sqlite"

    def frequencies(self, asked: Sequence[Sequence[Term]]) -> list[int]:
        """Return how many texts hold each, no more than ENOUGH; one query.

        A text of several rows may count twice on PostgreSQL, which would read them all to see that.
        """
        counts: list[str] = []
        parameters: list[Any] = []
        for terms in asked:
            sql, wanted = self._any(terms, ENOUGH)
            counts.append(f"(SELECT COUNT(*) FROM ({sql}) AS found)")  # noqa: S608  ours
            parameters += wanted
        [row] = self._rows(f"SELECT {', '.join(counts)}", parameters)
        return list(row)

    def finds(self, terms: Sequence[Term]) -> bool:
        """Whether any text holds all terms; one query."""
        return bool(self._rows(*self._any(terms, 1)))

    def _any(self, terms: Sequence[Term], limit: int) -> tuple[str, list[Any]]:
        """Return a query of so many texts that hold all terms, whichever they are."""
        highest = max(last for _, last in self.spans.values())
        sql, parameters = self._matching(Texts, terms, list(self.spans), highest, in_order=False)
        return f"SELECT 1 {sql} LIMIT {limit}", parameters

    def _matching(
        self,
        table: type[Titles] | type[Texts],
        terms: Sequence[Term],
        kinds: Sequence[int],
        highest: int,
        *,
        in_order: bool,
    ) -> tuple[str, list[Any]]:
        """Return what follows SELECT: the rows that hold all terms, up to that place."""
        span = (min(self.spans[kind][0] for kind in kinds), highest)
        terms = (*terms, *self.facets)
        sql, parameters = self.engine.matching(
            table._meta.db_table, terms, span, in_order=in_order, among=self._few(terms)
        )
        seen = " OR ".join(self.seen[kind][0] for kind in kinds)
        sql = f"{sql} AND ({seen})"
        parameters += [each for kind in kinds for each in self.seen[kind][1]]
        if self.besides:
            sql += f" AND {HELD}.rowid NOT IN ({', '.join(['%s'] * len(self.besides))})"
        return sql, [*parameters, *self.besides]

    def _few(self, terms: tuple[Term, ...]) -> list[int] | None:
        """Return all places that may hold the terms where the engine knows them to be few.

        Of the texts: each begins with its title. By the tokens, one by one: a word, and the pairs it is
        taken apart into, may stand in the same texts.
        """
        whole = (each[0] for each in terms if len(each) == 1)
        tokens = tuple(
            token for each in whole for token in each.tokens[: -1 if each.is_open else None]
        )
        if tokens not in self.noted.few:
            with self.connection.cursor() as cursor:
                rows = self.engine.few(cursor, Texts._meta.db_table, tokens, self.noted.reach)
            self.noted.few[tokens] = rows
        return self.noted.few[tokens]

    @cached_property
    def seen(self) -> dict[int, tuple[str, list[Any]]]:
        """For each kind the condition that a row is of this kind, within the scope, and may be seen."""
        conditions = {}
        for each in self.scope.searchables:
            item, parameters = public(each) if self.among is None else held_by(self.among)
            conditions[each.number] = (
                f"({HELD}.rowid BETWEEN %s AND %s AND EXISTS ({item} LIMIT 1 OFFSET 0))",
                [*self.spans[each.number], *parameters],
            )
        return conditions

    def _rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())


@once_each(Searchable.HIGHEST)
def public(searchable: Searchable) -> tuple[str, Sequence[Any]]:
    """Return what `held_by` does of all that a stranger may see, written once an epoch.

    Asked is what is so at the time of asking, but for the clock: what goes live or expires by it ends the
    epoch.
    """
    return held_by(searchable.public())


def held_by(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    """Return SQL, and its parameters, that selects the one of these rows whose place is held."""
    object_id = RawSQL(f"({HELD}.rowid & {IndexEntry.IDS})", ())  # noqa: S611  ours
    try:
        return rows.order_by().filter(pk=object_id).values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE 1 = 0", ()
