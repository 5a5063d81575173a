"""Minimum wages, by city and by the day from which they hold."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

# A figure nobody has compared with the authority's notice for so long may be out of date.
CHECKED_WITHIN = timedelta(days=365)


class MinimumWageQuerySet(models.QuerySet["MinimumWage"]):
    def at(self, city: str, day: date | None = None) -> MinimumWage | None:
        """Return what holds in a city on a day, if the table knows; one query."""
        held = self.filter(city=city, in_force_from__lte=day or timezone.localdate())
        return held.order_by("-in_force_from").first()


class MinimumWage(models.Model):
    """What a city pays at least. Nothing on the site states a figure that is not from this table."""

    city = models.CharField("城市", max_length=20, default="深圳市", help_text="与岗位的“市”一致。")
    in_force_from = models.DateField("施行日期")
    monthly = models.DecimalField(
        "月最低工资", max_digits=8, decimal_places=2, help_text="元/月，适用于全日制用工。"
    )
    hourly = models.DecimalField(
        "小时最低工资", max_digits=6, decimal_places=2, help_text="元/小时，适用于非全日制用工。"
    )
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

    objects = MinimumWageQuerySet.as_manager()

    class Meta:
        verbose_name = "最低工资标准"
        verbose_name_plural = "最低工资标准"
        ordering = ["city", "-in_force_from"]
        constraints = [
            # What holds on a day is the latest before it: of two there would be no latest.
            models.UniqueConstraint(
                fields=["city", "in_force_from"],
                name="staffing_minimumwage_from",
                violation_error_message="这个城市在这一天已经有标准了。",
            ),
            models.CheckConstraint(
                name="staffing_minimumwage_positive",
                condition=Q(monthly__gt=0, hourly__gt=0),
                violation_error_message="最低工资须大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.in_force_from} 起"

    @property
    def is_checked(self) -> bool:
        """Whether somebody compared it with its source within a year."""
        return (
            self.checked_on is not None and self.checked_on >= timezone.localdate() - CHECKED_WITHIN
        )
