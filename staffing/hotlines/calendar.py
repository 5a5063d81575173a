"""Filling the calendar of rest days and make-up days from a library.

The library is a supplier, not the truth: until the State Council's notice of a year is out (November of
the year before), it knows the statutory days and no make-up days; and a notice may be corrected. So its
days become rows that the staff can see and correct, and what the staff entered is left alone.

`holidays` takes 40 MB and half a second to import: only commands and the worker's own subprocess call
`known_days`, never a web worker (tested).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.cms.pagecache.epochs import content_changed
from staffing.models import SpecialDay
from staffing.models.calendar import SATURDAY

LIBRARY = SpecialDay.Source.LIBRARY
DAY = timedelta(days=1)
# The notice comes in November, and the library's next version with it: an update of the site brings it.
EVERY: Final = timedelta(days=7)
SECONDS: Final = 120


@dataclass(frozen=True)
class Year:
    """What the library knows of a year; `certain` where the notice of the year is in it."""

    year: int
    days: dict[date, tuple[SpecialDay.Kind, str]]
    certain: bool


def known_days(year: int) -> Year:
    """Ask the library. The notices count the week-ends beside a holiday in, so they rest as well."""
    import holidays  # not at the top: see above

    # With the next: the last week-end of a year may be that beside New Year's Day.
    calendar = holidays.country_holidays("CN", years=(year, year + 1), language="zh_CN")
    worked = set(getattr(calendar, "weekend_workdays", ()))
    days = {day: (SpecialDay.Kind.REST, name[:40]) for day, name in calendar.items()}
    for first in sorted(days):
        for step in (DAY, -DAY):
            day = first + step
            while day.weekday() >= SATURDAY and day not in worked:
                days.setdefault(day, (SpecialDay.Kind.REST, "周末连休"))
                day += step
    days |= dict.fromkeys(worked, (SpecialDay.Kind.WORK, "调休上班"))
    of_the_year = {day: what for day, what in days.items() if day.year == year}
    # Every notice moves some days: a year without any has none yet.
    return Year(year, of_the_year, certain=any(day.year == year for day in worked))


@transaction.atomic
def fill(years: Iterable[Year]) -> int:
    """Write the library's days of these years, and return how many rows that changed.

    Rows of the staff stay, and no day gets a second one; nor does a guess take the place of a notice, as
    with a library older than that of before. A few queries, whatever was known.
    """
    changed = 0
    for known in years:
        rows = {row.day: row for row in SpecialDay.objects.filter(day__year=known.year)}
        if not known.certain and any(_is_announced(row) for row in rows.values()):
            continue
        old = [row for row in rows.values() if row.source == LIBRARY and row.day not in known.days]
        fresh = [
            SpecialDay(
                day=day,
                kind=kind,
                name=name,
                source=LIBRARY,
                certain=known.certain,
                pk=row.pk if (row := rows.get(day)) else None,
            )
            for day, (kind, name) in known.days.items()
            if day not in rows or rows[day].source == LIBRARY
        ]
        new = [row for row in fresh if row.pk is None]
        other = [row for row in fresh if row.pk is not None and _said(row) != _said(rows[row.day])]
        SpecialDay.objects.filter(pk__in=[row.pk for row in old]).delete()
        SpecialDay.objects.bulk_create(new)
        SpecialDay.objects.bulk_update(other, ["kind", "name", "certain"])
        changed += len(old) + len(new) + len(other)
    if changed:
        content_changed()
    return changed


def _is_announced(row: SpecialDay) -> bool:
    return row.source == LIBRARY and row.certain


def _said(row: SpecialDay) -> tuple[str, str, bool]:
    return row.kind, row.name, row.certain


def wanted_years() -> tuple[int, int]:
    """The years the site needs: this one, and the next for what lies ahead in December."""
    year = timezone.localdate().year
    return year, year + 1


def refresh(now: datetime) -> None:
    """Fill the table from a process of its own, which gives the memory back. For the worker."""
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "fill_calendar",
        "--verbosity=0",
    ]
    subprocess.run(command, check=True, timeout=SECONDS)  # noqa: S603 - our own words
