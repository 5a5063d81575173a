"""A rule that comes, a right that goes, an item that is deleted while somebody writes: no word is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import State
from portal.cms.review.models import Comment
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Autosave, Event, PendingDraft, Revision
from portal.cms.site import Page
from staffing.models import Service
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
TYPED = "正在写的标题"
RULE, RIGHT = "网站已改为先审后发", "您的账号没有发布权限"
KEPT = "您填写的内容已保存为草稿"


def rule_comes() -> None:
    cast.profile(review_required=True)


def right_goes() -> None:
    leave_with("add_article", "change_article", "view_article")


def leave_with(*rights: str) -> None:
    """Leave 小林 with these rights: another group's, say."""
    user = cast.xiaolin()
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))


WAYS = pytest.mark.parametrize(
    ("lose", "reason"), [(rule_comes, RULE), (right_goes, RIGHT)], ids=["rule", "right"]
)


def live() -> Article:
    return cast.article("线上的标题")


def draft() -> Article:
    return cast.draft("原来的标题")


def ahead() -> Article:
    return cast.article("还没上线的标题", **cast.live(-60))


def submitted() -> Article:
    article = cast.draft("请老周看看")
    actions.submit(article, cast.xiaolin())
    return article


def submitted_change() -> Article:
    article = live()
    content = {**drafts.working_content(article), "title": "改过的标题"}
    actions.save(article, content, cast.xiaolin())
    actions.submit(article, cast.xiaolin())
    return article


LATER = {"apply_at_0": "2030-01-01", "apply_at_1": "12:00"}
UNCHANGED, AS_SET = "访客看到的页面没有变化", "到点上线的仍是之前定好的那一版"

# What stands there, the button, what is sent besides; what is not done, what became of the text, and
# how to go on.
DEEDS: dict[str, tuple[Callable[[], Article], str, dict[str, Any], str, str, str]] = {
    "publish a draft": (draft, "_publish", {}, "发布", KEPT, "请点“提交审核”"),
    "publish a change": (live, "_publish", {}, "发布", f"{KEPT}；{UNCHANGED}", "请点“提交审核”"),
    "time a change": (live, "_publish", LATER, "发布", f"{KEPT}；{UNCHANGED}", "请点“提交审核”"),
    "publish now": (ahead, "_publish_now", {}, "立即发布", f"{KEPT}；{AS_SET}", "请点“提交审核”"),
    "withdraw": (live, "_withdraw", {}, "下线", f"{KEPT}；{UNCHANGED}", "要下线，请找"),
    "call off": (ahead, "_withdraw", {}, "取消定时", f"{KEPT}；{AS_SET}", "要取消定时，请找"),
    "bin": (live, "_bin", {}, "移入回收站", f"{KEPT}；{UNCHANGED}", "要移入回收站，请找"),
    "bin ahead": (ahead, "_bin", {}, "移入回收站", f"{KEPT}；{AS_SET}", "要移入回收站，请找"),
    "send back": (submitted, "_send_back", {}, "退回修改", "已保存，正在等待审核", "要退回修改"),
    "send a change back": (
        submitted_change,
        "_send_back",
        {},
        "退回修改",
        f"已保存，正在等待审核；{UNCHANGED}",
        "要退回修改，请找",
    ),
}


def typing(client: Client, article: Article, **sent: Any) -> Any:
    """Open the form, and type; return what is going to be sent."""
    return {**values(client.get(form_of(article))), "title": TYPED, **sent}


def confirmed(button: str) -> dict[str, str]:
    return {button: "confirmed"}


# --- The right to publish ----------------------------------------------------------------------------


@WAYS
@pytest.mark.parametrize(
    ("make", "button", "more", "undone", "kept", "onward"), DEEDS.values(), ids=DEEDS
)
def test_what_was_typed_is_saved_as_a_draft_and_nothing_else_is_done(
    editor: Client,
    lose: Callable[[], None],
    reason: str,
    make: Callable[[], Article],
    button: str,
    more: dict[str, Any],
    undone: str,
    kept: str,
    onward: str,
) -> None:
    article = make()
    sent = typing(editor, article, review_note="麻烦看一下。", **more)
    before = fresh(article)
    lose()

    answer = editor.post(form_of(article), {**sent, **confirmed(button)})

    assert answer["Location"] == form_of(article)
    page = editor.get(form_of(article))
    told = said(page)
    assert told.startswith(f"没有{undone}：{reason}。")
    assert kept in told
    assert onward in told
    assert english_in(page.content.decode(), ["bianjibu"]) == []
    after = fresh(article)
    assert (after.state, after.go_live_at) == (before.state, before.go_live_at)
    assert drafts.working_content(after)["title"] == TYPED
    if after.state in (State.LIVE, State.SCHEDULED):
        assert after.title == before.title
        assert not PendingDraft.objects.get().is_scheduled
    assert Comment.objects.get().text == "麻烦看一下。"
    assert not Autosave.objects.exclude(data={}).exists()


