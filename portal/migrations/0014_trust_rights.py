"""站长 alone approve hosts of others, and see how backups fare."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "站长": (
        "cms.view_outsidehost",
        "cms.change_outsidehost",
        "cms.view_backuprun",
    ),
}


def rights(apps: Any, database: str, group: str) -> list[Any]:
    """Return the permissions of a group. One that no model has is a mistake above, and stops here."""
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    names = (name.split(".") for name in GROUPS[group])
    return [
        permissions.get(content_type__app_label=app_label, codename=codename)
        for app_label, codename in names
    ]


def give(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    # Django makes permissions after the last migration; on a fresh database that is too late for us.
    config = installed.get_app_config("cms")
    create_permissions(config, verbosity=0, using=database, apps=apps)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.add(*rights(apps, database, group.name))


def take(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.remove(*rights(apps, database, group.name))


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0013_engine_rights"),
        ("cms", "0014_trust"),
    ]

    operations = [migrations.RunPython(give, take)]
