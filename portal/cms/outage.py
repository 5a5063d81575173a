"""What an error says about the world: busy, full, away. Looked at in one place, for every answer."""

from __future__ import annotations

import errno
from enum import Enum
from typing import Any, Final

from django.db import DatabaseError, InterfaceError


class Outage(Enum):
    """Something outside of our code that passes, or that the owner can put right."""

    BUSY = "busy"  # another writer is in the way
    FULL = "full"  # no room on the disk
    AWAY = "away"  # the database cannot be reached
    FILES = "files"  # the store of pictures and files cannot be reached


class StorageAwayError(OSError):
    """The store of files does not answer, or refuses us."""


# Of SQLite: Django hands on no codes, and the texts have never changed.
SAID: Final = (
    ("locked", Outage.BUSY),
    ("disk is full", Outage.FULL),
    ("disk i/o error", Outage.FULL),
    ("readonly database", Outage.FULL),
    ("unable to open database file", Outage.AWAY),
)
# Of PostgreSQL (appendix A of its manual): the whole state, or the class that it begins with.
STATES: Final = {
    "55P03": Outage.BUSY,  # lock_not_available
    "40001": Outage.BUSY,  # serialization_failure
    "40P01": Outage.BUSY,  # deadlock_detected
    "53100": Outage.FULL,  # disk_full
    "53300": Outage.AWAY,  # too_many_connections
    "57P01": Outage.AWAY,  # admin_shutdown
    "57P02": Outage.AWAY,  # crash_shutdown
    "57P03": Outage.AWAY,  # cannot_connect_now
    "08": Outage.AWAY,  # connection_exception
}
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what an error, or the one that caused it, says about the world; None: the fault is ours."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if (outage := _alone(error)) is not None:
            return outage
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def _alone(error: BaseException) -> Outage | None:
    if isinstance(error, StorageAwayError):
        return Outage.FILES
    if isinstance(error, OSError):
        return Outage.FULL if error.errno in NO_ROOM else None
    if isinstance(error, InterfaceError):  # «connection already closed»
        return Outage.AWAY if "closed" in str(error) else None
    if not isinstance(error, DatabaseError):
        return None
    cause: Any = error.__cause__
    if hasattr(cause, "sqlstate"):
        return _of_postgresql(cause.sqlstate, error)
    text = str(error).lower()
    return next((outage for words, outage in SAID if words in text), None)


def _of_postgresql(state: str | None, error: DatabaseError) -> Outage | None:
    if state is None:  # libpq itself: nobody there, or gone in the middle
        return Outage.AWAY if type(error).__name__ == "OperationalError" else None
    return STATES.get(state) or STATES.get(state[:2])
