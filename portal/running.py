"""A lock on the data folder: who serves the site holds it together, who restores a backup holds it alone.

Held as long as a process lives that has inherited it, however that ends: nothing is left to be removed.
Imports no settings, as `portal.guardian`.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

NAME = "serving.lock"


class TakenError(Exception):
    """Somebody holds the lock who excludes us."""


def hold(folder: Path, *, alone: bool = False) -> int:
    """Take the lock of a data folder at once, and return what holds it: closed, it is given back.

    Programs that this process turns into (`exec`) go on holding it. Raises TakenError where that cannot
    be: together with who holds it alone, or alone beside anybody; OSError where the folder cannot be
    written to.
    """
    descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise TakenError from error
    os.set_inheritable(descriptor, not alone)
    return descriptor
