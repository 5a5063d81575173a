"""Leads as a sheet: who takes them out of the house says why, and that is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.admin.bulk import action_context
from portal.cms.admin.desk import desk_page, person
from portal.cms.phones import display
from portal.cms.sheets import writing
from staffing.models import Enquiry, EnquiryEvent, Job, PrivacyAct, Service
from staffing.models.acts import FULL
from staffing.models.journal import without_phones
from staffing.privacy.downloads import XLSX, download
from staffing.privacy.files import READ_NUMBERS

if TYPE_CHECKING:
    from staffing.enquiries.inbox import LeadList

MOST: Final = 5_000
HEADERS: Final = (
    "编号", "类别", "状态", "收到时间", "称呼", "公司", "电话", "区域", "服务", "岗位",
    "工种", "人数", "到岗日期", "用工时长", "留言", "方便接听", "出生年份", "需要住宿",
    "工作经历", "来源页", "进入页", "来源网站", "站内搜词", "负责人", "下次联系", "关闭时间", "保留至",
)  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.TextInput({"placeholder": "例如：十一月用工需求汇总"}),
        error_messages={"required": "请写明导出的理由。"},
    )


def export(
    model_admin: LeadList, request: HttpRequest, queryset: QuerySet[Enquiry]
) -> HttpResponse | None:
    """Ask why; then answer with the sheet. Three queries, and one for each 500 leads."""
    user = person(request)
    if not model_admin.has_export_permission(request):
        raise PermissionDenied
    count = queryset.count()
    if count > MOST:
        too_many = f"一次最多导出 {MOST} 条，所选有 {count} 条；请用筛选缩小范围。"
        model_admin.message_user(request, too_many, messages.WARNING)
        return None
    asked = ReasonForm(request.POST if "reason" in request.POST else None)
    may_reveal = user.has_perm(READ_NUMBERS)
    if not asked.is_valid():
        context = {
            **action_context(model_admin, request, "export_selected"),
            "title": "导出线索",
            "count": count,
            "may_reveal": may_reveal,
            "form": asked,
        }
        return desk_page(model_admin, request, "admin/staffing/enquiry_export.html", context)
    full = may_reveal and request.POST.get("full") == "1"
    reason = without_phones(asked.cleaned_data["reason"])
    content = sheet_of(queryset, user, reason, full=full)
    return download(content, f"线索-{timezone.localdate():%Y%m%d}.xlsx", XLSX)


def sheet_of(leads: QuerySet[Enquiry], by: User, reason: str, *, full: bool) -> bytes:
    """Return the sheet, and write down who has it; both or neither."""
    with transaction.atomic():
        rows = leads.select_related("district", "owner").prefetch_related(
            Prefetch("service", Service.objects.only("name")),
            Prefetch("job", Job.objects.only("title")),
        )
        found = list(rows.order_by("-received_at", "-pk")[:MOST])
        what = FULL if full else "电话已打码"
        EnquiryEvent.objects.bulk_create(
            [
                EnquiryEvent(
                    enquiry=lead, kind=EnquiryEvent.Kind.EXPORTED, by=by, text=f"{what}：{reason}"
                )
                for lead in found
            ],
            batch_size=500,
        )
        PrivacyAct.objects.create(
            act=PrivacyAct.Act.EXPORT_LIST, by=by, count=len(found), text=f"{what}：{reason}"
        )
    return writing.write(HEADERS, rows_of(found, full=full), "线索")


def rows_of(leads: list[Enquiry], *, full: bool) -> Iterator[list[Any]]:
    """Yield each lead as cells. People write their number into any box, so all texts are masked."""
    for lead in leads:
        cells = [
            lead.reference, lead.get_kind_display(), lead.get_status_display(), lead.received_at,
            lead.name, lead.company, display(lead.phone) if full else lead.masked_phone,
            lead.district, lead.service, lead.job, lead.job_type, lead.headcount,
            lead.starts_on or lead.available_from, lead.duration, lead.message,
            lead.call_when, lead.birth_year, lead.needs_lodging, lead.experience, lead.page,
            lead.landing_page, lead.referrer_host, lead.search_words, lead.owner,
            lead.next_call_at, lead.closed_at, lead.keep_until,
        ]  # fmt: skip
        masked = (without_phones(cell) if isinstance(cell, str) else cell for cell in cells)
        yield cells if full else list(masked)
