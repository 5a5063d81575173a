"""What is pending of the items of a list: a word beside the state, and a filter."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from articles.models import Article
from portal.cms.revisions.models import PendingDraft
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"


def change(title: str, **fields: Any) -> Article:
    """A live article with a change that is pending."""
    article = cast.article(title)
    PendingDraft.objects.create(item=article, **{"content": {}, "base": {}, **fields})
    return article


@pytest.fixture
def changes() -> list[Article]:
    """One change of each kind, and a live article and a job's change besides."""
    cast.article("没有改动的")
    PendingDraft.objects.create(item=cast.job(pk=1), content={}, base={})
    at = datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    return [
        change("改了一半的"),
        change("交上来的", status="in_review"),
        change("定了时的", status="scheduled", apply_at=at),
        change("没有生效的", problem="所选的“栏目”已被删除，请重新选择。"),
    ]


def words(page: Any, article: Article) -> str:
    """The text of the column 状态 of an article."""
    rows = {row.pk: row for row in page.context["cl"].result_list}
    label = page.context["cl"].model_admin.state_label(rows[article.pk])
    return strip_tags(label).strip()


def test_a_row_says_what_is_pending_of_it(editor: Client, changes: list[Article]) -> None:
    page = editor.get(LIST)

    assert [words(page, article) for article in changes] == [
        "已发布 修改未发布",
        "已发布 修改待审",
        "已发布 修改定时 11-25 09:00",
        "已发布 修改未发布",
    ]
    assert words(page, Article.objects.get(title="没有改动的")) == "已发布"
    assert english_in(page.content.decode(), ["xiaolin"]) == []


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("any", {0, 1, 2, 3}),
        ("draft", {0, 3}),
        ("in_review", {1}),
        ("scheduled", {2}),
        ("failed", {3}),
    ],
)
def test_a_list_is_filtered_by_what_is_pending(
    editor: Client, changes: list[Article], value: str, places: set[int]
) -> None:
    listed = editor.get(LIST, {"pending": value}).context["cl"].result_list

    assert set(listed) == {changes[place] for place in places}


@pytest.mark.parametrize("value", ["", "x", "in_review' OR 1=1"])
def test_a_filter_that_is_none_filters_nothing(
    editor: Client, changes: list[Article], value: str
) -> None:
    assert len(editor.get(LIST, {"pending": value}).context["cl"].result_list) == 5


def test_what_is_saved_of_a_live_page_shows_in_its_row_until_it_is_published(
    editor: Client,
) -> None:
    article = cast.article()
    press(editor, form_of(article), "_save", title="改过的标题")
    assert words(editor.get(LIST), article) == "已发布 修改未发布"

    press(editor, form_of(article), "_publish")

    assert words(editor.get(LIST), article) == "已发布"


def test_rows_with_changes_cost_no_more_queries(editor: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            editor.get(LIST)
        return len(queries)

    cast.article()
    editor.get(LIST)
    before = cost()
    for n in range(20):
        change(f"第{n}篇")

    assert cost() == before
