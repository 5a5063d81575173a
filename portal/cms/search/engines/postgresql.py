"""tsvector and GIN. What we index we write as vectors ourselves: no text-search configuration takes part.

A vector counts positions to 16,383, and 255 for one word: beyond, phrases are missed without a word
of warning. And it holds less than a megabyte. A longer text is therefore parted into several rows that
overlap by more than the longest query; `is_part` marks them. What has no position is in the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from django.db.backends.utils import CursorWrapper

from portal.cms.search.tokens import CHARACTER, FACET, Phrase

if TYPE_CHECKING:
    from portal.cms.search.engines import Term

TABLES = ("cms_titles", "cms_texts")
MOST_TOKENS = 15_000
MOST_CHARACTERS = 100_000  # of four bytes at most; 15,000 pairs have a third of it
MOST_OF_ONE = 255
OVERLAP = 128


def make(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(
            f"CREATE TABLE {table} (rowid bigint NOT NULL, part smallint NOT NULL,"
            " is_part boolean NOT NULL, tokens tsvector NOT NULL,"
            f" CONSTRAINT {table}_row PRIMARY KEY (rowid, part))"
        )
        # Every search; the second one those of several words in texts of several rows.
        cursor.execute(f"CREATE INDEX {table}_tokens ON {table} USING gin (tokens)")
        cursor.execute(f"CREATE INDEX {table}_parts ON {table} USING gin (tokens) WHERE is_part")


def drop(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(f"DROP TABLE {table}")


def write(cursor: CursorWrapper, table: str, rowid: int, tokens: Iterable[str]) -> None:
    loose: list[str] = []
    ordered: list[str] = []
    for token in tokens:
        (loose if token[0] in (CHARACTER, FACET) else ordered).append(token)
    parts = list(_parts(ordered))
    for number, part in enumerate(parts):
        cursor.execute(
            f"INSERT INTO {table} (rowid, part, is_part, tokens) VALUES (%s, %s, %s, %s::tsvector)",  # noqa: S608  ours
            [rowid, number, len(parts) > 1, _vector(part, loose if number == 0 else [])],
        )


def erase(cursor: CursorWrapper, table: str, rowids: Iterable[int]) -> None:
    for rowid in rowids:
        cursor.execute(f"DELETE FROM {table} WHERE rowid = %s", [rowid])  # noqa: S608  ours


def condition(
    table: str, alias: str, terms: Sequence[Term], joint: str = " <-> "
) -> tuple[str, list[str | int]]:
    """The words of a query may stand in different rows of one long text."""
    queries = [_any_of(term, joint) for term in terms]
    sql = f"{alias}.tokens @@ %s::tsquery"
    parameters: list[str | int] = [" & ".join(queries)]
    if len(queries) > 1:
        # An array, which the planner looks up in an index too; for a subquery it would read all rows.
        holding_all = " AND ".join(["bool_or(tokens @@ %s::tsquery)"] * len(queries))
        parted = (
            f"SELECT rowid FROM {table} WHERE is_part AND tokens @@ %s::tsquery"  # noqa: S608  ours
            f" GROUP BY rowid HAVING {holding_all}"
        )
        sql = f"({sql} OR {alias}.rowid = ANY (ARRAY ({parted})))"
        parameters += [" | ".join(queries), *queries]
    return sql, parameters


def few(cursor: CursorWrapper, table: str, tokens: Sequence[str], reach: dict[str, int]) -> None:
    """GIN begins with the rarest token by itself."""


def matching(
    table: str,
    terms: Sequence[Term],
    span: tuple[int, int],
    *,
    in_order: bool,
    among: None = None,
) -> tuple[str, list[str | int]]:
    """Rows are picked by what GIN knows alone, and read one at a time, as they are wanted.

    GIN knows which row has which token, but not where: to see whether tokens stand behind each other,
    a row of a long text takes a tenth of a millisecond to unpack.
    """
    sql, parameters = condition(table, table, terms, joint=" & ")
    rows = f"SELECT rowid, tokens FROM {table} WHERE {sql} AND rowid BETWEEN %s AND %s"  # noqa: S608  ours
    parameters += span
    if in_order:
        rows += " ORDER BY rowid DESC OFFSET 0"
    else:  # planned as if all were wanted: for a few, texts would be read one after the other
        rows = f"WITH them AS MATERIALIZED ({rows}) SELECT * FROM them"  # noqa: S608  ours
    if all(len(phrase.tokens) == 1 for term in terms for phrase in term):
        return f"FROM ({rows}) AS held WHERE TRUE", parameters
    sql, more = condition(table, "held", terms)
    return f"FROM ({rows}) AS held WHERE {sql}", parameters + more


def _parts(tokens: list[str]) -> Iterator[list[str]]:
    """Yield stretches of the tokens that a vector can hold, each beginning within the one before."""
    begin, length = 0, 0
    counts: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        if (
            counts[token] == MOST_OF_ONE
            or at - begin == MOST_TOKENS
            or length + len(token) > MOST_CHARACTERS
        ):
            yield tokens[begin:at]
            begin = at - OVERLAP
            counts = Counter(tokens[begin:at])
            length = sum(map(len, tokens[begin:at]))
        counts[token] += 1
        length += len(token)
    yield tokens[begin:]


def _vector(tokens: list[str], loose: list[str]) -> str:
    positions: dict[str, list[str]] = {}
    for at, token in enumerate(tokens, start=1):
        positions.setdefault(token, []).append(str(at))
    ordered = (f"'{token}':{','.join(places)}" for token, places in positions.items())
    return " ".join([*ordered, *(f"'{token}'" for token in loose)])


def _any_of(term: Term, joint: str) -> str:
    return f"({' | '.join(_quoted(phrase, joint) for phrase in term)})"


def _quoted(phrase: Phrase, joint: str) -> str:
    """Tokens hold no apostrophe and no backslash: `tokens.fold` has made full-width ones of them."""
    tokens = joint.join(f"'{token}'" for token in phrase.tokens)
    return f"({tokens}{':*' if phrase.is_open else ''})"
