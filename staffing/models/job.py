"""Job posts, with what the law wants every post to say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cms.addresses import address
from portal.cms.publishing import Publishable, PublishableQuerySet, Status
from staffing.jobs import schooling
from staffing.models.firm import names_a_company

# So long after its last day a job's page says that it is over, and what is open instead; then it is gone.
KEPT_AFTER: Final = timedelta(days=30)
# What a client hands in, and is ticked when somebody has looked at it.
PAPERS: Final = (
    "checked_business_licence",
    "checked_recruitment_brief",
    "checked_mandate",
    "checked_agent_identity",
)


class District(models.Model):
    """A district of the city, for services and jobs."""

    name = models.CharField("名称", max_length=20, unique=True)
    slug = models.SlugField("网址名", max_length=40, unique=True)
    postal_code = models.CharField(
        "邮政编码",
        max_length=6,
        validators=[RegexValidator(r"^[0-9]{6}\Z", "邮政编码是六位数字。")],
        help_text="六位数字。没有它，这个区的岗位不能发布：搜索引擎靠它认地点。",
    )
    order = models.PositiveSmallIntegerField("顺序", default=10)

    class Meta:
        verbose_name = "区域"
        verbose_name_plural = "区域"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class JobQuerySet(PublishableQuerySet):
    def open(self) -> Self:
        """Return the published jobs one can still apply for: not filled, last day not past."""
        return self.published().filter(valid_through__gte=timezone.localdate(), filled_at=None)

    def of_kind(self, kind: str) -> Self:
        """Return the jobs a list of that kind shows; paid by the day is 日结 whatever else it is."""
        own = Q(kind=kind)
        if kind == Job.Kind.DAILY:
            own |= Q(settlement=Job.Settlement.DAILY)
        return self.filter(own)


class Job(Publishable):
    """A job post. Takes no fee from seekers: that is a fixed sentence, not a field."""

    class Kind(models.TextChoices):
        TEMPORARY = "temporary", "临时工"
        PART_TIME = "part-time", "兼职"
        DAILY = "daily", "日结"
        FULL_TIME = "full-time", "全职"

    class EmployerType(models.TextChoices):
        AGENCY_DISPATCH = "agency_dispatch", "代理派遣"
        AGENCY_RECRUIT = "agency_recruit", "代招"
        OWN = "own", "自招"

    class PayUnit(models.TextChoices):
        HOUR = "hour", "时"
        DAY = "day", "天"
        WEEK = "week", "周"
        MONTH = "month", "月"
        PIECE = "piece", "件"

    class Settlement(models.TextChoices):
        DAILY = "daily", "日结"
        WEEKLY = "weekly", "周结"
        HALF_MONTHLY = "half_monthly", "半月结"
        MONTHLY = "monthly", "月结"
        ON_COMPLETION = "on_completion", "完工结"

    class Lodging(models.TextChoices):
        PROVIDED = "provided", "包住"
        ALLOWANCE = "allowance", "住宿补贴"
        NONE = "none", "不含住宿"

    required_to_publish = (
        "title", "kind", "employer_type", "hiring_org", "org_summary", "headcount", "duties",
        "requirements", "province", "city", "district", "address", "pay_min", "pay_unit",
        "settlement", "contract_form", "valid_through",
    )  # fmt: skip
    # An old day would take a live job off the lists; and nobody has checked the papers anew, nor for a copy.
    not_restored = (
        *Publishable.not_restored, "valid_through", *PAPERS, "checked_by", "checked_on",
    )  # fmt: skip

    title = models.CharField("岗位名称", max_length=40, help_text="只写岗位，例如：电子厂普工。")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.TEMPORARY)
    employer_type = models.CharField(
        "招用方式",
        max_length=16,
        choices=EmployerType.choices,
        default=EmployerType.AGENCY_DISPATCH,
    )
    hiring_org = models.CharField(
        "招用单位", max_length=60, blank=True, help_text="与劳动者签合同的单位。"
    )
    client_name = models.CharField(
        "用工单位",
        max_length=80,
        blank=True,
        help_text="单位名称；不便公开时写“行业（区域），报名时告知名称”。",
    )
    org_summary = models.CharField("单位简介", max_length=200, blank=True)
    headcount = models.PositiveSmallIntegerField(
        "人数",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_000, "人数最多 10000。")],
    )
    duties = models.TextField("工作内容", blank=True)
    requirements = models.TextField(
        "任职要求", blank=True, help_text="不得限定性别、民族、宗教、户籍等。"
    )

    province = models.CharField("省", max_length=20, default="广东省")
    city = models.CharField("市", max_length=20, default="深圳市")
    district = models.ForeignKey(
        District,
        verbose_name="区",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="jobs",
    )
    address = models.CharField("工作地址", max_length=120, blank=True)

    pay_min = models.DecimalField("薪酬", max_digits=10, decimal_places=2, null=True, blank=True)
    pay_max = models.DecimalField(
        "薪酬上限", max_digits=10, decimal_places=2, null=True, blank=True
    )
    pay_unit = models.CharField(
        "计薪单位", max_length=8, choices=PayUnit.choices, default=PayUnit.HOUR
    )
    hourly_min = models.DecimalField(
        "折合时薪",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="只有按件计薪的填：正常产量下一小时大约合多少元，会写在页面上。",
    )
    hourly_max = models.DecimalField(
        "折合时薪上限", max_digits=10, decimal_places=2, null=True, blank=True
    )
    pay_conditions = models.CharField(
        "薪酬条件", max_length=200, blank=True, help_text="例如：须做满 30 天；返费条款。"
    )
    settlement = models.CharField(
        "结算", max_length=16, choices=Settlement.choices, default=Settlement.MONTHLY
    )
    deductions = models.CharField(
        "扣款说明", max_length=200, blank=True, help_text="餐费、住宿、班车、工服等。"
    )

    shift = models.CharField("班次", max_length=60, blank=True)
    hours_per_day = models.DecimalField(
        "每日工时",
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(Decimal("0.5"), "每日工时至少 0.5 小时。"),
            MaxValueValidator(24, "每日工时最多 24 小时。"),
        ],
    )
    rest_days = models.CharField("休息", max_length=40, blank=True)
    work_from = models.DateField("开始日期", null=True, blank=True)
    work_to = models.DateField("结束日期", null=True, blank=True)
    contract_form = models.CharField("合同形式", max_length=60, blank=True)
    social_insurance = models.CharField("社会保险", max_length=120, blank=True)
    age_min = models.PositiveSmallIntegerField(
        "最低年龄",
        default=18,
        validators=[MaxValueValidator(80, "最低年龄最多 80 周岁。")],
        help_text="不得低于 16 周岁；不满 18 周岁不得安排禁忌劳动。",
    )
    education = models.CharField(
        "学历",
        max_length=20,
        blank=True,
        help_text=f"写{schooling.UNDERSTOOD}；留空表示不限。证书和技能写进“任职要求”。",
    )
    experience_months = models.PositiveSmallIntegerField(
        "工作经验（月）",
        null=True,
        blank=True,
        validators=[MaxValueValidator(600, "工作经验最多 600 个月。")],
        help_text="需要几个月的同类经验；留空表示不限。",
    )
    health_certificate = models.BooleanField("需要健康证", default=False)
    lodging = models.CharField("住宿", max_length=10, choices=Lodging.choices, default=Lodging.NONE)
    meals = models.CharField("用餐", max_length=60, blank=True)
    transport = models.CharField("交通", max_length=60, blank=True)

    valid_through = models.DateField(
        "招聘截止", null=True, blank=True, help_text="当日仍有效，次日起不再列出。"
    )
    filled_at = models.DateTimeField("招满时间", null=True, blank=True, editable=False)
    contact_name = models.CharField("联系人", max_length=30, blank=True)
    is_repost = models.BooleanField(
        "转载的岗位", default=False, help_text="从别处转载的，须注明来源（人力资源市场暂行条例）。"
    )
    source_name = models.CharField(
        "信息来源", max_length=60, blank=True, help_text="转载的岗位须注明来源。"
    )
    source_url = models.URLField("来源网址", max_length=500, blank=True)
    external_id = models.CharField("外部编号", max_length=60, blank=True)

    checked_business_licence = models.BooleanField("已核对营业执照", default=False)
    checked_recruitment_brief = models.BooleanField("已核对招聘简章", default=False)
    checked_mandate = models.BooleanField("已核对委托书", default=False)
    checked_agent_identity = models.BooleanField("已核对经办人身份", default=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核对人",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    checked_on = models.DateField("核对日期", null=True, blank=True)

    objects = JobQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Publishable.Meta):
        verbose_name = "岗位"
        verbose_name_plural = "岗位"
        indexes = [
            *Publishable.Meta.indexes,
            # What is open, of what was ever published; what closes in the next days.
            models.Index(
                fields=["valid_through"],
                name="staffing_job_open",
                condition=Q(status="published", deleted_at=None, filled_at=None),
            ),
        ]
        constraints = [
            *Publishable.Meta.constraints,
            # 禁止使用童工规定 §2.
            models.CheckConstraint(
                name="staffing_job_age",
                condition=Q(age_min__gte=16),
                violation_error_message="最低年龄不得低于 16 周岁。",
            ),
            models.CheckConstraint(
                name="staffing_job_pay",
                condition=(Q(pay_min=None) | Q(pay_min__gt=0))
                & (Q(pay_max=None) | Q(pay_max__gte=F("pay_min"))),
                violation_error_message="薪酬须大于 0，上限不得低于下限。",
            ),
            # What the law asks of a posting hangs on who employs and how is paid. Drafts may leave it open.
            models.CheckConstraint(
                name="staffing_job_known",
                condition=Q(
                    employer_type__in=["", "agency_dispatch", "agency_recruit", "own"],
                    pay_unit__in=["", "hour", "day", "week", "month", "piece"],
                ),
                violation_error_message="没有这种招聘方式或计薪单位。",
            ),
            # What pieces come to in an hour is told to engines as pay, and measured by the minimum wage.
            models.CheckConstraint(
                name="staffing_job_hourly",
                condition=(Q(hourly_min=None) | Q(hourly_min__gt=0))
                & (Q(hourly_max=None) | Q(hourly_max__gte=F("hourly_min"))),
                violation_error_message="折合时薪须大于 0，上限不得低于下限。",
            ),
            # A sheet of jobs read twice must not make them twice.
            models.UniqueConstraint(
                fields=["external_id"],
                name="staffing_job_external_id",
                condition=~Q(external_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("staffing:job", self.pk)

    def publish_errors(self) -> dict[str, str]:
        """Besides the required fields: who hires for others says for whom.

        And what search engines are told of a job is whole. No query where the district is
        loaded.
        """
        errors = super().publish_errors()
        if self.employer_type != self.EmployerType.OWN and not self.client_name:
            errors["client_name"] = "发布前请填写“用工单位”（自招除外）。"
        if self.district is not None and not self.district.postal_code:
            errors["district"] = f"{self.district}还没有邮政编码，请先在“区域”里补上再发布。"
        if self.pay_unit == self.PayUnit.PIECE and self.hourly_min is None:
            errors["hourly_min"] = (
                "按件计薪的，发布前请填写“折合时薪”：正常产量下一小时约合多少元。"
            )
        if schooling.least(self.education) is None:
            errors["education"] = (
                f"看不懂学历“{self.education}”。请写{schooling.UNDERSTOOD}；证书和技能写进“任职要求”。"
            )
        last = self.valid_through
        if last is not None and self.status != Status.PUBLISHED and last < self.first_day:
            errors["valid_through"] = "招聘截止早于上线的日子，没有人能报名；请改为以后的日期。"
        return errors

    @classmethod
    def label_of(cls, name: str) -> str:
        """Return what a field is called at the desk."""
        return str(cls._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    @property
    def first_day(self) -> date:
        """The day from which readers see it: what is in force then, counts."""
        today = timezone.localdate()
        return max(today, timezone.localdate(self.go_live_at)) if self.go_live_at else today

    @property
    def is_open(self) -> bool:
        """Whether one can still apply; agrees with `.open()` (tested)."""
        return self.is_public and self.takes_applications

    @property
    def takes_applications(self) -> bool:
        """Whether its text says one can still apply, whoever may read it: what its page shows."""
        return (
            self.filled_at is None
            and self.valid_through is not None
            and self.valid_through >= timezone.localdate()
        )

    @property
    def client_is_named(self) -> bool:
        """Whether an applicant is told who the client is, and can agree to be named there."""
        return names_a_company(self.client_name)

    @property
    def is_gone(self) -> bool:
        """Whether its last day is so long past that its address answers 410."""
        return (
            self.valid_through is not None
            and self.valid_through + KEPT_AFTER < timezone.localdate()
        )

    @property
    def pay_text(self) -> str:
        """The pay as a reader is shown it: `23–25 元/时`, `180 元/天`."""
        span = span_of(self.pay_min, self.pay_max)
        return f"{span} 元/{self.get_pay_unit_display()}" if span else ""

    @property
    def hourly_text(self) -> str:
        """What pay by the piece comes to in an hour; "" for any other pay."""
        if self.pay_unit != self.PayUnit.PIECE or self.hourly_min is None:
            return ""
        return f"正常产量约合 {span_of(self.hourly_min, self.hourly_max)} 元/时"

    @property
    def pay_in_full(self) -> str:
        """The pay, and what it comes to in an hour where it is by the piece."""
        return f"{self.pay_text}（{self.hourly_text}）" if self.hourly_text else self.pay_text

    @property
    def pay_by_time(self) -> tuple[Decimal | None, Decimal | None, PayUnit]:
        """Least, most, and for what span of time: of pay by the piece, what it comes to in an hour."""
        if self.pay_unit == self.PayUnit.PIECE:
            return self.hourly_min, self.hourly_max, self.PayUnit.HOUR
        return self.pay_min, self.pay_max, self.PayUnit(self.pay_unit)


def span_of(low: Decimal | None, high: Decimal | None) -> str:
    """Return amounts as people write them: `23.50–25`; "" where there is none."""
    if low is None:
        return ""
    return "–".join(
        f"{amount:,.2f}".removesuffix("00").removesuffix(".")
        for amount in dict.fromkeys((low, high))
        if isinstance(amount, Decimal)
    )
