"""Transactions that PostgreSQL breaks off, so that another one can go on: they are done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

TRIES = 5
PAUSE = 0.1  # seconds
DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE; SQLite has one writer, and no such thing

T = TypeVar("T")


def again_if_deadlocked(work: Callable[[], T]) -> T:
    """Return what `work` does, which is a transaction; done again if it was the one to yield.

    Two who lock the same rows in another order wait for each other, until PostgreSQL ends one of them.
    What locks many rows can keep an order among those it knows, but not among all that follows.
    Raises what `work` does, and OperationalError where it yields every time.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                raise
        # A row that is free goes to whoever comes first; the other one has to wake up yet.
        time.sleep(PAUSE)
    return work()
