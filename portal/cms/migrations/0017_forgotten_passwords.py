from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cms", "0016_rules")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="reset_asked_at",
            field=models.DateTimeField(editable=False, null=True),
        )
    ]
