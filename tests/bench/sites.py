"""Data for the servers: databases of several sizes, made once and kept in `var/bench/`."""

from __future__ import annotations

import json
import os
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

from tests.bench.servers import ROOT

FOLDER = ROOT / "var/bench"
DATA = FOLDER / "data"  # static files, uploads, logs: the same ones for all sizes
# What the developer's shell says about a site of their own says nothing about these.
OF_ANOTHER_SITE = {"ADMIN_PATH", "ALLOWED_HOSTS", "BIND", "DEBUG", "EMAIL_URL", "WEB_WORKERS"}
SOURCES = ("tests/bench/corpus.py", "tests/bench/texts.py", "portal/cms/search/tokens.py")


class Site:
    """The data of one size, as the environment for its processes, and what making it showed."""

    def __init__(self, size: int, database: str) -> None:
        self.size = size
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
    """Return what changes with the corpus and the tables it stands in: other data for other code."""
    digest = sha256()
    for name in SOURCES:
        digest.update((ROOT / name).read_bytes())
    for migration in sorted(ROOT.glob("*/migrations/0*.py")) + sorted(
        ROOT.glob("portal/cms/migrations/0*.py")
    ):
        digest.update(migration.name.encode())
    return digest.hexdigest()[:12]


def site_of(size: int) -> Site:
    """Return a site with so many articles beside the demo content, made now if it is not there."""
    if (url := os.environ.get("DATABASE_URL", "")).startswith("postgres"):
        return on_postgresql(size, url)
    return on_sqlite(size)


def on_sqlite(size: int) -> Site:
    own = FOLDER / fingerprint()
    if FOLDER.exists():
        for other in set(FOLDER.iterdir()) - {own, DATA}:  # of other code
            shutil.rmtree(other)
    own.mkdir(parents=True, exist_ok=True)
    DATA.mkdir(exist_ok=True)
    base, file = own / "base.sqlite3", own / f"{size}.sqlite3"
    if not base.exists():
        making = own / "making.sqlite3"
        manage(environment(f"sqlite:///{making}"), "prepare")
        making.rename(base)
    site = Site(size, f"sqlite:///{file}")
    note = own / f"{size}.json"
    if not note.exists():
        file.unlink(missing_ok=True)
        copy(base, file)
        site.made = site.call("tests.bench.corpus", "fill", size)
        note.write_text(json.dumps(site.made))
    site.made = json.loads(note.read_text())
    return site


def copy(database: Path, to: Path) -> None:
    """Copy an SQLite database, with what still stands in its journal."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


@contextmanager
def copied(site: Site) -> Iterator[Site]:
    """Yield a copy to write into; on PostgreSQL the site itself, which goes with its server."""
    if site.vendor == "PostgreSQL":
        yield site
        return
    file = Path(site.env["DATABASE_URL"].removeprefix("sqlite:///"))
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="copy-") as folder:
        own = Path(folder) / "copy.sqlite3"
        copy(file, own)
        yield Site(site.size, f"sqlite:///{own}")


def on_postgresql(size: int, url: str) -> Site:
    """Make the database beside the one of DATABASE_URL; it goes with its server."""
    name = f"bench_{size}"
    DATA.mkdir(parents=True, exist_ok=True)
    import psycopg

    with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    site = Site(size, url.replace("/portal?", f"/{name}?"))
    manage(site.env, "prepare")
    site.made = site.call("tests.bench.corpus", "fill", size)
    return site
