"""What companies and job seekers are asked: little, and most of it may be left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from portal.cms.phones import PhoneFormField
from staffing.incoming.forms import (
    ConsentField,
    LineField,
    Purpose,
    TextField,
    VisitorForm,
    name_field,
)
from staffing.models import District, Form, Job, Service

AHEAD: Final = timedelta(days=2 * 365)
OLDEST: Final = 80


def phone_field(label: str = "联系电话") -> PhoneFormField:
    return PhoneFormField(
        label=label,
        max_length=40,
        help_text="手机、座机（带区号）或 400 号码。",
        error_messages={"required": "请填写电话，我们好给您回话。"},
    )


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[lies_ahead],
        error_messages={"invalid": "请写成 2026-12-01 这样的日期。"},
    )


def lies_ahead(day: Any) -> None:
    today = timezone.localdate()
    if not today <= day <= today + AHEAD:
        raise ValidationError("请填今天或以后的日期，两年以内。")


class CompanyForm(VisitorForm):
    """A company asks what somebody to work for it would cost, and how."""

    kind = Form.COMPANY
    first = ("company", "name", "phone")
    further = ("service", "job_type", "headcount", "district", "starts_on", "duration", "message")

    company = LineField(
        label="公司名称",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": "请填写公司名称。"},
    )
    name = name_field()
    phone = phone_field()
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label="想了解的服务",
        required=False,
        empty_label="还不确定",
        error_messages={"invalid_choice": "这项服务暂不受理，请改选别的，或选“还不确定”。"},
    )
    job_type = LineField(
        label="需要的工种",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "例如：包装工、质检"}),
    )
    headcount = forms.IntegerField(
        label="人数",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        validators=[
            MinValueValidator(1, "至少 1 人。"),
            MaxValueValidator(10_000, "人数请不要超过 10000。"),
        ],
        error_messages={"invalid": "请只写数字，例如 30。"},
    )
    district = forms.ModelChoiceField(
        District.objects.all(), label="用工区域", required=False, empty_label="其他或不确定"
    )
    starts_on = day_field("希望到岗日期")
    duration = LineField(
        label="用多久",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "例如：两个月、长期"}),
    )
    message = TextField(
        label="其他要求",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        services: Any = self.fields["service"]
        services.queryset = Service.objects.published().offered().for_list()


class CallBackForm(VisitorForm):
    """Somebody wants to be called: a number is enough."""

    kind = Form.CALL_BACK
    first = ("phone", "name", "call_when")
    prose = ("name", "call_when")

    phone = phone_field("您的电话")
    name = name_field(required=False)
    call_when = LineField(
        label="什么时候方便接听",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "例如：明天上午"}),
    )


class ApplicationForm(VisitorForm):
    """Somebody applies for a job. To hand that on to the client is asked apart, and need not be allowed."""

    kind = Form.APPLICATION
    first = ("name", "phone", "birth_year")
    further = ("available_from", "district", "needs_lodging", "experience", "cv")
    prose = ("name", "experience")

    name = name_field()
    phone = phone_field()
    birth_year = forms.IntegerField(
        label="出生年份",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "bday-year", "maxlength": "4"}
        ),
        error_messages={
            "required": "请填写出生年份，用来核对法定就业年龄。",
            "invalid": "请写四位年份，例如 1998。",
        },
    )
    available_from = day_field("最早到岗日期")
    district = forms.ModelChoiceField(
        District.objects.all(), label="现在住在哪个区", required=False, empty_label="其他或不填"
    )
    needs_lodging = forms.BooleanField(label="需要住宿", required=False)
    experience = TextField(
        label="做过什么工作",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="几句话就行。请不要写身份证号、银行账号。",
    )
    cv = forms.FileField(
        label="简历",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.doc,.docx,.jpg,.jpeg,.png"}),
        help_text="PDF、Word 或照片，5 MB 以内。没有也可以报名。",
    )

    def __init__(self, *args: Any, job: Job, **options: Any) -> None:
        self.job = job
        super().__init__(*args, **options)
        self.fields["birth_year"].help_text = f"这个岗位要求年满 {job.age_min} 周岁。"

    def add_consents(self) -> None:
        super().add_consents()
        notice, recipient = self.notices.get(Purpose.FORWARDING), self.job.client_name
        # Who is not named here is named on the telephone, and consent asked for there.
        if notice is not None and self.job.client_is_named:
            self.fields["forward"] = ConsentField(
                notice,
                notice.words(self.profile, recipient, self.hotline),
                required=False,
                label=f"我单独同意把报名资料提供给用工单位：{recipient}（可以不勾选，不影响报名）",
            )

    def clean_birth_year(self) -> int:
        year: int = self.cleaned_data["birth_year"]
        age = timezone.localdate().year - year
        if not 0 <= age <= OLDEST:
            raise ValidationError("请写四位年份，例如 1998。")
        if age < self.job.age_min:
            raise ValidationError(f"这个岗位要求年满 {self.job.age_min} 周岁，暂时不能报名。")
        return year
