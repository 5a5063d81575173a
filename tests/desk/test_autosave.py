"""What is typed is kept before anybody saves it, and put back into the form when asked for."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions.models import Autosave, PendingDraft
from staffing.models import Faq, Service
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

NOBODYS = "5d9c1c0e-6f5e-4b1e-9d3a-0a1b2c3d4e5f"  # the token of no form

ADD = "/admin/articles/article/add/"
ADD_PULSE = "/admin/articles/article/pulse/"
FAULTS = ("errornote", "errorlist")
NOTHING_LEFT = 'aria-labelledby="left-texts-title" hidden'


def pulse_of(item: Publishable) -> str:
    return url(item._meta.label_lower.replace(".", "_"), "pulse", item.pk)


def lists(typed: dict[str, Any]) -> dict[str, list[str]]:
    """Return a form's values as autosave.js sends them."""
    return {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in typed.items()
    }


def beat(client: Client, address: str, **message: Any) -> Any:
    return client.post(address, json.dumps(message), content_type="application/json")


def leave(client: Client, item: Publishable, **typed: Any) -> str:
    """Open the form of an item, type, have it kept, and go; return the form's token."""
    form = {**values(client.get(form_of(item))), **typed}
    answer = beat(client, pulse_of(item), token=form["form_token"], data=lists(form))
    assert answer.status_code == 200
    return str(form["form_token"])


def put_back(client: Client, address: str, token: str) -> Any:
    return client.post(address, {"_put_back": token})


def left() -> list[Any]:
    """Return every text that is left in a form."""
    return [data for data in Autosave.objects.values_list("data", flat=True) if data]


def text(page: Any) -> str:
    content: str = page.content.decode()
    return content


# --- Kept, and offered ------------------------------------------------------------------------------


def test_what_was_typed_is_offered_when_the_form_is_opened_again(editor: Client) -> None:
    article = cast.draft("原来的标题")
    leave(editor, article, title="写到一半的标题")

    page = text(editor.get(form_of(article)))

    assert "写到一半的标题" in page
    assert "放回表单" in page
    assert NOTHING_LEFT not in page
    assert fresh(article).title == "原来的标题"


def test_a_form_nobody_typed_in_is_not_offered(editor: Client) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))

    beat(editor, pulse_of(article), token=form["form_token"], version=0)

    assert NOTHING_LEFT in text(editor.get(form_of(article)))


def test_a_new_item_is_kept_as_well(editor: Client) -> None:
    token = values(editor.get(ADD))["form_token"]
    answer = beat(editor, ADD_PULSE, token=token, data={"title": ["还没有存过"]}).json()

    assert re.fullmatch(r"\d\d:\d\d", answer["saved_at"])
    assert answer["version"] is None
    assert "还没有存过" in text(editor.get(ADD))
    assert 'value="还没有存过"' in text(put_back(editor, ADD, token))


def test_a_form_keeps_what_was_typed_last(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="第一遍")

    beat(editor, pulse_of(article), token=token, data={"title": ["第二遍"]})

    assert Autosave.objects.get().data["title"] == ["第二遍"]


def test_a_form_that_is_again_as_it_was_opened_is_not_kept(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="又改回去了")

    assert beat(editor, pulse_of(article), token=token, data={}).json()["saved_at"] is None

    assert not Autosave.objects.exists()


def test_two_tabs_keep_apart(editor: Client) -> None:
    article = cast.draft()
    leave(editor, article, title="第一个窗口")
    leave(editor, article, title="第二个窗口")

    page = text(editor.get(form_of(article)))

    assert "第一个窗口" in page
    assert "第二个窗口" in page


def test_nobody_is_offered_what_somebody_else_typed(editor: Client, chief: Client) -> None:
    article = cast.draft()
    leave(editor, article, title="小林的秘密")

    assert "小林的秘密" not in text(chief.get(form_of(article)))


def test_a_text_is_offered_after_somebody_else_has_saved(editor: Client, chief: Client) -> None:
    article = cast.draft()
    leave(editor, article, title="小林的标题")
    assert "在那之后改过：" not in text(editor.get(form_of(article))).partition("<template>")[0]

    press(chief, form_of(article), "_save", title="老周的标题")

    page = text(editor.get(form_of(article))).partition("<template>")[0]
    assert "小林的标题" in page
    assert "这条内容在那之后改过" in page


