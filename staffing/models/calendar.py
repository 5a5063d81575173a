"""The days on which the country rests or works other than the week says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import models

SATURDAY = 5


class SpecialDayQuerySet(models.QuerySet["SpecialDay"]):
    def kinds(self, first: date, last: date) -> dict[date, SpecialDay.Kind]:
        """Return what is said of the days from first to last, both included; one query."""
        rows = self.filter(day__range=(first, last)).values_list("day", "kind")
        return {day: SpecialDay.Kind(kind) for day, kind in rows}


class SpecialDay(models.Model):
    """A public holiday, or a Saturday or Sunday that is worked in its place (调休).

    `staffing.hotlines.calendar` fills the table from a library; what the staff enter comes first.
    """

    class Kind(models.TextChoices):
        REST = "rest", "放假"
        WORK = "work", "调休上班"

    class Source(models.TextChoices):
        LIBRARY = "library", "日历数据"
        OWN = "own", "自行录入"

    day = models.DateField("日期")
    kind = models.CharField("安排", max_length=4, choices=Kind.choices, default=Kind.REST)
    name = models.CharField("名称", max_length=40, blank=True, help_text="例如：国庆节。")
    source = models.CharField(
        "来源",
        max_length=7,
        choices=Source.choices,
        default=Source.OWN,
        editable=False,
    )
    certain = models.BooleanField(
        "已经公布",
        default=True,
        help_text="国务院办公厅通知尚未公布、按法定节日推算的，不勾选。",
    )

    objects = SpecialDayQuerySet.as_manager()

    class Meta:
        verbose_name = "节假日与调休"
        verbose_name_plural = "节假日与调休"
        ordering = ["-day"]
        constraints = [
            # A day is worked or it is not. Also how the days of a fortnight are looked up.
            models.UniqueConstraint(
                fields=["day"],
                name="staffing_specialday_day",
                violation_error_message="这一天已经录入过了。",
            ),
            models.CheckConstraint(
                name="staffing_specialday_kind",
                condition=models.Q(kind__in=["rest", "work"]),
                violation_error_message="没有这种安排。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


def is_worked(day: date, special: Mapping[date, SpecialDay.Kind]) -> bool:
    """Whether offices work on a day: what the calendar says of it, else what the week does."""
    if day in special:
        return special[day] == SpecialDay.Kind.WORK
    return day.weekday() < SATURDAY


def working_days_after(day: date, count: int, special: Mapping[date, SpecialDay.Kind]) -> date:
    """Return the last of so many working days after `day`: by when an answer is due."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_worked(day, special)
    return day
