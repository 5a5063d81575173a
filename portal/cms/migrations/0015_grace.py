"""A day to set up a second factor, for whoever must have one and is at work already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def begin(apps: Any, schema_editor: Any) -> None:
    """Others get it at their first login. Without this, a session that is open would be asked nothing."""
    manager = apps.get_model("cms", "User").objects.using(schema_editor.connection.alias)
    right = {"codename": "change_user", "content_type__app_label": "cms"}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_person = {f"user_permissions__{name}": value for name, value in right.items()}
    managing = manager.filter(Q(is_superuser=True) | Q(**of_group) | Q(**of_person))
    at_work = managing.filter(last_login__isnull=False, second_factor_due=None)
    keys = list(at_work.values_list("pk", flat=True).distinct())
    manager.filter(pk__in=keys).update(second_factor_due=timezone.now() + timedelta(hours=24))


class Migration(migrations.Migration):
    dependencies = [("cms", "0014_trust"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
