"""意见: what colleagues say about an item, below its form; and 退回修改.

The box for a comment stands in the form of the item, as 退回修改 saves the text and gives the reason in
one step. So whatever button is pressed, what was written to colleagues is kept. 发表意见 alone saves
nothing but the comment: its button sends the form to an address of its own (review.js sends only the
comment there). Without JavaScript the whole form goes along, and comes back as it was typed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from portal.cms.admin.desk import person
from portal.cms.admin.forms import visible
from portal.cms.admin.history import locked_or_404
from portal.cms.admin.state import state_of
from portal.cms.admin.verbs import Verb
from portal.cms.compliance import panel as checking
from portal.cms.compliance.decisions import cleaned
from portal.cms.publishing import Publishable
from portal.cms.review import comments, notices
from portal.cms.review.models import Comment, Notice
from portal.cms.revisions.models import Event

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

# The box of the form, and the part of the page it stands in.
NOTE, PANEL = "review_note", "review"
# Comments on the page; older ones are counted.
SHOWN = 50


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_comment"
    view = model_admin.admin_site.admin_view(require_POST(partial(comment_view, model_admin)))
    return [path("<path:object_id>/comment/", view, name=name)]


def context(
    model_admin: PublishableAdmin, request: HttpRequest, form: Any, item: Publishable | None
) -> dict[str, Any]:
    """Return what was said about the item. To open its form is to see the notices about it."""
    if item is None:
        return {}
    if request.method == "GET":
        notices.see(Notice.objects.about(item).filter(to=person(request), seen_at=None))
    said = Comment.objects.about(item)
    latest = list(said.select_related("by").order_by("-pk")[:SHOWN])
    return {
        "comments": latest[::-1],
        "latest_comment": latest[0] if latest else None,
        "latest_words": notices.cut(latest[0].text, 120) if latest else "",
        "comment_count": said.count() if len(latest) == SHOWN else len(latest),
        "comments_shown": SHOWN,
        "comment_url": model_admin.url_of("comment", item),
        "sends_back": comments.under_review(item, state_of(request).pending)
        and model_admin.has_publish_permission(request),
        "review_note": request.POST.get(NOTE, ""),
    }


@transaction.atomic
def comment_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Keep a comment of whoever may see the item; nothing else of the form is saved."""
    item = locked_or_404(model_admin, request, object_id)
    if keep_note(request, item):
        model_admin.message_user(request, "意见已发表，相关同事会收到通知。", messages.SUCCESS)
    else:
        model_admin.message_user(request, "没有发表：请先写下意见。", messages.WARNING)
    if model_admin.title_field in request.POST:
        return as_typed(model_admin, request, item)
    return to_panel(model_admin, request, item)


def as_typed(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable
) -> HttpResponse:
    """Answer with the form as it was sent, except the comment, which is kept by now."""
    sent = request.POST.copy()
    sent[Verb.PUT_BACK] = "1"
    sent.pop(NOTE, None)
    request.POST = sent  # type: ignore[assignment]
    return model_admin.changeform_view(request, str(item.pk), model_admin.url_of("change", item))


def keep_note(request: HttpRequest, item: Publishable) -> bool:
    """Keep what the box holds as a comment; return whether it held anything one can see."""
    text = note_in(request)
    if text:
        comments.comment(item, person(request), text)
    return bool(text)


def keep_reason(request: HttpRequest, item: Publishable) -> None:
    """Keep as a comment why an item should be published, for those who decide: it was not, so no
    decision records it."""
    if reason := cleaned(request.POST.get(checking.REASON, "")):
        comments.comment(item, person(request), f"发布理由：{reason}")


def note_in(request: HttpRequest) -> str:
    # PostgreSQL stores no NUL.
    text = request.POST.get(NOTE, "").replace("\0", "").strip()
    return text if visible(text) else ""


def send_back(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable
) -> HttpResponse:
    """Send back what is under review, now that the text is saved; without a reason, ask for it."""
    try:
        with transaction.atomic():
            comments.send_back(item, person(request), note_in(request))
    except ValidationError as error:
        reason = f"没有退回。{''.join(error.messages)}您对正文的改动已保存。"
        model_admin.message_user(request, reason, messages.WARNING)
        keep_note(request, item)
    else:
        model_admin.log_change(request, item, Event.SENT_BACK.label)
        message = f"“{item}”已退回修改，作者会收到通知。"
        model_admin.message_user(request, message, messages.SUCCESS)
    return to_panel(model_admin, request, item)


def to_panel(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable
) -> HttpResponse:
    response = model_admin.to_form(request, item)
    response["Location"] += f"#{PANEL}"
    return response
