"""线索: the inbox, which is what people work through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Case, Count, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskChangeList, person
from portal.cms.admin.lists import badge
from portal.cms.times import this_year
from staffing.enquiries import exporting
from staffing.enquiries.following import colleagues
from staffing.models import Enquiry
from staffing.models.journal import without_phones
from staffing.privacy.desk import SentDesk
from staffing.privacy.lists import (
    PhoneFilter,
    UnlessDone,
    shows_open_alone,
    states_of_delivery,
    told_word,
)

# By status, the tone of its word.
TONES = {
    Enquiry.Status.NEW: "in_review",
    Enquiry.Status.CONTACTED: "scheduled",
    Enquiry.Status.FOLLOWING: "scheduled",
    Enquiry.Status.WON: "live",
    Enquiry.Status.LOST: "draft",
    Enquiry.Status.INVALID: "draft",
}


def status_badge(lead: Enquiry) -> SafeString:
    return badge(lead.get_status_display(), TONES[Enquiry.Status(lead.status)])


class StatusFilter(UnlessDone):
    unchosen = "未关闭"

    def to_do(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(closed_at=None)


class OwnerFilter(admin.SimpleListFilter):
    title = "负责人"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = colleagues().exclude(pk=person(request).pk)
        return [("me", "我的"), ("none", "没有人"), *((str(one.pk), str(one)) for one in others)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.filter(owner=person(request))
        if self.value() == "none":
            return queryset.filter(owner=None)
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(owner=self.value()) if self.value() in offered else queryset


class ReceivedFilter(admin.SimpleListFilter):
    title = "收到时间"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "今天"), ("7", "最近 7 天"), ("30", "最近 30 天"), ("90", "最近 90 天")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return queryset.filter(received_at__gte=midnight - timedelta(int(self.value() or 1) - 1))


class Inbox(DeskChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Give the rows of the page what stands beside them; two queries for all of them."""
        super().get_results(request)
        rows: Any = list(self.result_list)
        self.result_list = rows
        same = counts_of({row.phone_key for row in rows})
        told = states_of_delivery(Enquiry, [row.pk for row in rows])
        for row in rows:
            row.same_phone = same.get(row.phone_key, 1)
            row.told = told_word(row, told.get(row.pk, set()))


def counts_of(keys: set[str]) -> dict[str, int]:
    """Return how many leads each number has; one query."""
    rows = Enquiry.objects.filter(phone_key__in=keys - {""}).order_by()
    return dict(rows.values("phone_key").annotate(n=Count("pk")).values_list("phone_key", "n"))


class LeadList(SentDesk):
    """The list of leads; what is done to one stands in `admin`."""

    change_list_template = "admin/staffing/enquiry_list.html"
    list_display = (
        "title", "status_word", "next_call", "phone_text", "owner", "received", "told"
    )  # fmt: skip
    list_display_links = ("title",)
    list_select_related = ("owner", "district")
    list_filter = (StatusFilter, OwnerFilter, "kind", ReceivedFilter, "suspicious", PhoneFilter)
    search_fields = ("reference", "company", "name")
    search_help_text = "按编号、公司、称呼，或完整的电话号码查找；已关闭的也在内。"
    actions = ("export_selected",)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("staffing.export_enquiry")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Inbox

    def get_ordering(self, request: HttpRequest) -> Any:
        """Overdue first, the longest of all first; then what came last. Old ones as they came."""
        if not shows_open_alone(request):
            return ("-received_at", "-pk")
        overdue = Case(When(next_call_at__lt=timezone.now(), then=F("next_call_at")))
        return (overdue.asc(nulls_last=True), "-received_at", "-pk")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_see_report": request.user.has_perm("staffing.view_report")}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @admin.display(description="线索")
    def title(self, lead: Enquiry) -> SafeString:
        """Who it is; and below, in a quiet line, what they want, where, and from which page."""
        name = without_phones(lead.company or lead.name or lead.reference)
        about = [lead.get_kind_display(), str(lead.district or ""), without_phones(lead.page)]
        if lead.suspicious:
            about.insert(0, "疑似垃圾信息")
        line = " · ".join(filter(None, about))
        return format_html('{} <span class="lead-about">{}</span>', name, line)

    @admin.display(description="状态", ordering="status")
    def status_word(self, lead: Enquiry) -> SafeString:
        return status_badge(lead)

    @admin.display(description="电话")
    def phone_text(self, lead: Any) -> SafeString | str:
        """Masked, and how often the same number wrote."""
        shown = str(lead.masked_phone or "已清除")
        if lead.same_phone < 2:
            return shown
        url = f"?{urlencode({PhoneFilter.parameter_name: lead.phone_key})}"
        return format_html(
            '{} <a class="same-phone" href="{}">同号 {} 条</a>', shown, url, lead.same_phone
        )

    @admin.display(description="下次联系", ordering="next_call_at")
    def next_call(self, lead: Enquiry) -> SafeString | str:
        if lead.is_due:
            return badge("逾期", "expired", this_year(lead.next_call_at))
        return this_year(lead.next_call_at)

    @admin.display(description="收到", ordering="received_at")
    def received(self, lead: Enquiry) -> str:
        return this_year(lead.received_at)

    @admin.display(description="通知")
    def told(self, lead: Any) -> str:
        word: str = lead.told
        return word

    @admin.action(description="导出所选为 Excel…", permissions=["export"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return exporting.export(self, request, queryset)
