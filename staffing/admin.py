"""The desk of the business: services, hotlines, licences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from portal.cms import private
from portal.cms.admin.desk import (
    FORM_FIELDS,
    DeskAdmin,
    ModelForm,
    PartOf,
    StackedInline,
    TabularInline,
    person,
)
from portal.cms.admin.lists import badge
from portal.cms.admin.parts import PartFormSet
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.snippet import SEARCH_ENGINES, ShowsSnippet, Snippet
from staffing.cases import admin as cases
from staffing.enquiries import admin as enquiries
from staffing.hotlines import admin as hotlines
from staffing.jobs import admin as jobs
from staffing.licences.originals import LicenceForm
from staffing.models import Faq, Hotline, HotlineHours, Licence, Service
from staffing.models.licence import RENEWAL_NOTICE
from staffing.privacy import admin as privacy
from staffing.tickets import admin as tickets
from staffing.tools import admin as tools

__all__ = [
    "cases",
    "enquiries",
    "hotlines",
    "jobs",
    "privacy",
    "tickets",
    "tools",
]  # imported so that they register their models

# --- Services --------------------------------------------------------------------------------------


class FaqInline(PartOf, StackedInline):
    model = Faq
    formset = PartFormSet
    extra = 0
    fields = (
        "question",
        "answer",
        "audience",
        "legal_basis",
        ("effective_from", "review_due"),
        "order",
    )


@admin.register(Service)
class ServiceAdmin(ShowsSnippet, PublishableAdmin):
    snippet = Snippet(section="服务", title="name")
    title_field = "name"
    # Nobody has read the copy.
    not_copied = ("legal_reviewed_by", "legal_reviewed_on")
    list_display = ("name", "state_label", "legal_model", "price_text", "updated_by", "updated")
    list_filter = (*PublishableAdmin.list_filter, "legal_model")
    search_fields = ("pk", "slug")
    ordering = ("order", "pk")
    inlines = (FaqInline,)
    formfield_overrides = {
        **FORM_FIELDS,
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }
    fieldsets = (
        ("基本", {"fields": ("name", "slug", "summary", "audience", "legal_model", "order")}),
        ("说明", {"fields": ("cover", "body")}),
        ("适用", {"fields": ("suitable", "unsuitable", "industries", "districts")}),
        (
            "价格",
            {
                "fields": (
                    "price_model",
                    ("price_from", "price_unit", "price_valid_until"),
                    "price_note",
                    "fee_includes",
                    ("min_headcount", "lead_time_days"),
                )
            },
        ),
        (
            "责任与发票",
            {"fields": ("liability_text", "replacement_policy", "contract_term", "invoice_text")},
        ),
        ("流程与材料", {"fields": ("steps", "documents", "contact_person", "related")}),
        (
            "证照与审阅",
            {"fields": ("required_licence", ("legal_reviewed_by", "legal_reviewed_on"))},
        ),
        PUBLISHING,
        SEARCH_ENGINES,
    )

    @admin.display(description="价格")
    def price_text(self, service: Service) -> str:
        return service.price_text


# --- Hotlines --------------------------------------------------------------------------------------


class HotlineForm(ModelForm):
    def _get_validation_exclusions(self) -> set[str]:
        """Leave out «one primary hotline»: saving hands that place over, so it is no mistake."""
        return {*super()._get_validation_exclusions(), "primary"}  # type: ignore[misc]


class HotlineHoursInline(PartOf, TabularInline):
    model = HotlineHours
    extra = 0


@admin.register(Hotline)
class HotlineAdmin(DeskAdmin):
    form = HotlineForm
    inlines = (HotlineHoursInline,)
    list_display = ("label", "tel", "area", "hours_text", "primary", "order")
    fieldsets = (
        (None, {"fields": ("label", "number", "display", "tel", "area", "primary", "order")}),
        ("节假日", {"fields": ("on_holidays", "on_makeup_days")}),
    )
    readonly_fields = ("tel",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("hours")

    @admin.display(description="访客看到的样子")
    def tel(self, hotline: Hotline) -> SafeString | str:
        """The link of the public pages, to be tried out on a telephone."""
        if not hotline.number:
            return "保存后显示"
        return format_html('<a href="{}">{}</a>', hotline.tel_url, hotline.display)

    @admin.display(description="接听时间")
    def hours_text(self, hotline: Hotline) -> str:
        return hotline.hours_text


# --- Licences --------------------------------------------------------------------------------------


class ValidityFilter(admin.SimpleListFilter):
    title = "有效性"
    parameter_name = "validity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("valid", "有效"), ("ending", "将到期"), ("lapsed", "已过期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        notice = today + RENEWAL_NOTICE
        conditions = {
            "valid": Q(valid_to=None) | Q(valid_to__gt=notice),
            "ending": Q(valid_to__gte=today, valid_to__lte=notice),
            "lapsed": Q(valid_to__lt=today),
        }
        return queryset.filter(conditions.get(str(self.value()), Q()))


@admin.register(Licence)
class LicenceAdmin(DeskAdmin):
    form = LicenceForm
    readonly_fields = ("original_link", "announced")
    list_display = ("kind", "validity", "number", "holder", "valid_to", "public", "order")
    list_filter = (ValidityFilter, "kind", "public")
    search_fields = ("number", "holder")
    fieldsets = (
        (None, {"fields": ("kind", "number", "holder", "authority", "scope")}),
        ("有效期", {"fields": (("valid_from", "valid_to"), "announced")}),
        ("公示", {"fields": ("scan", "public", "order")}),
        ("原件", {"fields": ("original_link", "new_original", "no_original")}),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.original_view))
        return [
            path("<int:pk>/original/", view, name="staffing_licence_original"),
            *super().get_urls(),
        ]

    def original_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead to the original by a link that is good for this person and five minutes."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        licence = Licence.objects.select_related("original").filter(pk=pk).first()
        if licence is None or licence.original is None:
            raise Http404
        return redirect(private.url(licence.original, person(request)))

    def save_model(
        self, request: HttpRequest, obj: Licence, form: LicenceForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if form.replaced is not None:
            form.replaced.delete()

    @admin.display(description="现有原件")
    def original_link(self, licence: Licence) -> SafeString | str:
        if licence.original is None:
            return "还没有上传"
        address = reverse("admin:staffing_licence_original", args=[licence.pk])
        return format_html('<a href="{}">{}</a>', address, licence.original.name)

    @admin.display(description="已发出的到期提醒")
    def announced(self, licence: Licence) -> str:
        """What this term has been announced by: nothing of an earlier one."""
        if licence.pk is None or licence.valid_to is None:
            return "长期有效的不提醒"
        told = licence.alerts.filter(valid_to=licence.valid_to).order_by("-days")
        words = [f"提前 {alert.days} 天" if alert.days else "已过期" for alert in told]
        return "、".join(words) or "还没有；到期前 120、90、60、30、7 天提醒"

    @admin.display(description="有效性", ordering="valid_to")
    def validity(self, licence: Licence) -> SafeString:
        if licence.lapsed:
            return badge("已过期", "expired")
        if (
            licence.valid_to is not None
            and licence.valid_to <= timezone.localdate() + RENEWAL_NOTICE
        ):
            days = (licence.valid_to - timezone.localdate()).days
            return badge("将到期", "scheduled", f"还有 {days} 天")
        return badge("有效", "live")
