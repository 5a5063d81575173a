"""Who looked a person up, took their data out of the house, or erased it."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F

from staffing.models.journal import Journal

# How the text begins of an EXPORT_LIST in which numbers can be read.
FULL: Final = "含完整电话"


class PrivacyAct(Journal):
    """One act upon personal data. `text` holds the reason; the person is named by a key alone."""

    class Act(models.TextChoices):
        LOOKED = "looked", "查询个人"
        EXPORTED = "exported", "导出个人"
        ERASED = "erased", "清除个人"
        EXPORT_LIST = "export_list", "导出列表"

    act = models.CharField("操作", max_length=12, choices=Act.choices)
    phone_key = models.CharField("电话标识", max_length=64, blank=True)
    count = models.PositiveIntegerField("条数", default=0)

    class Meta:
        verbose_name = "个人信息操作记录"
        verbose_name_plural = "个人信息操作记录"
        default_permissions = ("view",)
        ordering = ["-at", "-pk"]
        indexes = [
            # The list in the admin.
            models.Index(F("at").desc(), F("id").desc(), name="staffing_privacyact_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.count} 条"
