"""The search index: one table of places, two of tokens, which each database has in its own kind.

The index is empty then; `manage.py prepare`, which every start runs, fills it (`reindex`).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import portal.cms.search.models
from portal.cms.search.engines import engine_of


def make(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        engine_of(schema_editor.connection).make(cursor)


def drop(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        engine_of(schema_editor.connection).drop(cursor)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0004_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="Texts",
            fields=[
                ("rowid", models.BigIntegerField(primary_key=True, serialize=False)),
                ("tokens", portal.cms.search.models.TokensField()),
            ],
            options={
                "db_table": "cms_texts",
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Titles",
            fields=[
                ("rowid", models.BigIntegerField(primary_key=True, serialize=False)),
                ("tokens", portal.cms.search.models.TokensField()),
            ],
            options={
                "db_table": "cms_titles",
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Synonyms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        help_text="用顿号或逗号分开，例如：社保、社会保险。搜其中一个，也会找到写着另一个的内容。",
                        max_length=200,
                        unique=True,
                        verbose_name="同义词",
                    ),
                ),
            ],
            options={
                "verbose_name": "同义词",
                "verbose_name_plural": "同义词",
                "ordering": ["words"],
            },
        ),
        migrations.CreateModel(
            name="IndexEntry",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.PositiveSmallIntegerField()),
                ("object_id", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "object_id"), name="cms_indexentry_item"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchedQuery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=100, unique=True, verbose_name="搜索词")),
                ("asked", models.PositiveIntegerField(default=0, verbose_name="搜索次数")),
                ("found", models.PositiveSmallIntegerField(verbose_name="最近一次找到")),
                (
                    "first_asked_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="第一次搜索"),
                ),
                ("last_asked_at", models.DateTimeField(verbose_name="最近搜索")),
            ],
            options={
                "verbose_name": "搜索记录",
                "verbose_name_plural": "搜索记录",
                "default_permissions": ("view", "delete"),
                "indexes": [
                    models.Index(fields=["found", "-asked"], name="cms_searchedquery_missed"),
                    models.Index(fields=["last_asked_at"], name="cms_searchedquery_oldest"),
                ],
            },
        ),
        migrations.RunPython(make, drop),
    ]
