"""Licences the agency holds, as the law wants them shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cms.media.models import PictureField

# When its owner is told that a licence will end: one for dispatch is to be renewed 60 days before,
# which leaves two months to prepare.
RENEWAL_NOTICE = timedelta(days=120)


class LicenceQuerySet(models.QuerySet["Licence"]):
    def unlapsed(self) -> Self:
        """Return those whose term has not ended."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()))

    def public(self) -> Self:
        """Return what a visitor is shown: marked public and not lapsed."""
        return self.unlapsed().filter(public=True)


class Licence(models.Model):
    """A licence, permit or registration with its number and term."""

    class Kind(models.TextChoices):
        BUSINESS = "business", "营业执照"
        DISPATCH = "dispatch", "劳务派遣经营许可证"
        HR_SERVICE = "hr_service", "人力资源服务许可证"
        HR_FILING = "hr_filing", "人力资源服务备案"
        TELECOM = "telecom", "增值电信业务经营许可证"
        OTHER = "other", "其他"

    kind = models.CharField("证照类型", max_length=12, choices=Kind.choices)
    number = models.CharField("编号", max_length=60)
    holder = models.CharField("持有人", max_length=60, blank=True)
    authority = models.CharField("发证机关", max_length=60, blank=True)
    scope = models.TextField("许可范围", blank=True)
    valid_from = models.DateField("有效期自", null=True, blank=True)
    valid_to = models.DateField(
        "有效期至",
        null=True,
        blank=True,
        help_text="留空表示长期。劳务派遣经营许可证有效期三年，须在届满 60 日前申请延续。",
    )
    scan = PictureField(
        verbose_name="公示图片", help_text="公开显示，请用加了“仅供网站公示”水印的图片。"
    )
    original = models.OneToOneField(
        "cms.PrivateFile",
        verbose_name="原件扫描",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="仅内部查看，不会出现在网站上。",
    )
    public = models.BooleanField("对外公示", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=10)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = "证照"
        verbose_name_plural = "证照"
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_licence_term",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                violation_error_message="有效期的结束须晚于开始。",
            ),
            # What a service may offer hangs on the kind.
            models.CheckConstraint(
                name="staffing_licence_kind",
                condition=Q(
                    kind__in=[
                        "business",
                        "dispatch",
                        "hr_service",
                        "hr_filing",
                        "telecom",
                        "other",
                    ]
                ),
                violation_error_message="没有这种证照。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def lapsed(self) -> bool:
        """Whether its term has ended; agrees with `.unlapsed()` (tested)."""
        return self.valid_to is not None and self.valid_to < timezone.localdate()

    @property
    def is_public(self) -> bool:
        """Whether a visitor is shown it; agrees with `.public()` (tested)."""
        return self.public and not self.lapsed


class LicenceAlert(models.Model):
    """That the end of a licence was announced so many days before: once in each of its terms."""

    licence = models.ForeignKey(
        Licence, verbose_name="证照", on_delete=models.CASCADE, related_name="alerts"
    )
    valid_to = models.DateField("有效期至")
    days = models.SmallIntegerField("提前天数")
    at = models.DateTimeField("提醒时间", default=timezone.now)

    class Meta:
        verbose_name = "到期提醒"
        verbose_name_plural = "到期提醒"
        default_permissions = ()
        constraints = [
            # Whoever comes second finds it told, also after a crash. A new term is told anew.
            models.UniqueConstraint(
                fields=["licence", "valid_to", "days"], name="staffing_licencealert_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence} {self.valid_to} 前 {self.days} 天"
