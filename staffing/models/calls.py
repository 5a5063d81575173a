"""How often which page led to a call."""

from __future__ import annotations

from django.db import models


class DailyCalls(models.Model):
    """Taps on a number, and requests to be called back, by page and day. Never by whom."""

    class Action(models.TextChoices):
        CALL = "call", "点击拨号"
        CALL_BACK = "call_back", "请求回电"

    day = models.DateField("日期")
    page = models.CharField("页面", max_length=200)
    action = models.CharField("动作", max_length=9, choices=Action.choices)
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = "来电统计"
        verbose_name_plural = "来电统计"
        default_permissions = ()
        constraints = [
            # Counted up in the database, by whoever comes first. The report reads days in a row.
            models.UniqueConstraint(
                fields=["day", "page", "action"], name="staffing_dailycalls_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.page} {self.get_action_display()} {self.count}"
