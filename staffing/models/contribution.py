"""社保与公积金: what employers and workers pay in, by city and by the day from which it holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from staffing.models.figures import Figure

PERCENT = (MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100)))


class ContributionRateQuerySet(models.QuerySet["ContributionRate"]):
    def at(self, city: str, day: date | None = None) -> list[ContributionRate]:
        """Return what holds in a city on a day, one row a kind in the order of kinds; one query."""
        held = self.filter(city=city, in_force_from__lte=day or timezone.localdate())
        latest: dict[str, ContributionRate] = {}
        for rate in held.order_by("-in_force_from"):
            latest.setdefault(rate.kind, rate)
        return [latest[kind] for kind in ContributionRate.Kind.values if kind in latest]


class ContributionRate(Figure):
    """What is paid in for one insurance. No figure comes with the site: its owner enters them."""

    class Kind(models.TextChoices):
        PENSION = "pension", "养老保险"
        MEDICAL = "medical", "医疗保险"
        MATERNITY = "maternity", "生育保险"
        UNEMPLOYMENT = "unemployment", "失业保险"
        INJURY = "injury", "工伤保险"
        FUND = "fund", "住房公积金"

    kind = models.CharField("项目", max_length=12, choices=Kind.choices)
    employer_percent = models.DecimalField(
        "单位比例", max_digits=6, decimal_places=3, validators=PERCENT, help_text="%，例如 16。"
    )
    worker_percent = models.DecimalField(
        "个人比例",
        max_digits=6,
        decimal_places=3,
        default=Decimal(0),
        validators=PERCENT,
        help_text="%；个人不缴填 0。",
    )
    base_min = models.DecimalField(
        "缴费基数下限",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="元/月；工资低于它时按它计算。没有下限请留空。",
    )
    base_max = models.DecimalField(
        "缴费基数上限",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="元/月；工资高于它时按它计算。没有上限请留空。",
    )

    objects = ContributionRateQuerySet.as_manager()

    class Meta:
        verbose_name = "社保公积金费率"
        verbose_name_plural = "社保公积金费率"
        ordering = ["city", "kind", "-in_force_from"]
        constraints = [
            # Also the index by which a city is found.
            models.UniqueConstraint(
                fields=["city", "kind", "in_force_from"],
                name="staffing_contributionrate_from",
                violation_error_message="这个城市的这个项目在这一天已经有费率了。",
            ),
            models.CheckConstraint(
                name="staffing_contributionrate_percent",
                condition=Q(employer_percent__range=(0, 100), worker_percent__range=(0, 100)),
                violation_error_message="比例须在 0 到 100 之间。",
            ),
            models.CheckConstraint(
                name="staffing_contributionrate_base",
                condition=Q(base_min=None) | Q(base_max=None) | Q(base_max__gte=F("base_min")),
                violation_error_message="缴费基数的上限不能低于下限。",
            ),
            # The calculator adds up what it knows: another kind would be left out of the sum in silence.
            models.CheckConstraint(
                name="staffing_contributionrate_kind",
                condition=Q(
                    kind__in=[
                        "pension",
                        "medical",
                        "maternity",
                        "unemployment",
                        "injury",
                        "fund",
                    ]
                ),
                violation_error_message="没有这个项目。",
            ),
        ]

    @property
    def employer_text(self) -> str:
        """`0.14%`: without the zeros of the column."""
        return f"{self.employer_percent.normalize():f}%"

    @property
    def worker_text(self) -> str:
        return f"{self.worker_percent.normalize():f}%"

    def __str__(self) -> str:
        return f"{self.city}{self.get_kind_display()} {self.in_force_from} 起"
