"""Rules that forms and code have kept so far; from here on the database does."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from portal.cms.live_data import demand

ONE_FILE = (Q(image_file="") & ~Q(download_file="")) | (~Q(image_file="") & Q(download_file=""))
KNOWN_STATUS = Q(status__in=["draft", "in_review", "scheduled"])


class Migration(migrations.Migration):
    dependencies = [("cabinet", "0006_alter_folder_unique_together"), ("cms", "0015_grace")]

    operations = [
        demand("cms", "mediafile", ONE_FILE, "没有文件，或同时有图片和文件"),
        demand("cms", "pendingdraft", KNOWN_STATUS, "的状态不是系统认识的"),
        migrations.AddConstraint(
            model_name="mediafile",
            constraint=models.CheckConstraint(
                name="cms_mediafile_one_file",
                condition=ONE_FILE,
                violation_error_message="一条记录只能有一个文件。",
            ),
        ),
        migrations.AddConstraint(
            model_name="pendingdraft",
            constraint=models.CheckConstraint(
                name="cms_pendingdraft_known_status", condition=KNOWN_STATUS
            ),
        ),
    ]
