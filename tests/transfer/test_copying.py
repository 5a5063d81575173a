"""Rows go from one database into another as they are, or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.revisions.models import Autosave
from portal.cms.search import indexing
from portal.transfer.copying import databases, rows, sums, tables
from portal.transfer.copying.databases import CopyError, opened, url_of
from portal.transfer.copying.rows import copy, is_empty
from portal.transfer.copying.sums import Total, canonical, total_of
from portal.transfer.whole.numbers import last_number
from tests import cast
from tests.transfer import whole_site

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON_SQLITE = connection.vendor == "sqlite"


@pytest.fixture
def target(new: Path) -> Iterator[str]:
    with opened(url_of(new)) as alias:
        yield alias


def totals(using: str) -> dict[str, Total]:
    return {model._meta.label: total_of(model, using) for model in tables.copied()}


def copy_back(source: str) -> None:
    # What this very transaction has written may not wait for its checks any longer.
    connection.check_constraints()
    with transaction.atomic():
        copy(source, "default")


def test_what_is_copied_is_the_same_there_row_by_row(target: str) -> None:
    whole_site.build()
    cast.xiaolin()
    before = totals("default")
    assert copy("default", target) == before
    assert totals(target) == before
    assert before["articles.Article"].rows == 14
    assert before["cms.User_groups"].rows == 2
    assert last_number(Article, target) == last_number(Article)
    # Saved as it is, not once more.
    article = Article.objects.order_by("pk")[0]
    copied = Article.objects.using(target).get(pk=article.pk)
    assert (copied.updated_at, copied.body) == (article.updated_at, article.body)


def test_a_copy_fills_no_log_with_its_slow_statements(
    target: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_MS = 0.0001
    cast.xiaolin()
    caplog.clear()
    copy("default", target)
    assert [each.name for each in caplog.records] == []


def test_there_and_back_again_is_the_same(target: str, new: Path, tmp_path: Path) -> None:
    """On PostgreSQL this is the whole way: from there to SQLite, back, and to SQLite again."""
    whole_site.build()
    pages = whole_site.pages()
    before = totals("default")
    copy("default", target)
    again = tmp_path / "again.sqlite3"
    shutil.copyfile(new, again)
    cast.xiaolin()
    Article.objects.all().update(title="改过")
    copy_back(target)
    assert totals("default") == before
    with opened(url_of(again)) as last:
        copy("default", last)
        assert totals(last) == before
    call_command("reindex", verbosity=0)
    assert indexing.is_current()
    assert whole_site.pages() == pages


def test_every_table_is_copied_or_left_for_a_reason() -> None:
    every = {*apps.get_models(include_auto_created=True)}
    assert every == {*tables.all_tables()}
    left = every - {*tables.copied()}
    assert {model._meta.label for model in left} == {
        *("sessions.Session", "usersessions.UserSession", "cms.Presence", "cms.Limit"),
        *("cms.IndexEntry", "cms.Titles", "cms.Texts"),
    }


def test_a_table_that_arrives_otherwise_is_found_and_nothing_is_left(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.xiaolin()
    cast.article("正本")
    insert = rows.write

    def wrong(model: tables.Model, some: list[object], using: str) -> None:
        insert(model, some, using)
        if model is Article:
            Article.objects.using(using).update(title="副本")

    monkeypatch.setattr(rows, "write", wrong)
    with pytest.raises(CopyError, match="核对不符：文章应有 1 行"):
        copy("default", target)
    assert is_empty(target)


def test_a_row_that_points_nowhere_is_no_row_to_copy(new: Path, target: str) -> None:
    """As an old SQLite may have it, to which somebody wrote by hand."""
    cast.article()
    copy("default", target)
    with closing(sqlite3.connect(new)) as database, database:
        database.execute("UPDATE articles_article SET category_id = 999")
    with pytest.raises(CopyError, match="目标数据库不接受"):
        copy_back(target)
    assert Article.objects.get().category_id != 999


@pytest.mark.skipif(ON_SQLITE, reason="SQLite takes everything")
def test_what_postgresql_refuses_is_named_row_by_row(new: Path, target: str) -> None:
    cast.article("好的")
    cast.article("长的")
    cast.article("空的")
    copy("default", target)
    with closing(sqlite3.connect(new)) as database, database:
        database.execute("UPDATE articles_article SET title = ? WHERE title = '长的'", ["长" * 999])
        database.execute("UPDATE articles_article SET body = ? WHERE title = '空的'", ["a\x00b"])
    with pytest.raises(CopyError) as refused:
        copy_back(target)
    sentences = str(refused.value).splitlines()
    assert len(sentences) == 3
    assert "有 999 字，超过" in sentences[1]
    assert "“正文”含有空字符" in sentences[2]
    assert Article.objects.filter(title="长的").exists()


# --- Sums -------------------------------------------------------------------------------------------


VALUES = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
    max_size=4,
)


@pytest.mark.django_db(databases=[])
@hypothesis.settings(max_examples=25)
@given(st.lists(VALUES, max_size=5), st.randoms())
def test_a_total_is_the_same_in_any_order_and_another_where_anything_differs(
    many: list[list[object]], random: object
) -> None:
    def total(some: list[list[object]]) -> Total:
        result = Total()
        for row in some:
            result = result.plus(row)
        return result

    shuffled = [*many]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert total(many) == total(shuffled)
    assert total(many) != total([*many, ["更多"]])
    if many:
        assert total(many) != total([*many[1:], [*many[0], 1]])


def test_what_a_row_comes_to_is_exact() -> None:
    moment = datetime(2026, 11, 24, 8, 0, 0, 123456, UTC)
    assert canonical([moment, Decimal("1.50"), {"b": 1, "a": None}, b"\x00", "深"]) == (
        '["2026-11-24T08:00:00.123456+00:00", "1.50", {"a": null, "b": 1}, "00", "深"]'.encode()
    )
    assert sums.plain(memoryview(b"\x01")) == "01"


# --- The command --------------------------------------------------------------------------------------


def test_copy_to_moves_into_an_empty_database_and_says_what(
    new: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "migrate", lambda url: None)
    cast.article()
    cast.xiaolin()
    call_command("copy_to", url_of(new))
    said = capsys.readouterr().out
    assert "文章：1 行" in said
    assert "内容完全一致" in said
    with opened(url_of(new)) as alias:
        assert User.objects.using(alias).get().name == "小林"
        assert not Autosave.objects.using(alias).exists()
    with pytest.raises(CommandError, match="不是空的"):
        call_command("copy_to", url_of(new))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("不是地址", "无法识别"),
        ("mysql://a@b/c", "只能在 SQLite 与 PostgreSQL"),
        ("sqlite://:memory:", "只能在"),
        ("sqlite:////没有/这个/文件夹/a.sqlite3", "连不上"),
        ("postgres://a@127.0.0.1:1/c", "连不上"),
    ],
)
def test_copy_to_refuses_what_is_no_target_in_a_sentence(url: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("copy_to", url)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite3"
    with opened(url_of(path)):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not ON_SQLITE, reason="the tests' own address is a file there")
def test_copy_to_does_not_copy_onto_itself() -> None:
    own = connections["default"].settings_dict["NAME"]
    with pytest.raises(CommandError, match="就是网站现在用的"):
        call_command("copy_to", url_of(Path(own)))
