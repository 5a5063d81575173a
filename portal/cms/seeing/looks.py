"""What every node can look at: disk, storage, worker, what waits, backups, the clock of the pages.

All in the owner's words. Only the disk here (and the database, in `probes`) is fatal: a node must not
leave the balancer because a mail is late. Then all would leave, and readers find nobody.
"""

from __future__ import annotations

import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from portal.cms.delivery.due import worker_is_alive
from portal.cms.delivery.models import Delivery
from portal.cms.pagecache.epochs import clock
from portal.cms.seeing.models import BackupRun
from portal.cms.seeing.probes import State, probe

MB: Final = 2**20
GB: Final = 2**30
# Where saving fails any moment, a node should get no visitors who save.
NOTHING_LEFT: Final = 50 * MB
# Below this the owner is told, while there is time to do something: a twentieth of the disk, at least
# LEAST_FREE; PLENTY is enough on any disk, however small a share of it that is.
LEAST_FREE: Final = 500 * MB
LEAST_SHARE: Final = 0.05
PLENTY: Final = 5 * GB
# A message that has not been taken up by then: no worker, or one that hangs.
LATE: Final = timedelta(minutes=15)
# Every night, and half a day for a night that was missed.
OLD: Final = timedelta(hours=36)
# By time.monotonic(): when this was loaded, which is before gunicorn has its workers (`--preload`).
STARTED_AT: Final = time.monotonic()
STARTING: Final = 60.0  # seconds
# A name that no file has.
NO_FILE: Final = "readyz"


def disk() -> State:
    usage = shutil.disk_usage(settings.DATA_DIR)
    free = usage.free
    scarce = free < LEAST_FREE or (free < PLENTY and free < usage.total * LEAST_SHARE)
    words = f"还有 {in_words(free)}，共 {in_words(usage.total)}"
    if not os.access(settings.DATA_DIR, os.W_OK):
        return State(False, "数据文件夹不能写入", free, fatal=True)
    if scarce:
        words = f"快满了：{words}。请删除旧文件或扩容"
        return State(False, words, free, fatal=free < NOTHING_LEFT)
    return State(True, words, free)


def storage() -> State:
    """Where the object store is away, the question raises. A folder is made by the first upload: until then
    it may be missing.
    """
    if settings.S3_BUCKET:
        default_storage.exists(NO_FILE)
        return State(True, f"对象存储 {settings.S3_BUCKET} 正常")
    for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT):
        if os.path.exists(folder) and not os.access(folder, os.W_OK | os.X_OK):
            return State(False, f"文件夹 {os.path.basename(folder)} 不能写入")
    return State(True, "正常")


def worker() -> State:
    """Whether one is at work. It takes a moment after the start, and a dead one is hidden no longer than that."""
    if worker_is_alive():
        return State(True, "正在运行")
    if time.monotonic() - STARTED_AT < STARTING:
        return State(True, "正在启动")
    return State(False, "三分钟没有动静：通知、定时修改和备份都会停下。请重新启动后台任务")


def waiting() -> State:
    """The outbox: how long the eldest message that is due has waited. One query."""
    now = timezone.now()
    pending = Delivery.objects.filter(state=Delivery.State.PENDING, due_at__lte=now)
    # What waits for a target that is switched off, or rests, waits rightly.
    pending = pending.filter(target__active=True).exclude(target__paused_until__gt=now)
    first = pending.order_by("due_at").values_list("due_at", flat=True).first()
    minutes = int((now - first).total_seconds() // 60) if first else 0
    if first is not None and now - first > LATE:
        return State(False, f"最早的一条已经等了 {minutes} 分钟", minutes)
    return State(True, "没有积压", minutes)


def backup() -> State:
    """When the last good backup was made, unless none is wanted. One query, two on a young site."""
    if not settings.BACKUP_KEEP:
        return State(True, "没有开启自动备份（BACKUP_KEEP=0）")
    good = BackupRun.objects.filter(problem="", finished_at__isnull=False)
    at: datetime | None = good.values_list("finished_at", flat=True).first()
    if at is None:
        problem = BackupRun.objects.exclude(problem="").values_list("problem", flat=True).first()
        return State(False, problem or "还没有备份过。第一份在今晚 02:40，也可以现在就做一份")
    age = timezone.now() - at
    hours = age.total_seconds() / 3600
    said = f"最近一份：{timezone.localtime(at):%m月%d日 %H:%M}"
    return State(age <= OLD, said if age <= OLD else f"{said}，太久了", round(hours, 1))


def epoch() -> State:
    """The page cache: of which generation the pages are that this process answers with."""
    present = clock.present()
    if present.generation < 0:
        return State(False, "还不知道内容有没有变化，暂时显示旧页面")
    return State(True, "正常", present.generation)


def database_bytes() -> int:
    """Return how large the database is: on PostgreSQL a query; of SQLite the file, and its log beside it."""
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        parts = (file, file.with_name(f"{file.name}-wal"))
        return sum(part.stat().st_size for part in parts if part.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    return size


def in_words(size: float) -> str:
    """Return a size as the owner reads it."""
    for unit, name in ((GB, "GB"), (MB, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 100 * unit else f"{size / unit:.0f} {name}"
    return f"{size / 1024:.0f} KB"


probe("disk", "磁盘", disk, fatal=True)
probe("storage", "图片与文件", storage)
probe("worker", "后台任务", worker)
probe("waiting", "待发通知", waiting)
probe("backup", "备份", backup)
probe("pages", "整页缓存", epoch)
