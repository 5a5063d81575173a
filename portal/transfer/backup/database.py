"""The database of a site as one file of SQLite, whatever it runs on.

So one format is restored onto either engine, and needs no program of the right version of PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection

from portal.cms.seeing.models import BackupRun
from portal.transfer.backup.manifest import BackupError
from portal.transfer.copying.databases import close_up, migrate, migrations_of_code, opened, url_of
from portal.transfer.copying.rows import Tell, copy
from portal.transfer.copying.tables import PASSING

# Of no model: failed logins and the like (settings.CACHES).
CACHE: Final = "cms_cache"
MOST_NAMED: Final = 5


def save_to(path: Path, tell: Tell) -> None:
    """Write what the database holds at one moment into a new file, while others write.

    SQLite: in one step, since smaller ones would begin anew with each write of another. PostgreSQL:
    row by row, compared. Raises CopyError, BackupError, sqlite3.Error.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as target:
            connection.connection.backup(target)
    else:
        migrate(url_of(path))
        with opened(url_of(path)) as alias:
            copy(DEFAULT_DB_ALIAS, alias, tell)
    leave_behind(path)
    close_up(path)
    if problem := problem_of(path):
        raise BackupError(f"数据库已损坏：{problem}")
    if strays := strays_of(path):
        tell(strays)


def leave_behind(path: Path) -> None:
    """Take out who is signed in, and the backup that is being made: it would never end there."""
    tables = [CACHE, *(model._meta.db_table for model in PASSING)]
    with closing(sqlite3.connect(path)) as database, database:
        for table in tables:
            database.execute(f'DELETE FROM "{table}"')  # noqa: S608 - ours
        runs = BackupRun._meta.db_table
        database.execute(f'DELETE FROM "{runs}" WHERE finished_at IS NULL')  # noqa: S608 - ours


def problem_of(path: Path) -> str:
    """Return what SQLite finds wrong with a file; "" where it is whole. Reads all of it."""
    try:
        with reading(path) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
    except sqlite3.Error as error:
        return str(error)
    return "" if found == ["ok"] else str(found[0])


def strays_of(path: Path) -> str:
    """Return a sentence on rows that point to nothing: a mistake of theirs, and no reason to have no backup."""
    with reading(path) as database:
        rows = list(database.execute("PRAGMA foreign_key_check"))
    named = "、".join(f"{row[0]} {row[1]} → {row[2]}" for row in rows[:MOST_NAMED])
    return f"注意：数据库里有 {len(rows)} 行指向不存在的内容（{named}）。" if rows else ""


def tables_of(path: Path) -> dict[str, int]:
    """Return how many rows there are in each table."""
    with reading(path) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in sorted(names.fetchall())
            if not name.startswith("sqlite_")
        }


def migrations_in(path: Path) -> set[tuple[str, str]]:
    with reading(path) as database:
        return set(database.execute("SELECT app, name FROM django_migrations"))


def unknown_migrations(path: Path) -> list[str]:
    """Return the migrations that this code does not have: the file is of a later version."""
    return sorted(f"{app} {name}" for app, name in migrations_in(path) - migrations_of_code())


def lacking_migrations(path: Path) -> bool:
    return bool(migrations_of_code() - migrations_in(path))


def reading(path: Path) -> Any:
    """Open a file that nobody writes to. Raises sqlite3.Error."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True))
