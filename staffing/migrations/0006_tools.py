"""The tables behind the tools for visitors: contributions, and the comparison of five ways."""

from __future__ import annotations

from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0005_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ComparisonRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "aspect",
                    models.CharField(
                        help_text="例如：劳动合同跟谁签。", max_length=40, verbose_name="比较什么"
                    ),
                ),
                ("dispatch", models.CharField(blank=True, max_length=200, verbose_name="劳务派遣")),
                (
                    "outsourcing",
                    models.CharField(blank=True, max_length=200, verbose_name="业务外包"),
                ),
                (
                    "recruiting",
                    models.CharField(blank=True, max_length=200, verbose_name="招聘代理"),
                ),
                (
                    "administration",
                    models.CharField(blank=True, max_length=200, verbose_name="人事代理"),
                ),
                (
                    "part_time",
                    models.CharField(blank=True, max_length=200, verbose_name="非全日制用工"),
                ),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        help_text="法规名称与条款。",
                        max_length=200,
                        verbose_name="依据",
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        default=10, help_text="数字小的排在前面。", verbose_name="顺序"
                    ),
                ),
            ],
            options={
                "verbose_name": "用工方式对比",
                "verbose_name_plural": "用工方式对比",
                "ordering": ["order", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ContributionRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "city",
                    models.CharField(
                        default="深圳市",
                        help_text="与岗位的“市”一致。",
                        max_length=20,
                        verbose_name="城市",
                    ),
                ),
                ("in_force_from", models.DateField(verbose_name="施行日期")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="发文机关与文号，页面上会注明。",
                        max_length=120,
                        verbose_name="依据",
                    ),
                ),
                (
                    "source_url",
                    models.URLField(blank=True, max_length=500, verbose_name="原文网址"),
                ),
                (
                    "checked_on",
                    models.DateField(
                        blank=True,
                        help_text="与发文机关公布的数额核对的日期；超过一年会提醒。",
                        null=True,
                        verbose_name="核对日期",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pension", "养老保险"),
                            ("medical", "医疗保险"),
                            ("maternity", "生育保险"),
                            ("unemployment", "失业保险"),
                            ("injury", "工伤保险"),
                            ("fund", "住房公积金"),
                        ],
                        max_length=12,
                        verbose_name="项目",
                    ),
                ),
                (
                    "employer_percent",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="%，例如 16。",
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="单位比例",
                    ),
                ),
                (
                    "worker_percent",
                    models.DecimalField(
                        decimal_places=3,
                        default=Decimal("0"),
                        help_text="%；个人不缴填 0。",
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="个人比例",
                    ),
                ),
                (
                    "base_min",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="元/月；工资低于它时按它计算。没有下限请留空。",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="缴费基数下限",
                    ),
                ),
                (
                    "base_max",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="元/月；工资高于它时按它计算。没有上限请留空。",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="缴费基数上限",
                    ),
                ),
            ],
            options={
                "verbose_name": "社保公积金费率",
                "verbose_name_plural": "社保公积金费率",
                "ordering": ["city", "kind", "-in_force_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("city", "kind", "in_force_from"),
                        name="staffing_contributionrate_from",
                        violation_error_message="这个城市的这个项目在这一天已经有费率了。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("employer_percent__range", (0, 100)),
                            ("worker_percent__range", (0, 100)),
                        ),
                        name="staffing_contributionrate_percent",
                        violation_error_message="比例须在 0 到 100 之间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("base_min", None),
                            ("base_max", None),
                            ("base_max__gte", models.F("base_min")),
                            _connector="OR",
                        ),
                        name="staffing_contributionrate_base",
                        violation_error_message="缴费基数的上限不能低于下限。",
                    ),
                ],
            },
        ),
    ]
