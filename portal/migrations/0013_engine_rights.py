"""主编 and 站长 keep the redirects; 编辑 see how pages fare; 站长 alone prove whose site it is."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITOR = ("cms.view_crawledpage",)
CHIEF = (
    *EDITOR,
    "cms.change_crawledpage",
    "cms.view_redirect",
    "cms.add_redirect",
    "cms.change_redirect",
    "cms.delete_redirect",
    "cms.view_missedaddress",
    "cms.change_missedaddress",
    "cms.view_publicaddress",
    "cms.change_publicaddress",
)
OWNER = (
    *CHIEF,
    # A file at the root of the site speaks for it.
    "cms.view_verification",
    "cms.add_verification",
    "cms.change_verification",
    "cms.delete_verification",
)
GROUPS = {"编辑": EDITOR, "主编": CHIEF, "站长": OWNER}


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
        ("portal", "0012_search_fields"),
        ("cms", "0013_engines"),
    ]

    operations = [migrations.RunPython(give, take)]
