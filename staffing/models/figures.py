"""Figures that authorities set for a city from a day on: what the tables of such have in common."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

# A figure nobody has compared with the authority's notice for so long may be out of date.
CHECKED_WITHIN = timedelta(days=365)


class Figure(models.Model):
    """A row of a dated table. What holds on a day is the latest row that is in force by then."""

    city = models.CharField("城市", max_length=20, default="深圳市", help_text="与岗位的“市”一致。")
    in_force_from = models.DateField("施行日期")
    source = models.CharField(
        "依据", max_length=120, blank=True, help_text="发文机关与文号，页面上会注明。"
    )
    source_url = models.URLField("原文网址", max_length=500, blank=True)
    checked_on = models.DateField(
        "核对日期",
        null=True,
        blank=True,
        help_text="与发文机关公布的数额核对的日期；超过一年会提醒。",
    )

    class Meta:
        abstract = True

    @property
    def is_checked(self) -> bool:
        """Whether somebody compared it with its source within a year."""
        return (
            self.checked_on is not None and self.checked_on >= timezone.localdate() - CHECKED_WITHIN
        )
