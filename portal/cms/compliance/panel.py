"""The panel of findings in the form, and the address that checks what stands in a form not yet saved."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from portal.cms.compliance.decisions import assess
from portal.cms.publishing import Publishable

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

REASON = "override_reason"  # the input in which a reason is given
MOST_ROWS = 500
ID = re.compile(r"[0-9]{1,18}")  # more digits are no number of a row


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    view = require_POST(partial(check_view, model_admin))
    return [path("check/", model_admin.admin_site.admin_view(view), name=name_of(model_admin))]


def name_of(model_admin: PublishableAdmin) -> str:
    return f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_check"


def context(
    model_admin: PublishableAdmin, request: HttpRequest, form: Any, stored: Publishable | None
) -> dict[str, Any]:
    """Return what the panel shows of the item in a form, as it is there. The queries of `assess`."""
    url = reverse(f"admin:{name_of(model_admin)}", current_app=model_admin.admin_site.name)
    return {
        "assessment": assess(form.instance),
        "check_url": url if stored is None else f"{url}?item={stored.pk}",
        "reason_name": REASON,
        "reason": request.POST.get(REASON, ""),
    }


def check_view(model_admin: PublishableAdmin, request: HttpRequest) -> HttpResponse:
    """Answer a form, valid or not, with the panel for what is typed in it. Nothing is saved."""
    stored = stored_item(model_admin, request)
    form = model_admin.get_form(request, stored, change=stored is not None)(
        request.POST, instance=stored
    )
    put_typed(form, request)
    return render(request, "admin/cms/_findings.html", context(model_admin, request, form, stored))


def stored_item(model_admin: PublishableAdmin, request: HttpRequest) -> Publishable | None:
    """Return the item that the form is of; None for one not saved yet. Not locked: nothing is written."""
    if not (pk := request.GET.get("item", "")):
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return None
    item: Publishable | None = None
    if ID.fullmatch(pk):
        item = model_admin.get_queryset(request).filter(pk=pk).first()
    if item is None:
        raise Http404
    if not model_admin.has_change_permission(request, item):
        raise PermissionDenied
    return item


def put_typed(form: Any, request: HttpRequest) -> None:
    """Put what was typed into the form's item, field by field; what cannot be read stays as it was.

    The form is not asked to validate: that queries for each relation, and a field that is refused,
    such as a title that is too long, would not be looked at.
    """
    item = form.instance
    for field in item._meta.concrete_fields:
        if field.name in form.fields:
            put(item, field, form[field.name].data)
    item._prefetched_objects_cache = {part: typed_rows(item, part, request) for part in item.parts}


def put(row: models.Model, field: Any, raw: Any) -> None:
    if raw is None:
        return
    if isinstance(raw, str):
        raw = raw.replace("\x00", "")  # PostgreSQL refuses to be asked with it
        if field.is_relation and not ID.fullmatch(raw):
            raw = None
    try:
        value = field.to_python(raw)
    except (ValidationError, TypeError):  # letters for a number; a time, which is two inputs
        return
    setattr(row, field.attname, value)


def typed_rows(item: Publishable, part: str, request: HttpRequest) -> list[models.Model]:
    """Return the rows of an inline as typed; one that is to be deleted is empty, and keeps its number."""
    model: Any = item._meta.get_field(part).related_model
    total = request.POST.get(f"{part}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if ID.fullmatch(total) else 0
    rows = []
    for number in range(count):
        row, prefix = model(), f"{part}-{number}-"
        if f"{prefix}DELETE" not in request.POST:
            for field in model._meta.concrete_fields:
                put(row, field, request.POST.get(f"{prefix}{field.name}"))
        rows.append(row)
    return rows