def test_what_is_typed_into_a_locked_form_is_kept_and_offered(
    trainee: Client, chief: Client
) -> None:
    article = cast.article()
    form = values(trainee.get(form_of(article)))
    press(chief, form_of(article), "_save", title="老周的修改")
    later = timezone.now() + timedelta(days=1)
    PendingDraft.objects.update(status=PendingDraft.Status.SCHEDULED, apply_at=later)

    beat(trainee, pulse_of(article), token=form["form_token"], data={"title": ["来不及了"]})

    assert "来不及了" in text(trainee.get(form_of(article)))


def test_tokens_and_buttons_are_not_kept(editor: Client) -> None:
    data = {"title": ["标题"], "csrfmiddlewaretoken": ["x"], "_publish": ["1"], "form_token": ["x"]}
    beat(editor, ADD_PULSE, token=str(uuid4()), data=data)

    assert Autosave.objects.get().data == {"title": ["标题"]}


@pytest.mark.both_databases
def test_signs_that_no_database_holds_are_dropped(editor: Client) -> None:
    answer = beat(editor, ADD_PULSE, token=str(uuid4()), data={"title": ["甲\0乙\ud800"]})

    assert answer.status_code == 200
    assert Autosave.objects.get().data == {"title": ["甲乙?"]}


def test_a_text_nobody_asked_for_in_a_month_goes(editor: Client) -> None:
    article = cast.draft()
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        leave(editor, article, title="上个月的")
    leave(editor, article, title="今天的")

    assert [row.data["title"] for row in Autosave.objects.all()] == [["今天的"]]


def test_so_does_that_of_somebody_who_never_came_back(editor: Client, chief: Client) -> None:
    article = cast.draft()
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        leave(editor, article, title="离职前的")
    leave(chief, article, title="今天的")

    assert [data["title"] for data in left()] == [["今天的"]]


def test_a_pulse_costs_the_same_however_long_the_text(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    article = cast.draft(body=f"<p>{'长' * 20000}</p>")
    token = leave(editor, article)

    with django_assert_max_num_queries(15) as queries:
        beat(editor, pulse_of(article), token=token, version=0, data={"title": ["新"]})

    assert not any('"body"' in query["sql"] for query in queries)


# --- Refusals ---------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_the_login() -> None:
    article = cast.draft()

    answer = beat(Client(), pulse_of(article), token=str(uuid4()), data={"title": ["陌生人"]})

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]
    assert not Autosave.objects.exists()


def test_without_the_permission_nothing_is_kept(staff: Client) -> None:
    """阿敏 has no business with articles."""
    article = cast.draft()

    for address in (pulse_of(article), ADD_PULSE):
        answer = beat(staff, address, token=str(uuid4()), data={"title": ["越权"]})
        assert answer.status_code == 403
        assert "没有权限" in answer.json()["error"]
    assert not Autosave.objects.exists()


