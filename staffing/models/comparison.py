"""用工方式对比: what visitors ask of five ways of having work done, one question a row."""

from __future__ import annotations

from typing import Final

from django.db import models

# Field → the way it is about, in the order of the columns.
WAYS: Final = {
    "dispatch": "劳务派遣",
    "outsourcing": "业务外包",
    "recruiting": "招聘代理",
    "administration": "人事代理",
    "part_time": "非全日制用工",
}


class ComparisonRow(models.Model):
    """One question, and the answer for each way. The first rows come with the site."""

    aspect = models.CharField("比较什么", max_length=40, help_text="例如：劳动合同跟谁签。")
    dispatch = models.CharField(WAYS["dispatch"], max_length=200, blank=True)
    outsourcing = models.CharField(WAYS["outsourcing"], max_length=200, blank=True)
    recruiting = models.CharField(WAYS["recruiting"], max_length=200, blank=True)
    administration = models.CharField(WAYS["administration"], max_length=200, blank=True)
    part_time = models.CharField(WAYS["part_time"], max_length=200, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True, help_text="法规名称与条款。")
    order = models.PositiveSmallIntegerField("顺序", default=10, help_text="数字小的排在前面。")

    class Meta:
        verbose_name = "用工方式对比"
        verbose_name_plural = "用工方式对比"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.aspect

    @property
    def answers(self) -> list[str]:
        """The cells of the row, in the order of WAYS."""
        return [getattr(self, name) for name in WAYS]
