"""从表格导入: upload, look at what each row would do, agree.

Between the two the sheet is a private file, for an hour and for the one who uploaded it.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.cms import private
from portal.cms.admin.desk import desk_page, person
from portal.cms.delivery import periodic
from portal.cms.media.serving import DOCUMENTS
from portal.cms.private.models import PrivateFile
from portal.cms.sheets import reading, writing
from staffing.jobs import columns, importing
from staffing.jobs.cells import Outcome, Planned

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

logger = logging.getLogger(__name__)

USE: Final = "import"
SALT: Final = "staffing.jobs.import"
KEPT: Final = timedelta(hours=1)
# A row that says what goes where.
EXAMPLE: Final = {
    "external_id": "A-001", "title": "电子厂普工", "kind": "临时工", "employer_type": "代招",
    "hiring_org": "电子制造企业（宝安沙井），报名时告知名称",
    "client_name": "电子制造企业（宝安沙井），报名时告知名称", "headcount": "30",
    "duties": "流水线组装与检验。", "requirements": "年满 18 周岁。", "district": "宝安",
    "address": "沙井街道，工业区东门", "pay": "22-25元/时", "settlement": "周结",
    "contract_form": "劳动合同", "lodging": "包住",
}  # fmt: skip

private.allow(USE, lambda user, file: False, accepts=("xlsx",))


def forget(now: datetime) -> None:
    """Delete the sheets that nobody agreed to."""
    for file in PrivateFile.objects.filter(used_for=USE, created_at__lt=now - KEPT):
        file.delete()


periodic("job-sheets", "清理没有导入的岗位表格", forget, at=time(4, 20))


class UploadForm(forms.Form):
    sheet = forms.FileField(
        label="岗位表格",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择一个表格。", "empty": "文件是空的。"},
    )


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    wrap = model_admin.admin_site.admin_view
    both = require_http_methods(["GET", "HEAD", "POST"])
    return [
        path(
            "import/",
            wrap(both(partial(upload_view, model_admin))),
            name="staffing_job_import",
        ),
        path(
            "import/template/",
            wrap(require_safe(partial(template_view, model_admin))),
            name="staffing_job_import_template",
        ),
        path(
            "import/<str:signed>/",
            wrap(both(partial(preview_view, model_admin))),
            name="staffing_job_import_preview",
        ),
    ]


def demand_right(model_admin: PublishableAdmin, request: HttpRequest) -> None:
    allowed = model_admin.has_add_permission(request) and model_admin.has_change_permission(request)
    if not allowed:
        raise PermissionDenied


def upload_view(model_admin: PublishableAdmin, request: HttpRequest) -> HttpResponse:
    """Take a sheet in, and lead to what it would do."""
    demand_right(model_admin, request)
    sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if sent else UploadForm()
    if sent and form.is_valid():
        try:
            file = private.keep(form.cleaned_data["sheet"], USE)
            sheet_of(file)
        except ValidationError as error:
            form.add_error("sheet", error)
        except reading.SheetError as error:
            file.delete()
            form.add_error("sheet", str(error))
        else:
            signed = signing.dumps([file.pk, person(request).pk], salt=SALT)
            return HttpResponseRedirect(reverse("admin:staffing_job_import_preview", args=[signed]))
    context = {"title": "从表格导入岗位", "form": form, "most": importing.MOST_ROWS}
    return desk_page(model_admin, request, "admin/staffing/job_import.html", context)


def template_view(model_admin: PublishableAdmin, request: HttpRequest) -> HttpResponse:
    """A sheet with the headers we know, and one row to show how it is meant."""
    demand_right(model_admin, request)
    headers = [names[0] for names in columns.HEADERS.values()]
    ends = (timezone.localdate() + timedelta(days=30)).isoformat()
    example = EXAMPLE | {"valid_through": ends}
    row = [example.get(name, "") for name in columns.HEADERS]
    content = writing.write(headers, [row], "岗位")
    return HttpResponse(
        content,
        content_type=DOCUMENTS[".xlsx"],
        headers={"Content-Disposition": 'attachment; filename="jobs.xlsx"'},
    )


def preview_view(model_admin: PublishableAdmin, request: HttpRequest, signed: str) -> HttpResponse:
    """Show what every row would do; on POST, do it. Bad rows never stop others."""
    demand_right(model_admin, request)
    file = uploaded(request, signed)
    if file is None:
        model_admin.message_user(
            request, "这个表格已经导入过，或超过一小时了；请重新上传。", messages.WARNING
        )
        return HttpResponseRedirect(reverse("admin:staffing_job_import"))
    sheet = sheet_of(file)
    planned = importing.plan(sheet)
    for one in planned:
        if one.job is not None and (reason := model_admin.lock_reason(request, one.job)):
            one.refuse(reason)
    agreed = request.method == "POST"
    # Whoever deletes it does the work: pressed twice, it is done once.
    if agreed and not PrivateFile.objects.filter(pk=file.pk).delete()[0]:
        return HttpResponseRedirect(request.path)
    if agreed:
        for one in planned:
            carry_out(model_admin, request, one)
    counts = [(word, sum(one.outcome == word for one in planned)) for word in Outcome]
    context = {
        "title": "导入结果" if agreed else "核对后导入",
        "done": agreed,
        "planned": planned,
        "counts": [(word.value, count) for word, count in counts if count],
        "unused": columns.unused(sheet),
        "any_work": any(one.outcome in (Outcome.NEW, Outcome.CHANGED) for one in planned),
    }
    return desk_page(model_admin, request, "admin/staffing/job_import_preview.html", context)


def carry_out(model_admin: PublishableAdmin, request: HttpRequest, one: Planned) -> None:
    """Do one row; whatever keeps it from being stored is said at that row, and the next one is done."""
    try:
        with transaction.atomic():
            job = importing.carry_out(one, person(request))
            if job is not None and one.outcome == Outcome.NEW:
                model_admin.log_addition(request, job, importing.NOTE)
            elif job is not None:
                model_admin.log_change(request, job, importing.NOTE)
    except ValidationError as error:
        one.refuse(*error.messages)
    except IntegrityError:
        one.refuse("刚刚有人存了同一编号的岗位，请再导入一次。")
    except DataError:
        logger.exception("row %s of a sheet of jobs cannot be stored", one.row)
        one.refuse("这一行有数据库存不下的内容，没有写入；请检查数字和日期。")
    except DatabaseError:
        logger.exception("row %s of a sheet of jobs was not stored", one.row)
        one.refuse("数据库正忙，这一行没有写入，请稍后再导入一次。")
    else:
        one.job = job or one.job


def uploaded(request: HttpRequest, signed: str) -> PrivateFile | None:
    """Return the sheet that a link names: of this person, and not older than an hour."""
    try:
        pk, owner = signing.loads(signed, salt=SALT, max_age=KEPT)
    except (signing.BadSignature, ValueError):
        return None
    if owner != person(request).pk:
        raise PermissionDenied
    return PrivateFile.objects.filter(pk=pk, used_for=USE).first()


def sheet_of(file: PrivateFile) -> reading.Sheet:
    """Return the sheet as it was uploaded; raises SheetError where it is none of jobs."""
    with file.file.open("rb") as opened:
        sheet = reading.read(opened.read(), importing.MOST_ROWS, columns.are_headers)
    if not columns.are_headers(sheet.headers):
        names = "、".join(columns.HEADERS["title"])
        raise reading.SheetError(f"没有找到岗位名称这一列；列名可以写{names}，或用下面的模板。")
    return sheet
