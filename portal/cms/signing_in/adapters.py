"""How allauth behaves here: in our words, with our addresses, and for people of the desk alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.cms import visitors
from portal.cms.accounts import User
from portal.cms.signing_in import devices, secrets
from portal.cms.signing_in.second_factor import has_factor
from portal.cms.site import SiteProfile

# In the session, between the steps.
FIRST_STEP = "signing_in.first_step"
CHANGED = "密码刚刚改过，请用新密码重新登录。"
NO_ENTRY = "这个账号不能进入后台。请联系站长。"
UNREADABLE = (
    "网站换过密钥（SECRET_KEY），以前设置的两步验证不能用了。请站长在“账号”里移除您的两步验证，"
    "或在服务器上运行 manage.py second_factor 用户名 --remove，然后重新设置。"
)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the owner: nobody signs up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "用户名或密码不正确，请注意大小写。",
        "incorrect_password": "密码不正确，请注意大小写。",
        "too_many_login_attempts": "试的次数太多，请五分钟后再试。",
        "rate_limited": "试的次数太多，请五分钟后再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address as far as proxies can be believed; of a unix socket, that of this machine."""
        return visitors.address_of(request).partition("/")[0] or "127.0.0.1"

    def is_safe_url(self, url: str) -> bool:
        """Whether a login may lead there. What is no address at all, such as `http://[`, is none of ours."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Note of what password the first step was, before the second one."""
        request.session[FIRST_STEP] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Let somebody in, unless their password has become another one since the first step."""
        if request.session.pop(FIRST_STEP, "") != user.get_session_auth_hash():
            request.session.flush()
            messages.error(request, CHANGED)
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)
        # What a passkey was asked for in was to last for minutes (`views.passkey`).
        request.session.set_expiry(None)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, NO_ENTRY)
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """Whether a person must prove anew who they are, who did so within the last five minutes.

        With a second factor, by that: who has found the password, and an open browser, must not be able
        to take it off. One that was set up within those minutes took the password.
        """
        request = context.request
        since = timezone.now() - timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)
        proofs = get_authentication_records(request, request.user)
        if has_factor(request.user, before=since):
            proofs = [proof for proof in proofs if proof["method"] == "mfa"]
        return not any(proof["at"] > since.timestamp() for proof in proofs)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        methods = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        return factors or methods

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count the tries of a browser that the person has signed in with before for itself.

        Else any stranger who knows the name could keep its owner out. One query, and only where there is
        such a cookie.
        """
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{devices.known_key(request, credentials.get('username', ''))}"


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: their seeds enciphered, their names Chinese."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": (
            "验证码不对，或者已经过期。请输入应用现在显示的 6 位数字；一直不对，请看看手机的时间准不准。"
        ),
        "wrong_key": "密钥没有通过验证。请再试一次，或换一种方式。",
        "cannot_generate_recovery_codes": "请先设置两步验证，再生成恢复码。",
        "too_many_codes": "今天试的次数太多，请明天再试，或用您登录过的浏览器、通行密钥登录。",
        "unreadable": UNREADABLE,
    }

    def encrypt(self, text: str) -> str:
        return secrets.encipher(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Of what cannot be deciphered, a secret that nobody knows: an empty one would make known codes."""
        return secrets.decipher(encrypted_text) or generate_totp_secret()

    def get_totp_label(self, user: User) -> str:
        return user.username

    def _get_user_identifier(self, user: User) -> str:
        return user.username

    def _get_site_name(self) -> str:
        """The name of the site, which the app on the phone and the browser's window show."""
        profile = SiteProfile.objects.filter(pk=1).first() or SiteProfile(pk=1)
        return profile.name

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"通行密钥 {count + 1}" if count else "通行密钥"
