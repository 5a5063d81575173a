"""Waiting for other processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SECONDS = 60  # for what takes two where nothing else runs


def until(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Return when `condition` holds. Fails, with `what` is wrong, when that takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.05)
