"""忘记密码: Django's own views with our addresses, and an honest word where there is no mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

# Back ends that put what should be mailed where its recipient cannot read it.
NO_MAIL = {
    "django.core.mail.backends.console.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
}


def mail_is_set_up() -> bool:
    """Whether mail leaves this site at all (`EMAIL_URL`)."""
    return settings.EMAIL_BACKEND not in NO_MAIL


class AskView(views.PasswordResetView):
    """Ask for the address and mail the link; without mail, say who can help instead.

    A mail server that fails is logged by Django, and the answer stays the same: a stranger must not
    learn from it which addresses have an account.
    """

    success_url = reverse_lazy("admin:password_reset_done")
    subject_template_name = "registration/password_reset_subject.txt"
    email_template_name = "registration/password_reset_email.txt"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_is_set_up=mail_is_set_up(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mail_is_set_up():
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)


class ConfirmView(views.PasswordResetConfirmView):
    """Where the mailed link leads: set a new password, then sign in with it."""

    success_url = reverse_lazy("admin:password_reset_complete")
