"""Publishing from the form: what is shown when, to whom it is allowed, and that no word is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.publishing import State, Status
from portal.cms.revisions import actions
from portal.cms.revisions.models import PendingDraft
from tests import cast
from tests.desk.forms import agree, form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"


# --- Publishing --------------------------------------------------------------------------------------


def test_publishing_shows_it_to_readers(editor: Client, client: Client) -> None:
    article = cast.draft("要发布的稿子")

    press(editor, form_of(article), "_publish")

    assert fresh(article).is_public
    assert client.get(article.get_absolute_url()).status_code == 200
    page = editor.get(form_of(article))
    assert "查看页面" in said(page)
    assert LogEntry.objects.filter(change_message="发布").exists()


def test_a_new_article_is_published_at_once(editor: Client) -> None:
    written = {
        "title": "一次写完就发布",
        "category": cast.category().pk,
        "author": cast.author().pk,
        "body": "<p>正文。</p>",
    }

    press(editor, ADD, "_publish", **written)

    assert Article.objects.get().is_public


def test_publishing_ahead_of_time_schedules(editor: Client) -> None:
    article = cast.draft()
    later = timezone.localtime(timezone.now() + timedelta(days=3))

    press(
        editor,
        form_of(article),
        "_publish",
        go_live_at_0=f"{later:%Y-%m-%d}",
        go_live_at_1="09:30:00",
    )

    assert fresh(article).state == State.SCHEDULED
    page = editor.get(form_of(article))
    assert f"将于{later.year}年{later.month}月{later.day}日 09:30（北京时间）自动上线" in said(page)


def test_the_button_of_a_draft_with_a_time_ahead_says_so(editor: Client) -> None:
    plain = cast.draft()
    ahead = cast.draft(go_live_at=timezone.now() + timedelta(days=1))

    labels = [
        {button.label for button in editor.get(form_of(article)).context["buttons"]}
        for article in (plain, ahead)
    ]

    assert "发布" in labels[0]
    assert "定时发布" in labels[1]


def test_what_keeps_a_draft_from_being_published_costs_no_word(editor: Client) -> None:
    article = cast.draft()

    response = press(
        editor, form_of(article), "_publish", author="", body="<p>写了一整天。</p>", kind="repost"
    )

    saved = fresh(article)
    assert saved.state == State.DRAFT
    assert "写了一整天" in saved.body
    page = editor.get(response["Location"])
    assert "已保存为草稿，没有发布：发布前请填写“署名”。转载文章发布前请填写“来源”。" in said(page)
    errors = page.context["adminform"].form.errors
    assert set(errors) == {"author", "source_name"}
    assert "转载文章发布前请填写“来源”。" in page.content.decode()


def test_a_new_article_that_is_incomplete_is_saved_once(editor: Client) -> None:
    response = press(editor, ADD, "_publish", title="只有标题")
    page = editor.get(response["Location"])
    response = editor.post(
        response["Location"],
        {
            **values(page),
            "category": cast.category().pk,
            "author": cast.author().pk,
            "body": "<p>补上正文。</p>",
            "_publish": "1",
        },
    )

    assert Article.objects.get().is_public


def test_publishing_without_the_right_is_only_saving(trainee: Client) -> None:
    article = cast.draft()

    for button in ("_publish", "_publish_now", "_withdraw"):
        press(trainee, form_of(article), button, title=f"伪造的发布{button}")
        assert "您的账号没有发布权限" in said(trainee.get(form_of(article)))
        assert fresh(article).state == State.DRAFT
        assert fresh(article).title == f"伪造的发布{button}"
    press(trainee, ADD, "_publish", title="伪造的新稿")
    assert Article.objects.get(title="伪造的新稿").state == State.DRAFT
    assert not LogEntry.objects.filter(change_message="发布").exists()


def test_who_may_not_publish_submits(trainee: Client, chief: Client) -> None:
    article = cast.draft()

    page = trainee.get(form_of(article))
    assert [button.verb for button in page.context["buttons"]] == [
        "_save",
        "_preview",
        "_submit",
        "_copy",
        "_bin",
    ]
    press(trainee, form_of(article), "_submit", title="请老周看看")

    assert fresh(article).state == State.IN_REVIEW
    assert fresh(article).title == "请老周看看"
    press(chief, form_of(article), "_publish")
    assert fresh(article).is_public


def test_editors_publish_unless_the_site_requires_review(editor: Client, chief: Client) -> None:
    article = cast.draft()
    cast.profile(review_required=True)

    offered = {button.verb for button in editor.get(form_of(article)).context["buttons"]}
    assert "_submit" in offered
    assert "_publish" not in offered
    assert "publish_selected" not in editor.get(LIST).content.decode()
    press(editor, form_of(article), "_submit")
    press(chief, form_of(article), "_publish")
    assert fresh(article).is_public


def test_a_rule_of_review_that_comes_while_somebody_writes_costs_no_word(editor: Client) -> None:
    article = cast.draft()
    typed = values(editor.get(form_of(article))) | {"title": "规则改变时正在写的稿"}
    new = values(editor.get(ADD)) | {"title": "规则改变时新写的稿"}
    cast.profile(review_required=True)

    editor.post(form_of(article), {**typed, "_publish": "1"})
    told = "没有发布：网站已改为先审后发。您填写的内容已保存为草稿。请点“提交审核”。"
    assert said(editor.get(form_of(article))) == told
    editor.post(ADD, {**new, "_publish": "1"})

    assert fresh(article).title == "规则改变时正在写的稿"
    assert fresh(article).state == State.DRAFT
    assert Article.objects.get(title="规则改变时新写的稿").state == State.DRAFT


def test_what_is_scheduled_before_the_rule_of_review_stays_as_it_is(editor: Client) -> None:
    article = cast.article(**cast.live(-60))
    typed = values(editor.get(form_of(article))) | {"title": "想立即发布的稿"}
    cast.profile(review_required=True)

    editor.post(form_of(article), {**typed, "_publish_now": "1"})

    assert fresh(article).state == State.SCHEDULED
    assert fresh(article).title == article.title
    assert values(editor.get(form_of(article)))["title"] == "想立即发布的稿"


def test_only_words_that_are_stored_nowhere_are_guarded(editor: Client) -> None:
    """desk.js asks before leaving a form with an error note."""
    article = cast.draft()

    saved = press(editor, form_of(article), "_publish", author="")
    refused = press(editor, form_of(article), "_save", title="")

    page = editor.get(saved["Location"]).content.decode()
    assert "errorlist" in page
    assert "errornote" not in page
    assert "errornote" in refused.content.decode()


def test_an_end_that_has_passed_is_no_publication(editor: Client) -> None:
    article = cast.draft(expire_at=timezone.now() - timedelta(days=1))

    press(editor, form_of(article), "_publish", title="改过的标题")

    assert fresh(article).state == State.DRAFT
    assert fresh(article).title == "改过的标题"


# --- What is live ------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes_ago", [5, -60])
def test_who_may_not_publish_edits_what_is_published_as_a_draft(
    trainee: Client, minutes_ago: int
) -> None:
    article = cast.article(**cast.live(minutes_ago))

    page = trainee.get(form_of(article))
    assert [button.verb for button in page.context["buttons"]] == [
        "_save",
        "_preview",
        "_submit",
        "_copy",
    ]
    press(trainee, form_of(article), "_submit", title="请老周看看这个改动")

    assert fresh(article).title == article.title
    assert PendingDraft.objects.about(article).get().in_review


def test_a_draft_published_while_somebody_types_costs_no_word(trainee: Client) -> None:
    article = cast.draft()
    typed = {**values(trainee.get(form_of(article))), "title": "正在打字的标题"}
    actions.publish(article, cast.laozhou())

    page = trainee.post(form_of(article), {**typed, "_save": "1"}, follow=True)

    assert "正在打字的标题" in page.content.decode()
    assert fresh(article).title == article.title


def test_a_forged_bin_does_not_touch_what_is_published(trainee: Client) -> None:
    article = cast.article()

    for send in (press, agree):
        assert send(trainee, form_of(article), "_bin")["Location"] == form_of(article)
        assert "没有移入回收站：您的账号没有发布权限。" in said(trainee.get(form_of(article)))
    question = url("articles_article", "bin", article.pk)
    assert trainee.get(question).status_code == trainee.post(question).status_code == 403
    assert fresh(article).is_public


def test_withdrawing_takes_it_off_the_site(editor: Client, client: Client) -> None:
    article = cast.article()

    agree(editor, form_of(article), "_withdraw", body="")

    assert fresh(article).state == State.WITHDRAWN
    assert client.get(article.get_absolute_url()).status_code == 410


def test_withdrawing_works_with_the_date_cleared(editor: Client) -> None:
    article = cast.article()

    agree(editor, form_of(article), "_withdraw", go_live_at_0="", go_live_at_1="")

    assert fresh(article).state == State.WITHDRAWN


def test_what_is_scheduled_is_published_now_or_called_off(editor: Client) -> None:
    first, second = cast.article(**cast.live(-600)), cast.article(**cast.live(-600))

    press(editor, form_of(first), "_publish_now", go_live_at_0="", go_live_at_1="")
    agree(editor, form_of(second), "_withdraw")

    assert fresh(first).is_public
    assert fresh(second).status == Status.DRAFT  # nobody has seen it, so it is not "withdrawn"
