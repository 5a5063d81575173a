"""下线, 放弃修改, 取消定时, 移入回收站: what takes something away asks first, and says what is kept.

With JavaScript the form itself asks, in the words of its button (`verbs.question`, desk.js), and sends
along that it was answered with yes. Without it, the form is saved like any other, so that nothing typed
hangs on the answer, and leads to the page here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from portal.cms.admin.desk import desk_page, person
from portal.cms.admin.history import item_or_404, locked_or_404
from portal.cms.admin.verbs import ASKING, CONFIRMED, Situation, Verb, label, perform, question
from portal.cms.publishing import Publishable
from portal.cms.revisions import drafts

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    prefix = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"

    def route(verb: Verb) -> URLPattern:
        view = require_http_methods(["GET", "HEAD", "POST"])(partial(ask_view, model_admin, verb))
        wrapped = model_admin.admin_site.admin_view(view)
        return path(f"<path:object_id>/{verb.page}/", wrapped, name=f"{prefix}_{verb.page}")

    return [route(verb) for verb in ASKING]


def is_settled(request: HttpRequest, item: Publishable, verb: Verb) -> bool:
    """Whether the verb of a form may go ahead: it takes nothing away, or was answered with yes.

    One query at most. Who may not do it at all has not come so far (`PublishingRights.verb`).
    """
    if verb not in ASKING or not question(verb, situation(item)):
        return True
    return request.POST.get(verb) == CONFIRMED


def situation(item: Publishable) -> Situation:
    return Situation(item.state, drafts.pending_of(item))


def is_allowed(model_admin: PublishableAdmin, request: HttpRequest, verb: Verb) -> bool:
    """Whether this person may take away from what is published; a draft of it is its editors'."""
    if not model_admin.has_change_permission(request):
        return False
    return verb == Verb.DISCARD or model_admin.has_publish_permission(request)


def ask_view(
    model_admin: PublishableAdmin, verb: Verb, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Ask; on POST, do it, unless somebody has saved since: what was agreed to was another text."""
    if request.method != "POST":
        item = item_or_404(model_admin, request, object_id)
        return refusal(model_admin, request, item, verb) or page(model_admin, request, item, verb)
    with transaction.atomic():
        item = locked_or_404(model_admin, request, object_id)
        if (refused := refusal(model_admin, request, item, verb)) is not None:
            return refused
        if request.POST.get("edit_version") != str(item.edit_version):
            problem = "刚才又有人保存了一次，所以还没有做。请再看一次。"
            model_admin.message_user(request, problem, messages.WARNING)
            return page(model_admin, request, item, verb)
        event = perform(verb, item, person(request), apply_at=None)
        if event is not None:
            model_admin.log_change(request, item, event.label)
        return model_admin.done(request, item, event)


def refusal(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, verb: Verb
) -> HttpResponse | None:
    """Return where to go instead, if there is nothing to ask; raise where it is not for this person."""
    if not is_allowed(model_admin, request, verb):
        raise PermissionDenied
    reason = model_admin.lock_reason(request, item)
    if not reason and question(verb, situation(item)):
        return None
    # Somebody has been faster, or the button was pressed twice.
    message = reason or f"现在的状态是“{item.state.label}”，不需要{label(verb, situation(item))}。"
    model_admin.message_user(request, f"没有改动“{item}”：{message}", messages.INFO)
    return model_admin.to_form(request, item)


def page(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, verb: Verb
) -> HttpResponse:
    at = situation(item)
    shown = {
        "title": f"{label(verb, at)}：{item}",
        "original": item,
        "label": label(verb, at),
        "question": question(verb, at),
        "page_url": model_admin.get_view_on_site_url(item),
        "pending": at.pending,
    }
    return desk_page(model_admin, request, "admin/cms/ask.html", shown)
