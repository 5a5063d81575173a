"""What people are told about their data, word for word, version by version."""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.site import SiteProfile
from staffing.models.hotline import Hotline
from staffing.models.policy import Form

RECIPIENT: Final = "{用工单位}"


class PrivacyNoticeQuerySet(models.QuerySet["PrivacyNotice"]):
    def in_force(self, day: date | None = None) -> Self:
        """Return the notices that hold on a day, of each form and purpose the latest first."""
        held = self.filter(in_force_from__lte=day or timezone.localdate())
        return held.order_by("form", "purpose", "-version")

    def current(self, form: Form, purpose: PrivacyNotice.Purpose) -> PrivacyNotice | None:
        """Return the version that a form shows today; one query."""
        return self.in_force().filter(form=form, purpose=purpose).first()


class PrivacyNotice(models.Model):
    """One version of the words beside a form. Once somebody agreed to it, it stays as it is."""

    class Purpose(models.TextChoices):
        HANDLING = "handling", "处理"
        FORWARDING = "forwarding", "提供给用工单位"

    form = models.CharField("表单", max_length=12, choices=Form.choices)
    purpose = models.CharField(
        "用途", max_length=10, choices=Purpose.choices, default=Purpose.HANDLING
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    title = models.CharField("标题", max_length=60)
    text = models.TextField(
        "告知内容",
        max_length=4000,
        help_text="写明：谁处理、为什么、收集哪些、保存多久、怎样行使权利（个人信息保护法第十七条）。"
        "{公司} 会换成公司全称，{联系方式} 会换成主热线、投诉邮箱和地址，"
        "{用工单位} 会换成接收简历的单位名称。空一行另起一段。",
    )
    in_force_from = models.DateField("生效日期", default=timezone.localdate)

    objects = PrivacyNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "隐私告知"
        verbose_name_plural = "隐私告知"
        ordering = ["form", "purpose", "-version"]
        constraints = [
            # A consent names a version. Also how a form finds the latest.
            models.UniqueConstraint(
                fields=["form", "purpose", "version"],
                name="staffing_privacynotice_version",
                violation_error_message="这一版已经有了，请换一个版本号。",
            ),
            # Only an application is ever handed on to somebody else.
            models.CheckConstraint(
                name="staffing_privacynotice_purpose",
                condition=Q(purpose="handling", form__in=Form.values)
                | Q(purpose="forwarding", form="application"),
                violation_error_message="只有应聘报名可以有“提供给用工单位”的告知。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} {self.get_purpose_display()} 第 {self.version} 版"

    def clean(self) -> None:
        """Refuse to change what somebody has agreed to; two queries for a version that is stored.

        And a consent to hand data on that does not say to whom (PIPL §23).
        """
        if self.purpose == self.Purpose.FORWARDING and RECIPIENT not in self.text:
            raise ValidationError(f"告知内容里请写上 {RECIPIENT}：单独同意要让人看到提供给谁。")
        if self.pk is None or not self.is_agreed_to:
            return
        stored = type(self).objects.get(pk=self.pk)
        fields = ("form", "purpose", "version", "title", "text", "in_force_from")
        if any(getattr(self, name) != getattr(stored, name) for name in fields):
            raise ValidationError("已经有人同意过这一版，不能再改；请新增一版。")

    @property
    def is_agreed_to(self) -> bool:
        """Whether somebody's consent, or request, names this version; two queries at most."""
        return self.consents.exists() or self.tickets.exists()

    def words(
        self, profile: SiteProfile, recipient: str = "", hotline: Hotline | None = None
    ) -> str:
        """Return the text as a visitor reads it. No query."""
        ways = {
            "电话": hotline.display if hotline else profile.complaint_phone,
            "邮箱": profile.complaint_email,
            "地址": profile.address,
        }
        told = [f"{way} {where}" for way, where in ways.items() if where]
        names = {
            "{公司}": profile.legal_name or profile.name,
            "{联系方式}": "，".join(told) or "见网站的“联系我们”页面",
            RECIPIENT: recipient or "用工单位",
        }
        text = self.text
        for mark, name in names.items():
            text = text.replace(mark, name)
        return text
