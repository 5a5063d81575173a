"""通知: what a person has been told, newest first; its count stands in the head of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.cms.accounts import KnownDevice, User
from portal.cms.review import notices
from portal.cms.review.models import Notice

# The head stops counting here: “99+” says enough.
MOST = 100
# Of these, what is told leads to the page of one's own account.
ABOUT_ONESELF = (User, KnownDevice)


@dataclass(frozen=True)
class Line:
    """A notice and the form it leads to, where the notice counts as seen."""

    notice: Notice
    url: str


def unseen(user: User) -> str:
    """Return how many notices this person has not seen, as the head shows it; empty for none."""
    count = notices.unseen(user)[:MOST].count()
    return f"{MOST - 1}+" if count == MOST else str(count or "")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """List the notices (GET), or mark as seen those that were on the page (POST)."""
    own = Notice.objects.filter(to=cast("User", request.user))
    if request.method == "POST":
        shown = request.POST.get("newest", "")
        # What has come in since the page was opened was not on it.
        if shown.isascii() and shown.isdigit() and len(shown) < 19:
            notices.see(own.filter(seen_at=None, pk__lte=int(shown)))
            messages.success(request, "都标为已读了。")
        return redirect("admin:notices")
    lines = [Line(notice, form_url(notice)) for notice in own.order_by("-pk")[: notices.KEPT]]
    page = {
        "title": "通知",
        "lines": lines,
        "newest": lines[0].notice.pk if lines else 0,
        "any_unseen": any(line.notice.seen_at is None for line in lines),
        "kept": notices.KEPT,
    }
    return TemplateResponse(request, "admin/notices.html", {**context, **page})


def form_url(notice: Notice) -> str:
    # Content types are remembered by the process: no query for each notice.
    kind = ContentType.objects.get_for_id(notice.content_type_id)
    if kind.model_class() in ABOUT_ONESELF:
        return reverse("admin:security")
    return reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[notice.object_id])
