"""The figures of the calculators, and of the checks of pay, at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.lists import badge
from staffing.models import MinimumWage


@admin.register(MinimumWage)
class MinimumWageAdmin(DeskAdmin):
    list_display = ("city", "in_force_from", "monthly", "hourly", "checked", "source")
    list_filter = ("city",)
    search_fields = ("city", "source")
    fields = ("city", "in_force_from", ("monthly", "hourly"), "source", "source_url", "checked_on")

    @admin.display(description="核对", ordering="checked_on")
    def checked(self, wage: MinimumWage) -> SafeString:
        if wage.is_checked:
            return badge("已核对", "live", f"{wage.checked_on}")
        return badge("待核对", "in_review", "请与发文机关公布的数额核对，填写“核对日期”")
