"""What migrations may do to the rows of a site that is at work (docs/decisions/0045)."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Q

from portal.cms.live_data import NAMED, demand
from tests import cast

pytestmark = pytest.mark.both_databases

# The last of before the decision, by app.
BEFORE = {"articles": "0010", "cms": "0015", "portal": "0014", "staffing": "0011"}
# What takes something away, and the release that has stopped using it: {"cms.0020_x": "3.1"}.
GONE: dict[str, str] = {}
TAKES_AWAY = (
    *(migrations.RemoveField, migrations.DeleteModel, migrations.RenameField),
    *(migrations.RenameModel, migrations.AlterModelTable),
)


def later() -> Iterator[migrations.Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in loader.disk_migrations.items():
        if app in BEFORE and name[:4] > BEFORE[app]:
            yield migration


def faults(migration: migrations.Migration) -> Iterator[str]:
    """Yield what a migration does that the release before, which is still at work, would not survive."""
    made: set[str] = set()
    looks = any(isinstance(operation, migrations.RunPython) for operation in migration.operations)
    gone = f"{migration.app_label}.{migration.name}" in GONE
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        elif isinstance(operation, TAKES_AWAY) and not gone:
            yield f"{operation.describe()}: the release before still asks for it"
        elif isinstance(operation, migrations.AddConstraint) and looks:
            pass
        elif getattr(operation, "model_name", "").lower() not in made:
            yield from fault_of(operation)


def fault_of(operation: Any) -> Iterator[str]:
    """Yield what is wrong with an operation on a table that may have rows."""
    match operation:
        case migrations.AddField(field=field):
            if not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED):
                yield f"{operation.describe()}: the release before writes rows without it"
        case migrations.AlterField(preserve_default=False):
            yield f"{operation.describe()}: fills in what nobody has said"
        case migrations.AddConstraint():
            yield f"{operation.describe()}: nobody has looked whether rows break it"
        case migrations.RunPython(reverse_code=None):
            yield "there is no way back"
        case migrations.RunSQL():
            yield "SQL is of one engine, and of no known way back"


def test_no_migration_takes_the_ground_from_under_a_site_at_work() -> None:
    assert {str(migration): list(faults(migration)) for migration in later()} == {
        str(migration): [] for migration in later()
    }


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("job", "x", models.TextField(default="")),
        migrations.AlterField("job", "x", models.TextField(default=""), preserve_default=False),
        migrations.AddConstraint("job", models.CheckConstraint(condition=Q(pk=1), name="x")),
        migrations.RemoveField("job", "x"),
        migrations.RenameField("job", "x", "y"),
        migrations.DeleteModel("job"),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1"),
    ],
)
def test_what_would_is_found(operation: migrations.operations.base.Operation) -> None:
    migration: Any = migrations.Migration("0099_x", "staffing")
    migration.operations = [operation]

    assert list(faults(migration))


@pytest.mark.django_db
def test_rows_that_break_a_new_rule_are_named_and_left_alone() -> None:
    jobs = [cast.job(f"普工{number}") for number in range(NAMED + 2)]
    look: Any = demand("staffing", "job", Q(pay_unit="piece"), "不是计件的")
    before = list(apps.get_model("staffing", "job").objects.values())

    with pytest.raises(CommandError) as stopped:
        look.code(apps, SimpleNamespace(connection=connection))

    sentence = str(stopped.value)
    named = "、".join(str(job.pk) for job in jobs[:NAMED])
    assert f"岗位第 {named} 号等不是计件的" in sentence
    assert str(jobs[NAMED].pk) not in sentence.split("第")[1].split("、")
    assert list(apps.get_model("staffing", "job").objects.values()) == before


@pytest.mark.django_db
def test_where_all_keep_the_rule_nothing_is_said() -> None:
    cast.job()
    look: Any = demand("staffing", "job", ~Q(pay_unit="else"), "的计薪单位不对")

    look.code(apps, SimpleNamespace(connection=connection))
