"""Who writes now: an item's lock, and how long a request waits for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from portal.cms.publishing import Publishable

LITTLE = 1.0  # seconds


def lock(model: type[Publishable], pk: object) -> Publishable | None:
    """Return an item that nobody else writes until the transaction ends; None where there is none."""
    return model._base_manager.select_for_update().filter(pk=pk).first()


@contextmanager
def waiting_little(seconds: float = LITTLE) -> Iterator[None]:
    """Within, a lock that others hold for more than these seconds is an OperationalError.

    For writing on behalf of a reader, who came for a page and not for the lock: SQLite's one writer
    may be busy for minutes with an import.
    """
    usual = settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 0)
    _wait(seconds)
    try:
        yield
    finally:
        _wait(usual)


def _wait(seconds: float) -> None:
    setting = "PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SET lock_timeout"
    with connection.cursor() as cursor:
        cursor.execute(f"{setting} = {int(seconds * 1000)}")
