"""The pages on which redirects are taken out as a sheet, and brought in from one.

Nothing is stored between the look and the yes: what a sheet says travels in the page meanwhile, signed.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.cms.admin.desk import DeskAdmin, desk_page, person
from portal.cms.media.serving import DOCUMENTS
from portal.cms.redirects import sheets
from portal.cms.sheets.reading import SheetError

SALT: Final = "cms.redirects.import"
# As long as somebody may look at what a sheet would do.
AGREED_WITHIN: Final = 3600  # seconds
SHOWN_ROWS: Final = 500
LARGEST_SHEET: Final = 5 * 1024 * 1024

# What wants a look first.
ORDER: Final = (sheets.REFUSED, sheets.CHANGED, sheets.NEW, sheets.SAME)


def urls(model_admin: DeskAdmin) -> list[URLPattern]:
    wrap = model_admin.admin_site.admin_view
    both = require_http_methods(["GET", "HEAD", "POST"])
    return [
        path(
            "sheet/",
            wrap(require_safe(partial(sheet_view, model_admin))),
            name="cms_redirect_sheet",
        ),
        path(
            "import/",
            wrap(both(partial(import_view, model_admin))),
            name="cms_redirect_import",
        ),
    ]


def sheet_view(model_admin: DeskAdmin, request: HttpRequest) -> HttpResponse:
    """Give out what the list shows, by its filters."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = model_admin.get_changelist_instance(request).queryset
    if rows[: sheets.MOST_WRITTEN + 1].count() > sheets.MOST_WRITTEN:
        most = f"一个表格最多 {sheets.MOST_WRITTEN} 条，请先用右边的筛选或搜索分开导出。"
        model_admin.message_user(request, most, messages.WARNING)
        return redirect(f"{reverse('admin:cms_redirect_changelist')}?{request.GET.urlencode()}")
    return HttpResponse(
        sheets.written(rows),
        content_type=DOCUMENTS[".xlsx"],
        headers={"Content-Disposition": 'attachment; filename="redirects.xlsx"'},
    )


def import_view(model_admin: DeskAdmin, request: HttpRequest) -> HttpResponse:
    """Take a sheet, show what each row would do, and do it when it comes back."""
    if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
        raise PermissionDenied
    if request.method == "POST" and "agreed" in request.POST:
        return carry_out(model_admin, request)
    context: dict[str, Any] = {"title": "从表格导入跳转", "most": sheets.MOST_ROWS}
    if request.method == "POST":
        try:
            context |= look(request, rows_sent(request))
        except SheetError as error:
            context["problem"] = str(error)
    return desk_page(model_admin, request, "admin/cms/redirect_import.html", context)


def rows_sent(request: HttpRequest) -> list[list[Any]]:
    """Return the rows of the sheet that was uploaded. Raises SheetError."""
    file = request.FILES.get("sheet")
    if file is None:
        raise SheetError("请选择一个表格。")
    if (file.size or 0) > LARGEST_SHEET:
        raise SheetError("文件超过 5 MB。")
    return sheets.read(file.read())


def look(request: HttpRequest, rows: list[list[Any]]) -> dict[str, Any]:
    """Return what the page shows of the rows before anything is done."""
    planned = sheets.plan(rows)
    words = (sheets.NEW, sheets.CHANGED, sheets.SAME, sheets.REFUSED)
    counts = [(word, sum(one.outcome == word for one in planned)) for word in words]
    shown = sorted(planned, key=lambda one: (ORDER.index(one.outcome), one.number))
    return {
        "title": "核对后导入",
        "planned": shown[:SHOWN_ROWS],
        "hidden": max(0, len(planned) - SHOWN_ROWS),
        "counts": [pair for pair in counts if pair[1]],
        "signed": signing.dumps(rows, salt=salt_of(request), compress=True),
        "any_work": any(one.outcome in (sheets.NEW, sheets.CHANGED) for one in planned),
    }


def carry_out(model_admin: DeskAdmin, request: HttpRequest) -> HttpResponse:
    """Do what somebody has looked at and agreed to."""
    try:
        rows = signing.loads(request.POST["agreed"], salt=salt_of(request), max_age=AGREED_WITHIN)
    except signing.BadSignature:
        model_admin.message_user(request, "核对已超过一小时，请重新上传。", messages.WARNING)
        return redirect("admin:cms_redirect_import")
    planned = sheets.plan(rows)
    made, changed = sheets.carry_out(planned, person(request))
    refused = sum(one.outcome == sheets.REFUSED for one in planned)
    text = f"导入完成：新建 {made} 条，改动 {changed} 条" + (
        f"，有误 {refused} 行没有导入。" if refused else "。"
    )
    model_admin.message_user(request, text, messages.SUCCESS)
    return redirect("admin:cms_redirect_changelist")


def salt_of(request: HttpRequest) -> str:
    """Of one person: nobody carries out what a colleague has looked at."""
    return f"{SALT}:{person(request).pk}"
