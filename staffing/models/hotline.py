"""Telephone numbers customers call, and when somebody answers."""

from __future__ import annotations

from datetime import time
from typing import Self

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q


def to_e164(text: str) -> str:
    """Return a mainland number (landline, mobile, 400/800) as E.164.

    Raises ValidationError with a Chinese sentence where it is no such number.
    """
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise ValidationError("电话号码无法识别，请填写如 0755-88888888 的号码。") from error
    if not phonenumbers.is_valid_number(number):
        raise ValidationError("这不是一个有效的电话号码，请核对位数与区号。")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhoneField(models.CharField):  # type: ignore[type-arg]
    """A telephone number, typed in any usual form and stored as E.164 (`+8675588828155`)."""

    def to_python(self, value: str | None) -> str | None:
        text = super().to_python(value)
        return to_e164(text) if text else text


class HotlineQuerySet(models.QuerySet["Hotline"]):
    def for_display(self) -> Self:
        """Return the hotlines with their hours, the primary one first; two queries."""
        return self.prefetch_related("hours").order_by("-primary", "order", "pk")


class Hotline(models.Model):
    """A number on the site; the primary one stands in the head of every page."""

    label = models.CharField("名称", max_length=20, default="客服热线")
    number = PhoneField(
        "号码",
        max_length=20,
        help_text="例如 0755-88828155 或 400-123-4567；保存后自动转为国际格式。",
    )
    display = models.CharField(
        "显示方式", max_length=30, help_text="页面上显示的写法，例如 0755-8882 8155。", blank=True
    )
    area = models.CharField("服务区域", max_length=40, blank=True)
    primary = models.BooleanField(
        "主热线", default=False, help_text="显示在每页顶部；只能有一个，新的会取代旧的。"
    )
    order = models.PositiveSmallIntegerField("顺序", default=10)

    objects = HotlineQuerySet.as_manager()

    class Meta:
        verbose_name = "热线电话"
        verbose_name_plural = "热线电话"
        ordering = ["-primary", "order", "pk"]
        constraints = [
            # The head of every page shows one number.
            models.UniqueConstraint(
                fields=["primary"], name="staffing_hotline_primary", condition=Q(primary=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.display}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Save; becoming primary takes that place from the number that had it."""
        self.display = self.display or self.number
        with transaction.atomic():
            if self.primary:
                Hotline.objects.filter(primary=True).exclude(pk=self.pk).update(primary=False)
            super().save(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> None:
        """The display form is free in its grouping, not in its digits: people dial what they read."""
        digits = "".join(filter(str.isdigit, self.display))
        national = self.number.removeprefix("+86")
        if digits and digits.removeprefix("86").lstrip("0") != national:
            raise ValidationError({"display": "显示方式里的数字与号码不一致。"})

    @property
    def tel_url(self) -> str:
        """The link that dials. 400 and 800 numbers cannot be dialled with a country code."""
        if self.number.startswith(("+86400", "+86800")):
            return f"tel:{self.number.removeprefix('+86')}"
        return f"tel:{self.number}"

    @property
    def hours_text(self) -> str:
        """Opening hours as a reader is shown them; no query where `hours` was prefetched."""
        return "，".join(str(hours) for hours in self.hours.all())


class HotlineHours(models.Model):
    """When a hotline is answered: a run of weekdays and a span of the day."""

    class Day(models.IntegerChoices):
        MONDAY = 1, "周一"
        TUESDAY = 2, "周二"
        WEDNESDAY = 3, "周三"
        THURSDAY = 4, "周四"
        FRIDAY = 5, "周五"
        SATURDAY = 6, "周六"
        SUNDAY = 7, "周日"

    hotline = models.ForeignKey(Hotline, on_delete=models.CASCADE, related_name="hours")
    first_day = models.PositiveSmallIntegerField("从", choices=Day.choices, default=Day.MONDAY)
    last_day = models.PositiveSmallIntegerField("到", choices=Day.choices, default=Day.SATURDAY)
    opens = models.TimeField("开始", default=time(8, 30))
    closes = models.TimeField("结束", default=time(18))

    class Meta:
        verbose_name = "接听时间"
        verbose_name_plural = "接听时间"
        ordering = ["first_day", "opens"]
        constraints = [
            # A span that ends before it begins would never be open.
            models.CheckConstraint(
                name="staffing_hotlinehours_span",
                condition=Q(closes__gt=F("opens"), last_day__gte=F("first_day")),
                violation_error_message="结束须晚于开始，“到”不能早于“从”。",
            )
        ]

    def __str__(self) -> str:
        first, last = self.Day(self.first_day).label, self.Day(self.last_day).label
        days = first if first == last else f"{first}至{last}"
        return f"{days} {self.opens:%-H:%M}–{self.closes:%-H:%M}"
