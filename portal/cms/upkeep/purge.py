"""What is nobody's any more, and goes at night: a batch at a turn, so that no writer waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final, NamedTuple

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.cms.accounts import KnownDevice
from portal.cms.delivery import periodic
from portal.cms.locking import let_others_write
from portal.cms.preview import Preview
from portal.cms.revisions.models import Autosave, Event, Presence, Revision
from portal.cms.seeing.models import BackupRun
from portal.cms.tamper.models import OutsideHost

AT: Final = time(3, 50)
BATCH: Final = 500
LONG: Final = timedelta(days=400)
# Of what stood in a form and was never saved.
TYPED: Final = timedelta(days=30)
# Who did what is kept for half a year by law (网络安全法); here for a year.
AUDITED: Final = timedelta(days=365)
NEWEST: Final = 30
# What readers have seen stays for as long as the item does.
PUBLISHING: Final = (Event.PUBLISHED, Event.APPLIED, Event.SCHEDULED, Event.BASELINE)


class Sweep(NamedTuple):
    """`old` returns the rows that go; they are deleted by their keys, BATCH at a time."""

    label: str
    old: Callable[[datetime], QuerySet[Any]]


def of_model(model: Any, **before: timedelta) -> Callable[[datetime], QuerySet[Any]]:
    """Return what finds the rows of a model whose moment lies so far back."""

    def old(now: datetime) -> QuerySet[Any]:
        moments = {f"{name}__lt": now - span for name, span in before.items()}
        rows: QuerySet[Any] = model._base_manager.filter(**moments)
        return rows

    return old


def old_revisions(now: datetime) -> QuerySet[Any]:
    """Return revisions older than a year, but for the newest thirty of each item, and what was published."""
    later = Revision.objects.filter(
        content_type=OuterRef("content_type"),
        object_id=OuterRef("object_id"),
        pk__gt=OuterRef("pk"),
    ).order_by("-pk")
    old = Revision.objects.filter(at__lt=now - AUDITED).exclude(event__in=PUBLISHING)
    # There are thirty later ones: the thirtieth is there.
    return old.filter(Exists(later[NEWEST - 1 : NEWEST]))


def without_session(now: datetime) -> QuerySet[Any]:
    session = Session.objects.filter(session_key=OuterRef("session_key"))
    rows: QuerySet[Any] = UserSession.objects.exclude(Exists(session))
    # One that is just being made has its session in a moment.
    return rows.filter(created_at__lt=now - timedelta(days=1))


SWEEPS: Final = (
    Sweep("没有保存的草稿（超过 30 天）", of_model(Autosave, saved_at=TYPED)),
    Sweep("打开表单的记录", of_model(Presence, seen_at=timedelta(days=1))),
    Sweep("过期的预览", of_model(Preview, expires_at=timedelta())),
    Sweep("过期的登录", of_model(Session, expire_date=timedelta())),
    Sweep("已结束的登录记录", without_session),
    Sweep("一年多没有登录的设备", of_model(KnownDevice, last_at=LONG)),
    Sweep("一年多前的备份记录", of_model(BackupRun, begun_at=LONG)),
    Sweep("一年多没有出现的站外网址", of_model(OutsideHost, last_at=LONG)),
    Sweep("一年前的修改记录（发布过的和最近 30 次保留）", old_revisions),
)


def batch(sweep: Sweep, now: datetime) -> int:
    """Delete some rows of a sweep; return how many: fewer than BATCH where none are left.

    The keys first: a deletion that looks for its rows itself would keep SQLite's only lock meanwhile.
    """
    rows = sweep.old(now).order_by()
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    # The rule is asked again with the keys: a form that was saved a moment ago is not old any more.
    rows.filter(pk__in=keys).delete()
    return len(keys)


def purge(now: datetime) -> Iterator[tuple[str, int]]:
    """Delete everything that is due to go; yield each sweep with how many rows it took."""
    for sweep in SWEEPS:
        count = 0
        while (deleted := batch(sweep, now)) == BATCH:
            count += deleted
            let_others_write()
        yield sweep.label, count + deleted
    yield "过期的登录限制计数", expire_cache(now)


def expire_cache(now: datetime) -> int:
    """Delete what has expired in the cache of limits: Django does so only when it is full."""
    caches: Any = settings.CACHES
    table = connection.ops.quote_name(caches["default"]["LOCATION"])
    expires = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [expires])  # noqa: S608 - ours
        deleted: int = cursor.rowcount
    return max(0, deleted)


class Night:
    """How far a worker has got in this night's round."""

    def __init__(self) -> None:
        self.at = 0

    def step(self, now: datetime) -> bool:
        """Delete a batch; return whether there may be more."""
        if self.at < len(SWEEPS):
            self.at += batch(SWEEPS[self.at], now) < BATCH
            return True
        expire_cache(timezone.now())
        self.at = 0
        return False


periodic("purge", "清理过期的记录", Night().step, at=AT)
