"""The desk of the landing pages of districts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from portal.cms.admin.lists import badge
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.snippet import SEARCH_ENGINES, ShowsSnippet
from portal.cms.publishing import Publishable
from portal.districts.models import LEAST_ARTICLES, LEAST_JOBS, DistrictPage


@admin.register(DistrictPage)
class DistrictPageAdmin(ShowsSnippet, PublishableAdmin):
    # A district has one page.
    not_copied = ("district",)
    list_display = ("title", "state_label", "district", "updated_by", "updated")
    list_select_related = (*PublishableAdmin.list_select_related, "district")
    search_fields = ("pk", "slug")
    fieldsets = (
        ("区域", {"fields": ("district", "title", "slug", "summary", "office")}),
        ("正文", {"fields": ("cover", "body")}),
        PUBLISHING,
        SEARCH_ENGINES,
    )

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """None for a page that waits for jobs or articles; one query."""
        return None if obj is not None and not obj.is_live else super().get_view_on_site_url(obj)

    def state_word(self, item: Publishable) -> SafeString:
        """Besides the state of every item: published, but with too little to show yet; one query."""
        assert isinstance(item, DistrictPage)  # noqa: S101 - for the type checker
        if item.is_public and not item.is_live:
            needed = f"还要有 {LEAST_JOBS} 个在招岗位，或 {LEAST_ARTICLES} 篇同名标签的文章"
            return badge("尚未显示", "scheduled", needed)
        return super().state_word(item)
