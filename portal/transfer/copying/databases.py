"""Databases beside the site's own, by an address or as a file."""

from __future__ import annotations

import os
import sqlite3
import subprocess  # our own manage.py, see `migrate`
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import dj_database_url
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import load_backend

SQLITE: Final = "django.db.backends.sqlite3"
POSTGRESQL: Final = "django.db.backends.postgresql"
Migration = tuple[str, str]  # app and name

_number = count(1)


class CopyError(Exception):
    """Nothing was copied; the message says why, in Chinese."""


def url_of(path: Path) -> str:
    return f"sqlite:///{quote(str(path.absolute()))}"


@contextmanager
def opened(url: str) -> Iterator[str]:
    """Yield an alias for the database of an address. Raises CopyError: unknown engine, or nobody answers."""
    alias = f"copying{next(_number)}"
    database = connections.configure_settings({DEFAULT_DB_ALIAS: {}, alias: parsed(url)})[alias]
    if database["ENGINE"] == SQLITE:
        make_private(Path(database["NAME"]))
    # In this thread's connections alone; DATABASES, which are everybody's, stay as they are.
    connections[alias] = load_backend(database["ENGINE"]).DatabaseWrapper(database, alias)
    try:
        try:
            connections[alias].ensure_connection()
        except DatabaseError as error:
            raise CopyError(f"连不上这个数据库：{' '.join(str(error).split())}") from error
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]


def make_private(path: Path) -> None:
    """Let a database that SQLite is about to make be for its owner's eyes alone, as it holds everything."""
    with suppress(OSError):  # it is there; or cannot be, which SQLite says
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def parsed(url: str) -> dict[str, Any]:
    """Return Django's settings for an address, as `portal.settings` would make them."""
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise CopyError("数据库地址无法识别，例如 postgres://用户:密码@主机/库名") from error
    if database["ENGINE"] == SQLITE and database["NAME"] != ":memory:":
        # Without WAL: the file is whole when it is closed. Nobody else reads it yet.
        return {**database, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20}}
    if database["ENGINE"] == POSTGRESQL:
        options = {"connect_timeout": 5, **database.get("OPTIONS", {})}
        return {**database, "OPTIONS": options}
    raise CopyError("只能在 SQLite 与 PostgreSQL 之间复制。")


def is_our_own(alias: str) -> bool:
    """Whether an alias leads to the database that the site runs on."""
    one, other = (connections[name].settings_dict for name in (DEFAULT_DB_ALIAS, alias))
    if one["ENGINE"] == other["ENGINE"] == SQLITE:
        return Path(one["NAME"]).resolve() == Path(other["NAME"]).resolve()
    keys = ("ENGINE", "NAME", "HOST", "PORT")
    same = all((one.get(key) or "") == (other.get(key) or "") for key in keys)
    return same and one["OPTIONS"].get("host") == other["OPTIONS"].get("host")


def migrate(url: str | None = None) -> None:
    """Bring a database, or the site's own, to the schema of this code. An empty one takes ten seconds.

    In a process of its own: a data migration may ask the default database, which there is this one.
    Raises CopyError.
    """
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--noinput", "-v0"],
        env={**os.environ, **({"DATABASE_URL": url} if url else {})},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["原因不明"])[-1]
        raise CopyError(f"不能建立数据表：{last}")


def migrations_of_code() -> set[Migration]:
    return set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def close_up(path: Path) -> None:
    """Make a SQLite database one file without a log beside it, as small as it can be."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("VACUUM")
