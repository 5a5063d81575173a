"""业务 work on leads and tickets; 站长 alone take data out, erase it, and set the rules for both."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

STAFF = (
    "staffing.view_enquiry",
    "staffing.change_enquiry",
    "staffing.reveal_phone",
    "staffing.forward_enquiry",
    "staffing.view_ticket",
    "staffing.change_ticket",
    "staffing.view_report",
    "staffing.view_specialday",
    "staffing.add_specialday",
    "staffing.change_specialday",
    "staffing.delete_specialday",
    "staffing.view_minimumwage",
    "staffing.add_minimumwage",
    "staffing.change_minimumwage",
    "staffing.view_privacynotice",
    "staffing.view_formpolicy",
    "cms.view_delivery",
)
OWNER = (
    *STAFF,
    "staffing.export_enquiry",
    "staffing.erase_person",
    "staffing.delete_minimumwage",
    "staffing.change_formpolicy",
    "staffing.add_privacynotice",
    "staffing.change_privacynotice",
    "staffing.delete_privacynotice",
    "staffing.view_privacyact",
    "cms.change_delivery",
    "cms.view_deliverytarget",
    "cms.add_deliverytarget",
    "cms.change_deliverytarget",
    "cms.delete_deliverytarget",
    "cms.view_duetask",
)
GROUPS = {
    # Articles are theirs, and what is said of them. No number is shown without `reveal_phone`.
    "主编": ("staffing.view_ticket", "staffing.change_ticket"),
    "业务": STAFF,
    "站长": OWNER,
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
    for app_label in ("cms", "staffing"):
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
        ("portal", "0006_search_rights"),
        ("staffing", "0005_rules"),
        ("cms", "0012_delivery"),
    ]

    operations = [migrations.RunPython(give, take)]
