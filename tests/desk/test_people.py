"""Accounts: who makes them, who may change whom, and how people leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.accounts import User
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import press, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/user/"
ADD = f"{LIST}add/"
GOOD_PASSWORD = "桂花-Shanwei-88"


@pytest.fixture
def deputy() -> Client:
    """小陈's browser: in the group 站长, no superuser."""
    return browser_of(cast.person("xiaochen", "小陈", "站长"))


def form_of(user: User) -> str:
    return url("cms_user", "change", user.pk)


def password_form_of(user: User) -> str:
    return f"{LIST}{user.pk}/password/"


def new_person(**changes: Any) -> dict[str, Any]:
    return {
        "username": "xiaomei",
        "name": "小美",
        "email": "xiaomei@example.com",
        "groups": [Group.objects.get(name="编辑").pk],
        "password1": GOOD_PASSWORD,
        "password2": GOOD_PASSWORD,
        **changes,
    }


def errors(response: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


# --- Making ----------------------------------------------------------------------------------------


def test_a_new_colleague_can_sign_in_and_work_at_once(deputy: Client) -> None:
    assert deputy.post(ADD, new_person()).status_code == 302
    colleague = Client()
    answer = colleague.post(
        "/admin/login/", {"username": "xiaomei", "password": GOOD_PASSWORD, "next": "/admin/"}
    )
    assert answer["Location"] == "/admin/"
    assert colleague.get("/admin/articles/article/").status_code == 200


def test_nobody_who_is_no_superuser_makes_one(deputy: Client) -> None:
    deputy.post(ADD, new_person(is_superuser="on"))
    made = User.objects.get(username="xiaomei")
    assert not made.is_superuser
    press(deputy, form_of(made), "_save", is_superuser="on")
    made.refresh_from_db()
    assert not made.is_superuser


def test_a_superuser_makes_one(owner: Client) -> None:
    deputy = cast.person("xiaochen", "小陈", "站长")
    press(owner, form_of(deputy), "_save", is_superuser="on")
    deputy.refresh_from_db()
    assert deputy.is_superuser


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("username", "XIAOLIN", "已经有人用了"),
        ("username", "小 美", "请输入合法的用户名"),
        ("email", "XiaoLin@Example.com", "这个邮箱已登记在账号“小林”里"),
        ("email", "不是邮箱", "有效的邮箱地址"),
        ("password2", "另一个-Password-1", "密码"),
        ("groups", ["999"], "999"),
    ],
)
def test_what_cannot_be_is_refused_in_chinese(
    owner: Client, field: str, value: Any, message: str
) -> None:
    editor = cast.xiaolin()
    editor.email = "xiaolin@example.com"
    editor.save()
    response = owner.post(ADD, new_person(**{field: value}))
    assert message in "".join(errors(response)[field])
    assert not User.objects.filter(username__in=["xiaomei", "小 美"]).exists()


def test_a_short_password_is_refused_in_chinese(owner: Client) -> None:
    response = owner.post(ADD, new_person(password1="桂花-88", password2="桂花-88"))
    assert errors(response)["password2"] == ["密码太短，至少要有 10 个字符。"]


def test_an_email_is_not_needed_and_several_may_lack_one(owner: Client) -> None:
    cast.xiaolin()
    assert owner.post(ADD, new_person(email="")).status_code == 302


# --- Changing --------------------------------------------------------------------------------------


def test_a_name_an_email_and_a_group_are_changed(deputy: Client) -> None:
    editor = cast.xiaolin()
    groups = [str(Group.objects.get(name="主编").pk)]
    changes = {"name": "林小姐", "email": "lin@example.com", "groups": groups}
    assert press(deputy, form_of(editor), "_save", **changes).status_code == 302
    editor.refresh_from_db()
    assert (editor.name, editor.email) == ("林小姐", "lin@example.com")
    assert [group.name for group in editor.groups.all()] == ["主编"]


