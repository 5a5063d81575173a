"""Service pages: what the agency sells, said so that a customer can decide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.addresses import address, items_at, own_path
from portal.cms.engines.fields import SearchFields
from portal.cms.lines import LinesField
from portal.cms.media.models import PictureField
from portal.cms.publishing import Publishable, PublishableQuerySet
from portal.cms.richtext import RichTextField
from staffing.models.licence import Licence


class Audience(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    SEEKER = "seeker", "求职者"
    BOTH = "both", "企业与求职者"


class ServiceQuerySet(PublishableQuerySet):
    """What the pages of this site ask for."""

    def for_list(self) -> Self:
        """Load what a list shows, in the order the staff gave, and no body."""
        return self.defer("body").select_related("required_licence").order_by("order", "pk")

    def offered(self) -> Self:
        """Return those that stand on no licence, or on one that has not lapsed."""
        stands = Q(required_licence__in=Licence.objects.unlapsed())
        return self.filter(Q(required_licence=None) | stands)


class Service(SearchFields, Publishable):
    """A typed service page at `/services/<slug>/`."""

    class LegalModel(models.TextChoices):
        DISPATCH = "dispatch", "派遣"
        OUTSOURCING = "outsourcing", "外包"
        INTERMEDIARY = "intermediary", "中介"
        AGENCY = "agency", "代理"
        FLEXIBLE = "flexible", "灵活用工"
        PART_TIME = "part_time", "非全日制"

    class PriceModel(models.TextChoices):
        PER_HEAD_MONTH = "per_head_month", "按人·月固定"
        PERCENTAGE = "percentage", "按比例"
        HOURLY_MARGIN = "hourly_margin", "小时差价"
        PIECE = "piece", "计件"
        PROJECT = "project", "按项目"
        NEGOTIABLE = "negotiable", "面议"

    required_to_publish = ("name", "slug", "summary", "legal_model", "liability_text")
    parts = ("faqs",)

    name = models.CharField("名称", max_length=40)
    slug = models.SlugField(
        "网址名",
        max_length=60,
        unique=True,
        help_text="小写英文字母，例如 dispatch；网址即 /services/dispatch/。",
    )
    summary = models.CharField(
        "摘要", max_length=120, blank=True, help_text="一两句话说清楚给谁、解决什么。"
    )
    audience = models.CharField(
        "面向", max_length=10, choices=Audience.choices, default=Audience.ENTERPRISE
    )
    legal_model = models.CharField(
        "用工模式",
        max_length=12,
        choices=LegalModel.choices,
        blank=True,
        help_text="由谁与劳动者签合同。派遣单位不得以非全日制形式招用被派遣劳动者（劳动合同法实施条例第三十条）。",
    )
    cover = PictureField(verbose_name="配图")
    body = RichTextField("服务说明", blank=True)
    suitable = LinesField("适合的情形")
    unsuitable = LinesField("不适合的情形")
    industries = LinesField("适用行业")
    districts = models.ManyToManyField("staffing.District", verbose_name="服务区域", blank=True)

    price_model = models.CharField(
        "计价方式", max_length=16, choices=PriceModel.choices, default=PriceModel.NEGOTIABLE
    )
    price_from = models.DecimalField("起价", max_digits=10, decimal_places=2, null=True, blank=True)
    price_unit = models.CharField("单位", max_length=20, blank=True, help_text="例如：元/人·月。")
    price_valid_until = models.DateField("报价有效至", null=True, blank=True)
    price_note = models.CharField("价格说明", max_length=200, blank=True)
    fee_includes = LinesField("费用包含")
    min_headcount = models.PositiveSmallIntegerField("起订人数", null=True, blank=True)
    lead_time_days = models.PositiveSmallIntegerField("到岗天数", null=True, blank=True)
    replacement_policy = models.TextField("换人与补员", blank=True)
    liability_text = models.TextField(
        "责任说明", blank=True, help_text="工伤、疾病、离职补偿分别由谁承担。发布前必填。"
    )
    invoice_text = models.TextField(
        "发票说明", blank=True, help_text="税务规定会调整，请按现行规定填写。"
    )
    contract_term = models.CharField("合同期限", max_length=120, blank=True)
    steps = LinesField("办理流程")
    documents = LinesField("客户需提供的材料")
    required_licence = models.ForeignKey(
        Licence,
        verbose_name="所需证照",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="services",
        help_text="除业务外包外，发布前必选。",
    )
    contact_person = models.CharField("联系人", max_length=30, blank=True)
    legal_reviewed_by = models.CharField("法务审阅人", max_length=30, blank=True)
    legal_reviewed_on = models.DateField("审阅日期", null=True, blank=True)
    related = LinesField(
        "相关页面",
        help_text="一行一个，填本站文章、服务或页面的网址，例如 /articles/12/；没有发布的不显示。",
    )
    order = models.PositiveSmallIntegerField("顺序", default=10, help_text="数字小的排在前面。")

    objects = ServiceQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Publishable.Meta):
        verbose_name = "服务"
        verbose_name_plural = "服务"
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="staffing_service_price_positive",
                condition=models.Q(price_from=None) | models.Q(price_from__gt=0),
                violation_error_message="起价须大于 0；不定价请留空。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("staffing:service", self.slug)

    def clean(self) -> None:
        """Have each line of `related` lead to an item of this site; whole addresses become paths."""
        super().clean()
        paths = [own_path(line.removeprefix(settings.SITE_URL)) for line in self.related]
        found = items_at(filter(None, paths))
        for line, path in zip(self.related, paths, strict=True):
            if path not in found:
                raise ValidationError({"related": f"这个网址下没有本站的内容：{line}"})
        self.related = paths

    def publish_errors(self) -> dict[str, str]:
        """Besides the required fields: only outsourcing needs no licence."""
        errors = super().publish_errors()
        if self.legal_model != self.LegalModel.OUTSOURCING and self.required_licence_id is None:
            errors["required_licence"] = "发布前请选择“所需证照”（业务外包除外）。"
        return errors

    @property
    def price_text(self) -> str:
        """The price as a reader is shown it: `180 元/人·月起`, else the way it is reckoned."""
        if self.price_from is None:
            return self.get_price_model_display()
        return f"{self.price_from.normalize():f} {self.price_unit}起".replace("  ", " ")

    @property
    def price_is_current(self) -> bool:
        """Whether the price may still be quoted: its last day, if it has one, is not past."""
        return self.price_valid_until is None or self.price_valid_until >= timezone.localdate()

    @property
    def is_offered(self) -> bool:
        """Whether customers may be invited: what the service stands on has not lapsed; agrees with
        `.offered()` (tested).
        """
        return self.required_licence is None or not self.required_licence.lapsed

    @property
    def shown_licence(self) -> Licence | None:
        """The licence this service stands on, where a visitor may be shown it."""
        licence = self.required_licence
        return licence if licence is not None and licence.is_public else None


def in_a_year() -> date:
    return timezone.localdate() + timedelta(days=365)


class Faq(models.Model):
    """A question customers or workers ask about a service, with the law behind the answer."""

    service = models.ForeignKey(
        Service, verbose_name="服务", on_delete=models.CASCADE, related_name="faqs"
    )
    question = models.CharField("问题", max_length=120)
    answer = models.TextField("回答", help_text="空一行另起一段。")
    audience = models.CharField(
        "提问者", max_length=10, choices=Audience.choices, default=Audience.ENTERPRISE
    )
    legal_basis = models.CharField(
        "法律依据", max_length=120, blank=True, help_text="法规名称与条款。"
    )
    effective_from = models.DateField("施行日期", null=True, blank=True)
    review_due = models.DateField(
        "复核日期", default=in_a_year, help_text="到期请核对回答是否仍然正确。"
    )
    order = models.PositiveSmallIntegerField("顺序", default=10)

    class Meta:
        verbose_name = "常见问题"
        verbose_name_plural = "常见问题"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.question
