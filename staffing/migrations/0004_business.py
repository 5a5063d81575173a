"""The business: leads, tickets, privacy, the calendar, wages; and the rules a site begins with.

The rows are of our own writing. From then on they are the owner's: a row that is there is left alone.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import portal.cms.phones
import staffing.models.references


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0012_delivery"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("staffing", "0003_bin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.CABINET_FILE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "given_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="同意时间"
                    ),
                ),
                (
                    "recipient",
                    models.CharField(
                        blank=True,
                        help_text="留空表示只由本公司处理。",
                        max_length=80,
                        verbose_name="接收方",
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "address",
                    models.GenericIPAddressField(blank=True, null=True, verbose_name="网络地址"),
                ),
            ],
            options={
                "verbose_name": "同意记录",
                "verbose_name_plural": "同意记录",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DailyCalls",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("page", models.CharField(max_length=200, verbose_name="页面")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="次数")),
            ],
            options={
                "verbose_name": "来电统计",
                "verbose_name_plural": "来电统计",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Enquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=staffing.models.references.new_reference,
                        editable=False,
                        max_length=12,
                        verbose_name="编号",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("company", "企业用工咨询"),
                            ("call_back", "请求回电"),
                            ("application", "应聘报名"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="收到时间"
                    ),
                ),
                (
                    "submission",
                    models.CharField(editable=False, max_length=64, verbose_name="提交标识"),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        blank=True, editable=False, max_length=64, verbose_name="内容标识"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=30, verbose_name="称呼")),
                ("company", models.CharField(blank=True, max_length=60, verbose_name="公司名称")),
                (
                    "phone",
                    portal.cms.phones.PhoneField(blank=True, max_length=20, verbose_name="电话"),
                ),
                (
                    "phone_key",
                    models.CharField(
                        blank=True, editable=False, max_length=64, verbose_name="电话标识"
                    ),
                ),
                (
                    "job_type",
                    models.CharField(blank=True, max_length=40, verbose_name="需要的工种"),
                ),
                (
                    "headcount",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="人数"),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="到岗日期")),
                ("duration", models.CharField(blank=True, max_length=40, verbose_name="用工时长")),
                (
                    "message",
                    models.TextField(
                        blank=True,
                        max_length=1000,
                        validators=[django.core.validators.MaxLengthValidator(1000)],
                        verbose_name="留言",
                    ),
                ),
                (
                    "call_when",
                    models.CharField(blank=True, max_length=40, verbose_name="方便接听的时间"),
                ),
                (
                    "birth_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="出生年份"
                    ),
                ),
                (
                    "available_from",
                    models.DateField(blank=True, null=True, verbose_name="可到岗日期"),
                ),
                ("needs_lodging", models.BooleanField(default=False, verbose_name="需要住宿")),
                (
                    "experience",
                    models.CharField(blank=True, max_length=300, verbose_name="工作经历"),
                ),
                (
                    "page",
                    models.CharField(
                        blank=True, editable=False, max_length=200, verbose_name="来源页"
                    ),
                ),
                (
                    "landing_page",
                    models.CharField(
                        blank=True, editable=False, max_length=200, verbose_name="进入网站的页面"
                    ),
                ),
                (
                    "referrer_host",
                    models.CharField(
                        blank=True, editable=False, max_length=100, verbose_name="来自哪个网站"
                    ),
                ),
                (
                    "search_words",
                    models.CharField(
                        blank=True, editable=False, max_length=40, verbose_name="站内搜过的词"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "新线索"),
                            ("contacted", "已联系"),
                            ("following", "跟进中"),
                            ("won", "已成交"),
                            ("lost", "未成交"),
                            ("invalid", "无效"),
                        ],
                        default="new",
                        editable=False,
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                (
                    "next_call_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="下次联系"),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="关闭时间"
                    ),
                ),
                (
                    "suspicious",
                    models.BooleanField(default=False, editable=False, verbose_name="疑似垃圾信息"),
                ),
                ("keep_until", models.DateField(editable=False, verbose_name="保留至")),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="清除时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "线索",
                "verbose_name_plural": "线索",
                "ordering": ["-received_at", "-pk"],
                "permissions": [
                    ("reveal_phone", "查看完整电话号码"),
                    ("forward_enquiry", "转给用工单位"),
                    ("export_enquiry", "导出"),
                    ("erase_person", "导出或清除一个人的信息"),
                    ("view_report", "查看线索报表"),
                ],
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="EnquiryEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
                ("text", models.CharField(blank=True, max_length=1000, verbose_name="内容")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "收到"),
                            ("status", "状态"),
                            ("owner", "负责人"),
                            ("note", "备注"),
                            ("call_planned", "约定联系"),
                            ("revealed", "查看号码"),
                            ("forwarded", "转给用工单位"),
                            ("consent", "同意与撤回"),
                            ("exported", "导出"),
                            ("file_opened", "打开文件"),
                            ("erased", "清除"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "线索记录",
                "verbose_name_plural": "线索记录",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FormPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("company", "企业用工咨询"),
                            ("call_back", "请求回电"),
                            ("application", "应聘报名"),
                            ("complaint", "投诉举报"),
                            ("takedown", "下架请求"),
                        ],
                        editable=False,
                        max_length=12,
                        verbose_name="表单",
                    ),
                ),
                (
                    "retention_days",
                    models.PositiveSmallIntegerField(
                        default=365,
                        help_text="到期当晚自动清除个人信息。法律没有规定具体天数，只要求为实现目的所必要的最短时间；修改后请同时新增一版隐私告知，两处要写得一样。只影响修改之后收到的。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3653),
                        ],
                        verbose_name="保留天数",
                    ),
                ),
                (
                    "per_address_hour",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="同一网络地址一小时内最多提交几次。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="每个网络地址每小时",
                    ),
                ),
                (
                    "per_address_day",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="公司、工厂的许多人可能共用一个地址，不要太小。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="每个网络地址每天",
                    ),
                ),
                (
                    "per_phone_day",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="同一电话号码一天内最多提交几次。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="每个电话每天",
                    ),
                ),
                (
                    "all_per_hour",
                    models.PositiveSmallIntegerField(
                        default=200,
                        help_text="超过后仍然收下，但标为疑似，通知合并成一条，以免被刷屏。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="全站每小时",
                    ),
                ),
                (
                    "reply_working_days",
                    models.PositiveSmallIntegerField(
                        default=2,
                        help_text="投诉与下架请求按此计算到期日；页面上也会告诉访客。",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="答复期限（工作日）",
                    ),
                ),
            ],
            options={
                "verbose_name": "表单规则",
                "verbose_name_plural": "表单规则",
                "ordering": ["pk"],
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="Forwarding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient", models.CharField(blank=True, max_length=80, verbose_name="接收方")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
            ],
            options={
                "verbose_name": "转交记录",
                "verbose_name_plural": "转交记录",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LicenceAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_to", models.DateField(verbose_name="有效期至")),
                ("days", models.SmallIntegerField(verbose_name="提前天数")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="提醒时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "到期提醒",
                "verbose_name_plural": "到期提醒",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MinimumWage",
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
                    "monthly",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="元/月，适用于全日制用工。",
                        max_digits=8,
                        verbose_name="月最低工资",
                    ),
                ),
                (
                    "hourly",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="元/小时，适用于非全日制用工。",
                        max_digits=6,
                        verbose_name="小时最低工资",
                    ),
                ),
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
            ],
            options={
                "verbose_name": "最低工资标准",
                "verbose_name_plural": "最低工资标准",
                "ordering": ["city", "-in_force_from"],
            },
        ),
        migrations.CreateModel(
            name="PrivacyAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
                ("text", models.CharField(blank=True, max_length=1000, verbose_name="内容")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("looked", "查询个人"),
                            ("exported", "导出个人"),
                            ("erased", "清除个人"),
                            ("export_list", "导出列表"),
                        ],
                        max_length=12,
                        verbose_name="操作",
                    ),
                ),
                ("phone_key", models.CharField(blank=True, max_length=64, verbose_name="电话标识")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="条数")),
            ],
            options={
                "verbose_name": "个人信息操作记录",
                "verbose_name_plural": "个人信息操作记录",
                "ordering": ["-at", "-pk"],
                "abstract": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="PrivacyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("company", "企业用工咨询"),
                            ("call_back", "请求回电"),
                            ("application", "应聘报名"),
                            ("complaint", "投诉举报"),
                            ("takedown", "下架请求"),
                        ],
                        max_length=12,
                        verbose_name="表单",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("handling", "处理"), ("forwarding", "提供给用工单位")],
                        default="handling",
                        max_length=10,
                        verbose_name="用途",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="版本")),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                (
                    "text",
                    models.TextField(
                        help_text="写明：谁处理、为什么、收集哪些、保存多久、怎样行使权利（个人信息保护法第十七条）。{公司} 会换成公司全称，{联系方式} 会换成主热线、投诉邮箱和地址，{用工单位} 会换成接收简历的单位名称。空一行另起一段。",
                        max_length=4000,
                        verbose_name="告知内容",
                    ),
                ),
                (
                    "in_force_from",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="生效日期"
                    ),
                ),
            ],
            options={
                "verbose_name": "隐私告知",
                "verbose_name_plural": "隐私告知",
                "ordering": ["form", "purpose", "-version"],
            },
        ),
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rest", "放假"), ("work", "调休上班")],
                        default="rest",
                        max_length=4,
                        verbose_name="安排",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="例如：国庆节。", max_length=40, verbose_name="名称"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("library", "日历数据"), ("own", "自行录入")],
                        default="own",
                        editable=False,
                        max_length=7,
                        verbose_name="来源",
                    ),
                ),
                (
                    "certain",
                    models.BooleanField(
                        default=True,
                        help_text="国务院办公厅通知尚未公布、按法定节日推算的，不勾选。",
                        verbose_name="已经公布",
                    ),
                ),
            ],
            options={
                "verbose_name": "节假日与调休",
                "verbose_name_plural": "节假日与调休",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        default=staffing.models.references.new_reference,
                        editable=False,
                        max_length=12,
                        verbose_name="编号",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("complaint", "投诉举报"), ("takedown", "下架请求")],
                        editable=False,
                        max_length=9,
                        verbose_name="类别",
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="收到时间"
                    ),
                ),
                (
                    "submission",
                    models.CharField(editable=False, max_length=64, verbose_name="提交标识"),
                ),
                ("page", models.CharField(blank=True, max_length=200, verbose_name="涉及的页面")),
                (
                    "object_id",
                    models.PositiveBigIntegerField(
                        editable=False, null=True, verbose_name="内容编号"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=30, verbose_name="称呼")),
                ("organisation", models.CharField(blank=True, max_length=60, verbose_name="单位")),
                (
                    "phone",
                    portal.cms.phones.PhoneField(blank=True, max_length=20, verbose_name="电话"),
                ),
                (
                    "phone_key",
                    models.CharField(
                        blank=True, editable=False, max_length=64, verbose_name="电话标识"
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                (
                    "statement",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[django.core.validators.MaxLengthValidator(2000)],
                        verbose_name="情况说明",
                    ),
                ),
                (
                    "right",
                    models.CharField(
                        blank=True,
                        help_text="例如：该文章的著作权人。",
                        max_length=200,
                        verbose_name="权利依据",
                    ),
                ),
                ("due_on", models.DateField(editable=False, verbose_name="答复期限")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "待处理"), ("answered", "已答复"), ("closed", "已结案")],
                        default="open",
                        editable=False,
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("none", "未定"),
                            ("takedown", "下架"),
                            ("correct", "更正"),
                            ("reject", "不成立"),
                        ],
                        default="none",
                        editable=False,
                        max_length=8,
                        verbose_name="处理结果",
                    ),
                ),
                ("keep_until", models.DateField(editable=False, verbose_name="保留至")),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="清除时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "投诉与下架",
                "verbose_name_plural": "投诉与下架",
                "ordering": ["due_on", "pk"],
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="TicketEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
                ("text", models.CharField(blank=True, max_length=1000, verbose_name="内容")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "收到"),
                            ("owner", "负责人"),
                            ("note", "备注"),
                            ("decided", "处理"),
                            ("answered", "答复"),
                            ("undone", "撤销处理"),
                            ("closed", "结案"),
                            ("revealed", "查看号码"),
                            ("file_opened", "打开文件"),
                            ("erased", "清除"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "处理记录",
                "verbose_name_plural": "处理记录",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="hotlinehours",
            name="staffing_hotlinehours_span",
        ),
        migrations.AddField(
            model_name="district",
            name="postal_code",
            field=models.CharField(
                blank=True,
                help_text="写进岗位的结构化数据，供搜索引擎使用。",
                max_length=6,
                validators=[
                    django.core.validators.RegexValidator("^[0-9]{6}\\Z", "邮政编码是六位数字。")
                ],
                verbose_name="邮政编码",
            ),
        ),
        migrations.AlterField(
            model_name="hotline",
            name="primary",
            field=models.BooleanField(
                default=False,
                help_text="显示在每页顶部；没有人接听时，换成正在接听的另一个。只能有一个，新的会取代旧的。",
                verbose_name="主热线",
            ),
        ),
        migrations.AddField(
            model_name="hotline",
            name="on_holidays",
            field=models.BooleanField(
                default=False,
                help_text="不勾选则“节假日与调休”里放假的日子不接听。",
                verbose_name="法定节假日照常接听",
            ),
        ),
        migrations.AddField(
            model_name="hotline",
            name="on_makeup_days",
            field=models.BooleanField(
                default=True,
                help_text="按周一的接听时间。不勾选则按当天是周几。",
                verbose_name="调休上班日接听",
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="experience_months",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="需要几个月的同类经验；留空表示不限。",
                null=True,
                validators=[
                    django.core.validators.MaxValueValidator(600, "工作经验最多 600 个月。")
                ],
                verbose_name="工作经验（月）",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="age_min",
            field=models.PositiveSmallIntegerField(
                default=18,
                help_text="不得低于 16 周岁；不满 18 周岁不得安排禁忌劳动。",
                validators=[django.core.validators.MaxValueValidator(80, "最低年龄最多 80 周岁。")],
                verbose_name="最低年龄",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="headcount",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10000, "人数最多 10000。"),
                ],
                verbose_name="人数",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="pay_unit",
            field=models.CharField(
                choices=[
                    ("hour", "时"),
                    ("day", "天"),
                    ("week", "周"),
                    ("month", "月"),
                    ("piece", "件"),
                ],
                default="hour",
                max_length=8,
                verbose_name="计薪单位",
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="is_repost",
            field=models.BooleanField(
                default=False,
                help_text="从别处转载的，须注明来源（人力资源市场暂行条例）。",
                verbose_name="转载的岗位",
            ),
        ),
        migrations.AddField(
            model_name="licence",
            name="original",
            field=models.OneToOneField(
                blank=True,
                help_text="仅内部查看，不会出现在网站上。",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cms.privatefile",
                verbose_name="原件扫描",
            ),
        ),
        migrations.AlterField(
            model_name="licence",
            name="scan",
            field=models.ForeignKey(
                blank=True,
                help_text="公开显示，请用加了“仅供网站公示”水印的图片。",
                limit_choices_to=models.Q(("image_file", ""), _negated=True),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.CABINET_FILE_MODEL,
                verbose_name="公示图片",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at", None), ("filled_at", None), ("status", "published")
                ),
                fields=["valid_through"],
                name="staffing_job_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="hotlinehours",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="staffing_hotlinehours_span",
                violation_error_message="“到”不能早于“从”；跨周的请分成两行。",
            ),
        ),
        migrations.AddConstraint(
            model_name="hotlinehours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes", models.F("opens")), _negated=True),
                    ("opens", datetime.time(0, 0)),
                    _connector="OR",
                ),
                name="staffing_hotlinehours_day",
                violation_error_message="开始与结束不能相同；全天接听请都填 0:00。",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycalls",
            constraint=models.UniqueConstraint(
                fields=("day", "page"), name="staffing_dailycalls_once"
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="cv",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cms.privatefile",
                verbose_name="简历",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="district",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="staffing.district",
                verbose_name="区域",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="job",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="applications",
                to="staffing.job",
                verbose_name="应聘的岗位",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="负责人",
            ),
        ),
        migrations.AddField(
            model_name="enquiry",
            name="service",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="staffing.service",
                verbose_name="咨询的服务",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="enquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="staffing.enquiry",
            ),
        ),
        migrations.AddField(
            model_name="enquiryevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddField(
            model_name="enquiryevent",
            name="enquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="staffing.enquiry",
                verbose_name="线索",
            ),
        ),
        migrations.AddConstraint(
            model_name="formpolicy",
            constraint=models.UniqueConstraint(fields=("form",), name="staffing_formpolicy_form"),
        ),
        migrations.AddConstraint(
            model_name="formpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("form__in", ["company", "call_back", "application", "complaint", "takedown"])
                ),
                name="staffing_formpolicy_known",
                violation_error_message="没有这种表单。",
            ),
        ),
        migrations.AddConstraint(
            model_name="formpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("retention_days__gte", 1)),
                name="staffing_formpolicy_retention",
                violation_error_message="至少保留一天。",
            ),
        ),
        migrations.AddField(
            model_name="forwarding",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddField(
            model_name="forwarding",
            name="consent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="forwardings",
                to="staffing.consent",
                verbose_name="依据的同意",
            ),
        ),
        migrations.AddField(
            model_name="forwarding",
            name="enquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="forwardings",
                to="staffing.enquiry",
                verbose_name="线索",
            ),
        ),
        migrations.AddField(
            model_name="licencealert",
            name="licence",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alerts",
                to="staffing.licence",
                verbose_name="证照",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumwage",
            constraint=models.UniqueConstraint(
                fields=("city", "in_force_from"),
                name="staffing_minimumwage_from",
                violation_error_message="这个城市在这一天已经有标准了。",
            ),
        ),
        migrations.AddConstraint(
            model_name="minimumwage",
            constraint=models.CheckConstraint(
                condition=models.Q(("hourly__gt", 0), ("monthly__gt", 0)),
                name="staffing_minimumwage_positive",
                violation_error_message="最低工资须大于 0。",
            ),
        ),
        migrations.AddField(
            model_name="privacyact",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddConstraint(
            model_name="privacynotice",
            constraint=models.UniqueConstraint(
                fields=("form", "purpose", "version"),
                name="staffing_privacynotice_version",
                violation_error_message="这一版已经有了，请换一个版本号。",
            ),
        ),
        migrations.AddConstraint(
            model_name="privacynotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "form__in",
                            ["company", "call_back", "application", "complaint", "takedown"],
                        ),
                        ("purpose", "handling"),
                    ),
                    models.Q(("form", "application"), ("purpose", "forwarding")),
                    _connector="OR",
                ),
                name="staffing_privacynotice_purpose",
                violation_error_message="只有应聘报名可以有“提供给用工单位”的告知。",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="staffing.privacynotice",
                verbose_name="隐私告知",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialday",
            constraint=models.UniqueConstraint(
                fields=("day",),
                name="staffing_specialday_day",
                violation_error_message="这一天已经录入过了。",
            ),
        ),
        migrations.AddConstraint(
            model_name="specialday",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["rest", "work"])),
                name="staffing_specialday_kind",
                violation_error_message="没有这种安排。",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="content_type",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contenttypes.contenttype",
                verbose_name="内容类型",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="notice",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="staffing.privacynotice",
                verbose_name="当时的隐私告知",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="负责人",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="proof",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cms.privatefile",
                verbose_name="证明材料",
            ),
        ),
        migrations.AddField(
            model_name="ticketentry",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="经手人",
            ),
        ),
        migrations.AddField(
            model_name="ticketentry",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entries",
                to="staffing.ticket",
                verbose_name="投诉与下架",
            ),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="staffing_enquiry_inbox",
            ),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["next_call_at", "id"],
                name="staffing_enquiry_due",
            ),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(fields=["owner", "status"], name="staffing_enquiry_owner"),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(fields=["phone_key"], name="staffing_enquiry_phone_key"),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(fields=["fingerprint", "received_at"], name="staffing_enquiry_same"),
        ),
        migrations.AddIndex(
            model_name="enquiry",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", True)),
                fields=["keep_until"],
                name="staffing_enquiry_keep",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.UniqueConstraint(
                fields=("reference",), name="staffing_enquiry_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.UniqueConstraint(
                fields=("submission",), name="staffing_enquiry_submission"
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["company", "call_back", "application"])),
                name="staffing_enquiry_kind",
                violation_error_message="没有这种线索。",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["new", "contacted", "following", "won", "lost", "invalid"])
                ),
                name="staffing_enquiry_status",
                violation_error_message="没有这种状态。",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("phone", ""), _negated=True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="staffing_enquiry_phone",
                violation_error_message="线索必须有电话。",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "application"), _negated=True),
                    ("birth_year__isnull", False),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="staffing_enquiry_age",
                violation_error_message="应聘报名必须有出生年份。",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False), ("status__in", ("won", "lost", "invalid"))
                    ),
                    models.Q(
                        ("closed_at__isnull", True),
                        ("status__in", ("new", "contacted", "following")),
                    ),
                    _connector="OR",
                ),
                name="staffing_enquiry_closed",
                violation_error_message="关闭的线索必须有关闭时间，未关闭的没有。",
            ),
        ),
        migrations.AddConstraint(
            model_name="enquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("birth_year", None),
                        ("call_when", ""),
                        ("company", ""),
                        ("cv", None),
                        ("duration", ""),
                        ("experience", ""),
                        ("fingerprint", ""),
                        ("job_type", ""),
                        ("message", ""),
                        ("name", ""),
                        ("phone", ""),
                        ("search_words", ""),
                    ),
                    _connector="OR",
                ),
                name="staffing_enquiry_erased",
                violation_error_message="清除后不能再留有个人信息。",
            ),
        ),
        migrations.AddIndex(
            model_name="enquiryevent",
            index=models.Index(fields=["kind", "at"], name="staffing_event_kind"),
        ),
        migrations.AddConstraint(
            model_name="licencealert",
            constraint=models.UniqueConstraint(
                fields=("licence", "valid_to", "days"), name="staffing_licencealert_once"
            ),
        ),
        migrations.AddIndex(
            model_name="privacyact",
            index=models.Index(
                models.OrderBy(models.F("at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="staffing_privacyact_latest",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None),
                    ("withdrawn_at__gte", models.F("given_at")),
                    _connector="OR",
                ),
                name="staffing_consent_order",
                violation_error_message="撤回不能早于同意。",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["due_on", "id"],
                name="staffing_ticket_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="staffing_ticket_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["content_type", "object_id"], name="staffing_ticket_item"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["phone_key"], name="staffing_ticket_phone_key"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", True)),
                fields=["keep_until"],
                name="staffing_ticket_keep",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(fields=("number",), name="staffing_ticket_number"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                fields=("submission",), name="staffing_ticket_submission"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["complaint", "takedown"])),
                name="staffing_ticket_kind",
                violation_error_message="没有这种类别。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "answered", "closed"])),
                name="staffing_ticket_status",
                violation_error_message="没有这种状态。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("phone", ""), _negated=True),
                    models.Q(("email", ""), _negated=True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="staffing_ticket_contact",
                violation_error_message="电话和邮箱至少填一个。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "open"),
                    ("decision__in", ["takedown", "correct", "reject"]),
                    _connector="OR",
                ),
                name="staffing_ticket_decided",
                violation_error_message="答复前请先作出处理。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content_type__isnull", True), ("object_id__isnull", True)),
                    models.Q(("content_type__isnull", False), ("object_id__isnull", False)),
                    _connector="OR",
                ),
                name="staffing_ticket_whole",
                violation_error_message="内容类型与编号须同时填写。",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("email", ""),
                        ("name", ""),
                        ("organisation", ""),
                        ("phone", ""),
                        ("proof", None),
                        ("right", ""),
                        ("statement", ""),
                    ),
                    _connector="OR",
                ),
                name="staffing_ticket_erased",
                violation_error_message="清除后不能再留有个人信息。",
            ),
        ),
        migrations.AlterField(
            model_name="hotlinehours",
            name="closes",
            field=models.TimeField(
                default=datetime.time(18, 0),
                help_text="早于开始表示到次日；全天接听请两处都填 0:00。",
                verbose_name="结束",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="hours_per_day",
            field=models.DecimalField(
                blank=True,
                decimal_places=1,
                max_digits=4,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(
                        Decimal("0.5"), "每日工时至少 0.5 小时。"
                    ),
                    django.core.validators.MaxValueValidator(24, "每日工时最多 24 小时。"),
                ],
                verbose_name="每日工时",
            ),
        ),
    ]
