"""Into the recycle bin, after a question where readers can see it, and out of it again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from portal.cms.admin import reviewing
from portal.cms.admin.desk import person
from portal.cms.admin.history import item_or_404, locked_or_404
from portal.cms.publishing import Publishable
from portal.cms.revisions import actions
from portal.cms.revisions.models import Event

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_bin"
    view = require_http_methods(["GET", "HEAD", "POST"])(partial(bin_view, model_admin))
    return [path("<path:object_id>/bin/", model_admin.admin_site.admin_view(view), name=name)]


def bin_view(model_admin: PublishableAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask before what readers can see goes into the bin; on POST, put it there."""
    if request.method == "POST":
        return put(model_admin, request, object_id)
    item = item_or_404(model_admin, request, object_id)
    if item.deleted_at is not None:
        return there_already(model_admin, request, item)
    check_rights(model_admin, request)
    context = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}
    context |= {"original": item, "page_url": model_admin.get_view_on_site_url(item)}
    context["title"] = f"移入回收站：{item}"
    return TemplateResponse(request, "admin/cms/bin.html", context)


@transaction.atomic
def put(model_admin: PublishableAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    item = locked_or_404(model_admin, request, object_id)
    check_rights(model_admin, request)
    if item.deleted_at is not None:
        return there_already(model_admin, request, item)
    actions.bin(item, person(request))
    model_admin.log_change(request, item, "移入回收站")
    return model_admin.done(request, item)


def check_rights(model_admin: PublishableAdmin, request: HttpRequest) -> None:
    allowed = model_admin.has_change_permission(request)
    if not (allowed and model_admin.has_publish_permission(request)):
        raise PermissionDenied


def there_already(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable
) -> HttpResponse:
    """Nothing to do: somebody has been faster, or the button was pressed twice."""
    model_admin.message_user(request, f"“{item}”已经在回收站里。", messages.INFO)
    return model_admin.to_form(request, item)


@transaction.atomic
def unbin(model_admin: PublishableAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Take an item out of the bin as it is stored: of what was typed, only the comment is kept."""
    item = locked_or_404(model_admin, request, object_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    event = None
    if item.deleted_at is not None:
        actions.unbin(item, person(request))
        model_admin.log_change(request, item, "恢复")
        event = Event.UNBINNED
    reviewing.keep_note(request, item)
    return model_admin.done(request, item, event)
