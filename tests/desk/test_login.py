"""Signing in and out, and getting back in with a forgotten password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import Settings

from portal.cms.accounts import User
from portal.cms.delivery import due
from portal.cms.delivery.models import DueTask
from portal.cms.signing_in import forgotten
from portal.cms.site import SiteProfile
from portal.demo.models import DemoItem
from portal.management.commands.prepare import Command as Prepare
from tests import cast
from tests.desk.english import english_in

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


@pytest.mark.parametrize("target", ["http://[", "//[", "http://[::1", "https://elsewhere.example/"])
def test_an_address_that_is_none_of_ours_is_not_led_to(target: str) -> None:
    assert Client().get(LOGIN, {"next": target}).status_code == 200
    assert sign_in(Client(), next=target)["Location"] == "/admin/"


def test_signing_out_takes_a_post_and_ends_the_session() -> None:
    client = Client()
    sign_in(client)
    assert client.get("/admin/logout/").status_code == 405
    assert "已安全退出" in client.post("/admin/logout/").content.decode()
    assert client.get("/admin/")["Location"].startswith(LOGIN)


# --- Guessing --------------------------------------------------------------------------------------


def test_a_name_that_is_none_is_answered_as_a_wrong_password_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the same words, and after the same work: one hash."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def noting(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(hasher, password, salt)

    off = cast.amin()
    off.is_active = False
    off.save()
    cast.xiaolin()
    monkeypatch.setattr(MD5PasswordHasher, "encode", noting)
    said = set()
    for name, password in (("xiaolin", "猜的"), ("nobody", "猜的"), ("amin", cast.PASSWORD)):
        hashed.clear()
        answer = Client().post(LOGIN, {"username": name, "password": password})
        said.add(answer.context["form"].non_field_errors().as_text())
        assert hashed == [password]
    assert len(said) == 1


def test_after_five_wrong_passwords_a_name_waits_whatever_comes() -> None:
    for n in range(5):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{n}"), password=f"猜{n}")
    answer = sign_in(Client(REMOTE_ADDR="198.51.100.200"))
    assert "试的次数太多，请五分钟后再试。" in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert sign_in(Client())["Location"] == "/admin/"


def test_after_ten_wrong_passwords_an_address_waits_whatever_the_name() -> None:
    client = Client(REMOTE_ADDR="2001:db8::1")
    for n in range(10):
        client.post(LOGIN, {"username": f"name{n}", "password": "猜的"})
    neighbour = Client(REMOTE_ADDR="2001:db8::2")
    assert "试的次数太多" in sign_in(neighbour).content.decode()
    assert sign_in(Client(REMOTE_ADDR="2001:db8:1::1"))["Location"] == "/admin/"


def test_tries_are_counted_in_the_database_for_all_processes(settings: Settings) -> None:
    """Not by the name that was tried: a table that says who has an account here."""
    sign_in(Client(), password="猜的")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cms_cache")
        keys = [row[0] for row in cursor.fetchall()]
    assert any("login_failed" in key for key in keys)
    assert not any("xiaolin" in key for key in keys)


def test_a_flood_of_tries_is_a_page_of_its_own() -> None:
    client = Client()
    for _ in range(30):
        client.post(LOGIN, {})
    answer = client.post(LOGIN, {})
    assert answer.status_code == 429
    assert english_in(answer.content.decode(), []) == []
    assert client.get(LOGIN).status_code == 200


def test_the_form_takes_its_own_token() -> None:
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_nobody_signs_up() -> None:
    client = Client()
    for name in (
        "signup",
        "email",
        "password/reset",
        "account/signup",
        "account/2fa/webauthn/signup",
    ):
        assert client.post(f"/admin/{name}/", {"username": "x"})["Location"].startswith(LOGIN)
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert not User.objects.exists()


def test_an_account_that_is_none_of_the_desk_is_told_so() -> None:
    user = cast.xiaolin()
    user.is_staff = False
    user.save()
    client = Client()
    answer = client.post(LOGIN, {"username": "xiaolin", "password": cast.PASSWORD}, follow=True)
    assert "这个账号不能进入后台" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_first_account_has_a_password_nobody_else_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    passwords = set()
    for _ in range(2):
        User.objects.all().delete()
        Prepare().make_admin()
        found = re.search(r"管理员密码：(\S+)", capsys.readouterr().out)
        assert found is not None
        validate_password(found[1], User.objects.get())
        passwords.add(found[1])
    assert len(passwords) == 2
    assert all(len(password) >= 15 for password in passwords)


# --- 忘记密码 --------------------------------------------------------------------------------------


def asked(client: Client, email: str = "xiaolin@example.com") -> Any:
    """Ask for a link; no worker has been there yet."""
    user = cast.xiaolin()
    user.email = "xiaolin@example.com"
    user.save()
    return client.post(FORGOT, {"email": email}, follow=True)


def ask(client: Client, email: str = "xiaolin@example.com") -> Any:
    page = asked(client, email)
    forgotten.send(timezone.now())
    return page


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
    assert letter.subject == "“劳务派遣网站”后台：重设密码"
    assert str(letter.body).startswith("小林，您好：")
    assert "您的用户名是：xiaolin" in str(letter.body)


def test_a_foreign_host_header_does_not_reach_the_mail(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": "evil.example"})
    ask(client)
    assert "evil.example" not in str(mail.outbox[0].body)


def test_an_unknown_address_gets_the_same_answer_after_the_same_work_and_no_mail() -> None:
    """The mail is the worker's: nobody waits for it, and its key is nowhere before."""
    due.make_rows()
    later = timezone.now() + timedelta(hours=1)
    done = []
    for email in ("xiaolin@example.com", "nobody@example.com"):
        answer = asked(Client(), email)
        DueTask.objects.update(due_at=later)
        with CaptureQueriesContext(connection) as queries:
            forgotten.ask(email)
        done.append((answer.redirect_chain, [query["sql"][:6] for query in queries]))
        assert DueTask.objects.filter(due_at__lt=later).get().name == forgotten.TASK
    assert done[0] == done[1]
    assert mail.outbox == []
    forgotten.send(timezone.now())
    assert [letter.to for letter in mail.outbox] == [["xiaolin@example.com"]]


