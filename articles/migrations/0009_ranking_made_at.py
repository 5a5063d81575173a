from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0008_bin"),
    ]

    operations = [
        migrations.AddField(
            model_name="ranking",
            name="made_at",
            field=models.DateTimeField(null=True),
        ),
    ]
