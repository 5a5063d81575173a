"""站外网址: what pages have of others, to be approved or looked into."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import RecordAdmin, person
from portal.cms.admin.lists import badge
from portal.cms.redirects.keys import decoded
from portal.cms.tamper.models import OutsideHost
from portal.cms.times import short

CODE_FIRST: Final = Case(When(kind=OutsideHost.Kind.LINK, then=1), default=0)


class ApprovedFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "approved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "待核对"), ("yes", "已认可")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "no":
            return queryset.filter(approved_at=None)
        return queryset.exclude(approved_at=None) if self.value() == "yes" else queryset


@admin.register(OutsideHost)
class OutsideHostAdmin(RecordAdmin):
    class Media:
        css = {"all": ["desk/crawl.css"]}

    change_list_template = "admin/cms/outside_list.html"
    list_display = ("what", "state", "address", "last")
    list_display_links = None
    list_filter = (ApprovedFilter, "kind")
    list_select_related = ("approved_by",)
    # What waits first, code before links, and of that the newest.
    ordering: ClassVar[Any] = (
        F("approved_at").asc(nulls_first=True),
        CODE_FIRST,
        "-last_at",
        "-pk",
    )
    search_fields = ("host", "page")
    search_help_text = "按站外网址或所在页面搜索"
    actions = ("approve", "doubt", "forget")
    fields = readonly_fields = ("what", "state", "address", "first_at", "last_at")

    @admin.display(description="站外网址", ordering="host")
    def what(self, row: OutsideHost) -> SafeString:
        return format_html('{} <div class="quiet">{}</div>', str(row), row.get_kind_display())

    @admin.display(description="状态")
    def state(self, row: OutsideHost) -> SafeString:
        if row.approved_at is None:
            style = "in_review" if row.kind == OutsideHost.Kind.LINK else "expired"
            return badge("待核对", style)
        by = str(row.approved_by) if row.approved_by else "首次检查时已有"
        return badge("已认可", "live", f"{by} {short(row.approved_at)}")

    @admin.display(description="所在页面", ordering="page")
    def address(self, row: OutsideHost) -> SafeString:
        link = format_html(
            '<a href="{}" target="_blank">{}</a>', iri_to_uri(row.page), decoded(row.page)
        )
        if row.pages < 2:
            return link
        return format_html('{} <div class="quiet">共 {} 个页面</div>', link, row.pages)

    @admin.display(description="最近出现", ordering="last_at")
    def last(self, row: OutsideHost) -> str:
        return short(row.last_at)

    @admin.action(description="认可", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        waiting = queryset.order_by().filter(approved_at=None)
        done = waiting.update(approved_at=timezone.now(), approved_by=person(request))
        self.message_user(request, f"已认可 {done} 项，以后不再提示。", messages.SUCCESS)

    @admin.action(description="撤回认可", permissions=["change"])
    def doubt(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        approved = queryset.order_by().exclude(approved_at=None)
        done = approved.update(approved_at=None, approved_by=None)
        self.message_user(request, f"已撤回 {done} 项，等待重新核对。", messages.SUCCESS)

    @admin.action(description="移出名单（再出现时重新提示）", permissions=["change"])
    def forget(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = queryset.order_by().delete()[0]
        self.message_user(
            request, f"已移出 {done} 项；页面里再出现时会重新提示。", messages.SUCCESS
        )
