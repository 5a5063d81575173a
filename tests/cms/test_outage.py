"""What an error says about the world."""

from __future__ import annotations

import errno

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.template import TemplateDoesNotExist

from portal.cms.outage import Outage, StorageAwayError, outage_of


class Refused(Exception):  # noqa: N818 - plays psycopg's
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


def because(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def during(error: Exception, other: BaseException) -> Exception:
    error.__context__ = other
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (OperationalError("database is locked"), Outage.BUSY),
        (OperationalError("database table is locked: cms_page"), Outage.BUSY),
        (OperationalError("database or disk is full"), Outage.FULL),
        (OperationalError("disk I/O error"), Outage.FULL),
        (OperationalError("attempt to write a readonly database"), Outage.FULL),
        (OperationalError("unable to open database file"), Outage.AWAY),
        (OperationalError("no such table: cms_page"), None),
        (because(OperationalError(), Refused("55P03")), Outage.BUSY),
        (because(OperationalError(), Refused("40P01")), Outage.BUSY),
        (because(OperationalError(), Refused("53100")), Outage.FULL),
        (because(OperationalError(), Refused("53300")), Outage.AWAY),
        (because(OperationalError(), Refused("57P01")), Outage.AWAY),
        (because(OperationalError(), Refused("08006")), Outage.AWAY),
        (because(OperationalError("connection refused"), Refused(None)), Outage.AWAY),
        (because(DataError(), Refused("22001")), None),
        (because(IntegrityError(), Refused("23505")), None),
        (InterfaceError("connection already closed"), Outage.AWAY),
        (InterfaceError("Error binding parameter 0"), None),
        (OSError(errno.ENOSPC, "No space left on device"), Outage.FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Outage.FULL),
        (FileNotFoundError(errno.ENOENT, "x"), None),
        (StorageAwayError("no answer"), Outage.FILES),
        (because(ValueError(), StorageAwayError()), Outage.FILES),
        (during(ValueError(), OperationalError("database is locked")), Outage.BUSY),
        (TemplateDoesNotExist("x.html"), None),
        (None, None),
    ],
)
def test_an_error_is_told_apart(error: BaseException | None, outage: Outage | None) -> None:
    assert outage_of(error) is outage


def test_an_error_that_hides_another_on_purpose_is_itself() -> None:
    error = during(ValueError(), OperationalError("database is locked"))
    error.__suppress_context__ = True
    assert outage_of(error) is None


def test_errors_that_go_round_in_circles_end() -> None:
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one
    assert outage_of(one) is None
