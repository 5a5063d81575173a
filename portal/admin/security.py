"""账号安全: one's own password, second factor and devices, on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.admin.notices import ABOUT_ONESELF
from portal.cms.accounts import KnownDevice, User
from portal.cms.review import notices
from portal.cms.review.models import Notice
from portal.cms.signing_in import second_factor, sessions
from portal.cms.signing_in.adapters import UNREADABLE
from portal.cms.signing_in.views import passkeys_work

# Older devices than these say nothing to anybody.
DEVICES = 20


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show what protects the account (GET); end its other sessions (POST).

    Some twelve queries, and three for each device that is signed in.
    """
    user = cast("User", request.user)
    if request.method == "POST":
        ended = sessions.end_all(user, but=request.session.session_key)
        words = f"已退出其他 {ended} 处登录。" if ended else "没有在其他设备上登录。"
        messages.success(request, words)
        return redirect("admin:security")
    own = Notice.objects.filter(to=user, seen_at=None)
    kinds = ContentType.objects.get_for_models(*ABOUT_ONESELF).values()
    notices.see(own.filter(content_type__in=kinds))
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    by_type = {factor.type: factor for factor in factors}
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    due = second_factor.due(user)
    page = {
        "title": "账号安全",
        "app": by_type.get(Authenticator.Type.TOTP),
        "keys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "has_factor": any(factor.type in second_factor.FACTORS for factor in factors),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "unreadable": UNREADABLE if any(map(second_factor.is_unreadable, factors)) else "",
        "is_required": second_factor.is_required(user),
        "is_locked": due is not None and due <= timezone.now(),
        "passkeys_work": passkeys_work(request),
        "sessions": sessions.lines(request, user),
        "devices": KnownDevice.objects.filter(user=user)[:DEVICES],
        # The page itself says so, in more words.
        "second_factor_due": None,
        "due": due,
    }
    return TemplateResponse(request, "admin/security.html", {**context, **page})


def change_password(
    request: HttpRequest,
    view: Callable[..., HttpResponse],
    extra_context: dict[str, Any] | None,
) -> HttpResponse:
    """Change one's own password. An open browser is no place to guess the old one: ten tries a minute.

    Django ends all other sessions; this one goes on under a new key.
    """
    if request.method == "POST" and not ratelimit.consume(
        request, action="reauthenticate", user=request.user
    ):
        messages.error(request, "试的次数太多，请过一分钟再试。")
        return redirect("admin:password_change")
    answer = view(request, extra_context)
    if request.method == "POST" and answer.status_code == 302:
        sessions.note(request)
    return answer
