"""Known devices: a person is told when a browser signs in that never did before.

A browser is known by a cookie, set when somebody signs in and read at no other time; the database
keeps a digest of it and no address. So a page kept for readers never depends on it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from allauth.account.signals import user_logged_in
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.cms.accounts import KnownDevice, User
from portal.cms.delivery import periodic
from portal.cms.review import notices
from portal.cms.review.models import Notice
from portal.cms.signing_in import mailing

COOKIE: Final = "__Host-device" if settings.HTTPS else "device"
KEPT: Final = timedelta(days=400)
MADE_BY_US = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
# Older ones that no mail server has taken are told on the desk alone.
TRIED: Final = timedelta(days=1)
LOT: Final = 20

# The first that is found: most call themselves by the names of others as well.
BROWSERS: Final = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("wxwork", "企业微信"),
    ("QQBrowser", "QQ 浏览器"),
    ("MetaSr", "搜狗浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Android", "安卓手机或平板"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux 电脑"),
)


def label_of(user_agent: str) -> str:
    """Return a browser's name for people: `Windows 电脑上的 Edge`."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "浏览器")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "未知设备")
    # A Latin name is set off from the Chinese beside it.
    return f"{system}{' ' * system.isascii()}上的{' ' * browser.isascii()}{browser}"


def key_of(cookie: str) -> str:
    """The digest of a cookie. It is random enough to need no key: a new SECRET_KEY leaves it known."""
    return sha256(cookie.encode()).hexdigest()


def known_key(request: HttpRequest, username: str) -> str:
    """Return the key of the browser, if this person has signed in with it before; else ""."""
    cookie = request.COOKIES.get(COOKIE, "")
    if not MADE_BY_US.fullmatch(cookie):
        return ""
    key = key_of(cookie)
    known = KnownDevice.objects.filter(key=key, user__username=username)
    return key if known.exists() else ""


@receiver(user_logged_in)
def _signed_in(
    sender: type[User], request: HttpRequest, response: HttpResponse, user: User, **_: Any
) -> None:
    """Note the browser, and tell its owner of a new one; nobody of the very first of an account."""
    cookie = request.COOKIES.get(COOKIE, "")
    if not MADE_BY_US.fullmatch(cookie):
        cookie = token_urlsafe(32)
    now, label = timezone.now(), label_of(request.headers.get("User-Agent", ""))
    is_first = not KnownDevice.objects.filter(user=user).exists()
    device, is_new = KnownDevice.objects.update_or_create(
        user=user,
        key=key_of(cookie),
        defaults={"label": label, "last_at": now},
        create_defaults={
            "label": label,
            "first_at": now,
            "last_at": now,
            "told_at": now if is_first else None,
        },
    )
    if is_new and not is_first:
        text = f"您的账号在一台新设备上登录了：{label}。不是您本人？请立即修改密码并退出其他设备。"
        Notice.objects.create(to=user, item=device, text=text)
        notices.forget_old([user.pk])
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=KEPT,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def tell(now: datetime) -> bool:
    """Mail what is still untold; one lot a turn. Who has no address was told on the desk."""
    untold = KnownDevice.objects.filter(told_at=None).select_related("user").order_by("first_at")
    devices = list(untold[:LOT])
    failure: Exception | None = None
    for device in devices:
        try:
            if device.user.email and device.user.is_active and now - device.first_at < TRIED:
                mailing.send_new_device(device)
        except (OSError, ValueError) as error:  # smtplib's are the one, of odd addresses the other
            failure = error
            continue
        KnownDevice.objects.filter(pk=device.pk).update(told_at=now)
    if failure is not None:
        raise failure
    return len(devices) == LOT


periodic("device-notices", "新设备登录提醒", tell, every=timedelta(minutes=1))
