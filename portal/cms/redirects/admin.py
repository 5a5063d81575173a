"""跳转, kept up by hand, and by sheets (`sheet_pages`)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from portal.cms.admin.desk import DeskAdmin, ModelForm, desk_page, person
from portal.cms.admin.lists import badge
from portal.cms.redirects import sheet_pages, sheets
from portal.cms.redirects.checking import check_places, check_words, forget_missed, tidy
from portal.cms.redirects.finding import address_of, answer_for
from portal.cms.redirects.keys import HOST, decoded
from portal.cms.redirects.lost import suggest
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.remembering import AUTO
from portal.cms.redirects.showing import Condition, conditions
from portal.cms.times import short

STYLES: Final = {
    Condition.RIGHT: "live",
    Condition.AWAY: "scheduled",
    Condition.GONE: "draft",
    Condition.LOST: "withdrawn",
}


class RedirectForm(ModelForm):
    """Says what would not work before it is saved; a target that is typed takes the place of an item."""

    class Meta:
        widgets = {
            "old": forms.TextInput({"class": "vTextField"}),
            "target": forms.TextInput({"class": "vTextField"}),
        }
        help_texts = {
            "kind": "一类网址用括号代替会变的部分：(\\d+) 是数字，([^/]+) 是一段，(.*) 是任意内容。",
            "old": "例如 /news/12/，或一类网址 /news/(\\d+)/。域名、大小写和结尾的斜杠不论。",
            "target": "站内写路径，例如 /services/；一类网址可用 $1、$2 代入括号里的内容。已删除的留空。",
        }

    def clean_old(self) -> str:
        return tidy(self.cleaned_data["old"])

    def _get_validation_exclusions(self) -> set[str]:
        """Check that the address has no redirect yet: its key is made of what is typed."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"key", "content_type", "object_id"}

    def _post_clean(self) -> None:
        row: Redirect = self.instance
        data = self.cleaned_data
        if data.get("target") or data.get("code") == Redirect.Code.GONE:
            row.content_type = row.object_id = None
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            check_words(row)
            check_places(row)
        except ValidationError as error:
            self.add_error(None, error)


class OriginFilter(admin.SimpleListFilter):
    title = "来历"
    parameter_name = "from"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("hand", "手工"), ("moved", "改名"), ("import", "导入")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "hand":
                return queryset.filter(origin="")
            case "moved":
                return queryset.filter(origin=AUTO)
            case "import":
                return queryset.exclude(origin__in=["", AUTO])
        return queryset


@admin.register(Redirect)
class RedirectAdmin(DeskAdmin):
    form = RedirectForm
    change_list_template = "admin/cms/redirect_list.html"
    change_form_template = "admin/cms/redirect_change_form.html"
    list_display = ("old", "goal", "condition_word", "hits", "last_hit", "came_from")
    list_filter = ("kind", "code", OriginFilter)
    search_fields = ("old", "target", "note")
    search_help_text = "按旧网址、去处或备注搜索"
    list_select_related = ("content_type",)
    fields = ("kind", "old", "target", "code", "note")
    radio_fields = {"kind": admin.HORIZONTAL, "code": admin.HORIZONTAL}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With whether the rows lead anywhere: looked up for the page, not row by row."""
        response = super().changelist_view(request, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None:
            shown.result_list = list(shown.result_list)
            rows: Any = conditions(shown.result_list)
            for row, condition in rows:
                row.condition = condition
        return response

    def get_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        shown = ("item_link",) if obj is not None and obj.object_id is not None else ()
        counted = ("hits", "last_hit", "came_from") if obj is not None else ()
        return (*self.fields[:3], *shown, *self.fields[3:], *counted)

    def get_readonly_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        return ("item_link", "hits", "last_hit", "came_from")

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        """What somebody has looked at is theirs: no import and no new name changes it any more."""
        if not change:
            obj.created_by = person(request)
        elif form.changed_data:
            obj.origin = ""
        super().save_model(request, obj, form, change)
        forget_missed(obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Only what a link of the desk's own may fill in."""
        return {
            name: value
            for name, value in request.GET.items()
            if name in ("kind", "old", "target", "code")
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With what may have been meant by an address, to be chosen by a click."""
        old = request.GET.get("old", "")
        found = suggest(HOST.sub("", old)) if old and request.method == "GET" else []
        offered = [(urlencode({"old": old, "target": each.url}), each) for each in found]
        return super().add_view(request, form_url, {"offered": offered, **(extra_context or {})})

    # --- The list ----------------------------------------------------------------------------------

    @admin.display(description="去处")
    def goal(self, row: Any) -> SafeString | str:
        if row.code == Redirect.Code.GONE:
            return "已删除（410）"
        address = row.target or getattr(row, "led_to", "") or ""
        if not address or "$" in address:
            return address or "没有去处"
        return format_html('<a href="{}" target="_blank">{}</a>', address, decoded(address))

    @admin.display(description="情况")
    def condition_word(self, row: Any) -> SafeString:
        condition: Condition = row.condition
        return badge(condition.value, STYLES[condition])

    @admin.display(description="最近一次", ordering="last_hit_at")
    def last_hit(self, row: Redirect) -> str:
        return short(row.last_hit_at) or "还没有"

    @admin.display(description="来历", ordering="origin")
    def came_from(self, row: Redirect) -> str:
        return sheets.origin_label(row.origin)

    @admin.display(description="现在跳转到")
    def item_link(self, row: Redirect) -> SafeString | str:
        address = address_of(row)
        if not address:
            return "原来的内容已下线或删除" if address == "" else "内容还没有发布"
        return format_html('<a href="{}" target="_blank">{}</a>', address, decoded(address))

    # --- Pages of its own ----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        try_view = self.admin_site.admin_view(require_safe(self.try_view))
        return [
            path("try/", try_view, name="cms_redirect_try"),
            *sheet_pages.urls(self),
            *super().get_urls(),
        ]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Say what is answered at an address, if nothing is there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("address", "").strip()
        context: dict[str, Any] = {"title": "试一个网址", "asked": asked}
        if asked:
            place = HOST.sub("", tidy(asked)).partition("#")[0]
            context["answer"] = answer_for(*place.partition("?")[::2])
        return desk_page(self, request, "admin/cms/redirect_try.html", context)
