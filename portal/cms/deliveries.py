"""What the worker does for the kernel beside its own work."""

from __future__ import annotations

from datetime import time, timedelta

from portal.cms.delivery import periodic
from portal.cms.engines import crawl  # noqa: F401 - registers its task
from portal.cms.media.backlog import Backlog
from portal.cms.redirects import counting
from portal.cms.tamper import wire  # noqa: F401 - registers its task, and the alarm
from portal.cms.upkeep import purge  # noqa: F401 - registers its task

periodic(
    "avif",
    "为新图片制作 AVIF",
    Backlog().step,
    every=timedelta(minutes=10),
    takes=timedelta(minutes=2),
)
periodic("misses", "清理没有人再访问的 404 记录", counting.sweep, at=time(4, 40))
