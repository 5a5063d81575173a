"""The backup that is made every night, and how many of them stay."""

from __future__ import annotations

import subprocess  # our own manage.py, see `start`
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from portal.cms.delivery import periodic
from portal.cms.seeing.models import BackupRun
from portal.transfer.backup.making import PREFIXES, SUFFIX, NotSentError, make
from portal.transfer.copying.rows import Tell

AT: Final = time(2, 40)
OURS: Final = PREFIXES[BackupRun.Kind.NIGHTLY]


def start(now: datetime) -> None:
    """Start a backup in a process of its own: the worker has messages to send meanwhile."""
    if not settings.BACKUP_KEEP:
        return
    process = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "backup", "--nightly"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # it need not end where the worker does
    )
    # Somebody has to ask for its end, or it stays a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


def run(tell: Tell) -> None:
    """Make tonight's backup, and delete those that are too many. Raises BackupError; then all stay.

    But where only the bucket refuses its copy, those here are as many as ever: the disk has an end.
    """
    try:
        make(kind=BackupRun.Kind.NIGHTLY, to_s3=settings.BACKUP_TO_S3, tell=tell)
    except NotSentError:
        sweep_here()
        raise
    sweep_here()
    if settings.BACKUP_TO_S3:
        sweep_bucket()


def sweep_here() -> None:
    for name in too_many(path.name for path in settings.BACKUP_DIR.glob(f"{OURS}*{SUFFIX}")):
        (settings.BACKUP_DIR / name).unlink(missing_ok=True)


def too_many(names: Iterable[str]) -> list[str]:
    """Return the backups that go: beyond as many as stay, and older than as many days.

    Several of one day, by 现在备份, push none of the nights before out.
    """
    keep = max(settings.BACKUP_KEEP, 1)
    eldest = f"{OURS}{timezone.localdate() - timedelta(days=keep - 1):%Y%m%d}"
    return [name for name in sorted(names)[:-keep] if name < eldest]


def sweep_bucket() -> None:
    from portal.cms.media.bucket import BackupBucket  # boto3 is there only where there is a bucket

    bucket = BackupBucket()
    for name in too_many(name for name in bucket.listdir("")[1] if name.startswith(OURS)):
        bucket.delete(name)


periodic("backup", "每晚备份", start, at=AT, takes=timedelta(minutes=1))
