"""How often which page led to a call."""

from __future__ import annotations

from django.db import models


class DailyCalls(models.Model):
    """Taps on a number, by page and day. Never by whom. (Who asks to be called back is a lead.)"""

    day = models.DateField("日期")
    page = models.CharField("页面", max_length=200)
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = "来电统计"
        verbose_name_plural = "来电统计"
        default_permissions = ()
        constraints = [
            # Counted up in the database, by whoever comes first. The report reads days in a row.
            models.UniqueConstraint(fields=["day", "page"], name="staffing_dailycalls_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.page} {self.count}"
