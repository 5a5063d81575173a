"""主编 and 站长 keep the synonyms, and read and clear the record of what was searched for."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = (
    "add_synonyms",
    "change_synonyms",
    "delete_synonyms",
    "view_synonyms",
    "view_searchedquery",
    "delete_searchedquery",
)
GROUPS = {"主编": RIGHTS, "站长": RIGHTS}


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
        ("portal", "0005_keyword_rights"),
        ("cms", "0005_search"),
    ]

    operations = [migrations.RunPython(give, take)]
