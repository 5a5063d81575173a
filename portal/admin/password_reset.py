"""忘记密码: Django's own views with our addresses, and an honest word where there is no mail."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from portal.cms import limits, visitors
from portal.cms.signing_in import forgotten, mailing

# An hour. Counted by what was typed, whether it is anybody's or not: the answer tells nothing.
MOST_OF_AN_ADDRESS: Final = 10
MOST_TO_ONE: Final = 3
TOO_MANY = "一小时内申请的次数太多，请稍后再试，或请站长在“账号”里重设密码。"


class AskView(views.PasswordResetView):
    """Ask for the address and mail the link; without mail, say who can help instead.

    The worker sends it: neither the answer nor its time tells a stranger which addresses have an account.
    A stranger who takes the three of an address keeps its owner from asking for the rest of the hour: less
    than the hundred mails that they could be sent else.
    """

    success_url = reverse_lazy("admin:password_reset_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_is_set_up=mailing.is_set_up(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mailing.is_set_up():
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        counted = (
            (visitors.address_of(self.request), MOST_OF_AN_ADDRESS),
            (form.cleaned_data["email"].lower(), MOST_TO_ONE),
        )
        for key, most in counted:
            if not limits.take("password-reset", key, hour=most).allowed:
                form.add_error(None, TOO_MANY)
                return self.form_invalid(form)
        forgotten.ask(form.cleaned_data["email"])
        return redirect(self.get_success_url())


class ConfirmView(views.PasswordResetConfirmView):
    """Where the mailed link leads: set a new password, then sign in with it."""

    success_url = reverse_lazy("admin:password_reset_complete")
