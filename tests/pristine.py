"""The test database: migrated once for all processes of a run, and put back after what commits.

Migrating costs some ten seconds of a processor; a copy of what came of it costs next to nothing. The same
copy is what a test that commits leaves behind: Django's flush empties a hundred tables, whatever is in
them, and reads back what the migrations wrote row by row, which was dearer than most of these tests.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from tests.environment import SHARED

MIGRATED = SHARED / "migrated.sqlite3"
PATIENCE = 20.0  # seconds, as long as a writer waits for another

# Where a table holds rows after migrating, a copy of it stands in another schema. Not told of foreign keys
# (the role of a replica), the rows may go and come in any order.
KEEP = """
CREATE SCHEMA pristine;
DO $$
DECLARE name text; filled bool;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name);
    END IF;
  END LOOP;
END $$;
"""
RESTORE = """
SET LOCAL lock_timeout = '20s';
SET LOCAL session_replication_role = replica;
DO $$
DECLARE name text; filled bool;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    -- What another thread has written and not committed is not seen, but waited for.
    EXECUTE format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', name);
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('DELETE FROM public.%I', name);
    END IF;
  END LOOP;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' LOOP
    EXECUTE format('INSERT INTO public.%I SELECT * FROM pristine.%I', name, name);
  END LOOP;
END $$;
"""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with (SHARED / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def become(name: str) -> None:
    """Let the connection be one to the database of this name."""
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.settings_dict["NAME"] = name


def make() -> None:
    """Make this process its database; the first of a run migrates it, the others copy."""
    creation: Any = connection.creation  # the stubs leave out how a test database is named
    own = creation._get_test_db_name()
    with one_at_a_time():
        if connection.vendor == "sqlite":
            if not MIGRATED.exists():
                creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
                connection.close()  # and what is in the write-ahead log is in the file
                shutil.copy(own, MIGRATED)
            shutil.copy(MIGRATED, own)
        else:
            template = f"test_{connection.settings_dict['NAME']}_migrated"
            made = SHARED / template
            if not made.exists():
                test = connection.settings_dict["TEST"]
                test["NAME"] = template
                creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
                test["NAME"] = own
                with connection.cursor() as cursor:
                    cursor.execute(KEEP)
                connection.close()
                made.touch()
            with creation._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{own}"')
                cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{template}"')
    become(own)


def restore() -> None:
    """Put every row, on SQLite every page of the file, back as migrating left it."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(MIGRATED)) as migrated:
            copy(migrated, connection.connection)
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"BEGIN; {RESTORE}; COMMIT")


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy all pages. Raises TimeoutError if somebody else keeps writing for too long."""
    until = time.monotonic() + PATIENCE

    def step(status: int, left: int, pages: int) -> None:
        # Of a step that did not come to begin, `left` is 0 as well.
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > until:
            raise TimeoutError("a test has left a transaction open")

    source.backup(target, progress=step)
