"""意见 below the form of an item, and 退回修改: said once, kept whatever happens, never instead of the text."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import State, Status
from portal.cms.review.models import Comment
from portal.cms.revisions import drafts
from portal.cms.revisions.models import Event, PendingDraft, Revision
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db


def comment_on(client: Client, article: Article, text: str, **form: Any) -> Any:
    address = url("articles_article", "comment", article.pk)
    return client.post(address, {"review_note": text, **form}, follow=True)


def comments_on(article: Article) -> list[tuple[str, str, bool]]:
    said = Comment.objects.about(article).order_by("pk")
    return [(str(comment.by), comment.text, comment.sent_back) for comment in said]


@pytest.fixture
def submitted(editor: Client) -> Article:
    """What 小林 wrote and submitted."""
    article = cast.draft("请老周看看", created_by=cast.xiaolin())
    press(editor, form_of(article), "_submit")
    return fresh(article)


@pytest.fixture
def changed(editor: Client) -> Article:
    """A live page with a change that 小林 submitted."""
    article = cast.article("线上的标题", created_by=cast.xiaolin())
    press(editor, form_of(article), "_submit", title="修改后的标题")
    assert PendingDraft.objects.get().in_review
    return fresh(article)


# --- Comments ----------------------------------------------------------------------------------------


def test_a_comment_is_shown_with_who_said_it_to_everybody_at_the_item(
    editor: Client, chief: Client, submitted: Article
) -> None:
    page = comment_on(chief, submitted, "开头太长，\n请压到一百字。")

    assert said(page) == "意见已发表，相关同事会收到通知。"
    assert page.redirect_chain[-1][0] == f"{form_of(submitted)}#review"
    for client in (chief, editor):
        html = client.get(form_of(submitted)).content.decode()
        assert "<strong>老周</strong>" in html
        assert "<p>开头太长，<br>请压到一百字。</p>" in html
        assert english_in(html, ["bianjibu"]) == []


def test_a_comment_changes_nothing_about_the_item(chief: Client, submitted: Article) -> None:
    comment_on(chief, submitted, "好。")

    assert fresh(submitted).edit_version == submitted.edit_version
    assert fresh(submitted).updated_by == cast.xiaolin()
    assert fresh(submitted).state == State.IN_REVIEW


def test_who_only_reads_the_item_comments_too(submitted: Article) -> None:
    reader = User.objects.create_user("xiaoli", name="小李", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_article"))
    client = browser_of(reader)
    assert "发表意见" in client.get(form_of(submitted)).content.decode()

    page = comment_on(client, submitted, "数字核对过了。", edit_version=submitted.edit_version)

    assert page.status_code == 200
    assert comments_on(submitted) == [("小李", "数字核对过了。", False)]


def test_what_is_typed_is_no_markup(chief: Client, submitted: Article) -> None:
    comment_on(chief, submitted, "<script>alert(1)</script>")

    assert "<script>alert(1)" not in chief.get(form_of(submitted)).content.decode()


@pytest.mark.parametrize("text", ["", "  \n　", "\u200b\ufeff", "\0"])
def test_an_empty_comment_is_none(chief: Client, submitted: Article, text: str) -> None:
    page = comment_on(chief, submitted, text)

    assert said(page) == "没有发表：请先写下意见。"
    assert comments_on(submitted) == []


def test_a_comment_sent_twice_is_kept_once(
    chief: Client, editor: Client, submitted: Article
) -> None:
    comment_on(chief, submitted, "好。\0")
    comment_on(chief, submitted, "好。")
    comment_on(editor, submitted, "好。")
    comment_on(chief, submitted, "好。")

    assert [text for _, text, _ in comments_on(submitted)] == ["好。"] * 3


def test_commenting_is_for_who_may_see_the_item(
    client: Client, staff: Client, chief: Client, submitted: Article
) -> None:
    address = url("articles_article", "comment", submitted.pk)

    assert "/login/" in client.post(address, {"review_note": "x"})["Location"]
    assert staff.post(address, {"review_note": "x"}).status_code == 403
    assert chief.get(address).status_code == 405
    for pk in ("999", "x", "1'", "9" * 30):
        missing = chief.post(url("articles_article", "comment", pk), {"review_note": "x"})
        assert missing.status_code == 404
    assert not Comment.objects.exists()


def test_the_whole_form_sent_with_a_comment_comes_back_as_typed(
    chief: Client, submitted: Article
) -> None:
    """As without JavaScript: 发表意见 sends the form it stands in."""
    typed = {**values(chief.get(form_of(submitted))), "title": "", "summary": "还没写完的摘要"}

    page = chief.post(
        url("articles_article", "comment", submitted.pk), {**typed, "review_note": "先问一句。"}
    )

    assert page.status_code == 200
    assert comments_on(submitted) == [("老周", "先问一句。", False)]
    assert fresh(submitted).title == "请老周看看"
    again = values(page)
    assert (again["title"], again["summary"], again["review_note"]) == ("", "还没写完的摘要", "")
    assert f'action="{form_of(submitted)}"' in page.content.decode()
    chief.post(form_of(submitted), {**again, "title": "写完的标题", "_save": "1"})
    assert fresh(submitted).title == "写完的标题"


@pytest.mark.parametrize("button", ["_save", "_publish", "_bin", "_copy", "_withdraw"])
def test_what_stands_in_the_box_is_kept_whatever_button_is_pressed(
    chief: Client, submitted: Article, button: str
) -> None:
    press(chief, form_of(submitted), button, review_note="标题我改短了。")

    assert comments_on(submitted) == [("老周", "标题我改短了。", False)]


def test_a_comment_with_a_text_that_came_too_late_is_kept(
    chief: Client, editor: Client, submitted: Article
) -> None:
    typed = values(chief.get(form_of(submitted)))
    press(editor, form_of(submitted), "_save", title="小林又改了")

    chief.post(form_of(submitted), {**typed, "_send_back": "1", "review_note": "先别改了。"})

    assert fresh(submitted).state == State.IN_REVIEW
    assert comments_on(submitted) == [("老周", "先别改了。", False)]


def test_in_a_form_that_is_refused_the_comment_stays_in_its_box(
    chief: Client, submitted: Article
) -> None:
    page = press(chief, form_of(submitted), "_send_back", title="", review_note="没有标题。")

    assert values(page)["review_note"] == "没有标题。"
    assert comments_on(submitted) == []


def test_a_new_item_and_a_popup_have_no_comments(chief: Client, submitted: Article) -> None:
    for address in (url("articles_article", "add"), f"{form_of(submitted)}?_popup=1"):
        assert "review_note" not in chief.get(address).content.decode()


def test_of_many_comments_the_latest_are_shown_at_the_same_cost(
    chief: Client, submitted: Article, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    comment_on(chief, submitted, "第 0 条")
    chief.get(form_of(submitted))
    with CaptureQueriesContext(connection) as opened:
        chief.get(form_of(submitted))
    for n in range(1, 60):
        person = User.objects.create_user(f"p{n}", name=f"同事{n}")
        Comment.objects.create(item=submitted, by=person, text=f"第 {n} 条")
    with django_assert_num_queries(len(opened) + 1):  # how many there are in all
        html = chief.get(form_of(submitted)).content.decode()

    assert "共 60 条，这里是最近的 50 条。" in html
    assert "第 9 条" not in html
    assert html.index("第 10 条") < html.rindex("第 59 条")
    assert "全部意见（60）" in html


# --- Sending back --------------------------------------------------------------------------------------


def test_what_was_submitted_goes_back_with_the_reason(
    chief: Client, editor: Client, submitted: Article
) -> None:
    response = press(
        chief, form_of(submitted), "_send_back", title="老周改过的标题", review_note="补上来源。"
    )

    assert response["Location"] == f"{form_of(submitted)}#review"
    assert said(chief.get(form_of(submitted))) == "“老周改过的标题”已退回修改，作者会收到通知。"
    assert fresh(submitted).state == State.DRAFT
    assert fresh(submitted).title == "老周改过的标题"
    event = Revision.objects.about(submitted).latest("pk")
    assert (event.event, event.by, event.note) == (
        Event.SENT_BACK,
        cast.laozhou(),
        "补上来源。",
    )
    assert comments_on(submitted) == [("老周", "补上来源。", True)]
    assert LogEntry.objects.filter(change_message="退回").count() == 1
    html = editor.get(form_of(submitted)).content.decode()
    assert "老周退回修改：" in html
    assert english_in(html, ["bianjibu"]) == []


def test_a_change_of_a_live_page_goes_back_as_a_draft(
    chief: Client, changed: Article, client: Client
) -> None:
    press(chief, form_of(changed), "_send_back", review_note="标题不准确。")

    pending = PendingDraft.objects.get()
    assert pending.status == PendingDraft.Status.DRAFT
    assert pending.content["title"] == "修改后的标题"
    assert comments_on(changed) == [("老周", "标题不准确。", True)]
    assert "线上的标题" in client.get(changed.get_absolute_url()).content.decode()


@pytest.mark.parametrize("note", ["", " \u200b"])
def test_without_a_reason_nothing_goes_back_and_no_word_is_lost(
    chief: Client, submitted: Article, note: str
) -> None:
    press(chief, form_of(submitted), "_send_back", title="老周改过的标题", review_note=note)

    assert fresh(submitted).state == State.IN_REVIEW
    assert fresh(submitted).title == "老周改过的标题"
    page = chief.get(form_of(submitted))
    assert said(page) == "没有退回。退回前请在“意见”里写明要改什么。您对正文的改动已保存。"


def test_a_reason_given_since_it_was_submitted_need_not_be_said_again(
    chief: Client, editor: Client, submitted: Article
) -> None:
    comment_on(chief, submitted, "来源呢？")
    press(chief, form_of(submitted), "_send_back")
    assert fresh(submitted).state == State.DRAFT
    assert comments_on(submitted) == [("老周", "来源呢？", True)]
    assert Revision.objects.about(submitted).latest("pk").note == "来源呢？"

    press(editor, form_of(submitted), "_submit", summary="补了来源。")
    press(chief, form_of(submitted), "_send_back")

    assert fresh(submitted).state == State.IN_REVIEW


def test_a_reason_somebody_else_gave_is_not_ones_own(
    chief: Client, editor: Client, submitted: Article
) -> None:
    comment_on(editor, submitted, "请尽快看。")

    press(chief, form_of(submitted), "_send_back")

    assert fresh(submitted).state == State.IN_REVIEW


@pytest.mark.parametrize("status", [Status.DRAFT, Status.WITHDRAWN, Status.PUBLISHED])
def test_what_nobody_submitted_cannot_go_back(chief: Client, status: Status) -> None:
    article = cast.article("没有人提交的稿", status=status)

    press(chief, form_of(article), "_send_back", review_note="为什么发这篇？")

    assert fresh(article).status == status
    assert "没有待审的稿件，不需要退回。" in said(chief.get(form_of(article)))
    assert comments_on(article) == [("老周", "为什么发这篇？", False)]
    assert not Revision.objects.filter(event=Event.SENT_BACK).exists()


def test_a_scheduled_change_is_not_called_off_by_sending_it_back(
    chief: Client, changed: Article
) -> None:
    PendingDraft.objects.update(status="scheduled", apply_at="2099-01-01T00:00:00Z")

    press(chief, form_of(changed), "_send_back", review_note="再等等。")

    assert PendingDraft.objects.get().is_scheduled


def test_sending_back_takes_the_right_to_publish(trainee: Client, submitted: Article) -> None:
    press(trainee, form_of(submitted), "_send_back", review_note="我退回我自己的")

    assert "没有退回修改：您的账号没有发布权限。" in said(trainee.get(form_of(submitted)))
    assert fresh(submitted).state == State.IN_REVIEW
    assert comments_on(submitted) == [("小吴", "我退回我自己的", False)]
    assert not Revision.objects.filter(event=Event.SENT_BACK).exists()


def test_what_went_back_can_be_submitted_and_published(
    chief: Client, editor: Client, changed: Article
) -> None:
    press(chief, form_of(changed), "_send_back", review_note="标题不准确。")
    press(editor, form_of(changed), "_submit", title="准确的标题")
    press(chief, form_of(changed), "_publish")

    assert fresh(changed).title == "准确的标题"
    assert drafts.pending_of(fresh(changed)) is None
