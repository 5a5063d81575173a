"""Landing pages of districts."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0008_tools_rights"),
        ("staffing", "0009_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.CABINET_FILE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DistrictPage",
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
                        help_text="例如：宝安区用工与招工。", max_length=60, verbose_name="标题"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="小写英文字母，例如 baoan；网址即 /districts/baoan/。",
                        max_length=40,
                        unique=True,
                        verbose_name="网址名",
                    ),
                ),
                ("summary", models.CharField(blank=True, max_length=120, verbose_name="摘要")),
                (
                    "body",
                    models.TextField(
                        blank=True,
                        help_text="只写这个区的情况，不少于 300 字。还要有 3 个在招岗位或 3 篇同名标签的文章，页面才会出现。",
                        verbose_name="正文",
                    ),
                ),
                (
                    "office",
                    models.CharField(
                        blank=True,
                        help_text="在这个区的办公室或驻厂点；没有就留空。",
                        max_length=120,
                        verbose_name="服务点",
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
                    models.OneToOneField(
                        blank=True,
                        help_text="标签与它同名的文章，会列在页面上。",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landing_page",
                        to="staffing.district",
                        verbose_name="区域",
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
                "verbose_name": "区域页",
                "verbose_name_plural": "区域页",
                "abstract": False,
                "default_permissions": ("add", "change", "delete", "view", "publish"),
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("go_live_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "published")),
                        name="portal_districtpage_live",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        models.F("status"),
                        models.F("go_live_at"),
                        models.F("expire_at"),
                        condition=models.Q(("deleted_at", None)),
                        name="portal_districtpage_desk",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "draft")),
                        name="portal_districtpage_draft",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at", None), ("status", "in_review")),
                        name="portal_districtpage_review",
                    ),
                    models.Index(
                        models.OrderBy(models.F("updated_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", False)),
                        name="portal_districtpage_bin",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("deleted_at", None),
                            ("expire_at__isnull", False),
                            ("status", "published"),
                        ),
                        fields=["expire_at"],
                        name="portal_districtpage_end",
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
                        name="portal_districtpage_dated",
                        violation_error_message="已发布的内容必须有上线时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expire_at", None),
                            ("go_live_at", None),
                            ("expire_at__gt", models.F("go_live_at")),
                            _connector="OR",
                        ),
                        name="portal_districtpage_expires_after_live",
                        violation_error_message="下线时间必须晚于上线时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "in_review", "published", "withdrawn"])
                        ),
                        name="portal_districtpage_known_status",
                        violation_error_message="没有这种状态。",
                    ),
                ],
            },
        ),
    ]
