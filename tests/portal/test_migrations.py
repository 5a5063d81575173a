"""Migrations that bring rows go back, and forth again. Once for all: each step draws every model anew."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from staffing.models import FormPolicy


def rights() -> set[tuple[str, str]]:
    return set(Permission.objects.values_list("group__name", "codename"))


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_a_new_site_go_and_come_again() -> None:
    def migrate(*targets: tuple[str, str]) -> None:
        MigrationExecutor(connection).migrate([*targets])

    before = rights()

    migrate(("portal", "0001_initial"), ("staffing", "0003_bin"))

    assert not Group.objects.exists()
    assert "staffing_formpolicy" not in connection.introspection.table_names()

    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())

    assert rights() == before
    assert FormPolicy.objects.count() == 5
