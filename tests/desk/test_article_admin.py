"""Articles at the desk, with their categories and authors."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from articles.models import Article, Author, Category, DailyReads, RankedArticle, Ranking
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, press, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"
AUTHORS = "/admin/articles/author/"
CATEGORIES = "/admin/articles/category/"


# --- The form ----------------------------------------------------------------------------------------


def test_the_form_asks_in_the_order_an_editor_works(editor: Client) -> None:
    page = editor.get(ADD)

    fieldsets = {fieldset.name: fieldset.fields for fieldset in page.context["adminform"]}
    assert list(fieldsets) == [None, "发布", "来源与版权", "声明", "搜索引擎", "其他"]
    assert fieldsets[None] == ("title", "category", "author", "summary", "body", "cover", "tags")


def test_every_field_an_editor_may_fill_is_in_the_form(editor: Client) -> None:
    shown = set(editor.get(ADD).context["adminform"].form.fields)

    editable = {field.name for field in Article._meta.get_fields() if getattr(field, "editable", 0)}
    assert editable - shown == {"id", "created_at", "updated_at"} & editable - shown


def test_a_new_article_begins_with_the_author_of_who_writes_it(editor: Client) -> None:
    own = Author.objects.create(name="林编辑", handle="lin", user=cast.xiaolin())
    cast.author()

    assert values(editor.get(ADD))["author"] == str(own.pk)


def test_who_stands_for_no_author_chooses_one(editor: Client) -> None:
    cast.author()

    assert values(editor.get(ADD))["author"] == ""


@pytest.mark.parametrize("query", ["author=x", "cover=x", "category=999", "tags=x", "cover=%00"])
def test_a_form_asked_for_badly_is_still_a_form(editor: Client, query: str) -> None:
    assert editor.get(f"{ADD}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", "空\x00"),
        ("body", "<p>空\x00</p>"),
        ("source_url", "javascript:alert(1)"),
        ("source_url", "http://[x"),
        ("cover", "x"),
        ("cover", "999"),
        ("category", "999"),
        ("kind", "x"),
        ("go_live_at_0", "明天"),
        ("go_live_at_0", "99999-01-01"),
        ("legacy_id", "7"),
    ],
)
def test_bad_input_gets_an_answer(editor: Client, field: str, value: str) -> None:
    article = cast.draft("不变的标题")

    page = press(editor, form_of(article), "_save", **{field: value})

    assert page.status_code in {200, 302}
    saved = Article.objects.get(pk=article.pk)
    assert (saved.title, saved.cover_id, saved.legacy_id) == ("不变的标题", None, "")
    assert "\x00" not in saved.body + saved.summary


def test_a_link_typed_without_scheme_is_https(editor: Client) -> None:
    article = cast.draft()

    press(editor, form_of(article), "_save", source_url="example.com/a")

    assert Article.objects.get().source_url == "https://example.com/a"


# --- Pinning -----------------------------------------------------------------------------------------


def test_articles_are_pinned_and_unpinned_together(editor: Client) -> None:
    first, second = cast.article(), cast.draft()

    page = act(editor, LIST, "pin_selected", first, second)
    assert "置顶：完成 2 条。" in said(page)
    assert Article.objects.filter(pinned=True).count() == 2
    act(editor, LIST, "unpin_selected", first)

    assert list(Article.objects.filter(pinned=True)) == [second]
    assert Article.objects.get(pk=first.pk).edit_version > first.edit_version


# --- Categories --------------------------------------------------------------------------------------


def test_categories_are_put_in_order_in_their_list(chief: Client) -> None:
    first, second = cast.category(), cast.category("cases", "用工案例")
    page = chief.get(CATEGORIES)

    chief.post(
        CATEGORIES, {**values(page), "form-0-order": "20", "form-1-order": "5", "_save": "1"}
    )

    assert list(Category.objects.all()) == [second, first]


def test_a_category_that_a_draft_moves_into_is_not_deleted(chief: Client) -> None:
    article, wanted = cast.article(), cast.category("soon", "将要用的栏目")
    press(chief, form_of(article), "_save", category=wanted.pk)

    chief.post(url("articles_category", "delete", wanted.pk), {"post": "yes"})

    assert Category.objects.filter(pk=wanted.pk).exists()


def test_a_category_that_holds_articles_is_not_deleted(chief: Client) -> None:
    category = cast.article().category
    assert category is not None

    cast.draft(deleted_at=timezone.now())
    empty = cast.category("empty", "空栏目")
    address = url("articles_category", "delete", category.pk)
    refusal = "不能删除“用工政策”：栏目里还有 2 篇文章（1 篇在回收站），请先把它们移到别的栏目。"

    assert said(chief.get(address, follow=True)) == refusal
    assert said(chief.post(address, {"post": "yes"}, follow=True)) == refusal
    both = act(chief, CATEGORIES, "delete_selected", category, empty, post="yes")

    assert said(both) == refusal
    assert Category.objects.count() == 2
    act(chief, CATEGORIES, "delete_selected", empty, post="yes")
    assert list(Category.objects.all()) == [category]


def test_who_may_not_delete_categories_is_refused(staff: Client) -> None:
    category = cast.article().category
    assert category is not None

    assert staff.get(url("articles_category", "delete", category.pk)).status_code == 403


def test_the_address_of_a_category_is_explained(chief: Client) -> None:
    page = press(chief, f"{CATEGORIES}add/", "_save", name="政策", slug="用工")

    errors = page.context["adminform"].form.errors
    assert errors["slug"] == ["只能用英文字母、数字、下划线和连字符。"]


# --- Authors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("handle", ["xiaolin", "XiaoLin"])
def test_a_login_name_is_no_public_handle(chief: Client, handle: str) -> None:
    cast.xiaolin()

    page = press(chief, f"{AUTHORS}add/", "_save", name="小林", handle=handle)

    assert "这是一个后台登录名" in page.content.decode()
    assert not Author.objects.exists()


def test_an_account_made_later_under_a_handle_is_pointed_out(chief: Client) -> None:
    author = cast.author("xiaolin", "小林")
    cast.xiaolin()

    press(chief, form_of(author), "_save", name="林小")

    assert Author.objects.get().name == "林小"
    assert "与一个后台登录名相同" in said(chief.get(AUTHORS))


def test_two_authors_do_not_share_a_handle(chief: Client) -> None:
    cast.author("bianjibu")

    page = press(chief, f"{AUTHORS}add/", "_save", name="另一个编辑部", handle="bianjibu")

    assert page.status_code == 200
    assert Author.objects.count() == 1


# --- Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [CATEGORIES, f"{CATEGORIES}add/", AUTHORS, f"{AUTHORS}add/"])
def test_lists_and_forms_speak_chinese(chief: Client, path: str) -> None:
    Category.objects.create(name="政策", slug="-")
    Author.objects.create(name="编辑部", handle="编辑部")

    assert english_in(chief.get(path).content.decode(), {"policy"}) == []


def test_what_nobody_edits_has_no_form() -> None:
    for model in (RankedArticle, Ranking, DailyReads):
        assert not admin.site.is_registered(model)
