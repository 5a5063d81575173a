"""Rows of an import into the database, a batch in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, Generic, Protocol, TypeVar

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.deadlocks import again_if_deadlocked
from portal.cms.locking import let_others_write
from portal.cms.site import SiteProfile
from portal.transfer.batch import Circumstances
from portal.transfer.report import Entry, Report

REFUSED: Final = "数据库不接受这一行：{}"


class Skippable(Protocol):
    def skipped(self, *why: str) -> Entry: ...


R = TypeVar("R", bound=Skippable)


class Writer(Generic[R]):
    """One run: what it is judged by, and its report."""

    def __init__(self, report: Report, *, dry_run: bool) -> None:
        self.report = report
        self.dry_run = dry_run
        logins = frozenset(User.objects.values_list("username", flat=True))
        self.given = Circumstances(timezone.now(), SiteProfile.load(), logins)

    def write(self, rows: Sequence[R | Entry]) -> None:
        """Import and report rows in one transaction; each half by itself if the database refuses any."""
        try:
            entries = again_if_deadlocked(partial(self.attempt, rows))
        except OperationalError:  # refuses all
            raise
        except DatabaseError as error:
            if half := len(rows) // 2:
                for part in (rows[:half], rows[half:]):
                    let_others_write()
                    self.write(part)
                return
            entries = [
                row if isinstance(row, Entry) else row.skipped(REFUSED.format(error))
                for row in rows
            ]
        self.report.take(entries)

    def attempt(self, rows: Sequence[R | Entry]) -> list[Entry]:
        """Import rows in one transaction, which a dry run takes back."""
        with transaction.atomic():
            entries = self.import_rows(rows)
            if self.dry_run:
                transaction.set_rollback(True)
        return entries

    def import_rows(self, rows: Sequence[R | Entry]) -> list[Entry]:
        """Import rows; return what became of each, in their order."""
        raise NotImplementedError
