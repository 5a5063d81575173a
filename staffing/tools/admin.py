"""The figures of the calculators, and of the checks of pay, at the desk."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.lists import badge
from staffing.models import ComparisonRow, ContributionRate, MinimumWage
from staffing.models.comparison import WAYS
from staffing.models.figures import Figure


class FigureAdmin(DeskAdmin):
    """A dated table: whether somebody has checked its figures stands in the list."""

    search_fields = ("city", "source")

    @admin.display(description="核对", ordering="checked_on")
    def checked(self, figure: Figure) -> SafeString:
        if figure.is_checked:
            return badge("已核对", "live", f"{figure.checked_on}")
        return badge("待核对", "in_review", "请与发文机关公布的数额核对，填写“核对日期”")


@admin.register(MinimumWage)
class MinimumWageAdmin(FigureAdmin):
    list_display = ("city", "in_force_from", "monthly", "hourly", "checked", "source")
    list_filter = ("city",)
    fields = ("city", "in_force_from", ("monthly", "hourly"), "source", "source_url", "checked_on")


@admin.register(ContributionRate)
class ContributionRateAdmin(FigureAdmin):
    list_display = (
        "city",
        "kind",
        "in_force_from",
        "employer_percent",
        "worker_percent",
        "base_min",
        "base_max",
        "checked",
    )
    list_display_links = ("city", "kind")
    list_filter = ("city", "kind")
    fields = (
        ("city", "kind"),
        "in_force_from",
        ("employer_percent", "worker_percent"),
        ("base_min", "base_max"),
        "source",
        "source_url",
        "checked_on",
    )


@admin.register(ComparisonRow)
class ComparisonRowAdmin(DeskAdmin):
    list_display = ("aspect", *WAYS, "order")
    search_fields = ("aspect", "basis")
    fields = ("aspect", *WAYS, "basis", "order")
