"""Telephone numbers customers call, and when somebody answers."""

from __future__ import annotations

from datetime import time
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q

from portal.cms import phones
from portal.cms.phones import PhoneField as PhoneField  # staffing.0001_initial takes it from here


class HotlineQuerySet(models.QuerySet["Hotline"]):
    def for_display(self) -> Self:
        """Return the hotlines with their hours, the primary one first; two queries."""
        return self.prefetch_related("hours").order_by("-primary", "order", "pk")


class Hotline(models.Model):
    """A number on the site. In the head of every page stands the first that is answered, or the primary."""

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
        "主热线",
        default=False,
        help_text="显示在每页顶部；没有人接听时，换成正在接听的另一个。只能有一个，新的会取代旧的。",
    )
    on_holidays = models.BooleanField(
        "法定节假日照常接听", default=False, help_text="不勾选则“节假日与调休”里放假的日子不接听。"
    )
    on_makeup_days = models.BooleanField(
        "调休上班日接听", default=True, help_text="按周一的接听时间。不勾选则按当天是周几。"
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
        self.display = self.display or phones.display(self.number)
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
        """The link that dials."""
        return phones.tel_url(self.number)

    @property
    def hours_text(self) -> str:
        """Opening hours as a reader is shown them; no query where `hours` was prefetched."""
        return "，".join(str(hours) for hours in self.hours.all())


class HotlineHours(models.Model):
    """When a hotline is answered: a run of weekdays and a span of the day, which may reach into the next."""

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
    closes = models.TimeField(
        "结束", default=time(18), help_text="早于开始表示到次日；全天接听请两处都填 0:00。"
    )

    class Meta:
        verbose_name = "接听时间"
        verbose_name_plural = "接听时间"
        ordering = ["first_day", "opens"]
        constraints = [
            # A week begins on Monday; a night that reaches into Monday belongs to Sunday.
            models.CheckConstraint(
                name="staffing_hotlinehours_span",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message="“到”不能早于“从”；跨周的请分成两行。",
            ),
            # Of a span that ends where it begins one cannot tell whether it is a day or nothing.
            models.CheckConstraint(
                name="staffing_hotlinehours_day",
                condition=~Q(closes=F("opens")) | Q(opens=time(0)),
                violation_error_message="开始与结束不能相同；全天接听请都填 0:00。",
            ),
        ]

    def __str__(self) -> str:
        first, last = self.Day(self.first_day).label, self.Day(self.last_day).label
        days = first if first == last else f"{first}至{last}"
        if self.opens == self.closes:
            return f"{days} 全天"
        # Until midnight is not until the next day.
        night = "次日 " if self.is_overnight and self.closes != time(0) else ""
        closes = "24:00" if self.closes == time(0) else f"{self.closes:%-H:%M}"
        return f"{days} {self.opens:%-H:%M}–{night}{closes}"

    @property
    def is_overnight(self) -> bool:
        """Whether it ends on the day after it began, be it at midnight."""
        return self.closes <= self.opens
