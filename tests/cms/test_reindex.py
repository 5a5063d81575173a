"""Writing the index anew while others write."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from portal.cms.search import indexing
from portal.cms.search.register import searchable_of
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
def test_rows_are_locked_upwards_as_others_lock_them() -> None:
    for title in "甲乙丙":
        cast.article(title)

    with CaptureQueriesContext(connection) as queries:
        assert list(indexing.reindex(searchable_of(Article), batch=2)) == [2, 1]

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert len(locks) == 2
    assert all(re.search(r'ORDER BY "\w+"\."id" ASC', lock) for lock in locks)


def test_a_batch_that_yields_to_others_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for title in "甲乙丙":
        cast.article(title)
    write = indexing.index_all
    error = OperationalError("deadlock detected")
    error.__cause__ = Exception()
    error.__cause__.sqlstate = "40P01"  # type: ignore[attr-defined]
    yields = [error]

    def yielding(items: list[Article]) -> None:
        write(items)
        if yields:
            raise yields.pop()

    monkeypatch.setattr(indexing, "VERSION", indexing.VERSION + 1)
    monkeypatch.setattr(indexing, "index_all", yielding)

    assert list(indexing.reindex(searchable_of(Article), batch=2)) == [2, 1]
    assert indexing.is_current()