def test_who_may_only_look_keeps_nothing_and_finds_a_plain_form() -> None:
    reader = User.objects.create_user("reader", name="小何", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_article"))
    article = cast.draft()
    client = browser_of(reader)

    assert "form_token" not in values(client.get(form_of(article)))
    assert beat(client, pulse_of(article), token=str(uuid4())).status_code == 403


def test_a_form_does_not_write_into_somebody_elses(editor: Client, chief: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="小林的")

    answer = beat(chief, pulse_of(article), token=token, data={"title": ["冒名"]})

    assert answer.status_code == 403
    assert Autosave.objects.get().data["title"] == ["小林的"]


def test_a_form_does_not_write_into_that_of_another_item(editor: Client) -> None:
    token = leave(editor, cast.draft(), title="这一篇的")

    answer = beat(editor, pulse_of(cast.draft()), token=token, data={"title": ["那一篇的"]})

    assert answer.status_code == 403
    assert Autosave.objects.get().data["title"] == ["这一篇的"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"token": 1}',
        b'{"token": "x"}',
        b'{"token": "00000000-0000-4000-8000-000000000000", "version": "1"}',
        b'{"token": "00000000-0000-4000-8000-000000000000", "data": []}',
        b'{"token": "00000000-0000-4000-8000-000000000000", "data": {"title": "x"}}',
        b'{"token": "00000000-0000-4000-8000-000000000000", "data": {"title": [1]}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_form_is_refused(editor: Client, body: bytes) -> None:
    answer = editor.post(ADD_PULSE, body, content_type="application/json")

    assert answer.status_code == 400
    assert "保存草稿" in answer.json()["error"]


def test_a_form_of_the_usual_kind_is_no_message(editor: Client) -> None:
    assert editor.post(ADD_PULSE, {"token": NOBODYS}).status_code == 400


@pytest.mark.parametrize("version", [-1, 10**12, -(10**30), 10**30])
def test_a_version_may_be_any_number(editor: Client, version: int) -> None:
    article = cast.draft()

    answer = beat(editor, pulse_of(article), token=str(uuid4()), version=version)

    assert answer.status_code == 200


def test_what_is_larger_than_any_form_is_refused_with_advice(
    editor: Client, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = beat(editor, ADD_PULSE, token=str(uuid4()), data={"body": ["大" * 1000]})

    assert answer.status_code == 413
    assert "大图片" in answer.json()["error"]


@pytest.mark.parametrize("pk", [4711, 10**30])
def test_of_an_item_that_is_gone_the_editor_is_told(editor: Client, pk: int) -> None:
    answer = beat(editor, url("articles_article", "pulse", pk), token=str(uuid4()), data={})

    assert answer.status_code == 404
    assert "已被彻底删除" in answer.json()["error"]


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_pulse_is_sent_by_post(editor: Client, method: str) -> None:
    assert getattr(editor, method)(ADD_PULSE).status_code == 405


def test_a_form_whose_editor_signed_in_anew_gets_a_new_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.xiaolin())
    message = {"token": str(uuid4()), "data": {"title": ["接着写"]}}
    assert beat(client, ADD_PULSE, **message).status_code == 403

    token = client.get(ADD_PULSE).json()["csrf"]
    answer = client.post(
        ADD_PULSE,
        json.dumps(message),
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )

    assert answer.status_code == 200


# --- Put back ---------------------------------------------------------------------------------------


def test_what_is_put_back_stands_in_the_form_valid_or_not(editor: Client) -> None:
    article = cast.draft("原来的标题", tags=("派遣",))
    typed = {
        "title": "",
        "body": "<h2>小标题</h2><p>写到一半的<strong>正文</strong></p>",
        "tags": "社保、没有过的标签",
        "go_live_at_0": "二月三十日",
        "source_url": "不是网址",
        "pinned": "on",
    }
    token = leave(editor, article, **typed)

    page = put_back(editor, form_of(article), token)

    shown = values(page)
    assert {name: shown[name] for name in typed if name != "pinned"} == {
        name: value for name, value in typed.items() if name != "pinned"
    }
    assert shown["pinned"] == ["on"]
    assert not any(fault in text(page) for fault in FAULTS)
    assert "已放回" in said(page)
    assert fresh(article).title == "原来的标题"
    assert list(fresh(article).tags.names()) == ["派遣"]


def test_rows_come_back_whole_or_half_typed(staff: Client) -> None:
    service = cast.service(legal_model="outsourcing")
    kept = Faq.objects.create(service=service, question="原来的问题？", answer="原来的回答。")
    typed = {
        "districts": [cast.district().pk],
        "faqs-TOTAL_FORMS": "3",
        "faqs-0-question": "改过的问题？",
        "faqs-1-question": "",
        "faqs-1-answer": "只有回答",
        "faqs-2-question": "只有问题？",
        "faqs-2-order": "不是数字",
    }
    token = leave(staff, service, **typed)

    page = put_back(staff, form_of(service), token)

    shown = values(page)
    assert shown["faqs-0-id"] == str(kept.pk)
    assert {name: shown[name] for name in typed if name.startswith("faqs")} == {
        name: value for name, value in typed.items() if name.startswith("faqs")
    }
    assert shown["districts"] == [str(cast.district().pk)]
    assert not any(fault in text(page) for fault in FAULTS)


def test_a_row_that_a_colleague_has_deleted_comes_back_as_a_new_one(staff: Client) -> None:
    service = cast.service(legal_model="outsourcing")
    first, second = (
        Faq.objects.create(service=service, question=question, answer="有。", order=order)
        for order, question in enumerate(("第一问？", "第二问？"))
    )
    token = leave(staff, service, **{"faqs-0-answer": "重写的回答", "faqs-1-answer": "另一个"})
    first.delete()

    page = put_back(staff, form_of(service), token)

    shown = values(page)
    rows = {(shown[f"faqs-{n}-id"], shown[f"faqs-{n}-answer"]) for n in (0, 1)}
    assert rows == {(str(second.pk), "另一个"), ("", "重写的回答")}
    assert shown["faqs-INITIAL_FORMS"] == "1"
    staff.post(form_of(service), {**shown, "_save": "1"})
    rows = PendingDraft.objects.get().content["faqs"]
    assert {row["answer"] for row in rows} == {"重写的回答", "另一个"}


def test_what_is_put_back_is_saved_like_any_text(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="找回来的标题")

    shown = values(put_back(editor, form_of(article), token))
    editor.post(form_of(article), {**shown, "_save": "1"})

    assert fresh(article).title == "找回来的标题"
    assert left() == []
    assert NOTHING_LEFT in text(editor.get(form_of(article)))


def test_a_put_back_text_is_as_stale_as_it_was(editor: Client, chief: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="小林的标题")
    press(chief, form_of(article), "_save", title="老周的标题")

    page = put_back(editor, form_of(article), token)
    editor.post(form_of(article), {**values(page), "_save": "1"})

    assert re.search(r"老周（\d\d:\d\d）保存了新版本", text(page))
    assert fresh(article).title == "老周的标题"


def test_the_browser_puts_its_own_copy_back(editor: Client) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))

    page = editor.post(form_of(article), {**form, "title": "断网时写的", "_put_back": "browser"})

    assert values(page)["title"] == "断网时写的"
    assert "已放回这台电脑里的文字" in said(page)
    assert fresh(article).title != "断网时写的"
    assert Autosave.objects.get().data["title"] == ["断网时写的"]


