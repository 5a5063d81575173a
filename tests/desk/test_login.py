"""Signing in and out, and getting back in with a forgotten password."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from pytest_django import Settings

from portal.cms.accounts import User
from portal.cms.site import SiteProfile
from tests import cast

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
FORGOT = "/admin/password_reset/"
NEW_PASSWORD = "桂花-Shanwei-88"


def sign_in(client: Client, password: str = cast.PASSWORD, **more: str) -> Any:
    cast.xiaolin()
    return client.post(LOGIN, {"username": "xiaolin", "password": password, **more})


# --- In and out ------------------------------------------------------------------------------------


def test_signing_in_leads_to_the_desk() -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_signing_in_leads_back_to_where_one_wanted_to_go() -> None:
    client = Client()
    wanted = client.get("/admin/articles/article/add/")["Location"]
    html = client.get(wanted).content.decode()
    assert 'name="next" value="/admin/articles/article/add/"' in html
    assert sign_in(client, next="/admin/articles/article/add/")["Location"].endswith(
        "/article/add/"
    )


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_signing_in_does_not_lead_to_another_site(address: str) -> None:
    assert sign_in(Client(), next=address)["Location"] == "/admin/"


@pytest.mark.parametrize("password", ["猜的", "x" * 5000])
def test_a_wrong_password_is_one_clear_sentence(password: str) -> None:
    response = sign_in(Client(), password=password)
    assert response.status_code == 200
    assert "用户名或密码不正确，请注意大小写。" in response.content.decode()


def test_a_null_byte_is_refused_like_any_other_nonsense() -> None:
    response = sign_in(Client(), password="\x00")
    assert response.status_code == 200
    assert response.context["form"].errors


def test_an_empty_form_asks_for_both_fields() -> None:
    response = Client().post(LOGIN, {})
    assert "请填写用户名和密码" in response.content.decode()


def test_a_switched_off_account_does_not_get_in() -> None:
    user = cast.xiaolin()
    user.is_active = False
    user.save()
    assert "用户名或密码不正确" in sign_in(Client()).content.decode()


def test_who_is_signed_in_is_not_asked_again() -> None:
    client = Client()
    sign_in(client)
    assert client.get(LOGIN)["Location"] == "/admin/"


def test_the_page_shows_the_sites_name_and_makes_no_row() -> None:
    html = Client().get(LOGIN).content.decode()
    assert "登录后台" in html
    assert "劳务派遣网站" in html
    assert FORGOT in html
    assert not SiteProfile.objects.exists()


def test_signing_out_takes_a_post_and_ends_the_session() -> None:
    client = Client()
    sign_in(client)
    assert client.get("/admin/logout/").status_code == 405
    assert "已安全退出" in client.post("/admin/logout/").content.decode()
    assert client.get("/admin/")["Location"].startswith(LOGIN)


# --- 忘记密码 --------------------------------------------------------------------------------------


def ask(client: Client, email: str = "xiaolin@example.com") -> Any:
    user = cast.xiaolin()
    user.email = "xiaolin@example.com"
    user.save()
    return client.post(FORGOT, {"email": email}, follow=True)


def mailed_link() -> str:
    body = str(mail.outbox[0].body)
    found = re.search(r"http://127\.0\.0\.1:8000(/admin/reset/\S+)", body)
    assert found is not None
    return found[1]


def test_a_forgotten_password_is_replaced_by_mail() -> None:
    client = Client()
    assert "请查收邮件" in ask(client).content.decode()
    page = client.get(mailed_link(), follow=True)
    assert "设置新密码" in page.content.decode()
    passwords = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    done = client.post(page.redirect_chain[-1][0], passwords, follow=True)
    assert "密码已更新" in done.content.decode()
    assert sign_in(client, password=NEW_PASSWORD)["Location"] == "/admin/"


def test_the_mail_is_chinese_and_names_the_account() -> None:
    ask(Client())
    letter = mail.outbox[0]
    assert letter.to == ["xiaolin@example.com"]
    assert letter.subject == "重设“劳务派遣网站”后台密码"
    assert str(letter.body).startswith("小林，您好：")
    assert "您的用户名是：xiaolin" in str(letter.body)


def test_a_foreign_host_header_does_not_reach_the_mail(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": "evil.example"})
    ask(client)
    assert "evil.example" not in str(mail.outbox[0].body)


def test_an_unknown_address_gets_the_same_answer_and_no_mail() -> None:
    client = Client()
    known = ask(client)
    unknown = ask(client, "nobody@example.com")
    assert known.redirect_chain == unknown.redirect_chain
    assert len(mail.outbox) == 1


def test_a_switched_off_account_gets_no_mail() -> None:
    user = cast.xiaolin()
    user.is_active = False
    user.save()
    ask(Client())
    assert mail.outbox == []


@pytest.mark.parametrize("email", ["", "不是邮箱", "a\x00@example.com"])
def test_an_address_that_is_none_is_refused(email: str) -> None:
    response = Client().post(FORGOT, {"email": email})
    assert response.status_code == 200
    assert response.context["form"].errors["email"]


def test_a_link_works_once() -> None:
    client = Client()
    ask(client)
    link = mailed_link()
    address = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})
    assert "链接已失效" in Client().get(link).content.decode()


@pytest.mark.parametrize("token", ["MQ/x-y", "%00/x", "x/set-password"])
def test_a_made_up_link_says_so_and_offers_a_new_one(token: str) -> None:
    html = Client().get(f"/admin/reset/{token}/").content.decode()
    assert "链接已失效" in html
    assert FORGOT in html


def test_two_different_passwords_are_refused() -> None:
    client = Client()
    ask(client)
    address = client.get(mailed_link(), follow=True).redirect_chain[-1][0]
    page = client.post(address, {"new_password1": NEW_PASSWORD, "new_password2": "另一个-88-xyz"})
    assert page.context["form"].errors["new_password2"]
    assert User.objects.get(username="xiaolin").check_password(cast.PASSWORD)


@pytest.mark.parametrize("backend", ["console", "dummy"])
def test_without_mail_the_page_says_who_can_help(settings: Settings, backend: str) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    client = Client()
    html = client.get(FORGOT).content.decode()
    assert "请联系站长重设" in html
    assert "<input" not in html.partition("<main")[2]
    assert "请联系站长重设" in ask(client).content.decode()


class BrokenBackend(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


def test_a_mail_server_that_fails_is_no_error_page(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"
    assert "请查收邮件" in ask(Client()).content.decode()
