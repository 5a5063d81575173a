"""Transactions that wait for each other on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction

from articles.models import Article
from portal.cms.deadlocks import TRIES, again_if_deadlocked
from tests import cast

# The connections of other threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_of_two_who_wait_for_each_other_both_come_through() -> None:
    pks = [cast.article(title).pk for title in "甲乙"]
    both_hold_one = Barrier(2)
    tries: list[int] = []

    def rename(first: int, second: int) -> None:
        waits = [both_hold_one]

        @transaction.atomic
        def work() -> None:
            tries.append(first)
            Article.objects.filter(pk=first).update(title="改过的")
            if waits:
                waits.pop().wait(timeout=20)
            Article.objects.filter(pk=second).update(title="改过的")

        try:
            again_if_deadlocked(work)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(rename, *pks), pool.submit(rename, *reversed(pks))]:
            done.result()

    assert len(tries) == 3


@pytest.mark.parametrize(("state", "tries"), [("40P01", TRIES), ("55P03", 1), (None, 1)])
def test_it_is_tried_again_a_few_times_and_for_nothing_else(state: str | None, tries: int) -> None:
    tried: list[int] = []

    def failing() -> None:
        tried.append(1)
        error = OperationalError("the database says no")
        error.__cause__ = Exception()
        error.__cause__.sqlstate = state  # type: ignore[attr-defined]
        raise error

    with pytest.raises(OperationalError):
        again_if_deadlocked(failing)

    assert len(tried) == tries
