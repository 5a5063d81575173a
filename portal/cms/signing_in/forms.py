"""The forms of signing in, as allauth checks them and as people here are used to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from allauth.account import forms as account
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from portal.cms import limits
from portal.cms.accounts import User
from portal.cms.signing_in import devices
from portal.cms.signing_in.second_factor import is_unreadable

# A code is right for ninety seconds (`MFA_TOTP_TOLERANCE`), and allauth remembers it for thirty.
REMEMBERED: Final = timedelta(minutes=3).total_seconds()
# Whoever has the password, and tries codes for weeks, would else hit upon one.
CODES_A_DAY: Final = 100
OF_CODES: Final = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
LONGEST_CODE: Final = 40
LONGEST_NAME: Final = 60
LONGEST_ANSWER: Final = 20_000


class LoginForm(account.LoginForm):
    """Name and password, the name under that name: browsers have kept it so, and colleagues' scripts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = "用户名", "密码"
        name.widget.attrs |= {"autocapitalize": "none", "autofocus": True}
        password.help_text = ""
        for field in (name, password):
            field.widget.attrs.pop("placeholder", None)

    def add_prefix(self, field_name: str) -> str:
        name: str = super().add_prefix("username" if field_name == "login" else field_name)
        return name


class ReauthenticateForm(account.ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label, field.help_text = "密码", ""
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["autofocus"] = True


# --- Codes -------------------------------------------------------------------------------------------


class CodeForm(base.BaseAuthenticateForm):
    """A code of the app, or a recovery code: each is right once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"])

    def clean_code(self) -> str:
        """Refuse what is none of theirs, was used before, or is one of too many.

        Not as allauth does it, which counts by the person alone: whoever has the password would keep them
        out by trying codes. A browser that they have signed in with before is counted for itself, as with
        passwords (`adapters`).
        """
        known = devices.known_key(context.request, self.user.username)
        tries = {"action": "login_failed", "key": f"second-factor:{self.user.pk}:{known}"}
        if not limits.take("second-factor", tries["key"], day=CODES_A_DAY).allowed:
            raise get_adapter().validation_error("too_many_codes")
        if not ratelimit.consume(context.request, **tries):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code: str = self.cleaned_data["code"]
        # First the app, of which the failure is told.
        factors = Authenticator.objects.filter(user=self.user, type__in=OF_CODES).order_by("-type")
        for factor in factors:
            if factor.wrap().validate_code(code) and is_first_use(factor, code):
                self.authenticator = factor
                ratelimit.clear(context.request, **tries)
                return code
        if factors:
            self._emit_authentication_failed(factors[0])
        raise get_adapter().validation_error("incorrect_code")

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        """Say so where no code can be right."""
        super()._emit_authentication_failed(authenticator)
        if is_unreadable(authenticator):
            raise get_adapter().validation_error("unreadable")


def is_first_use(factor: Authenticator, code: str) -> bool:
    """Whether this code is used for the first time; of two who use it at once, only one does."""
    digits = "".join(filter(str.isdigit, code))
    return bool(cache.add(f"code:{factor.pk}:{digits}", "", REMEMBERED))


class AuthenticateForm(CodeForm, base.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateByCodeForm(CodeForm, base.ReauthenticateForm):
    """The same, of somebody who is signed in."""


class ActivateForm(totp.ActivateTOTPForm):
    """The first code of an app: it proves that the app has the seed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"])


def _plain(field: forms.Field) -> None:
    field.label = "验证码"
    assert isinstance(field, forms.CharField)  # noqa: S101 - for the type checker
    field.max_length = LONGEST_CODE
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {
        "autofocus": True,
        "autocapitalize": "none",
        "spellcheck": "false",
        "maxlength": LONGEST_CODE,
    }


# --- Passkeys and security keys ----------------------------------------------------------------------


@contextmanager
def guarded() -> Iterator[None]:
    """What a browser says of a key is JSON that anybody may send.

    allauth looks at part of its shape; the rest fails somewhere in the reading, each time otherwise. It has
    one word for keys and codes.
    """
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:
        if isinstance(error, ValidationError) and error.code != "incorrect_code":
            raise
        raise get_adapter().validation_error("wrong_key") from error


class CredentialField(forms.JSONField):
    """What a browser says of a key. Longer than any says, deeper or stranger: no key has said that."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_ANSWER:
            raise get_adapter().validation_error("wrong_key")
        with guarded():
            return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """A key is asked anew where a form is shown again: nothing of its answer is."""
        return initial


class GuardedMixin(forms.Form):
    """A form that takes the answer of a key."""

    user: User | None
    credential = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        """Return the key. Tries are not counted: there is nothing to guess, and nobody to keep out by it."""
        credential = self.cleaned_data["credential"]
        with guarded():
            auth.parse_authentication_response(credential)
            user = self.user or auth.extract_user_from_response(credential)
            return auth.complete_authentication(user, credential)


class PasskeyLoginForm(GuardedMixin, webauthn.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class KeyForm(GuardedMixin, webauthn.AuthenticateWebAuthnForm):
    """A key as the second step."""


class ReauthenticateByKeyForm(GuardedMixin, webauthn.ReauthenticateWebAuthnForm):
    """A key, of somebody who is signed in."""


class AddKeyForm(webauthn.AddWebAuthnForm):
    """A new key. Most people want one to sign in with, and no password."""

    credential = CredentialField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        _name(name)
        alone.label = "可以单独用它登录（通行密钥）"
        alone.help_text = "用指纹、面容或锁屏密码确认，登录时不必再输入密码。"
        alone.initial = True

    def clean(self) -> dict[str, Any]:
        with guarded():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class RenameKeyForm(webauthn.EditWebAuthnForm):
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name(self.fields["name"])


def _name(field: forms.Field) -> None:
    field.label = "名称"
    field.help_text = "以后凭它认出是哪一把，例如“办公室电脑”。"
    assert isinstance(field, forms.CharField)  # noqa: S101 - for the type checker
    field.max_length = LONGEST_NAME
    field.widget.attrs["maxlength"] = LONGEST_NAME
