"""The desk of the cases."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.admin.lists import badge
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.snippet import SEARCH_ENGINES, ShowsSnippet, Snippet
from staffing.models import Case


@admin.register(Case)
class CaseAdmin(ShowsSnippet, PublishableAdmin):
    snippet = Snippet(section="客户案例")
    # A consent is given for one text.
    not_copied = ("client_name", "logo", "permission_note", "permission_until")
    list_display = ("title", "state_label", "industry", "consent", "updated_by", "updated")
    list_filter = (*PublishableAdmin.list_filter, "service", "district")
    search_fields = ("pk", "slug", "client_name")
    fieldsets = (
        (
            "案例",
            {
                "fields": (
                    "title",
                    "slug",
                    ("industry", "district"),
                    ("headcount", "period"),
                    "service",
                    "summary",
                )
            },
        ),
        ("经过", {"fields": ("cover", "body")}),
        (
            "客户",
            {
                "description": "不填客户名称也可以发布，页面上写作“某区某行业企业”。",
                "fields": ("client_name", "logo", "permission_note", "permission_until"),
            },
        ),
        PUBLISHING,
        SEARCH_ENGINES,
    )

    @admin.display(description="客户名称", ordering="permission_until")
    def consent(self, case: Case) -> SafeString | str:
        """Whether the page names the client, and how long."""
        if not case.client_name and not case.logo_id:
            return "不写"
        if case.may_name:
            days = (
                (case.permission_until - timezone.localdate()).days if case.permission_until else 0
            )
            return badge("已同意", "live", f"还有 {days} 天")
        return badge("已隐藏", "expired", "没有书面同意，或同意已到期")