def test_what_stands_in_the_form_survives_a_text_that_is_not_there(editor: Client) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))
    page = editor.post(form_of(article), {**form, "title": "刚打的字", "_put_back": str(uuid4())})
    assert "已经不在了" in said(page)
    assert 'value="刚打的字"' in page.content.decode()


@pytest.mark.parametrize("token", ["", "x", NOBODYS])
def test_a_text_that_is_not_there_is_not_put_back(editor: Client, token: str) -> None:
    for address in (form_of(cast.draft()), ADD):
        page = editor.post(address, {"_put_back": token}, follow=True)

        assert page.redirect_chain == [(address, 302)]
        assert "已经不在了" in said(page)


def test_nobody_puts_back_what_somebody_else_typed(editor: Client, chief: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="小林的秘密")

    page = chief.post(form_of(article), {"_put_back": token}, follow=True)

    assert "已经不在了" in said(page)
    assert "小林的秘密" not in text(page)


def test_a_text_does_not_go_into_the_form_of_another_item(editor: Client) -> None:
    token = leave(editor, cast.draft(), title="这一篇的")

    assert put_back(editor, form_of(cast.draft()), token).status_code == 302
    assert put_back(editor, ADD, token).status_code == 302


def test_what_was_put_back_is_offered_once(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="放回过的标题")
    again = values(put_back(editor, form_of(article), token))
    assert again["form_token"] != token

    page = text(editor.get(form_of(article))).partition("<template>")[0]

    assert page.count("放回过的标题") == 1


def test_a_form_put_back_elsewhere_goes_on_being_kept(editor: Client) -> None:
    """The form it came from is still open, in another tab: what is typed there is not lost either."""
    article = cast.draft()
    token = leave(editor, article, title="第一个窗口")
    second = values(put_back(editor, form_of(article), token))
    beat(editor, pulse_of(article), token=token, data={"title": ["第一个窗口又写了"]})

    assert "第一个窗口又写了" in text(editor.get(form_of(article)))
    editor.post(form_of(article), {**second, "_save": "1"})

    assert [data["title"] for data in left()] == [["第一个窗口又写了"]]


# --- Sent -------------------------------------------------------------------------------------------


def test_what_was_refused_for_its_faults_is_kept(editor: Client) -> None:
    article = cast.draft("原来的标题")

    press(editor, form_of(article), "_save", title="有错的一稿", go_live_at_0="二月三十日")

    page = text(editor.get(form_of(article)))
    assert "有错的一稿" in page
    assert "放回表单" in page


@pytest.mark.both_databases
def test_what_is_refused_twice_is_kept_once(editor: Client) -> None:
    article = cast.draft()
    page = press(editor, form_of(article), "_save", title="第一次", go_live_at_0="x")

    editor.post(form_of(article), {**values(page), "title": "第二次", "_save": "1"})

    assert [data["title"] for data in left()] == [["第二次"]]


