"""Pages that go with a service."""

from __future__ import annotations

from django.db import migrations

import portal.cms.lines


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0007_comparison"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="related",
            field=portal.cms.lines.LinesField(
                blank=True,
                default=list,
                help_text="一行一个，填本站文章、服务或页面的网址，例如 /articles/12/；没有发布的不显示。",
                verbose_name="相关页面",
            ),
        ),
    ]
