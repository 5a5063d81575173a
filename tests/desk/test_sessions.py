"""Where somebody is signed in: seen by them, and ended by them."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.signing_in import sessions
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import press, url

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
SECURITY = "/admin/security/"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
NEW_PASSWORD = "桂花-Shanwei-88"


def sign_in(user: User, agent: str = EDGE) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post(LOGIN, {"username": user.username, "password": cast.PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_ones_own_sessions_are_listed_and_nobody_elses() -> None:
    user = cast.xiaolin()
    sign_in(cast.amin(), "iPhone MicroMessenger")
    sign_in(user, "Mozilla/5.0 (Macintosh) Safari/605")
    page = sign_in(user).get(SECURITY).content.decode()
    assert page.index("Windows 电脑上的 Edge") < page.index("苹果电脑上的 Safari")
    assert page.count("本机") == 1
    assert "微信" not in page


def test_all_others_are_ended_even_those_of_before_there_was_a_list() -> None:
    user = cast.xiaolin()
    mine, phone, colleague = sign_in(user), sign_in(user), sign_in(cast.amin())
    unlisted = browser_of(user)
    answer = mine.post(SECURITY, follow=True)
    assert "已退出其他 2 处登录" in answer.content.decode()
    assert [is_in(c) for c in (mine, phone, unlisted, colleague)] == [True, False, False, True]
    assert UserSession.objects.filter(user=user).count() == 1
    assert "没有在其他设备上登录" in mine.post(SECURITY, follow=True).content.decode()


def test_it_takes_ones_own_click() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.xiaolin())
    assert client.post(SECURITY).status_code == 403


def test_a_new_password_ends_the_others_and_this_one_stays_on_the_list() -> None:
    user = cast.xiaolin()
    mine, phone = sign_in(user), sign_in(user)
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    mine.post("/admin/password_change/", {"old_password": cast.PASSWORD, **new})
    assert [is_in(mine), is_in(phone)] == [True, False]
    page = mine.get(SECURITY).content.decode()
    assert page.count("登录，地址 127.0.0.1") == 1


def test_the_old_password_cannot_be_guessed_at_an_open_browser() -> None:
    user = cast.xiaolin()
    client = browser_of(user)
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    for n in range(10):
        client.post("/admin/password_change/", {"old_password": f"猜{n}", **new})
    answer = client.post(
        "/admin/password_change/", {"old_password": cast.PASSWORD, **new}, follow=True
    )
    assert "试的次数太多" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(cast.PASSWORD)


def test_who_is_switched_off_and_on_again_has_to_sign_in() -> None:
    user = cast.xiaolin()
    client = sign_in(user)
    boss = browser_of(cast.laochen())
    form = url("cms_user", "change", user.pk)
    press(boss, form, "_save", is_active=None)
    press(boss, form, "_save", is_active="on")
    assert not is_in(client)
    assert Session.objects.count() == 1


def test_those_that_have_run_out_are_left_to_the_night() -> None:
    user = cast.xiaolin()
    sign_in(user)
    Session.objects.update(expire_date=timezone.now())
    assert sessions.end_all(user) == 0
    assert Session.objects.exists()


def test_a_session_somebody_had_laid_out_is_not_that_of_the_person() -> None:
    client = Client()
    client.get("/admin/account/2fa/keys/login/", headers={"accept": "application/json"})
    laid_out = client.session.session_key
    client.post(LOGIN, {"username": cast.xiaolin().username, "password": cast.PASSWORD})
    assert client.session.session_key != laid_out
    assert not Session.objects.filter(pk=laid_out).exists()
