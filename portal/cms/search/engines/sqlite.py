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


def _any_of(term: Term) -> str:
    return f"({' OR '.join(map(_quoted, term))})"


def _quoted(phrase: Phrase) -> str:
    """Tokens hold no quotation mark: `tokens.fold` has made full-width ones of them."""
    return f'"{" ".join(phrase.tokens)}"' + (" *" if phrase.is_open else "")
