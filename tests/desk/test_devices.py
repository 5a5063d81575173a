"""A browser that never signed in before: its owner hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.cms.accounts import KnownDevice, User
from portal.cms.review.models import Notice
from portal.cms.signing_in import devices
from tests import cast

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0 Safari/604"


@pytest.fixture
def user() -> User:
    user = cast.xiaolin()
    user.email = "xiaolin@example.com"
    user.save()
    return user


def sign_in(client: Client, password: str = cast.PASSWORD) -> Any:
    return client.post(LOGIN, {"username": "xiaolin", "password": password})


def sign_in_anew(agent: str = PHONE) -> Client:
    client = Client(headers={"user-agent": agent})
    assert sign_in(client).status_code == 302
    return client


def tell() -> bool:
    return devices.tell(timezone.now())


def test_the_first_device_of_an_account_is_no_news(user: User) -> None:
    sign_in_anew()
    tell()
    assert KnownDevice.objects.get().label == "iPhone 上的微信"
    assert not Notice.objects.exists()
    assert mail.outbox == []


def test_a_new_one_is_told_on_the_desk_and_by_one_mail(user: User) -> None:
    sign_in_anew()
    client = sign_in_anew("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537")
    tell()
    tell()
    letter = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert letter.to == ["xiaolin@example.com"]
    assert letter.subject == "“劳务派遣网站”后台：新设备登录"
    assert "Windows 电脑上的 Chrome" in str(letter.body)
    assert "http://127.0.0.1:8000/admin/security/" in str(letter.body)
    assert "127.0.0.1" not in str(letter.body).replace("http://127.0.0.1:8000", "")
    assert "新设备上登录" in Notice.objects.get(to=user).text
    page = client.get("/admin/notices/").content.decode()
    assert 'href="/admin/security/"' in page


def test_one_that_is_known_is_no_news_and_seen_anew(user: User) -> None:
    client = sign_in_anew()
    client.post("/admin/logout/")
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        sign_in(client)
    device = KnownDevice.objects.get()
    assert device.last_at - device.first_at > timedelta(days=2)
    assert not Notice.objects.exists()


def test_the_same_browser_is_new_to_another_account(user: User) -> None:
    client = sign_in_anew()
    client.post("/admin/logout/")
    cast.amin()
    client.post(LOGIN, {"username": "amin", "password": cast.PASSWORD})
    assert KnownDevice.objects.values("key").distinct().count() == 1
    assert KnownDevice.objects.count() == 2


def test_its_cookie_is_for_us_alone_and_set_at_the_login(user: User) -> None:
    client = Client()
    assert "device" not in client.get(LOGIN).cookies
    cookie = sign_in(client).cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert int(cookie["max-age"]) == 400 * 24 * 3600
    assert "device" not in client.get("/admin/").cookies
    assert cookie.value not in str(KnownDevice.objects.values().get())


def test_with_https_it_goes_by_no_other_way(
    user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HTTPS = True
    monkeypatch.setattr(devices, "COOKIE", "__Host-device")
    assert sign_in(Client()).cookies["__Host-device"]["secure"]


@pytest.mark.parametrize("junk", ["", "x", "a" * 44, "\n" * 43, "a" * 42 + "é"])
def test_a_cookie_that_is_none_of_ours_is_replaced(user: User, junk: str) -> None:
    client = Client()
    client.cookies["device"] = junk
    assert len(sign_in(client).cookies["device"].value) == 43


def test_nobody_is_told_of_a_login_that_failed(user: User) -> None:
    sign_in_anew()
    sign_in(Client(), password="猜的")
    assert KnownDevice.objects.count() == 1


def test_without_an_address_or_mail_the_desk_is_enough(user: User, settings: Settings) -> None:
    sign_in_anew()
    User.objects.update(email="")
    sign_in_anew()
    tell()
    User.objects.update(email="xiaolin@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    sign_in_anew()
    tell()
    assert not KnownDevice.objects.filter(told_at=None).exists()
    assert mail.outbox == []


class BrokenBackend(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


def test_a_mail_server_that_fails_is_asked_again_for_a_day(user: User, settings: Settings) -> None:
    sign_in_anew()
    sign_in_anew()
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.BrokenBackend"
    with pytest.raises(ConnectionRefusedError):
        tell()
    assert KnownDevice.objects.filter(told_at=None).count() == 1
    devices.tell(timezone.now() + timedelta(hours=25))
    assert not KnownDevice.objects.filter(told_at=None).exists()
    KnownDevice.objects.order_by("-pk").filter(label__contains="微信").update(told_at=None)
    settings.EMAIL_BACKEND = working
    tell()
    assert len(mail.outbox) == 2


def test_strangers_do_not_keep_a_person_out_of_a_browser_of_theirs(user: User) -> None:
    """Five wrong tries lock a name for five minutes: for all but the browsers it is known by."""
    mine = sign_in_anew()
    mine.post("/admin/logout/")
    stranger = Client(REMOTE_ADDR="198.51.100.9")
    for n in range(5):
        sign_in(stranger, password=f"猜{n}")
    other = Client()
    assert "试的次数太多" in sign_in(other).content.decode()
    assert sign_in(mine).status_code == 302


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("", "未知设备上的浏览器"),
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537",
            "安卓手机或平板上的 Chrome",
        ),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) HuaweiBrowser/5", "鸿蒙上的华为浏览器"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Linux 电脑上的 Firefox",
        ),
        ("<script>alert(1)</script>" * 50, "未知设备上的浏览器"),
    ],
)
def test_a_browser_has_a_name_for_people(agent: str, label: str) -> None:
    assert devices.label_of(agent) == label