@WAYS
def test_where_nothing_was_typed_the_page_is_said_to_be_as_it_was(
    editor: Client, lose: Callable[[], None], reason: str
) -> None:
    article = live()
    sent = values(editor.get(form_of(article)))
    lose()

    editor.post(form_of(article), {**sent, **confirmed("_withdraw")})

    told = said(editor.get(form_of(article)))
    assert told == f"没有下线：{reason}。{UNCHANGED}。要下线，请找能发布的同事。"
    assert not PendingDraft.objects.exists()


@WAYS
@pytest.mark.parametrize("button", ["_withdraw", "_publish", "_bin"])
def test_a_form_with_faults_comes_back_with_all_that_was_typed(
    editor: Client, lose: Callable[[], None], reason: str, button: str
) -> None:
    article = live()
    wrong = {"title": "", "body": "<p>写了一整天。</p>", "go_live_at_0": "二月三十日"}
    sent = typing(editor, article, **wrong)
    lose()

    page = editor.post(form_of(article), {**sent, **confirmed(button)})

    assert page.status_code == 200
    assert f"：{reason}。" in said(page)
    assert {"title", "go_live_at"} <= set(page.context["adminform"].form.errors)
    assert {name: values(page)[name] for name in wrong} == wrong
    assert Autosave.objects.exclude(data={}).get().data["body"] == ["<p>写了一整天。</p>"]
    assert fresh(article).is_public


@WAYS
def test_a_change_that_waits_for_its_moment_goes_on_waiting(
    editor: Client, lose: Callable[[], None], reason: str
) -> None:
    article = live()
    press(editor, form_of(article), "_publish", title="到点的标题", **LATER)
    sent = typing(editor, article)
    lose()

    page = editor.post(form_of(article), {**sent, **confirmed("_unschedule")})

    assert f"没有取消定时修改：{reason}。" in said(page)
    assert "只能由有发布权限的同事修改" in page.content.decode()
    assert values(page)["title"] == TYPED
    assert PendingDraft.objects.get().is_scheduled
    assert Autosave.objects.exclude(data={}).get().data["title"] == [TYPED]


@WAYS
def test_a_new_article_is_saved_as_a_draft(
    editor: Client, lose: Callable[[], None], reason: str
) -> None:
    sent = {**values(editor.get(ADD)), "title": TYPED, "category": cast.category().pk}
    lose()

    answer = editor.post(ADD, {**sent, "_publish": "1"})

    article = Article.objects.get()
    assert (article.title, article.state) == (TYPED, State.DRAFT)
    assert answer["Location"] == form_of(article)
    assert said(editor.get(form_of(article))) == f"没有发布：{reason}。{KEPT}。请点“提交审核”。"


def test_a_text_that_came_too_late_besides_is_kept_beside_the_other(
    editor: Client, chief: Client
) -> None:
    article = live()
    sent = typing(editor, article)
    press(chief, form_of(article), "_publish", title="老周的标题")
    rule_comes()

    answer = editor.post(form_of(article), {**sent, **confirmed("_withdraw")})

    assert "/conflict/" in answer["Location"]
    assert Revision.objects.get(event=Event.REFUSED).content["title"] == TYPED
    assert fresh(article).title == "老周的标题"
    assert fresh(article).is_public


def test_why_it_should_be_published_goes_to_those_who_decide(editor: Client) -> None:
    article = draft()
    sent = typing(editor, article, override_reason="数字出自市人社局公告。")
    rule_comes()

    editor.post(form_of(article), {**sent, "_publish": "1"})

    assert Comment.objects.get().text == "发布理由：数字出自市人社局公告。"


def test_what_no_reader_sees_goes_into_the_bin_as_ever(editor: Client) -> None:
    article = draft()
    sent = typing(editor, article)
    right_goes()

    editor.post(form_of(article), {**sent, "_bin": "1"})

    assert fresh(article).state == State.DELETED
    assert fresh(article).title == TYPED


