"""Signing in, the second factor and its keys. What allauth offers besides is not routed: sign-up above all.

The login stands at the admin's own address: it comes before it in `portal.urls`.
"""

from __future__ import annotations

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from portal.cms.signing_in import forms
from portal.cms.signing_in.views import PasskeyView, SignInView, View, on_the_desk, start_over

# Everything about one's own account stands on one page.
OVERVIEW = RedirectView.as_view(pattern_name="admin:security")


def page(route: str, view: View, name: str, title: str) -> URLPattern:
    return path(route, on_the_desk(view, title), name=name)


urlpatterns = [
    page("login/", SignInView.as_view(), "account_login", "登录后台"),
    path("account/start-over/", start_over, name="account_logout"),
    page(
        "account/reauthenticate/",
        ReauthenticateView.as_view(form_class=forms.ReauthenticateForm),
        "account_reauthenticate",
        "请再确认一次",
    ),
    path("account/2fa/", OVERVIEW, name="mfa_index"),
    page(
        "account/2fa/authenticate/",
        AuthenticateView.as_view(
            form_class=forms.AuthenticateForm, webauthn_form_class=forms.KeyForm
        ),
        "mfa_authenticate",
        "两步验证",
    ),
    page(
        "account/2fa/reauthenticate/",
        ReauthenticateByCodeView.as_view(form_class=forms.ReauthenticateByCodeForm),
        "mfa_reauthenticate",
        "请再确认一次",
    ),
    page(
        "account/2fa/totp/activate/",
        ActivateTOTPView.as_view(form_class=forms.ActivateForm),
        "mfa_activate_totp",
        "设置验证器应用",
    ),
    page(
        "account/2fa/totp/deactivate/",
        DeactivateTOTPView.as_view(),
        "mfa_deactivate_totp",
        "停用验证器应用",
    ),
    page(
        "account/2fa/recovery-codes/",
        ViewRecoveryCodesView.as_view(),
        "mfa_view_recovery_codes",
        "恢复码",
    ),
    page(
        "account/2fa/recovery-codes/generate/",
        GenerateRecoveryCodesView.as_view(),
        "mfa_generate_recovery_codes",
        "生成新的恢复码",
    ),
    path("account/2fa/keys/", OVERVIEW, name="mfa_list_webauthn"),
    page(
        "account/2fa/keys/add/",
        AddWebAuthnView.as_view(form_class=forms.AddKeyForm),
        "mfa_add_webauthn",
        "添加通行密钥或安全密钥",
    ),
    page("account/2fa/keys/login/", PasskeyView.as_view(), "mfa_login_webauthn", "登录后台"),
    page(
        "account/2fa/keys/reauthenticate/",
        ReauthenticateWebAuthnView.as_view(form_class=forms.ReauthenticateByKeyForm),
        "mfa_reauthenticate_webauthn",
        "请再确认一次",
    ),
    page(
        "account/2fa/keys/<int:pk>/edit/",
        EditWebAuthnView.as_view(form_class=forms.RenameKeyForm),
        "mfa_edit_webauthn",
        "给密钥改名",
    ),
    page(
        "account/2fa/keys/<int:pk>/remove/",
        RemoveWebAuthnView.as_view(),
        "mfa_remove_webauthn",
        "移除密钥",
    ),
]
