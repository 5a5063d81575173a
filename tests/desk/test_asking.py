"""下线, 放弃修改, 取消定时, 移入回收站: asked first, in the form with JavaScript, by a page without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from portal.cms.publishing import State, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Autosave, PendingDraft, Revision
from tests import cast
from tests.desk.forms import agree, form_of, fresh, press, said, say_yes, url, values

pytestmark = pytest.mark.django_db


def live() -> Article:
    return cast.article("线上的标题")


def changed() -> Article:
    article = live()
    content = {**drafts.working_content(article), "title": "改过的标题"}
    actions.save(article, content, cast.xiaolin())
    return article


def scheduled() -> Article:
    article = changed()
    actions.schedule(article, cast.xiaolin(), timezone.now() + timedelta(days=1))
    return article


def ahead() -> Article:
    return cast.article("还没上线的标题", **cast.live(-60))


def standing(article: Article) -> tuple[State, str | None]:
    pending = PendingDraft.objects.about(article).first()
    return fresh(article).state, pending and pending.status


# What stands where, the button, what the page says, and how things stand after a yes.
DEEDS = {
    "off the site": (live, "_withdraw", "“这篇内容已下线”。内容不会丢", (State.WITHDRAWN, None)),
    "off, with a draft": (changed, "_withdraw", "会并进稿件", (State.WITHDRAWN, None)),
    "not going live": (ahead, "_withdraw", "到时不会自动上线", (State.DRAFT, None)),
    "no draft": (changed, "_discard", "“修改历史”里仍可找回", (State.LIVE, None)),
    "not at its moment": (scheduled, "_unschedule", "仍作为草稿", (State.LIVE, "draft")),
    "into the bin": (live, "_bin", "“没有找到这个页面”", (State.DELETED, None)),
}
Make = Callable[[], Article]
Standing = tuple[State, str | None]


@pytest.mark.parametrize(("make", "button", "words", "after"), DEEDS.values(), ids=DEEDS)
def test_without_javascript_a_page_asks_and_does_it(
    editor: Client, make: Make, button: str, words: str, after: Standing
) -> None:
    article = make()
    before = standing(article)

    question = press(editor, form_of(article), button)["Location"]
    page = editor.get(question)

    assert words in page.content.decode()
    assert standing(article) == before
    assert say_yes(editor, question).status_code == 302
    assert standing(article) == after


@pytest.mark.parametrize(("make", "button", "words", "after"), DEEDS.values(), ids=DEEDS)
def test_with_javascript_the_form_has_asked_and_nothing_asks_again(
    editor: Client, make: Make, button: str, words: str, after: Standing
) -> None:
    article = make()
    buttons = editor.get(form_of(article)).context["buttons"]
    assert [words in offered.question for offered in buttons if offered.verb == button] == [True]

    agree(editor, form_of(article), button)

    assert standing(article) == after


def test_what_was_typed_is_saved_before_the_page_asks(editor: Client) -> None:
    article = live()

    press(editor, form_of(article), "_withdraw", title="刚刚打的字")

    assert values(editor.get(form_of(article)))["title"] == "刚刚打的字"
    assert fresh(article).title == "线上的标题"


def test_what_was_typed_wrongly_is_kept_before_the_page_asks(editor: Client) -> None:
    article = live()

    answer = press(editor, form_of(article), "_withdraw", title="", summary="刚刚打的字")

    assert answer["Location"] == url("articles_article", "withdraw", article.pk)
    kept = [row.data["summary"] for row in Autosave.objects.all() if row.data]
    assert kept == [["刚刚打的字"]]


def test_what_others_have_saved_since_is_asked_about_again(editor: Client, chief: Client) -> None:
    article = changed()
    question = url("articles_article", "discard", article.pk)
    opened = values(editor.get(question))
    press(chief, form_of(article), "_save", title="老周又改的标题")

    page = editor.post(question, opened)

    assert "刚才又有人保存了一次" in said(page)
    assert PendingDraft.objects.get().content["title"] == "老周又改的标题"
    editor.post(question, values(page))
    assert not PendingDraft.objects.exists()


@pytest.mark.parametrize("button", ["withdraw", "discard", "unschedule", "bin"])
def test_what_takes_nothing_away_is_not_asked(editor: Client, button: str) -> None:
    article = cast.draft()
    question = url("articles_article", button, article.pk)

    for send in (editor.get, editor.post):
        assert send(question)["Location"] == form_of(article)
        assert "现在的状态是“草稿”，不需要" in said(editor.get(form_of(article)))

    assert fresh(article).state == State.DRAFT
    assert not Revision.objects.exists()


def test_to_ask_locks_nothing(editor: Client) -> None:
    question = url("articles_article", "withdraw", live().pk)

    with CaptureQueriesContext(connection) as queries:
        editor.get(question)

    assert not [query["sql"] for query in queries if "SAVEPOINT" in query["sql"]]


def test_only_who_may_do_it_is_asked(client: Client, trainee: Client) -> None:
    article = scheduled()
    for name in ("withdraw", "unschedule", "bin"):
        question = url("articles_article", name, article.pk)
        assert trainee.get(question).status_code == trainee.post(question).status_code == 403
        assert trainee.put(question).status_code == 405
        assert client.get(question).status_code == 302
    # A change that waits for its moment is for those who publish.
    locked = url("articles_article", "discard", article.pk)
    assert trainee.post(locked)["Location"] == form_of(article)
    assert standing(article) == (State.LIVE, "scheduled")
    assert trainee.get(url("articles_article", "discard", 999)).status_code == 404


def test_a_trainee_discards_a_change_of_what_is_live(trainee: Client) -> None:
    article = changed()

    say_yes(trainee, press(trainee, form_of(article), "_discard")["Location"])

    assert standing(article) == (State.LIVE, None)
    assert fresh(article).status == Status.PUBLISHED
