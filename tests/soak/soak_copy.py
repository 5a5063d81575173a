"""A site moves from SQLite to PostgreSQL and back again: the same rows, the same pages, all three times.

Run by `make soak`, not by `make test`; ARTICLES=… for another size.
"""

from __future__ import annotations

import os
import subprocess  # each side of a move is a process with settings of its own
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.nodes import Postgres
from tests.soak.soak_backup import ARTICLES, FILL
from tests.soak.soak_kills import ROOT, SETUP
from tests.transfer.reading import SUMS_ALONE, read_elsewhere


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of an empty database, on a server of its own."""
    server = Postgres()
    try:
        yield server.url
    finally:
        server.end()


def test_there_and_back_again_is_the_same(postgresql: str, tmp_path: Path) -> None:
    first, last = (f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("first", "last"))
    env = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "SITE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "used-by-the-soak-alone",
    }

    def manage(url: str, *command: str) -> float:
        began = time.monotonic()
        subprocess.run(  # noqa: S603 - ours
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**env, "DATABASE_URL": url},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.monotonic() - began

    def read(url: str, *how: str) -> dict[str, dict[str, str]]:
        return read_elsewhere({**env, "DATABASE_URL": url}, *how)

    manage(first, "migrate", "--verbosity=0")
    manage(first, "shell", "--verbosity=0", "--command", SETUP + FILL)
    before = read(first, SUMS_ALONE)["sums"]
    for source, target in ((first, postgresql), (postgresql, last)):
        took = manage(source, "copy_to", target)
        took_index = manage(target, "reindex", "--verbosity=0")
        assert read(target, SUMS_ALONE)["sums"].items() ^ before.items() == set()
        engine = target.partition(":")[0]
        print(f"{ARTICLES} articles to {engine}: {took:.1f} s, and {took_index:.1f} s of indexing")
    pages = read(first)["pages"]
    assert read(postgresql)["pages"] == pages
    assert read(last)["pages"] == pages
    print(f"{len(before)} tables and {len(pages)} pages the same, there and back")
