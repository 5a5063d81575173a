"""Statements that take long: which, how long, for which page. Never with what they were given."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.conf import settings
from django.db.backends.signals import connection_created

from portal.cms.seeing import metrics, requests

logger = logging.getLogger("portal.slow")

LONGEST: Final = 1000  # signs of a statement


_unhurried: ContextVar[bool] = ContextVar("unhurried", default=False)


@contextmanager
def unhurried() -> Iterator[None]:
    """Within, nothing is written down: who reads and writes whole tables has statements that take long."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


def watch() -> None:
    """Look at every statement of every connection, unless SLOW_QUERY_MS is 0."""
    if settings.SLOW_QUERY_MS:
        connection_created.connect(_look_at_all, dispatch_uid="seeing.slow")


def _look_at_all(sender: Any, connection: Any, **kwargs: Any) -> None:
    # The same object opens its connection again and again.
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Run a statement; a clock read twice is all it costs where it is quick."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        ms = (time.perf_counter() - began) * 1000
        if ms >= settings.SLOW_QUERY_MS and not _unhurried.get():
            note(str(sql), ms)


def note(sql: str, ms: float) -> None:
    view = requests.view_in_hand() or "-"
    logger.warning(
        "%.0f ms (%s): %s",
        ms,
        view,
        sql[:LONGEST],
        extra={"fields": {"ms": round(ms), "view": view}},
    )
    metrics.slow_statement()
