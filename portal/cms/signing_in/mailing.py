"""Mail about an account, to the person it is of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.cms.accounts import KnownDevice, User
from portal.cms.site import SiteProfile

# Back ends that put what should be mailed where its recipient cannot read it.
NO_MAIL = {
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
}


def is_set_up() -> bool:
    """Whether mail leaves this site at all (`EMAIL_URL`)."""
    return settings.EMAIL_BACKEND not in NO_MAIL


def send_new_device(device: KnownDevice) -> None:
    """Tell the owner of an account of a browser that has signed in for the first time.

    Does nothing where there is no mail, or no address. Raises OSError where the mail server does not
    take it.
    """
    _send(device.user, "新设备登录", "account/new_device_email.txt", device=device)


def send_stopped_half_way(user: User) -> None:
    """Tell the owner of an account that somebody has its password: they may not get at the desk to read it.

    Does nothing where there is no mail, or no address. Raises OSError where the mail server does not
    take it.
    """
    _send(user, "有人输入了您的密码", "account/stopped_half_way_email.txt", user=user)


def send_new_password(user: User) -> None:
    """Send the owner of an account the link under which they set a new password.

    Does nothing where there is no mail, or no address. Raises OSError where the mail server does not
    take it.
    """
    link = reverse(
        "admin:password_reset_confirm",
        args=[
            urlsafe_base64_encode(force_bytes(user.pk)),
            default_token_generator.make_token(user),
        ],
    )
    address = f"{settings.SITE_URL}{link}"
    _send(user, "重设密码", "account/new_password_email.txt", user=user, address=address)


def _send(to: User, subject: str, template: str, **words: Any) -> None:
    if not (is_set_up() and to.email):
        return
    profile = SiteProfile.objects.filter(pk=1).first() or SiteProfile(pk=1)
    words |= {
        "site_name": profile.name,
        "security_url": f"{settings.SITE_URL}{reverse('admin:security')}",
    }
    EmailMessage(
        f"“{profile.name}”后台：{subject}",
        render_to_string(template, words),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
