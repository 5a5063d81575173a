"""Drawing one picture at a time: each may take some hundred megabytes, and all threads upload."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

PATIENCE: Final = 20.0  # seconds; somebody waits for the answer
A_MOMENT: Final = 0.01
LOCK: Final = "drawing.lock"


class BusyError(TimeoutError):
    """Others are drawing, and have been for as long as one may wait."""


@contextmanager
def turn(seconds: float = PATIENCE) -> Iterator[None]:
    """Draw while nobody else does, in whichever process or thread of this machine.

    Who holds it asks nothing of the database, whose lock another may hold who waits here. A process that
    dies lets go. Not to be nested. Raises BusyError.
    """
    deadline = time.monotonic() + seconds
    with Path(settings.DATA_DIR, LOCK).open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BusyError from None
                time.sleep(A_MOMENT)
        yield
