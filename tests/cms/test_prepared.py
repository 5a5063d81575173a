"""Queries whose SQL is written once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import models
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.prepared import Given, Prepared
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def titled() -> Prepared[Article]:
    title, now = Given("title", models.TextField()), Given("now", models.DateTimeField())
    return Prepared(lambda: Article.objects.published(now).filter(title=title).newest())


def test_each_run_finds_what_its_values_say(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    one, other = cast.article("试用期工资"), cast.article("年假怎么算")
    found, now = titled(), timezone.now()
    assert found.rows(title="试用期工资", now=now) == [one]
    with django_assert_num_queries(1):
        assert found.first(title="年假怎么算", now=now) == other
    assert found.first(title="没有这一篇", now=now) is None


def test_a_moment_is_compared_as_it_is_stored() -> None:
    item = cast.article("试用期工资")
    assert item.go_live_at is not None
    for passed, expected in ((timedelta(0), item), (timedelta(microseconds=-1), None)):
        assert titled().first(title=item.title, now=item.go_live_at + passed) == expected


def test_the_sql_is_written_once() -> None:
    found, values = titled(), {"title": "试用期工资", "now": timezone.now()}
    found.rows(**values)
    with patch.object(SQLCompiler, "as_sql", side_effect=AssertionError("written again")):
        found.rows(**values)


@pytest.mark.parametrize("text", ["%s", "100%", "'; --", "“引号”"])
def test_signs_in_a_value_are_only_signs(text: str) -> None:
    item: Any = cast.article(text)
    assert titled().rows(title=text, now=timezone.now()) == [item]
