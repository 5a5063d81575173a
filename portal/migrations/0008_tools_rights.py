"""业务 and 站长 keep the tables behind the tools for visitors."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = tuple(
    f"staffing.{verb}_{model}"
    for model in ("contributionrate", "comparisonrow")
    for verb in ("view", "add", "change", "delete")
)
GROUPS = {"业务": RIGHTS, "站长": RIGHTS}


def rights(apps: Any, database: str, group: str) -> Any:
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    codenames = [name.removeprefix("staffing.") for name in GROUPS[group]]
    return permissions.filter(content_type__app_label="staffing", codename__in=codenames)


def give(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    # Django makes permissions after the last migration; on a fresh database that is too late for us.
    config = installed.get_app_config("staffing")
    create_permissions(config, verbosity=0, using=database, apps=apps)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.add(*rights(apps, database, group.name))


def take(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=GROUPS):
        group.permissions.remove(*rights(apps, database, group.name))


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0007_business_rights"),
        ("staffing", "0007_comparison"),
    ]

    operations = [migrations.RunPython(give, take)]
