"""预览: what is in a form, saved or not, in its real page; and the link that shows it to others.

The form is saved on trial (`publishable`); what came of it is kept as a `Preview`, which expires. It
is looked at in a frame as wide as a phone or a desktop (`frame`). The link to it is its maker's own
until it is shared, and good for nobody once it is revoked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from portal.cms.admin.desk import desk_page, person
from portal.cms.admin.history import locked_or_404
from portal.cms.admin.state import state_of
from portal.cms.preview import SHARED_LOOK, Preview, gone
from portal.cms.publishing import Publishable
from portal.cms.revisions import drafts
from portal.cms.revisions.content import Content
from portal.cms.site import absolute

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

View = Callable[..., Any]
SPANS = [(1, "1 天"), (7, "7 天"), (30, "30 天")]


class ShareForm(forms.Form):
    """For how long a link is good."""

    days = forms.TypedChoiceField(
        label="有效期", coerce=int, choices=SPANS, initial=SHARED_LOOK.days
    )


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    def route(name: str, address: str, allow: View, view: View) -> URLPattern:
        opts = model_admin.opts
        view = allow(partial(view, model_admin))
        wrapped: Callable[..., HttpResponse] = model_admin.admin_site.admin_view(view)
        return path(address, wrapped, name=f"{opts.app_label}_{opts.model_name}_{name}")

    return [
        route("preview", "preview/<int:pk>/", require_safe, frame),
        route("preview_share", "preview/<int:pk>/share/", require_POST, share),
        route("preview_revoke", "preview/<int:pk>/revoke/", require_POST, revoke),
        route("preview_stored", "<path:object_id>/preview/", require_POST, show_stored),
    ]


def url_of(model_admin: PublishableAdmin, view: str, *args: Any) -> str:
    opts = model_admin.opts
    name = f"admin:{opts.app_label}_{opts.model_name}_{view}"
    return reverse(name, args=args, current_app=model_admin.admin_site.name)


def context(
    model_admin: PublishableAdmin, request: HttpRequest, form: Any, item: Publishable | None
) -> dict[str, Any]:
    """Return the links to the item that are open."""
    if item is None:
        return {}
    shared = Preview.objects.about(item).open().filter(shared=True).defer("content")
    return {
        "shared_previews": shared.select_related("made_by").order_by("-pk"),
        "offers_stored_preview": offers_stored(model_admin, request, item),
    }


def offers_stored(model_admin: PublishableAdmin, request: HttpRequest, item: Publishable) -> bool:
    """Whether to offer a look at what is stored: to who cannot change it, where no page shows it."""
    if model_admin.has_change_permission(request, item):
        return False
    return not item.is_public or state_of(request).pending is not None


# --- Making one --------------------------------------------------------------------------------------


def show(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable | None, content: Content
) -> HttpResponse:
    """Keep the content for a look, and lead to it. `item` is None for one not saved yet."""
    pk = None if item is None else item.pk
    preview = Preview.objects.keep(model_admin.model, pk, content, person(request))
    return HttpResponseRedirect(url_of(model_admin, "preview", preview.pk), status=303)


@transaction.atomic
def show_stored(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Show an item as it is stored, with its pending draft, to whoever may read it on the desk."""
    item = locked_or_404(model_admin, request, object_id)
    return show(model_admin, request, item, drafts.working_content(item))


# --- Looking, sharing, revoking ------------------------------------------------------------------------


def frame(model_admin: PublishableAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the page in a frame, with the tools around it."""
    preview = find(model_admin, request, pk)
    if preview is None:
        return gone(request)
    context = {
        "is_popup": True,  # no head and no menu: the page gets all the room
        "title": f"预览：{preview.content[model_admin.title_field]}",
        "heading": preview.content[model_admin.title_field],
        "preview": preview,
        "link": absolute(preview.get_absolute_url()),
        "form_url": form_url_of(model_admin, preview),
        "share_form": ShareForm() if may_share(model_admin, request) else None,
        "sharing": "share" in request.GET,
    }
    return desk_page(model_admin, request, "admin/cms/preview.html", context)


def share(model_admin: PublishableAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Make the link good for whoever has it, from now on for so many days."""
    if not may_share(model_admin, request):
        raise PermissionDenied
    preview = find(model_admin, request, pk)
    if preview is None:
        return gone(request)
    form = ShareForm(request.POST)
    if form.is_valid():
        preview.share(timedelta(days=form.cleaned_data["days"]))
    else:
        model_admin.message_user(request, "没有分享：请选择有效期。", messages.WARNING)
    return HttpResponseRedirect(f"{url_of(model_admin, 'preview', pk)}?share=1", status=303)


def revoke(model_admin: PublishableAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a preview: no link to it leads anywhere from now on."""
    preview = find(model_admin, request, pk)
    if preview is None:
        return gone(request)
    preview.delete()
    message = "预览链接已撤销，拿到链接的人打不开了。"
    model_admin.message_user(request, message, messages.SUCCESS)
    return HttpResponseRedirect(form_url_of(model_admin, preview), status=303)


def find(model_admin: PublishableAdmin, request: HttpRequest, pk: int) -> Preview | None:
    """Return an open preview of this model: one's own, or a shared one for who may change such items."""
    about = ContentType.objects.get_for_model(model_admin.model)
    found: Preview | None = (
        Preview.objects.open().select_related("made_by").filter(pk=pk, content_type=about).first()
    )
    if found is None or found.made_by == request.user:
        return found
    return found if found.shared and model_admin.has_change_permission(request) else None


def may_share(model_admin: PublishableAdmin, request: HttpRequest) -> bool:
    """Whether this person may show unpublished work to others: those who write it may."""
    return model_admin.has_change_permission(request) or model_admin.has_add_permission(request)


def form_url_of(model_admin: PublishableAdmin, preview: Preview) -> str:
    """Return the address of the form it was made in; of the list, where that form is of no item yet."""
    if preview.object_id is None:
        return url_of(model_admin, "changelist")
    return url_of(model_admin, "change", preview.object_id)
