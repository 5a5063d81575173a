"""Statements that take long are written down, without what they were given."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from portal.cms.accounts import User
from portal.cms.seeing import requests, slow
from portal.cms.seeing.requests import Asked

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def all_slow(settings: Settings) -> None:
    settings.SLOW_QUERY_MS = 0.0001


def test_every_connection_is_looked_at_once() -> None:
    connection.ensure_connection()
    slow._look_at_all(None, connection)
    assert connection.execute_wrappers.count(slow.timed) == 1


def test_a_slow_one_is_told_with_its_page_and_without_its_values(
    all_slow: None, caplog: pytest.LogCaptureFixture
) -> None:
    requests._asked.set(Asked("0123456789ab", "/articles/7/"))
    User.objects.filter(username="li.ming").exists()
    requests._asked.set(None)
    (made,) = [each for each in caplog.records if each.name == "portal.slow"]
    fields: Any = made.__dict__["fields"]
    assert fields["view"] == "articles:article"
    assert 'FROM "cms_user"' in made.getMessage()
    assert "li.ming" not in made.getMessage()


def test_a_quick_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    User.objects.filter(username="li.ming").exists()
    assert caplog.records == []


def test_one_that_fails_is_told_too(all_slow: None, caplog: pytest.LogCaptureFixture) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        slow.timed(fails, "SELECT 1/0", None, False, {})
    assert len(caplog.records) == 1


def test_who_copies_whole_tables_is_left_out(
    all_slow: None, caplog: pytest.LogCaptureFixture
) -> None:
    with slow.unhurried():
        User.objects.exists()
    assert caplog.records == []
    User.objects.exists()
    assert len(caplog.records) == 1
