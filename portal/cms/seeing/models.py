"""What was backed up, when, and how it went."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

# No backup takes as long: a million pictures are copied in an hour or two.
LONGEST: Final = timedelta(hours=6)


class BackupRun(models.Model):
    """One backup that was begun. Without an end it is still running, or was cut off."""

    class Kind(models.TextChoices):
        NIGHTLY = "nightly", "每晚"
        HAND = "hand", "人工"

    kind = models.CharField("方式", max_length=10, choices=Kind.choices)
    node = models.CharField("服务器", max_length=60)
    begun_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("完成", null=True)
    name = models.CharField("文件", max_length=200)
    size = models.BigIntegerField("字节数", default=0)
    files = models.PositiveIntegerField("文件数", default=0)
    problem = models.CharField("问题", max_length=300, default="")

    class Meta:
        verbose_name = "备份"
        verbose_name_plural = "备份记录"
        ordering = ["-begun_at", "-pk"]
        indexes = [
            # The last ones, on 运行状态 and for the probe.
            models.Index(fields=["-begun_at"], name="backuprun_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether it is at work. One that was killed has no end either; the next will say so of it."""
        return self.finished_at is None and timezone.now() - self.begun_at < LONGEST