def test_pages_stand_under_no_rule_but_their_editors_may_lose_the_right(chief: Client) -> None:
    page = cast.page()
    sent = {**values(chief.get(form_of(page))), "title": TYPED}
    rule_comes()
    chief.post(form_of(page), {**sent, "_publish": "1"})
    assert fresh(page).title == TYPED

    sent = {**values(chief.get(form_of(page))), "title": "又写的标题"}
    user = cast.laozhou()
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_page"]))
    chief.post(form_of(page), {**sent, **confirmed("_withdraw")})

    assert Page.objects.get().title == TYPED
    assert PendingDraft.objects.get().content["title"] == "又写的标题"
    assert RIGHT in said(chief.get(form_of(page)))


# --- The right to write, and the item itself ---------------------------------------------------------


@pytest.mark.parametrize("button", ["_save", "_publish", "_withdraw", "_copy", "_preview"])
def test_who_may_not_write_any_more_is_handed_back_what_was_typed(
    editor: Client, button: str
) -> None:
    article = draft()
    sent = typing(editor, article)
    leave_with("view_page")

    page = editor.post(form_of(article), {**sent, button: "1"})

    assert page.status_code == 403
    assert "没有权限保存，内容没有丢" in page.content.decode()
    assert english_in(page.content.decode(), ["bianjibu"]) == []
    held = values(page)
    assert held["title"] == TYPED
    assert button not in held
    assert values(editor.post(form_of(article), held))["title"] == TYPED
    assert fresh(article).title == "原来的标题"

    leave_with("change_article")
    form = editor.post(form_of(article), held)
    assert values(form)["title"] == TYPED
    editor.post(form_of(article), {**values(form), "_save": "1"})
    assert fresh(article).title == TYPED


def test_of_a_new_item_too(editor: Client) -> None:
    sent = {**values(editor.get(ADD)), "title": TYPED}
    leave_with("change_article")

    page = editor.post(ADD, {**sent, "_save": "1"})

    assert page.status_code == 403
    assert values(page)["title"] == TYPED


@pytest.mark.parametrize("field", ["is_staff", "is_active"])
def test_of_somebody_who_is_let_in_no_more_too(editor: Client, field: str) -> None:
    article = draft()
    sent = typing(editor, article)
    User.objects.filter(username="xiaolin").update(**{field: False})

    page = editor.post(form_of(article), {**sent, "_save": "1"})

    assert page.status_code == 403
    assert values(page)["title"] == TYPED
    assert fresh(article).title == "原来的标题"


def test_a_comment_that_cannot_be_taken_is_shown_to_be_copied(editor: Client) -> None:
    """It is in no form: what takes it would say it in the name of whoever presses the button."""
    article = draft()
    sent = typing(editor, article, review_note="开头太长，请压一压。")
    editor.logout()

    page = editor.post(url("articles_article", "comment", article.pk), sent)

    assert {TYPED, "开头太长，请压一压。"} <= set(values(page).values())
    assert "<form" not in page.content.decode()
    assert "放回表单" not in page.content.decode()


@pytest.mark.parametrize("button", ["_save", "_publish", "_copy"])
def test_what_was_typed_into_an_item_that_is_gone_goes_into_a_new_one(
    editor: Client, button: str
) -> None:
    article = draft()
    address = form_of(article)
    sent = typing(editor, article, tags="社保")
    article.delete()

    page = editor.post(address, {**sent, button: "1"})

    assert page.status_code == 404
    assert "已被彻底删除" in page.content.decode()
    assert f'action="{ADD}"' in page.content.decode()
    form = editor.post(ADD, values(page))
    assert values(form)["title"] == TYPED
    editor.post(ADD, {**values(form), "_save": "1"})
    assert Article.objects.get().title == TYPED
    assert list(Article.objects.get().tags.names()) == ["社保"]


def test_so_do_its_rows(staff: Client) -> None:
    service = cast.service()
    service.faqs.create(question="多久能到岗？", answer="一般三天。")
    address = form_of(service)
    sent = {**values(staff.get(address)), "faqs-0-answer": "一般两天。"}
    Service.objects.all().delete()

    page = staff.post(address, {**sent, "_save": "1"})
    add = url("staffing_service", "add")
    form = staff.post(add, values(page))
    staff.post(add, {**values(form), "_save": "1"})

    assert [faq.answer for faq in Service.objects.get().faqs.all()] == ["一般两天。"]


def test_who_may_make_no_new_one_copies_it_from_the_page(editor: Client) -> None:
    article = draft()
    address = form_of(article)
    leave_with("change_article", "view_article")
    sent = typing(editor, article)
    article.delete()

    page = editor.post(address, {**sent, "_save": "1"})

    assert page.status_code == 404
    assert TYPED in values(page).values()
    assert "<form" not in page.content.decode()
    assert "新稿" not in page.content.decode()
