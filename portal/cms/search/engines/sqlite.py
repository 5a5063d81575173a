"""FTS5. Its tables keep the tokens beside the index, so that a row can be erased by its rowid alone.

(Tables without content would be half the size, but take a deletion only from whoever still knows the
old tokens; `contentless_delete` needs SQLite 3.43, Debian 12 has 3.40.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.backends.utils import CursorWrapper

from portal.cms.search.tokens import Phrase

if TYPE_CHECKING:
    from portal.cms.search.engines import Term

TABLES = ("cms_titles", "cms_texts")
# What `few` does: from so many tokens on, and with no more than so many, it looks so many finds back,
FEWEST_COMPARED, MOST_COMPARED, LATEST = 8, 24, 20
# takes so many of the rarest, and so many rows at most.
RAREST, FEW = 4, 100


def make(cursor: CursorWrapper) -> None:
    for table in TABLES:
        # `ascii` parts words at ASCII signs only: our tokens hold none, and need no Unicode tables.
        cursor.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(tokens, tokenize = 'ascii')")


def drop(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(f"DROP TABLE {table}")


def write(cursor: CursorWrapper, table: str, rowid: int, tokens: Iterable[str]) -> None:
    cursor.execute(
        f"INSERT INTO {table} (rowid, tokens) VALUES (%s, %s)",  # noqa: S608  ours
        [rowid, " ".join(tokens)],
    )


def erase(cursor: CursorWrapper, table: str, rowids: Iterable[int]) -> None:
    for rowid in rowids:
        cursor.execute(f"DELETE FROM {table} WHERE rowid = %s", [rowid])  # noqa: S608  ours


def condition(table: str, alias: str, terms: Sequence[Term]) -> tuple[str, list[str | int]]:
    """The table has a hidden column of its own name: all of its columns."""
    return f'{alias}."{table}" MATCH %s', [" AND ".join(map(_any_of, terms))]


def few(
    cursor: CursorWrapper, table: str, tokens: Sequence[str], reach: dict[str, int]
) -> list[int] | None:
    """Return all rows that may hold the tokens of a long query, None where they are no few.

    Of many tokens FTS5 goes through the rows of each, those that are everywhere as well. The rarest of
    them, whose latest finds lie back farthest, leave next to nothing to look at. One query, and one
    that notes the `reach` of the tokens.
    """
    tokens = list(dict.fromkeys(tokens))[:MOST_COMPARED]
    if len(tokens) < FEWEST_COMPARED:
        return None
    if unknown := [token for token in tokens if token not in reach]:
        rows = (
            f"SELECT rowid FROM {table} WHERE {table} MATCH %s ORDER BY rowid DESC LIMIT {LATEST}"  # noqa: S608  ours
        )
        oldest = f"(SELECT COALESCE(MIN(rowid), 0) FROM ({rows}))"  # noqa: S608  ours
        cursor.execute(
            f"SELECT {', '.join([oldest] * len(unknown))}", [f'"{token}"' for token in unknown]
        )
        reach.update(zip(unknown, cursor.fetchone(), strict=True))
    rarest = sorted(tokens, key=lambda token: reach[token])[:RAREST]
    cursor.execute(
        f"SELECT rowid FROM {table} WHERE {table} MATCH %s LIMIT {FEW + 1}",  # noqa: S608  ours
        [" AND ".join(f'"{token}"' for token in rarest)],
    )
    found = [rowid for (rowid,) in cursor.fetchall()]
    return found if len(found) <= FEW else None


def matching(
    table: str,
    terms: Sequence[Term],
    span: tuple[int, int],
    *,
    in_order: bool,
    among: Sequence[int] | None = None,
) -> tuple[str, list[str | int]]:
    """FTS5 yields the rows in order, and one at a time: nothing is read that is not wanted.

    A few rows it would look for one after the other, each from the beginning: those are read.
    """
    if among is None:
        sql, parameters = condition(table, "held", terms)
    else:
        held = f"held.rowid IN ({', '.join(map(str, among))})"
        sql = " AND ".join([held, *map(_read, terms)])
        parameters = [_written(phrase) for term in terms for phrase in term]
    sql = f"FROM {table} AS held WHERE {sql} AND held.rowid BETWEEN %s AND %s"
    return sql, [*parameters, *span]


def _read(term: Term) -> str:
    holds = "instr(' ' || held.tokens || ' ', %s)"
    return f"({' OR '.join([holds] * len(term))})"


def _written(phrase: Phrase) -> str:
    return f" {' '.join(phrase.tokens)}{'' if phrase.is_open else ' '}"


def _any_of(term: Term) -> str:
    return f"({' OR '.join(map(_quoted, term))})"


def _quoted(phrase: Phrase) -> str:
    """Tokens hold no quotation mark: `tokens.fold` has made full-width ones of them."""
    return f'"{" ".join(phrase.tokens)}"' + (" *" if phrase.is_open else "")