def test_a_refused_new_item_is_kept(editor: Client) -> None:
    press(editor, ADD, "_publish", title="有错的新稿", go_live_at_0="x", go_live_at_1="y")

    assert "有错的新稿" in text(editor.get(ADD))


@pytest.mark.parametrize("button", ["_save", "_publish", "_bin"])
def test_what_is_saved_is_no_longer_kept(editor: Client, button: str) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))
    beat(editor, pulse_of(article), token=form["form_token"], data=lists(form))

    editor.post(form_of(article), {**form, "title": "存下的标题", button: "1"})

    assert fresh(article).title == "存下的标题"
    assert left() == []


def test_a_new_item_once_saved_is_no_longer_kept(editor: Client) -> None:
    form = values(editor.get(ADD))
    beat(editor, ADD_PULSE, token=form["form_token"], data={"title": ["新稿"]})

    editor.post(ADD, {**form, "title": "新稿", "_save": "1"})

    assert Article.objects.get().title == "新稿"
    assert left() == []


def test_a_message_that_comes_after_its_form_was_saved_brings_nothing_back(editor: Client) -> None:
    """It was sent before, and has waited on the server for the save itself."""
    article = cast.draft()
    form = values(editor.get(form_of(article)))
    late = {"token": form["form_token"], "data": {"title": ["存下的"]}}

    editor.post(form_of(article), {**form, "title": "存下的", "_save": "1"})
    answer = beat(editor, pulse_of(article), **late, version=int(form["edit_version"]))

    assert answer.status_code == 200
    assert left() == []
    assert NOTHING_LEFT in text(editor.get(form_of(article)))
    assert put_back(editor, form_of(article), form["form_token"]).status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_neither_does_one_of_a_new_item(editor: Client, known: bool) -> None:
    form = values(editor.get(ADD))
    late = {"token": form["form_token"], "data": {"title": ["新稿"]}}
    if known:
        beat(editor, ADD_PULSE, **late)

    editor.post(ADD, {**form, "title": "新稿", "_save": "1"})
    beat(editor, ADD_PULSE, **late)

    assert left() == []


def test_nor_one_of_a_form_that_was_refused_for_its_faults(editor: Client) -> None:
    article = cast.draft()
    form = {**values(editor.get(form_of(article))), "title": "有错的", "go_live_at_0": "x"}

    editor.post(form_of(article), {**form, "_save": "1"})
    beat(editor, pulse_of(article), token=form["form_token"], data=lists(form))

    assert [data["title"] for data in left()] == [["有错的"]]


def test_a_form_shown_again_after_its_save_is_kept_as_one_of_its_own(editor: Client) -> None:
    """The browser's Back brings the page back as it was, with the token of what was saved."""
    article = cast.draft()
    form = values(editor.get(form_of(article)))
    editor.post(form_of(article), {**form, "title": "存下的", "_save": "1"})
    typed = {"data": {"title": ["返回后又写了"]}}

    answer = beat(editor, pulse_of(article), token=form["form_token"], **typed).json()
    assert left() == []
    beat(editor, pulse_of(article), token=answer["token"], **typed)

    assert "返回后又写了" in text(editor.get(form_of(article)))


def test_browsers_are_told_which_forms_are_saved(editor: Client) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))

    page = editor.post(form_of(article), {**form, "title": "存下的", "_save": "1"}, follow=True)

    assert f'data-done="{form["form_token"]}"' in text(page)


def test_a_save_that_came_too_late_is_a_revision_and_no_longer_kept(
    editor: Client, chief: Client
) -> None:
    article = cast.draft()
    form = values(editor.get(form_of(article)))
    beat(editor, pulse_of(article), token=form["form_token"], data=lists(form))
    press(chief, form_of(article), "_save", title="老周的标题")

    editor.post(form_of(article), {**form, "title": "小林的标题", "_save": "1"})

    assert left() == []


def test_nobody_clears_what_somebody_else_typed(editor: Client, chief: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="小林的")
    until = (timezone.now() + timedelta(days=1)).isoformat()

    press(chief, form_of(article), "_save", form_token=token, put_back=f"{token} {until}")

    assert Autosave.objects.get().data["title"] == ["小林的"]


