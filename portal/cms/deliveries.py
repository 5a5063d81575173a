"""What the worker does for the kernel beside its own work."""

from __future__ import annotations

from datetime import timedelta

from portal.cms.delivery import periodic
from portal.cms.media.backlog import Backlog

periodic(
    "avif",
    "为新图片制作 AVIF",
    Backlog().step,
    every=timedelta(minutes=10),
    takes=timedelta(minutes=2),
)
