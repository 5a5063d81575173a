"""How often somebody may do something: counted in the database, for all workers alike.

What is counted by, an address or a telephone number, is not stored: only its HMAC, with the window's
beginning in it, so that nobody can be followed from one day to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar

from django.db import DatabaseError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.cms.delivery import periodic

# The longest window is a day; one that has just ended is nobody's any more.
KEPT = timedelta(days=2)
# Of whom a process remembers how often: a few megabytes at most.
MOST_KEYS = 10_000


class Limit(models.Model):
    """How often one key was taken in one window."""

    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            # Where a window's count is found, by whoever takes from it.
            models.UniqueConstraint(fields=["key", "since"], name="cms_limit_once")
        ]
        indexes = [
            # What is swept away at night.
            models.Index(fields=["since"], name="cms_limit_since")
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.since}: {self.count}"


@dataclass(frozen=True)
class Verdict:
    """Whether it may be done, how often more, and, where not, from when on it may again."""

    allowed: bool
    left: int
    again_at: datetime | None = None


@dataclass(frozen=True)
class Window:
    """An hour by the clock, or a day of Asia/Shanghai, and how often it allows."""

    key: str
    since: datetime
    until: datetime
    most: int


def take(
    purpose: str, key: str, *, hour: int | None = None, day: int | None = None, by: int = 1
) -> Verdict:
    """Count that `key` does something once more, and tell whether it may: so often an hour, and a day.
    With `by`, that it has done so many times.

    Five queries at most; one, and no write, where the limit is reached already. Within a transaction the
    count is part of it, and others with the same key wait for its end.
    """
    windows = _windows(purpose, key, hour, day)
    full = _first_full(windows, _counts(windows))
    if full is not None:
        return Verdict(False, 0, full.until)
    with transaction.atomic():
        rows = [Limit(key=window.key, since=window.since) for window in windows]
        Limit.objects.bulk_create(rows, ignore_conflicts=True)
        # One after the other: two who lock the same rows in another order would wait for each other.
        for window in windows:
            Limit.objects.filter(key=window.key).update(count=F("count") + by)
        # Under the lock of the update: with ours in it, and nobody's later one.
        counts = _counts(windows)
    left = min(window.most - counts.get(window.key, 0) for window in windows)
    if left < 0:  # somebody was faster
        late = max(w.until for w in windows if counts.get(w.key, 0) > w.most)
        return Verdict(False, 0, late)
    return Verdict(True, left)


class Lumps:
    """A limit for what most do a few times an hour: that is counted in memory, and never written.

    Each process writes down every so many times at once. So the limit holds for all workers to within a
    lump for each of them; a process that has not written yet does not know what others have.
    """

    all: ClassVar[list[Lumps]] = []

    def __init__(self, purpose: str, *, hour: int, lump: int) -> None:
        self.all.append(self)
        self.purpose, self.hour, self.lump = purpose, hour, lump
        self.counts: OrderedDict[str, int] = OrderedDict()
        self.refused: dict[str, Verdict] = {}

    def take(self, key: str) -> Verdict:
        """Count that `key` does it once more, and tell whether it may. A database that is busy does not
        know, and refuses nobody.
        """
        refused = self.refused.get(key)
        if refused and refused.again_at and refused.again_at > timezone.now():
            return refused
        count = self.counts.pop(key, 0) + 1
        self.counts[key] = count % self.lump
        if len(self.counts) > MOST_KEYS:
            self.counts.popitem(last=False)  # who has not been here for longest
        if count < self.lump:
            return Verdict(True, self.hour)
        try:
            verdict = take(self.purpose, key, hour=self.hour, by=self.lump)
        except DatabaseError:
            return Verdict(True, 0)
        if not verdict.allowed:
            if len(self.refused) >= MOST_KEYS:
                self.refused.clear()
            self.refused[key] = verdict
        return verdict


def forget() -> None:
    """Forget what is in the memory of this process (for tests)."""
    for lumps in Lumps.all:
        lumps.counts.clear()
        lumps.refused.clear()


def _windows(purpose: str, key: str, hour: int | None, day: int | None) -> list[Window]:
    now = timezone.localtime()
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    today = datetime.combine(now.date(), time(), now.tzinfo)
    spans = [(today, timedelta(days=1), day), (this_hour, timedelta(hours=1), hour)]
    windows = []
    for since, span, most in spans:
        if most is not None:
            # With the span: the first hour of a day begins with it.
            value = f"{purpose}|{span}|{since.isoformat()}|{key}"
            digest = salted_hmac("cms.limits", value, algorithm="sha256").hexdigest()
            windows.append(Window(digest, since, since + span, most))
    if not windows:
        raise ValueError("a limit is so many an hour, or a day, or both")
    return windows


def _counts(windows: list[Window]) -> dict[str, int]:
    rows = Limit.objects.filter(key__in=[window.key for window in windows])
    return dict(rows.values_list("key", "count"))


def _first_full(windows: list[Window], counts: dict[str, int]) -> Window | None:
    return next((w for w in windows if counts.get(w.key, 0) >= w.most), None)


def sweep(now: datetime) -> None:
    """Forget windows that have ended."""
    Limit.objects.filter(since__lt=now - KEPT).delete()


periodic("limits", "清理限流计数", sweep, at=time(4, 0))
