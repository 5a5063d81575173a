"""A database as small as a backup may hold: what is looked at when it comes back, and two rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

MIGRATION = ("cms", "0001_initial")


def tiny(path: Path, *migrations: tuple[str, str]) -> None:
    """Write a new file. It has had the first migration of the site, and those named."""
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute("CREATE TABLE django_migrations (app, name)")
        rows.executemany("INSERT INTO django_migrations VALUES (?, ?)", [MIGRATION, *migrations])
        rows.execute("CREATE TABLE note (text)")
        rows.execute("INSERT INTO note VALUES ('一'), ('二')")
