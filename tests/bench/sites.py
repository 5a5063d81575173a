"""Data for the servers: databases of several sizes, made once and kept in `var/bench/`."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess  # the site's commands run in its own environment
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.bench import texts
from tests.bench.servers import ROOT

FOLDER = ROOT / "var/bench"
POSTGRESQL = FOLDER / "postgresql"  # the server's, with tests/bin/with-postgres
DATA = FOLDER / "data"  # static files, uploads, logs: the same ones for all sizes
# What the developer's shell says about a site of their own says nothing about these.
OF_ANOTHER_SITE = {"ADMIN_PATH", "ALLOWED_HOSTS", "BIND", "DEBUG", "EMAIL_URL", "WEB_WORKERS"}
SOURCES = ("tests/bench/corpus.py", "tests/bench/copying.py", "tests/bench/texts.py")
INDEXING = ROOT / "portal/cms/search/indexing.py"


class Site:
    """The data of one size, as the environment for its processes, and what making it showed."""

    def __init__(self, size: int, length: int, database: str) -> None:
        self.size = size
        self.length = length  # of a text, in 字
        self.env = environment(database)
        self.vendor = "PostgreSQL" if database.startswith("postgres") else "SQLite"
        self.made: dict[str, float] = {}

    @cached_property
    def pages(self) -> dict[str, list[str]]:
        """The addresses to ask for, by type of page."""
        found: dict[str, list[str]] = self.call("tests.bench.pages", "addresses")
        return found

    def call(self, module: str, function: str, *arguments: Any) -> Any:
        """Call a function of the bench within the site; return what it returns."""
        code = (
            f"import json; from {module} import {function} as call; "
            f"print(json.dumps(call(*{arguments!r})))"
        )
        return json.loads(manage(self.env, "shell", "--no-imports", "-c", code).splitlines()[-1])


def environment(database: str) -> dict[str, str]:
    own = {
        "DATA_DIR": str(DATA),
        "DATABASE_URL": database,
        "SECRET_KEY": "used-by-the-bench-alone",
        "PYTHONPATH": str(ROOT),
    }
    return {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_SITE} | own


def manage(env: dict[str, str], *command: str) -> str:
    """Run a command of the site; return what it wrote."""
    done = subprocess.run(  # noqa: S603  ours
        [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def fingerprint() -> str:
    """Return what changes with what the corpora hold; into new tables, `migrate` brings them along."""
    digest = sha256()
    for name in SOURCES:
        digest.update((ROOT / name).read_bytes())
    # Said there of each change of what is written into the index.
    version = re.search(r"^VERSION = .*", INDEXING.read_text(encoding="utf-8"), re.MULTILINE)
    digest.update(str(version and version[0]).encode())
    return digest.hexdigest()[:12]


def site_of(size: int, length: int = 0) -> Site:
    """Return a site with so many articles beside the demo content, made now if it is not there.

    Their texts are as long as `texts.length_for` says, or of that `length`.
    """
    length = length or texts.length_for(size)
    if (url := os.environ.get("DATABASE_URL", "")).startswith("postgres"):
        return on_postgresql(size, length, url)
    return on_sqlite(size, length)


def on_sqlite(size: int, length: int) -> Site:
    own = FOLDER / fingerprint()
    if FOLDER.exists():
        for other in set(FOLDER.iterdir()) - {own, DATA, POSTGRESQL}:  # of other code
            shutil.rmtree(other)
    own.mkdir(parents=True, exist_ok=True)
    DATA.mkdir(exist_ok=True)
    base, file = own / "base.sqlite3", own / f"{size}x{length}.sqlite3"
    if not base.exists():
        making = own / "making.sqlite3"
        manage(environment(f"sqlite:///{making}"), "prepare")
        making.rename(base)
    site = Site(size, length, f"sqlite:///{file}")
    note = file.with_suffix(".json")
    if not note.exists():
        file.unlink(missing_ok=True)
        copy(base, file)
        manage(site.env, "migrate")
        note.write_text(json.dumps(site.call("tests.bench.corpus", "fill", size, length)))
    site.made = json.loads(note.read_text())
    manage(site.env, "migrate")
    return site


def copy(database: Path, to: Path) -> None:
    """Copy an SQLite database, with what still stands in its journal."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def on_postgresql(size: int, length: int, url: str) -> Site:
    """Make the database beside the one of DATABASE_URL; what its making showed is its comment."""
    DATA.mkdir(parents=True, exist_ok=True)
    name = f"bench_{fingerprint()}_{size}x{length}"
    site = Site(size, length, database_beside(url, name))
    with on_server(url) as server:
        known = server.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname LIKE 'bench_%'"
        ).fetchall()
        note = dict(known).get(name)
        for other, _ in known:
            if not other.startswith(f"bench_{fingerprint()}_") or (other == name and not note):
                server.execute(f'DROP DATABASE "{other}"')  # of other code, or not finished
        if note is None:
            server.execute(f'CREATE DATABASE "{name}"')
            manage(site.env, "prepare")
            note = json.dumps(site.call("tests.bench.corpus", "fill", size, length))
            server.execute(f"COMMENT ON DATABASE \"{name}\" IS '{note}'")
    site.made = json.loads(note)
    manage(site.env, "migrate")
    return site


def database_beside(url: str, name: str) -> str:
    return url.replace("/portal?", f"/{name}?")


def on_server(url: str) -> Any:
    """Connect to a PostgreSQL, which is there only where it is measured."""
    import psycopg

    return psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True)


@contextmanager
def copied(site: Site) -> Iterator[Site]:
    """Yield a copy to write into."""
    database = site.env["DATABASE_URL"]
    if site.vendor == "PostgreSQL":
        url = os.environ["DATABASE_URL"]
        name = database.rpartition("/bench_")[2].partition("?")[0]
        with on_server(url) as server:
            server.execute("DROP DATABASE IF EXISTS bench_copy")
            server.execute(f'CREATE DATABASE bench_copy TEMPLATE "bench_{name}"')
            yield Site(site.size, site.length, database_beside(url, "bench_copy"))
            server.execute("DROP DATABASE bench_copy WITH (FORCE)")
        return
    file = Path(database.removeprefix("sqlite:///"))
    with tempfile.TemporaryDirectory(dir=file.parent, prefix="copy-") as folder:
        own = Path(folder) / "copy.sqlite3"
        copy(file, own)
        yield Site(site.size, site.length, f"sqlite:///{own}")
