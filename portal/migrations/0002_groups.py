"""The four groups: 编辑, 主编, 业务, 站长, each with the rights its people need, and no others.

Rows inside another form (questions of a service, hours of a hotline, facts of the home page) need no
rights of their own: who may change the form may change them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

Rights = dict[str, str]  # `app.model` → verbs

LIBRARY: Rights = {"cms.mediafile": "view add change", "cabinet.folder": "view add change"}
WHOLE_LIBRARY: Rights = {
    "cms.mediafile": "view add change delete",
    "cabinet.folder": "view add change delete",
}

EDITOR: Rights = {
    **LIBRARY,
    "articles.article": "view add change publish",
    "articles.category": "view",
    "articles.author": "view",
    "taggit.tag": "view add change",
}
CHIEF_EDITOR: Rights = {
    **WHOLE_LIBRARY,
    "articles.article": "view add change delete publish review",
    "articles.category": "view add change delete",
    "articles.author": "view add change delete",
    "taggit.tag": "view add change delete",
    "cms.page": "view add change delete publish",
    "cms.sitelink": "view add change delete",
}
STAFF: Rights = {
    **LIBRARY,
    "staffing.service": "view add change delete publish",
    "staffing.job": "view add change delete publish",
    "staffing.hotline": "view add change delete",
    "staffing.licence": "view add change delete",
    "staffing.district": "view add change delete",
}
OWNER: Rights = {
    **STAFF,
    **CHIEF_EDITOR,
    "cms.siteprofile": "view change",
    "cms.user": "view add change",
    "auth.group": "view",
}
GROUPS: dict[str, Rights] = {
    "编辑": EDITOR,
    "主编": CHIEF_EDITOR,
    "业务": STAFF,
    "站长": OWNER,
}


def codenames(rights: Rights) -> Iterator[tuple[str, str]]:
    for model, verbs in rights.items():
        app_label, model_name = model.split(".")
        for verb in verbs.split():
            yield app_label, f"{verb}_{model_name}"


def make_groups(apps: Any, schema_editor: Any) -> None:
    """Make the groups. A right no model has is a mistake in the lists above, and stops here."""
    database = schema_editor.connection.alias
    # Django makes permissions after the last migration; on a fresh database that is too late for us.
    # The installed configuration only says that the app has models; they are those of `apps`.
    for app_label in sorted({model.split(".")[0] for model in OWNER}):
        create_permissions(
            installed.get_app_config(app_label), verbosity=0, using=database, apps=apps
        )
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    ids = {
        (app_label, codename): pk
        for app_label, codename, pk in Permission.objects.using(database).values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    for name, rights in GROUPS.items():
        group, _ = Group.objects.using(database).get_or_create(name=name)
        group.permissions.add(*(ids[right] for right in codenames(rights)))


def remove_groups(apps: Any, schema_editor: Any) -> None:
    Group = apps.get_model("auth", "Group")
    Group.objects.using(schema_editor.connection.alias).filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("articles", "0002_initial"),
        ("staffing", "0001_initial"),
        ("cms", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("cabinet", "0006_alter_folder_unique_together"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