@pytest.mark.parametrize("source", ["x", "x 2026-11-23", f"{NOBODYS} 2026-13-45T99:99", " "])
def test_a_form_names_no_nonsense_as_its_source(editor: Client, source: str) -> None:
    article = cast.draft()

    press(editor, form_of(article), "_save", title="照样存下", put_back=source)

    assert fresh(article).title == "照样存下"


def test_a_preview_that_is_refused_leaves_the_text_with_its_form(editor: Client) -> None:
    article = cast.draft()
    form = {**values(editor.get(form_of(article))), "title": "", "summary": "预览前写的"}

    page = editor.post(form_of(article), {**form, "_preview": "1"})

    assert values(page)["form_token"] != form["form_token"]
    row = Autosave.objects.get()
    assert str(row.token) == form["form_token"]
    assert row.data["summary"] == ["预览前写的"]


def test_an_item_deleted_for_good_takes_what_was_typed_along(editor: Client) -> None:
    article = cast.draft(status=Status.DRAFT)
    leave(editor, article, title="跟着走")

    article.delete()

    assert left() == []


# --- Thrown away ------------------------------------------------------------------------------------


def throw_away_url(token: str) -> str:
    return url("articles_article", "throw_away", token)


def test_a_text_is_read_again_before_it_is_thrown_away(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="不要的标题", body="<p>不要的<b>正文</b></p>")

    page = text(editor.get(throw_away_url(token)))

    assert "不要的标题" in page
    assert "不要的正文" in page
    assert Autosave.objects.exists()


def test_thrown_away_a_text_is_gone(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="不要的标题")

    page = editor.post(throw_away_url(token), follow=True)

    assert page.redirect_chain == [(form_of(article), 302)]
    assert "已丢弃" in said(page)
    assert NOTHING_LEFT in text(page)
    assert left() == []


def test_a_form_whose_text_was_thrown_away_elsewhere_goes_on_being_kept(editor: Client) -> None:
    article = cast.draft()
    token = leave(editor, article, title="还开着的窗口")

    editor.post(throw_away_url(token))
    beat(editor, pulse_of(article), token=token, data={"title": ["接着写的"]})

    assert "接着写的" in text(editor.get(form_of(article)))


def test_a_new_items_text_is_thrown_away_too(editor: Client) -> None:
    token = str(uuid4())
    beat(editor, ADD_PULSE, token=token, data={"title": ["不要的新稿"]})

    assert editor.post(throw_away_url(token))["Location"] == ADD
    assert left() == []


def test_nobody_throws_away_what_somebody_else_typed(editor: Client, chief: Client) -> None:
    token = leave(editor, cast.draft(), title="小林的秘密")

    page = chief.post(throw_away_url(token), follow=True)

    assert "已经不在了" in said(page)
    assert "小林的秘密" not in text(page)
    assert Autosave.objects.exists()


def test_a_text_is_thrown_away_where_it_was_typed(staff: Client) -> None:
    token = leave(staff, cast.service(), name="服务")

    assert staff.get(url("staffing_job", "throw_away", token)).status_code == 302
    assert staff.post(throw_away_url(token)).status_code == 302
    assert Autosave.objects.exists()


def test_who_may_no_longer_write_throws_nothing_away(editor: Client) -> None:
    token = leave(editor, cast.draft(), title="离岗前写的")
    User.objects.get(username="xiaolin").groups.clear()

    assert editor.post(throw_away_url(token)).status_code == 403
    assert Autosave.objects.exists()


def test_a_stranger_throws_nothing_away(editor: Client) -> None:
    token = leave(editor, cast.draft())

    assert "/login/" in Client().post(throw_away_url(token))["Location"]
    assert Autosave.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_throwing_away_asks_and_is_answered(editor: Client, method: str) -> None:
    token = leave(editor, cast.draft())

    assert getattr(editor, method)(throw_away_url(token)).status_code == 405


# --- All in Chinese ---------------------------------------------------------------------------------


def test_the_pages_speak_chinese(staff: Client) -> None:
    service = cast.service()
    token = leave(staff, service, name="劳务派遣服务")
    away = url("staffing_service", "throw_away", token)

    assert english_in(text(staff.get(form_of(service))), {"dispatch"}) == []
    assert english_in(text(put_back(staff, form_of(service), token)), {"dispatch"}) == []
    assert english_in(text(staff.get(away)), {"dispatch"}) == []
    assert Service.objects.get().name == "劳务派遣"
