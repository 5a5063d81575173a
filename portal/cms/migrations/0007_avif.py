from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0006_keywords")]

    operations = [
        migrations.AddField(
            model_name="mediafile",
            name="avif_name",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=255, verbose_name="AVIF 文件名"
            ),
        ),
    ]
