"""The public forms, and the rules of each: how long it is kept, how much of it is let in."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Form(models.TextChoices):
    """What a visitor can send us."""

    COMPANY = "company", "企业用工咨询"
    CALL_BACK = "call_back", "请求回电"
    APPLICATION = "application", "应聘报名"
    COMPLAINT = "complaint", "投诉举报"
    TAKEDOWN = "takedown", "下架请求"


TEN_YEARS = 3653


def limit(label: str, default: int, help_text: str) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text=help_text,
    )


class FormPolicy(models.Model):
    """The rules of one form. One row each, made by migration."""

    form = models.CharField("表单", max_length=12, choices=Form.choices, editable=False)
    retention_days = models.PositiveSmallIntegerField(
        "保留天数",
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(TEN_YEARS)],
        help_text="到期当晚自动清除个人信息。法律没有规定具体天数，只要求为实现目的所必要的最短时间；"
        "修改后请同时新增一版隐私告知，两处要写得一样。只影响修改之后收到的。",
    )
    per_address_hour = limit("每个网络地址每小时", 5, "同一网络地址一小时内最多提交几次。")
    per_address_day = limit(
        "每个网络地址每天", 20, "公司、工厂的许多人可能共用一个地址，不要太小。"
    )
    per_phone_day = limit("每个电话每天", 3, "同一电话号码一天内最多提交几次。")
    all_per_hour = limit(
        "全站每小时", 200, "超过后仍然收下，但标为疑似，通知合并成一条，以免被刷屏。"
    )
    reply_working_days = models.PositiveSmallIntegerField(
        "答复期限（工作日）",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="投诉与下架请求按此计算到期日；页面上也会告诉访客。",
    )

    class Meta:
        verbose_name = "表单规则"
        verbose_name_plural = "表单规则"
        default_permissions = ("view", "change")
        ordering = ["pk"]
        constraints = [
            # One set of rules for each form there is.
            models.UniqueConstraint(fields=["form"], name="staffing_formpolicy_form"),
            models.CheckConstraint(
                name="staffing_formpolicy_known",
                condition=Q(form__in=Form.values),
                violation_error_message="没有这种表单。",
            ),
            # Nothing is kept for ever, and nothing goes before it could be answered.
            models.CheckConstraint(
                name="staffing_formpolicy_retention",
                condition=Q(retention_days__gte=1),
                violation_error_message="至少保留一天。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_form_display()

    @classmethod
    def of(cls, form: Form) -> Self:
        """Return the rules of a form; those of a new site where somebody lost the row. One query."""
        return cls.objects.filter(form=form).first() or cls(form=form)