def test_who_asks_twice_before_the_worker_comes_gets_one_mail() -> None:
    asked(Client())
    asked(Client())
    forgotten.send(timezone.now())
    forgotten.send(timezone.now())
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=2)])
def test_what_the_mail_server_does_not_take_is_tried_again_for_an_hour(
    settings: Settings, late: timedelta
) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.BrokenBackend"
    asked(Client())
    with pytest.raises(ConnectionRefusedError):
        forgotten.send(timezone.now())
    settings.EMAIL_BACKEND = working
    forgotten.send(timezone.now() + late)
    assert len(mail.outbox) == (0 if late else 1)
    assert not User.objects.filter(reset_asked_at__isnull=False).exists()


def test_a_switched_off_account_gets_no_mail() -> None:
    user = cast.xiaolin()
    user.is_active = False
    user.save()
    ask(Client())
    assert mail.outbox == []


def test_nor_does_one_that_is_switched_off_before_the_worker_comes_or_has_no_password() -> None:
    for change in ({"is_active": False}, {"is_active": True, "password": "!"}):
        asked(Client())
        User.objects.update(**change)
        forgotten.send(timezone.now())
    assert mail.outbox == []


def test_nobody_gets_more_than_a_few_mails_an_hour() -> None:
    client = Client()
    for _ in range(3):
        ask(client)
    answer = ask(client)
    assert "一小时内申请的次数太多" in answer.content.decode()
    assert len(mail.outbox) == 3
    assert "一小时内" not in ask(client, "another@example.com").content.decode()


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


def test_rules_for_passwords_are_said_as_the_desk_speaks() -> None:
    """Django says 你, and of its rules what only its makers understand."""
    client = Client()
    ask(client)
    address = client.get(mailed_link(), follow=True).redirect_chain[-1][0]
    page = client.post(address, {"new_password1": "xiaolin123456", "new_password2": "xiaolin1234"})
    later = client.post(address, {"new_password1": "1234567890", "new_password2": "1234567890"})
    sign_in(client)
    pages = (page, later, client.get("/admin/password_change/"))
    texts = [answer.content.decode() for answer in pages]
    assert "两次输入的密码不一样" in texts[0]
    assert "密码不能全是数字" in texts[1]
    assert "现在的密码：" in texts[2]
    assert not [text for text in texts if "你" in text]


def test_who_has_left_is_told_nothing_of_the_desk() -> None:
    DemoItem.remember(cast.category())
    client = Client()
    sign_in(client)
    assert "演示内容" in client.get("/admin/").content.decode()
    assert "演示内容" not in client.post("/admin/logout/").content.decode()


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
