"""A form sent after the login has expired, without JavaScript: not a word of it is lost."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import cast
from tests.desk.forms import form_of, fresh, said, values

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"


def test_what_was_typed_comes_back_and_is_saved_after_the_login(editor: Client) -> None:
    article = cast.draft("原来的标题")
    typed = {**values(editor.get(form_of(article))), "title": "登录过期时正在写的标题"}
    editor.logout()

    page = editor.post(form_of(article), {**typed, "_save": "1"})
    assert page.status_code == 403
    assert "内容没有丢" in page.content.decode()
    held = values(page)
    assert held["title"] == "登录过期时正在写的标题"

    editor.force_login(cast.xiaolin())
    form = editor.post(form_of(article), held)
    assert form.status_code == 200
    assert fresh(article).title == "原来的标题"
    editor.post(form_of(article), {**values(form), "_save": "1"})
    assert fresh(article).title == "登录过期时正在写的标题"


def test_of_a_form_without_drafts_too(owner: Client) -> None:
    category = cast.category()
    typed = {**values(owner.get(form_of(category))), "description": "改了一半的说明文字"}
    owner.logout()

    held = values(owner.post(form_of(category), {**typed, "_save": "1"}))
    owner.force_login(cast.laochen())
    form = owner.post(form_of(category), held)

    assert "还没有保存" in said(form)
    assert fresh(category).description == ""
    owner.post(form_of(category), {**values(form), "_save": "1"})
    assert fresh(category).description == "改了一半的说明文字"


def test_of_a_new_item_too(editor: Client) -> None:
    held = values(Client().post(ADD, {"title": "还没有存过的新文章标题", "_publish": "1"}))

    assert held["title"] == "还没有存过的新文章标题"
    assert "_publish" not in held
    assert values(editor.post(ADD, held))["title"] == "还没有存过的新文章标题"


def test_a_token_that_the_login_has_made_void_costs_nothing_either() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.xiaolin())

    typed = {"title": "带着旧令牌提交的文章标题", "_save": "1"}
    page = client.post(ADD, typed, headers={"origin": "http://testserver"})

    assert page.status_code == 403
    assert values(page)["title"] == "带着旧令牌提交的文章标题"
    assert f'action="{ADD}"' in page.content.decode()


def test_what_was_typed_is_shown_as_text_and_secrets_not_at_all() -> None:
    page = (
        Client()
        .post(
            ADD,
            {
                "title": '"><script>alert(1)</script>很长的标题',
                "password1": "密码也不行的",
            },
        )
        .content.decode()
    )

    assert "<script>alert" not in page
    assert "密码也不行" not in page


@pytest.mark.parametrize("sent", [{}, {"title": "短"}])
def test_without_text_a_stranger_is_sent_to_the_login(client: Client, sent: dict[str, str]) -> None:
    assert client.post(ADD, sent).status_code == 302
