"""Minimum wages, by city and by the day from which they hold."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone

from staffing.models.figures import Figure


class MinimumWageQuerySet(models.QuerySet["MinimumWage"]):
    def at(self, city: str, day: date | None = None) -> MinimumWage | None:
        """Return what holds in a city on a day, if the table knows; one query. 深圳 is 深圳市."""
        name = city.strip().removesuffix("市")
        held = self.filter(
            city__in=(name, f"{name}市"), in_force_from__lte=day or timezone.localdate()
        )
        return held.order_by("-in_force_from").first()


class MinimumWage(Figure):
    """What a city pays at least. Nothing on the site states a figure that is not from this table."""

    monthly = models.DecimalField(
        "月最低工资", max_digits=8, decimal_places=2, help_text="元/月，适用于全日制用工。"
    )
    hourly = models.DecimalField(
        "小时最低工资", max_digits=6, decimal_places=2, help_text="元/小时，适用于非全日制用工。"
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
