"""The recycle bin, and 复制为新稿."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import State
from portal.cms.revisions.models import Event, Revision
from tests import cast
from tests.desk.forms import form_of, fresh, press, said, say_yes, url

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"


# --- The recycle bin ---------------------------------------------------------------------------------


def test_what_is_binned_can_be_restored_as_a_draft(editor: Client) -> None:
    article = cast.draft("丢掉又捡回来")

    response = press(editor, form_of(article), "_bin")
    assert response["Location"].startswith(LIST)
    assert fresh(article).state == State.DELETED
    page = editor.get(form_of(article))
    assert "恢复后才能修改" in page.content.decode()
    press(editor, form_of(article), "_unbin")

    assert fresh(article).state == State.DRAFT
    assert fresh(article).title == "丢掉又捡回来"


def test_what_readers_see_goes_into_the_bin_only_after_a_question(editor: Client) -> None:
    article = cast.article("访客正在看的文章")

    question = press(editor, form_of(article), "_bin", title="最后改的标题")["Location"]
    assert fresh(article).is_public
    assert "会看到“没有找到这个页面”" in editor.get(question).content.decode()
    assert say_yes(editor, question)["Location"].startswith(LIST)

    assert fresh(article).state == State.DELETED
    assert fresh(article).title == "最后改的标题"  # nobody sees it, so the draft is its text now


def test_a_draft_that_cannot_be_stored_any_more_goes_into_the_bin_with_its_page(
    chief: Client,
) -> None:
    page = cast.page("about", "关于我们")
    press(chief, form_of(page), "_save", slug="team", title="还没发布的标题")
    cast.page("team", "团队")

    say_yes(chief, url("cms_page", "bin", page.pk))

    assert fresh(page).state == State.DELETED
    assert (fresh(page).slug, fresh(page).title) == ("about", "关于我们")
    kept = Revision.objects.about(page).filter(event=Event.SAVED).get()
    assert kept.content["title"] == "还没发布的标题"


def test_what_is_in_the_bin_is_not_put_there_again(editor: Client) -> None:
    article = cast.article()
    question = url("articles_article", "bin", article.pk)
    say_yes(editor, question)

    for send in (editor.post, editor.get):
        assert send(question)["Location"] == form_of(article)
        assert "这条内容在回收站里" in said(editor.get(form_of(article)))

    assert Revision.objects.about(article).filter(event=Event.BINNED).count() == 1


def test_who_may_not_publish_is_not_asked_and_cannot_force_it(
    client: Client, trainee: Client
) -> None:
    article = cast.article()
    question = url("articles_article", "bin", article.pk)

    assert trainee.get(question).status_code == trainee.post(question).status_code == 403
    assert client.post(question).status_code == 302
    assert trainee.put(question).status_code == 405
    assert fresh(article).is_public


@pytest.mark.parametrize("key", ["999", "x", "99999999999999999999999"])
@pytest.mark.parametrize("button", ["_unbin", "_copy"])
def test_what_is_not_there_is_not_found(editor: Client, key: str, button: str) -> None:
    assert editor.post(f"{LIST}{key}/change/", {button: "1"}).status_code == 404
    assert editor.post(f"{LIST}{key}/bin/").status_code == 404


def test_restoring_what_is_not_in_the_bin_changes_nothing(editor: Client) -> None:
    article = cast.article()

    editor.post(form_of(article), {"_unbin": "1"})

    assert fresh(article).is_public


def test_only_the_owner_deletes_for_good_and_only_from_the_bin(
    chief: Client, owner: Client
) -> None:
    kept, binned = cast.article(), cast.draft(deleted_at=timezone.now())

    def delete(client: Client, article: Article) -> int:
        address = url("articles_article", "delete", article.pk)
        return client.post(address, {"post": "yes"}).status_code

    assert delete(chief, kept) == delete(chief, binned) == delete(owner, kept) == 403
    assert delete(owner, binned) == 302
    assert list(Article.objects.all()) == [kept]


# --- Copies ------------------------------------------------------------------------------------------


def test_a_copy_is_a_new_draft_with_the_text_and_the_tags(editor: Client) -> None:
    article = cast.article(
        "春节值班通知",
        tags=("春节", "值班"),
        legacy_id="77",
        pinned=True,
        read_count=9,
        expire_at=timezone.now() + timedelta(days=9),
        created_by=cast.laozhou(),
    )

    response = press(editor, form_of(article), "_copy", title="没有保存的标题")

    copy = Article.objects.exclude(pk=article.pk).get()
    assert response["Location"] == form_of(copy)
    assert copy.title == "春节值班通知（副本）"
    assert copy.body == article.body
    assert sorted(tag.name for tag in copy.tags.all()) == ["值班", "春节"]
    assert copy.state == State.DRAFT
    assert (copy.go_live_at, copy.expire_at, copy.first_published_at) == (None, None, None)
    assert (copy.legacy_id, copy.pinned, copy.read_count) == ("", False, 0)
    assert copy.created_by == cast.xiaolin()
    assert fresh(article).title == "春节值班通知"


def test_the_title_of_a_copy_still_fits(editor: Client) -> None:
    article = cast.article("长" * 200)

    press(editor, form_of(article), "_copy")

    assert Article.objects.exclude(pk=article.pk).get().title == "长" * 196 + "（副本）"


def test_copying_takes_the_right_to_add(trainee: Client) -> None:
    article = cast.article()
    User.objects.get(username="xiaowu").user_permissions.remove(
        Permission.objects.get(codename="add_article")
    )

    assert trainee.post(form_of(article), {"_copy": "1"}).status_code == 403
    assert Article.objects.count() == 1


def test_a_copy_of_a_changed_page_leaves_the_page_alone(editor: Client) -> None:
    article = cast.article("线上的标题")
    press(editor, form_of(article), "_save", title="改过的标题")

    press(editor, form_of(article), "_copy")

    assert fresh(article).title == "线上的标题"
    assert Article.objects.exclude(pk=article.pk).get().title == "改过的标题（副本）"
