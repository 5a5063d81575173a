"""Databases beside the tests' own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from portal.transfer.copying import databases
from portal.transfer.copying.databases import url_of


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Path:
    """A SQLite database with all tables, and what migrations wrote into them. Not to be written to."""
    path = tmp_path_factory.mktemp("schema") / "new.sqlite3"
    if connection.vendor == "sqlite":
        # Ten seconds of migrations: the tests' own database has had them.
        own = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(own)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
    else:
        databases.migrate(url_of(path))
    return path


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Give the site a data folder of its own; return it."""
    settings.DATA_DIR = tmp_path / "data"
    settings.BACKUP_DIR = settings.DATA_DIR / "backups"
    settings.DATA_DIR.mkdir()
    return tmp_path / "data"


@pytest.fixture
def new(schema: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(schema, tmp_path / "new.sqlite3"))