def test_a_deputy_can_look_at_a_superuser_and_change_nothing(deputy: Client) -> None:
    boss = cast.laochen()
    page = deputy.get(form_of(boss))
    assert page.status_code == 200
    assert "重设密码" not in page.content.decode()
    assert deputy.post(form_of(boss), {"username": "laochen", "is_active": ""}).status_code == 403
    password = {"password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD}
    assert deputy.get(password_form_of(boss)).status_code == 403
    assert deputy.post(password_form_of(boss), password).status_code == 403
    boss.refresh_from_db()
    assert boss.is_active
    assert boss.check_password(cast.PASSWORD)


@pytest.mark.parametrize("who", [cast.xiaolin, cast.laozhou, cast.amin])
def test_nobody_else_sees_the_accounts(who: Any) -> None:
    user = who()
    client = browser_of(user)
    for address in (LIST, ADD, form_of(user), password_form_of(user)):
        assert client.get(address).status_code == 403


# --- Leaving ---------------------------------------------------------------------------------------


def test_who_leaves_is_switched_off_signed_out_and_keeps_what_they_wrote(deputy: Client) -> None:
    editor = cast.xiaolin()
    article = cast.article(created_by=editor)
    browser = browser_of(editor)
    assert press(deputy, form_of(editor), "_save", is_active=None).status_code == 302
    assert browser.get("/admin/").status_code == 302
    answer = Client().post("/admin/login/", {"username": "xiaolin", "password": cast.PASSWORD})
    assert "用户名或密码不正确" in answer.content.decode()
    article.refresh_from_db()
    assert article.created_by == editor


def test_nobody_switches_themselves_off(owner: Client) -> None:
    boss = User.objects.get(username="laochen")
    response = press(owner, form_of(boss), "_save", is_active=None, is_superuser=None)
    assert errors(response) == {
        "is_active": ["不能停用自己的账号。"],
        "is_superuser": ["不能取消自己的超级管理员身份。"],
    }


def test_accounts_are_not_deleted_even_by_a_superuser(owner: Client) -> None:
    editor = cast.xiaolin()
    assert owner.post(url("cms_user", "delete", editor.pk), {"post": "yes"}).status_code == 403
    owner.post(LIST, {"action": "delete_selected", "_selected_action": editor.pk, "post": "yes"})
    assert User.objects.filter(pk=editor.pk).exists()


# --- Passwords -------------------------------------------------------------------------------------


def test_an_owner_sets_a_new_password_for_somebody_who_forgot(deputy: Client) -> None:
    editor = cast.xiaolin()
    passwords = {"password1": GOOD_PASSWORD, "password2": GOOD_PASSWORD}
    assert press(deputy, password_form_of(editor), "set-password", **passwords).status_code == 302
    editor.refresh_from_db()
    assert editor.check_password(GOOD_PASSWORD)


def test_a_password_cannot_be_taken_away(deputy: Client) -> None:
    """Django's form would; then the person could never ask for a new one by mail."""
    editor = cast.xiaolin()
    data = {"usable_password": "false", "unset-password": "1"}
    assert deputy.post(password_form_of(editor), data).status_code == 200
    editor.refresh_from_db()
    assert editor.has_usable_password()


def test_the_form_shows_no_hash(owner: Client) -> None:
    html = owner.get(form_of(cast.xiaolin())).content.decode()
    assert "md5" not in html
    assert "已设置" in html


def test_people_change_their_own_password() -> None:
    editor = cast.xiaolin()
    client = browser_of(editor)
    page = client.get("/admin/password_change/")
    assert "<li>至少 10 个字符。</li>" in page.content.decode()
    answer = client.post(
        "/admin/password_change/",
        {
            "old_password": cast.PASSWORD,
            "new_password1": GOOD_PASSWORD,
            "new_password2": GOOD_PASSWORD,
        },
        follow=True,
    )
    assert "密码已修改" in answer.content.decode()
    editor.refresh_from_db()
    assert editor.check_password(GOOD_PASSWORD)


def test_a_wrong_old_password_is_refused() -> None:
    answer = browser_of(cast.xiaolin()).post(
        "/admin/password_change/",
        {"old_password": "猜的", "new_password1": GOOD_PASSWORD, "new_password2": GOOD_PASSWORD},
    )
    assert "现在的密码不对" in answer.content.decode()


# --- The list --------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_list_tells_who_is_who(owner: Client) -> None:
    cast.xiaolin()
    html = owner.get(LIST).content.decode()
    assert "超级管理员、站长" in html
    assert "小林" in html


def test_the_list_costs_the_same_for_any_number_of_people(
    owner: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, person; profile, demo; groups for the filter; count, rows, their groups."""
    with django_assert_num_queries(10):
        owner.get(LIST)
    for n in range(5):
        cast.person(f"bianji{n}", f"编辑{n}", "编辑")
    with django_assert_num_queries(10):
        owner.get(LIST)


@pytest.mark.parametrize("key", ["999999", "x", "%00"])
def test_an_account_that_does_not_exist_is_a_message_not_an_error(owner: Client, key: str) -> None:
    answer = owner.get(f"{LIST}{key}/change/", follow=True)
    assert "找不到" in answer.content.decode()
    assert owner.get(f"{LIST}{key}/password/").status_code == 404


def test_the_values_of_the_form_can_be_sent_back_unchanged(owner: Client) -> None:
    editor = cast.xiaolin()
    assert owner.post(form_of(editor), values(owner.get(form_of(editor)))).status_code == 302
