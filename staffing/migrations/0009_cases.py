"""Cases."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0008_related"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.CABINET_FILE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("in_review", "待审"),
                            ("published", "已发布"),
                            ("withdrawn", "已下线"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "go_live_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="北京时间。留空表示点“发布”时立即上线；填将来的时间则到点自动上线。也是页面上显示的发表日期。",
                        null=True,
                        verbose_name="上线时间",
                    ),
                ),
                (
                    "expire_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="北京时间。到点自动下线；留空表示一直有效。",
                        null=True,
                        verbose_name="下线时间",
                    ),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="首次发布"),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最近发布"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="修改时间")),
                (
                    "deleted_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="删除时间"),
                ),
                (
                    "edit_version",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="修改次数"),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="写事情，不写客户的名称。", max_length=60, verbose_name="标题"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="小写英文字母，例如 baoan-1；网址即 /cases/baoan-1/。",
                        max_length=60,
                        unique=True,
                        verbose_name="网址名",
                    ),
                ),
                (
                    "industry",
                    models.CharField(
                        blank=True, help_text="例如：电子制造。", max_length=30, verbose_name="行业"
                    ),
                ),
                (
                    "headcount",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="人数",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        help_text="例如：2025 年 9 月至 11 月。",
                        max_length=40,
                        verbose_name="时间",
                    ),
                ),
                (
                    "summary",
                    models.CharField(
                        blank=True,
                        help_text="客户遇到什么事，怎么解决的。",
                        max_length=120,
                        verbose_name="摘要",
                    ),
                ),
                ("body", models.TextField(blank=True, verbose_name="正文")),
                (
                    "client_name",
                    models.CharField(
                        blank=True,
                        help_text="只写在这里，同意到期后自动隐藏。",
                        max_length=60,
                        verbose_name="客户名称",
                    ),
                ),
                (
                    "permission_note",
                    models.CharField(
                        blank=True,
                        help_text="谁在哪一天同意、文件存放在哪里；不公开。（《广告法》第三十三条）",
                        max_length=200,
                        verbose_name="书面同意",
                    ),
                ),
                (
                    "permission_until",
                    models.DateField(
                        blank=True,
                        help_text="次日起不再显示客户名称和标志。",
                        null=True,
                        verbose_name="同意有效至",
                    ),
                ),
                (
                    "seo_description",
                    models.CharField(
                        blank=True,
                        help_text="70–80 字为宜。",
                        max_length=160,
                        verbose_name="搜索结果描述",
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to=models.Q(("image_file", ""), _negated=True),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.CABINET_FILE_MODEL,
                        verbose_name="配图",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="创建人",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="staffing.district",
                        verbose_name="区域",
                    ),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to=models.Q(("image_file", ""), _negated=True),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.CABINET_FILE_MODEL,
                        verbose_name="客户标志",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        help_text="案例也会列在这项服务的页面上。",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cases",
                        to="staffing.service",
                        verbose_name="所用服务",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "案例",
                "verbose_name_plural": "案例",
                "abstract": False,
                "default_permissions": ("add", "change", "delete", "view", "publish"),
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("go_live_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "published")),
                        name="staffing_case_live",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        models.F("status"),
                        models.F("go_live_at"),
                        models.F("expire_at"),
                        condition=models.Q(("deleted_at", None)),
                        name="staffing_case_desk",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "draft")),
                        name="staffing_case_draft",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "in_review")),
                        name="staffing_case_review",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", False)),
                        name="staffing_case_bin",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at", None),
                            ("expire_at__isnull", False),
                            ("status", "published"),
                        ),
                        fields=["expire_at"],
                        name="staffing_case_end",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "published"), _negated=True),
                            models.Q(
                                ("first_published_at__isnull", False), ("go_live_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="staffing_case_dated",
                        violation_error_message="已发布的内容必须有上线时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expire_at", None),
                            ("go_live_at", None),
                            ("expire_at__gt", models.F("go_live_at")),
                            _connector="OR",
                        ),
                        name="staffing_case_expires_after_live",
                        violation_error_message="下线时间必须晚于上线时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "in_review", "published", "withdrawn"])
                        ),
                        name="staffing_case_known_status",
                        violation_error_message="没有这种状态。",
                    ),
                ],
            },
        ),
    ]
