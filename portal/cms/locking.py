"""Who writes now: an item's lock, and how long a request waits for one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from portal.cms.publishing import Publishable

LITTLE = 1.0  # seconds
TURN = 0.1  # seconds, the longest between two looks of those who wait for SQLite's lock


def lock(model: type[Publishable], pk: object) -> Publishable | None:
    """Return an item that nobody else writes until the transaction ends; None where there is none."""
    return model._base_manager.select_for_update().filter(pk=pk).first()


@contextmanager
def waiting_little(seconds: float = LITTLE) -> Iterator[None]:
    """Within, a lock that others hold for more than these seconds is an OperationalError.

    For writing on behalf of a reader, who came for a page and not for the lock: SQLite has one writer.
    """
    usual = settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 0)
    _wait(seconds)
    try:
        yield
    finally:
        _wait(usual)


def let_others_write() -> None:
    """Leave SQLite alone for a moment: for whoever writes one transaction after the other, between them.

    Its lock goes to whoever happens to find it free. PostgreSQL lets writers in by turns.
    """
    if connection.vendor == "sqlite":
        time.sleep(TURN)


def _wait(seconds: float) -> None:
    setting = "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SET lock_timeout"
    with connection.cursor() as cursor:
        cursor.execute(f"{setting} = {int(seconds * 1000)}")
