import django.core.validators
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0005_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeywordLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "word",
                    models.CharField(
                        help_text="正文里出现的原词，两个字以上，例如：劳务派遣。较长的词优先。",
                        max_length=30,
                        validators=[django.core.validators.MinLengthValidator(2)],
                        verbose_name="关键词",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        help_text="站内写路径，例如 /services/dispatch/；站外写完整网址。",
                        max_length=300,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(/(?!/)|https?://[^\\s/?#:@])\\S*$",
                                "请填写以 / 或 http(s):// 开头的网址。",
                            )
                        ],
                        verbose_name="链接到",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="启用")),
            ],
            options={
                "verbose_name": "关键词内链",
                "verbose_name_plural": "关键词内链",
                "ordering": ["word"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("word"),
                        name="cms_keywordlink_word",
                        violation_error_message="这个关键词已经有链接了。",
                    )
                ],
            },
        ),
    ]
