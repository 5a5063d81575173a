"""What puts the database back between tests must not wait for ever, or a run never ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import pristine


def test_a_transaction_that_is_left_open_ends_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pristine, "PATIENCE", 0.0)
    path = tmp_path / "site.sqlite3"
    with (
        closing(sqlite3.connect(":memory:")) as source,
        closing(sqlite3.connect(path)) as writer,
        closing(sqlite3.connect(path, timeout=0)) as target,
    ):
        source.execute("CREATE TABLE kept (name)")
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="transaction open"):
            pristine.copy(source, target)

        writer.rollback()
        pristine.copy(source, target)

        assert target.execute("SELECT count(*) FROM kept").fetchone() == (0,)
