"""The calendar at the desk. (The hotlines themselves are in `staffing.admin`.)"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.lists import badge
from staffing.models import SpecialDay


class YearFilter(admin.SimpleListFilter):
    title = "年份"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        this = timezone.localdate().year
        return [(str(year), f"{year} 年") for year in (this + 1, this, this - 1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = dict(self.lookup_choices)
        return queryset.filter(day__year=self.value()) if self.value() in known else queryset


@admin.register(SpecialDay)
class SpecialDayAdmin(DeskAdmin):
    list_display = ("day", "weekday", "kind", "name", "certainty", "source")
    list_filter = (YearFilter, "kind", "source")
    search_fields = ("name",)
    fields = ("day", "kind", "name", "certain")

    @admin.display(description="星期")
    def weekday(self, row: SpecialDay) -> str:
        return f"周{'一二三四五六日'[row.day.weekday()]}"

    @admin.display(description="通知", ordering="certain")
    def certainty(self, row: SpecialDay) -> SafeString:
        if row.certain:
            return badge("已公布", "live")
        return badge("推算", "draft", "通知公布后自动更新")

    def save_model(self, request: HttpRequest, obj: SpecialDay, form: Any, change: bool) -> None:
        """What a colleague decided is theirs: the library leaves it alone from now on."""
        if form.changed_data:
            obj.source = SpecialDay.Source.OWN
        super().save_model(request, obj, form, change)
