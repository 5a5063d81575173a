"""allauth's pages in the desk's frame, with what the desk knows of who looks at them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any, Final

from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.views import LoginView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.cms import limits, visitors
from portal.cms.signing_in.adapters import NO_ENTRY
from portal.cms.signing_in.forms import PasskeyLoginForm
from portal.cms.signing_in.second_factor import has_factor

View = Callable[..., HttpResponseBase]
# Each begins a session, and with it a row. A person who fails five times calls somebody.
PASSKEYS_AN_HOUR: Final = 60
# So long has a person to touch the key.
PASSKEY_TAKES: Final = 600


def on_the_desk(view: View, title: str) -> View:
    """Give a page of allauth the frame of the desk; none is kept by a browser."""

    @never_cache
    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            response.context_data = {
                **admin.site.each_context(request),
                "title": title,
                # Whoever is on the way to a second factor need not be told to set one up.
                "second_factor_due": None,
                "passkeys_work": passkeys_work(request),
                **(response.context_data or {}),
            }
        return response

    return framed


def passkeys_work(request: HttpRequest) -> bool:
    """Whether a browser makes passkeys for this address: it takes a name, and https or this machine."""
    host = split_domain_port(request.get_host())[0]
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return bool(settings.HTTPS) or request.is_secure() or host == "localhost"
    return False


class SignInView(LoginView):
    """Where everybody signs in, at the address the admin would use for it."""

    template_name = "admin/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let go of an account that is none of the desk, and of a second step that there is none of any more.

        allauth would send both back and forth.
        """
        stage = get_pending_stage(request)
        if stage is not None and stage.login.user and not has_factor(stage.login.user):
            request.session.flush()
        if request.user.is_authenticated and not admin.site.has_permission(request):
            logout(request)
            messages.error(request, NO_ENTRY)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


class PasskeyView(LoginWebAuthnView):
    """What the browser asks a key for (GET, as JSON), and the key's answer (POST)."""

    form_class = PasskeyLoginForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin a short session that holds the challenge."""
        address = visitors.address_of(request)
        if not limits.take("passkey", address, hour=PASSKEYS_AN_HOUR).allowed:
            return JsonResponse({"error": "试的次数太多，请稍后再试。"}, status=429)
        response: HttpResponse = super().get(request, *args, **kwargs)
        request.session.set_expiry(PASSKEY_TAKES)
        return response


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Forget a sign-in that has got to its second step: it was somebody else's, or the phone is away."""
    if request.user.is_anonymous:
        request.session.flush()
    return redirect("account_login")
