"""主编 and 站长 keep the keywords that become links."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

KEYWORDS = ("add_keywordlink", "change_keywordlink", "delete_keywordlink", "view_keywordlink")
GROUPS = {"主编": KEYWORDS, "站长": KEYWORDS}


def rights(apps: Any, database: str, group: str) -> Any:
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    return permissions.filter(content_type__app_label="cms", codename__in=GROUPS[group])


def give(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    # Django makes permissions after the last migration; on a fresh database that is too late for us.
    create_permissions(installed.get_app_config("cms"), verbosity=0, using=database, apps=apps)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.add(*rights(apps, database, group.name))


def take(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.remove(*rights(apps, database, group.name))


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_review_rights"),
        ("cms", "0006_keywords"),
    ]

    operations = [migrations.RunPython(give, take)]
