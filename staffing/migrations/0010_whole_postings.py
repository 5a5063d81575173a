"""What search engines are told of every job: pay by the piece as an hour's, the postal code of its district."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0009_cases"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="hourly_max",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="折合时薪上限"
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="hourly_min",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="只有按件计薪的填：正常产量下一小时大约合多少元，会写在页面上。",
                max_digits=10,
                null=True,
                verbose_name="折合时薪",
            ),
        ),
        migrations.AlterField(
            model_name="district",
            name="postal_code",
            field=models.CharField(
                help_text="六位数字。没有它，这个区的岗位不能发布：搜索引擎靠它认地点。",
                max_length=6,
                validators=[
                    django.core.validators.RegexValidator("^[0-9]{6}\\Z", "邮政编码是六位数字。")
                ],
                verbose_name="邮政编码",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="education",
            field=models.CharField(
                blank=True,
                help_text="写不限、初中、高中、中专、大专、本科、硕士（及以上）；留空表示不限。证书和技能写进“任职要求”。",
                max_length=20,
                verbose_name="学历",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hourly_min", None), ("hourly_min__gt", 0), _connector="OR"),
                    models.Q(
                        ("hourly_max", None),
                        ("hourly_max__gte", models.F("hourly_min")),
                        _connector="OR",
                    ),
                ),
                name="staffing_job_hourly",
                violation_error_message="折合时薪须大于 0，上限不得低于下限。",
            ),
        ),
    ]
