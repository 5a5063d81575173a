"""The lists of the desk: what is pending of their items, their ends, and what is not there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from articles.admin import ArticleAdmin
from articles.models import Article
from portal.admin import attention
from portal.admin.measures import MEASURES
from portal.cms.admin.desk import DeskPaginator
from portal.cms.revisions.models import PendingDraft
from portal.cms.search.finding import LONGEST_QUERY
from portal.cms.search.models import Synonyms
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press, said

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/articles/article/"
SHANGHAI = ZoneInfo("Asia/Shanghai")


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
    at = datetime(2026, 11, 25, 9, tzinfo=SHANGHAI)
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


# --- Every list ----------------------------------------------------------------------------------------


def searched_lists() -> list[str]:
    models = [model for model, desk in admin.site._registry.items() if desk.search_fields]
    return [attention.list_url(model) for model in models]


@pytest.mark.parametrize("place", range(len(searched_lists())))
def test_a_long_search_is_bounded_in_the_box_and_behind_it(owner: Client, place: int) -> None:
    """2,000 words are 2,000 conditions on each column, which no database takes."""
    address = searched_lists()[place]
    page = owner.get(address, {"q": "工 " * 2000})
    assert page.status_code == 200
    assert f'maxlength="{LONGEST_QUERY}" id="searchbar"' in page.text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("9999", 3),
        ("4", 3),
        ("9" * 4000, 3),
        ("9" * 5000, 1),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("2", 2),
    ],
)
def test_a_page_there_is_not_is_the_nearest_one(
    editor: Client, monkeypatch: pytest.MonkeyPatch, asked: str, shown: int
) -> None:
    monkeypatch.setattr(ArticleAdmin, "list_per_page", 2)
    for number in range(5):
        cast.article(f"工伤 {number}", **cast.live(number + 1))
    cast.article("别的")

    page = editor.get(LIST, {"q": "工伤", "p": asked})
    assert page.status_code == 200
    rows = [item.title for item in page.context["cl"].result_list]
    titles = [f"工伤 {number}" for number in range(5)]
    assert rows == titles[2 * shown - 2 : 2 * shown]
    assert f'class="this-page">{shown}<' in page.text
    assert "5 篇文章" in strip_tags(page.text)


def test_the_library_ends_like_any_other_list(owner: Client) -> None:
    page = owner.get("/admin/cms/mediafile/", {"p": "9999"})
    assert page.status_code == 200


def test_things_are_counted_with_their_measure_words(chief: Client, owner: Client) -> None:
    Synonyms.objects.create(words="社保、社会保险")
    Synonyms.objects.create(words="派遣、劳务派遣")
    cast.service()
    assert "2 组同义词" in chief.get("/admin/cms/synonyms/").text
    assert "1 项服务" in owner.get("/admin/staffing/service/").text
    assert "0 个关键词内链" in chief.get("/admin/cms/keywordlink/").text


def test_a_long_list_is_counted_and_leafed_through_so_far_only(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeskPaginator, "MOST", 2)
    monkeypatch.setattr(ArticleAdmin, "list_per_page", 1)
    for _ in range(3):
        cast.article()
    page = editor.get(LIST, {"p": "9999"})
    assert page.context["cl"].page_num == 2
    assert "2+ 篇文章" in strip_tags(page.text)


def test_a_list_is_narrowed_by_the_date_of_publication(editor: Client) -> None:
    new = cast.article("今年的")
    old = cast.article("早年的", go_live_at=datetime(2023, 12, 31, 23, tzinfo=SHANGHAI))
    cast.draft()

    def listed(when: str) -> list[Article]:
        return list(editor.get(LIST, {"when": when}).context["cl"].result_list)

    assert (listed("2023"), listed("2024"), listed("7")) == ([old], [], [new])
    assert len(listed("没有这一年")) == len(listed("1999")) == 3
    assert "2023 年" in editor.get(LIST).text


def test_what_is_published_is_listed_by_its_date(editor: Client) -> None:
    older, newer = cast.article(**cast.live(9)), cast.article(**cast.live(1))
    older.save()  # touched last
    page = editor.get(LIST, {"state": "live"})
    assert list(page.context["cl"].result_list) == [newer, older]
    page = editor.get(LIST, {"state": "live", "o": "-1"})
    assert page.status_code == 200


def test_actions_are_offered_where_there_is_something_to_act_on(editor: Client) -> None:
    assert "请选择动作" not in editor.get(LIST).text
    cast.article()
    assert "请选择动作" in editor.get(LIST).text


def test_measure_words_are_of_models_there_are() -> None:
    assert set(MEASURES) <= {model._meta.label for model in admin.site._registry}


# --- What is not there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        f"{LIST}999999/withdraw/",
        f"{LIST}999999/history/",
        f"{LIST}999999/compare/",
        f"{LIST}x/history/",
        "/admin/auth/user/1/password/",
        "/admin/nowhere/",
        "/admin/nowhere/at/all/",
    ],
)
def test_what_is_not_there_is_answered_by_the_desk(owner: Client, address: str) -> None:
    page = owner.get(address)
    assert page.status_code == 404
    assert "没有找到这个页面" in page.text
    assert "回到工作台" in page.text
    assert english_in(page.text, ["laochen"]) == []


@pytest.mark.parametrize("view", ["change", "delete"])
@pytest.mark.parametrize("model", ["articles/article", "articles/category", "cms/keywordlink"])
def test_a_form_of_what_is_not_there_says_so_on_the_desk(
    owner: Client, model: str, view: str
) -> None:
    page = owner.get(f"/admin/{model}/999999/{view}/", follow=True)
    assert page.redirect_chain == [("/admin/", 302)]
    assert "找不到编号为“999999”的" in said(page)
    assert english_in(page.text, ["laochen"]) == []


def test_a_stranger_is_not_told_what_is_there(client: Client) -> None:
    assert client.get(f"{LIST}999999/withdraw/").status_code == 302
    assert client.get("/admin/nowhere/").status_code == 302


# --- The order of articles -----------------------------------------------------------------------------


def test_what_was_touched_last_stands_first_though_only_its_draft_was(editor: Client) -> None:
    older, newer = cast.article("早先的"), cast.article("后来的")
    Article.objects.filter(pk=older.pk).update(updated_at=timezone.now() - timedelta(days=2))
    Article.objects.filter(pk=newer.pk).update(updated_at=timezone.now() - timedelta(days=1))

    press(editor, form_of(older), "_save", title="早先的，改了一半")

    listed = editor.get(LIST).context["cl"].result_list
    assert [str(row) for row in listed] == ["早先的", "后来的"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite explains itself in these words")
@pytest.mark.parametrize(
    ("filters", "index"),
    [({}, "desk"), ({"state": "live"}, "live"), ({"state": "draft"}, "draft")],
)
def test_a_list_is_read_from_its_index_and_never_sorted(
    editor: Client, filters: dict[str, str], index: str
) -> None:
    rows = editor.get(LIST, filters).context["cl"].queryset
    plan = rows[:50].explain()
    assert f"USING INDEX articles_article_{index}" in plan
    assert "TEMP B-TREE" not in plan
