"""What every published thing has in the admin, told by the example of the article."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.media.models import MediaFile
from portal.cms.publishing import State, Status
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"

# Queries: to open the form of a page with a pending draft, to save it, to publish it.
OPENING, SAVING, PUBLISHING = 30, 54, 108

# Public handles stand beside authors' names; they are typed by people.
HANDLES = {"bianjibu"}


# --- Who gets in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LIST, ADD, f"{LIST}1/change/", f"{LIST}suggest/?q=社"])
def test_a_stranger_is_sent_to_the_login(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("path", [LIST, ADD, f"{LIST}suggest/?q=社"])
def test_staff_without_articles_are_refused(staff: Client, path: str) -> None:
    assert staff.get(path).status_code == 403


@pytest.mark.parametrize("key", ["999", "x", "1_2", "99999999999999999999999"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_or_malformed_id_leads_back_to_the_desk(
    editor: Client, key: str, method: str
) -> None:
    assert getattr(editor, method)(f"{LIST}{key}/change/").status_code == 302


def test_other_methods_change_nothing(editor: Client) -> None:
    article = cast.draft()

    editor.put(form_of(article), {"title": "改过的标题", "_publish": "1"})

    assert fresh(article).title == article.title
    assert fresh(article).edit_version == article.edit_version


# --- The list ----------------------------------------------------------------------------------------


@pytest.fixture
def one_of_each() -> dict[str, Article]:
    return {**cast.hidden_articles(), "live": cast.article("已经上线的稿")}


def test_the_list_shows_the_state_readers_meet(
    editor: Client, one_of_each: dict[str, Article]
) -> None:
    page = editor.get(LIST).content.decode()

    for state in State:
        assert (f"state-{state.value}" in page) is (state != State.DELETED)
    assert "不公开的回收站稿" not in page


@pytest.mark.parametrize("state", State)
def test_the_list_is_filtered_by_state(
    editor: Client, one_of_each: dict[str, Article], state: State
) -> None:
    listed = editor.get(LIST, {"state": state.value}).context["cl"].result_list

    assert [article.state for article in listed] == [state]


def test_what_is_scheduled_stands_with_its_time(editor: Client) -> None:
    soon = timezone.localtime(cast.article(**cast.live(-600)).go_live_at)

    assert f"{soon:%Y-%m-%d %H:%M}" in editor.get(LIST).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "state=%00",
        "q=%00",
        "q=%25",
        "p=x",
        "p=-1",
        "o=99",
        "category__id__exact=x",
        "e=1",
    ],
)
def test_a_list_asked_for_badly_is_still_a_list(editor: Client, query: str) -> None:
    cast.draft("还在写的稿子")

    assert editor.get(f"{LIST}?{query}", follow=True).status_code == 200


def test_the_list_is_searched_by_title(editor: Client) -> None:
    cast.article("年均增长20%的用工需求")
    cast.article("另一篇")

    listed = editor.get(LIST, {"q": "20%的用工"}).context["cl"].result_list

    assert [article.title for article in listed] == ["年均增长20%的用工需求"]


def test_the_list_costs_the_same_whatever_its_length(
    editor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = timezone.now() - timedelta(minutes=5)
    days: dict[str, Any] = {"go_live_at": at, "first_published_at": at}
    cast.article(**days)
    editor.get(LIST)  # content types are read once a process
    with django_assert_num_queries(14):
        editor.get(LIST)
    for n in range(8):
        cast.article(
            category=cast.category(f"c{n}", f"栏目{n}"), author=cast.author(f"a{n}"), **days
        )

    with django_assert_num_queries(14):
        assert len(editor.get(LIST).context["cl"].result_list) == 9


def test_the_list_leaves_the_bodies_in_the_database(editor: Client) -> None:
    cast.article()

    (article,) = editor.get(LIST).context["cl"].result_list

    assert "body" in article.get_deferred_fields()


# --- Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LIST, f"{LIST}?state=deleted", ADD])
def test_lists_and_empty_forms_speak_chinese(
    owner: Client, one_of_each: dict[str, Article], path: str
) -> None:
    assert english_in(owner.get(path).content.decode(), HANDLES) == []


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted", "live"])
def test_forms_speak_chinese(owner: Client, one_of_each: dict[str, Article], state: str) -> None:
    article = one_of_each[state]
    Article.objects.update(author=None, title="只有中文的标题")

    for view in ("change", "history"):
        page = owner.get(url("articles_article", view, article.pk))
        assert english_in(page.content.decode(), HANDLES) == []


def test_errors_speak_chinese(owner: Client) -> None:
    article = cast.draft("草稿")

    page = press(owner, form_of(article), "_save", title="", go_live_at_0="明天", source_url="x")

    assert "没有" not in said(page)
    assert english_in(page.content.decode(), HANDLES) == []


# --- Drafts ------------------------------------------------------------------------------------------


def test_a_draft_is_saved_with_who_wrote_it(editor: Client) -> None:
    response = press(editor, ADD, "_save", title="年均增长20%，“长线”——驱动")

    article = Article.objects.get()
    assert response["Location"] == form_of(article)
    assert article.title == "年均增长20%，“长线”——驱动"
    assert article.state == State.DRAFT
    assert article.created_by == article.updated_by == cast.xiaolin()
    assert "已保存为草稿" in said(editor.get(form_of(article)))


def test_enter_in_a_field_only_saves(editor: Client) -> None:
    article = cast.draft()
    data = values(editor.get(form_of(article)))

    editor.post(form_of(article), {**data, "title": "回车保存"})

    assert fresh(article).title == "回车保存"
    assert fresh(article).state == State.DRAFT
    first_button = editor.get(form_of(article)).context["buttons"][0]
    assert first_button.verb == "_save"


def test_the_form_says_who_changed_it_last_and_when(chief: Client) -> None:
    article = cast.draft(updated_by=cast.xiaolin())
    local = timezone.localtime(article.updated_at)

    page = chief.get(form_of(article)).content.decode()

    assert f"小林 {local.year}年{local.month}月{local.day}日 {local:%H:%M} 修改" in page
    assert "北京时间" in page


def test_a_colleague_may_go_on_with_a_draft(chief: Client) -> None:
    article = cast.draft(created_by=cast.xiaolin())

    press(chief, form_of(article), "_save", title="老周改过的标题")

    assert fresh(article).updated_by == cast.laozhou()
    assert fresh(article).created_by == cast.xiaolin()


@pytest.mark.parametrize("title", ["长" * 201, "空\x00字符", "大" * (10 * 1024 * 1024 // 3)])
def test_a_title_that_cannot_be_stored_is_an_error_in_the_form(editor: Client, title: str) -> None:
    article = cast.draft()

    page = press(editor, form_of(article), "_save", title=title)

    assert page.status_code == 200
    assert page.context["errors"]
    assert fresh(article).title == article.title


@pytest.mark.parametrize(
    "title", ["\u200b", "\u3000 \u00a0", "\u2060\ufeff \u200e", "\u00ad\u3000\u200d"]
)
def test_a_title_that_nobody_can_see_is_none(editor: Client, title: str) -> None:
    page = press(editor, ADD, "_save", title=title)

    assert "title" in page.context["adminform"].form.errors
    assert not Article.objects.exists()


def test_invisible_signs_are_taken_from_the_name_of_anything_published(staff: Client) -> None:
    service = cast.service(status=Status.DRAFT, go_live_at=None)

    press(staff, form_of(service), "_save", name="\ufeff 人事\u200b代理 \u200b")
    assert fresh(service).name == "人事代理"
    page = press(staff, form_of(service), "_save", name="\u200b")
    assert "name" in page.context["adminform"].form.errors


@pytest.mark.parametrize("emoji", ["👨\u200d👩\u200d👧", "👷🏽\u200d♀\ufe0f", "❤\ufe0f\u200d🔥"])
def test_emoji_that_are_one_stay_one(editor: Client, emoji: str) -> None:
    press(editor, ADD, "_save", title=f"家\u200d属\u200d{emoji}\u200d服务\u200d")

    assert Article.objects.get().title == f"家属{emoji}服务"


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize("field", ["go_live_at", "expire_at"])
@pytest.mark.parametrize("button", ["_save", "_publish"])
def test_a_year_mistyped_is_an_error_in_the_form(
    editor: Client, day: str, field: str, button: str
) -> None:
    article = cast.draft()
    time = {f"{field}_0": day, f"{field}_1": "00:00:00"}

    page = press(editor, form_of(article), button, title="年份打错的稿", **time)

    assert page.context["adminform"].form.errors[field] == ["请核对年份。"]
    assert "年份打错的稿" in page.content.decode()
    assert fresh(article).title == article.title


def test_errors_say_what_to_do(editor: Client) -> None:
    page = press(editor, ADD, "_save", title="长" * 201, source_name="空\x00字符")

    errors = page.context["adminform"].form.errors
    assert errors["title"] == ["最多 200 个字（现在有 201 个）。"]
    assert errors["source_name"] == ["不能含有空字符。"]
    assert "状态" in editor.get(LIST).content.decode()


# --- What it costs -----------------------------------------------------------------------------------


@pytest.fixture
def changed(editor: Client) -> Article:
    """A page with a pending draft, the dearest form there is."""
    article = cast.article(tags=("社保",))
    press(editor, form_of(article), "_save", title="改过的标题")
    editor.get(form_of(article))  # content types are read once a process
    return article


def test_to_open_a_form_costs_what_it_did(
    editor: Client, changed: Article, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(OPENING):
        editor.get(form_of(changed))


@pytest.mark.parametrize(("button", "cost"), [("_save", SAVING), ("_publish", PUBLISHING)])
def test_to_save_and_to_publish_costs_no_more_than_it_did(
    editor: Client,
    changed: Article,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    button: str,
    cost: int,
) -> None:
    data = {**values(editor.get(form_of(changed))), "title": "又改了的标题", button: "1"}

    with django_assert_max_num_queries(cost):
        editor.post(form_of(changed), data)


# --- Who may only look -------------------------------------------------------------------------------


def test_for_who_may_only_look_no_picture_is_fetched(client: Client, editor: Client) -> None:
    viewer = User.objects.create_user("kanke", name="看客", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_article"))
    client.force_login(viewer)
    data = BytesIO()
    Image.new("RGB", (50, 50), "#0f4c5c").save(data, "PNG")
    source = f"data:image/png;base64,{b64encode(data.getvalue()).decode()}"
    sent = {"title": "新稿", "body": f'<p>图：</p><img src="{source}">', "_save": "1"}

    for address in (form_of(cast.article()), ADD):
        assert client.post(address, sent).status_code == 403
    assert not MediaFile.objects.exists()
    editor.post(ADD, sent)

    assert MediaFile.objects.exists()
