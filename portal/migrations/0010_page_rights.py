"""业务 and 站长 write cases and the landing pages of districts."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

VERBS = ("view", "add", "change", "delete", "publish")
RIGHTS = (
    *(f"staffing.{verb}_case" for verb in VERBS),
    *(f"portal.{verb}_districtpage" for verb in VERBS),
)
GROUPS = {"业务": RIGHTS, "站长": RIGHTS}


def rights(apps: Any, database: str, group: str) -> list[Any]:
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    names = (name.split(".") for name in GROUPS[group])
    return [
        permissions.get(content_type__app_label=app_label, codename=codename)
        for app_label, codename in names
    ]


def give(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    # Django makes permissions after the last migration; on a fresh database that is too late for us.
    for app_label in ("portal", "staffing"):
        config = installed.get_app_config(app_label)
        create_permissions(config, verbosity=0, using=database, apps=apps)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.add(*rights(apps, database, group.name))


def take(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.remove(*rights(apps, database, group.name))


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0009_districts"),
        ("staffing", "0009_cases"),
    ]

    operations = [migrations.RunPython(give, take)]
