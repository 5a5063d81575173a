"""The desk of the business: services, hotlines, licences, jobs, districts."""

from __future__ import annotations

from typing import Any, ClassVar

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
from portal.cms.admin.forms import PublishableForm
from portal.cms.admin.lists import badge
from portal.cms.admin.parts import PartFormSet
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.state import state_of
from portal.cms.publishing import Publishable
from staffing.enquiries import admin as enquiries
from staffing.hotlines import admin as hotlines
from staffing.jobs import import_pages, verbs
from staffing.licences.originals import LicenceForm
from staffing.models import District, Faq, Hotline, HotlineHours, Job, Licence, Service
from staffing.models.licence import RENEWAL_NOTICE
from staffing.privacy import admin as privacy
from staffing.tickets import admin as tickets
from staffing.tools import admin as tools

__all__ = [
    "enquiries",
    "hotlines",
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
class ServiceAdmin(PublishableAdmin):
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
        ("搜索引擎", {"fields": ("seo_title", "seo_description")}),
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


# --- Jobs ------------------------------------------------------------------------------------------


class RecruitingFilter(admin.SimpleListFilter):
    title = "招聘情况"
    parameter_name = "recruiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "在招"), ("closed", "已截止"), ("filled", "招满")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.open()  # type: ignore[attr-defined,no-any-return]
        conditions = {
            "closed": Q(valid_through__lt=timezone.localdate(), filled_at=None),
            "filled": ~Q(filled_at=None),
        }
        return queryset.filter(conditions.get(str(self.value()), Q()))


class JobForm(PublishableForm):
    checked_again = forms.BooleanField(
        label="今天重新核对过以上材料",
        required=False,
        help_text="材料没有变、只是满六个月重新核对时勾选；核对日期改为今天。",
    )


@admin.register(Job)
class JobAdmin(PublishableAdmin):
    form = JobForm
    change_form_template = "admin/staffing/job_change_form.html"
    change_list_template = "admin/staffing/job_list.html"
    not_copied = (
        "external_id",
        "valid_through",
        # Nobody has checked the papers for the copy.
        "checked_business_licence",
        "checked_recruitment_brief",
        "checked_mandate",
        "checked_agent_identity",
        "checked_by",
        "checked_on",
    )
    list_display = ("title", "state_label", "kind", "pay", "district", "valid_through", "one_click")
    list_filter = (*PublishableAdmin.list_filter, RecruitingFilter, "kind", "district")
    list_select_related = ("district",)
    search_fields = ("pk", "external_id")
    actions = (
        *PublishableAdmin.actions,
        verbs.fill_selected,
        verbs.reopen_selected,
        verbs.renew_selected,
    )
    fieldsets = (
        ("岗位", {"fields": ("title", "kind", "headcount", "duties", "requirements")}),
        ("单位", {"fields": ("employer_type", "hiring_org", "client_name", "org_summary")}),
        ("地点", {"fields": (("province", "city", "district"), "address", "transport")}),
        (
            "薪酬",
            {
                "fields": (
                    ("pay_min", "pay_max", "pay_unit"),
                    "settlement",
                    "pay_conditions",
                    "deductions",
                )
            },
        ),
        (
            "工作安排",
            {"fields": (("work_from", "work_to"), "shift", "hours_per_day", "rest_days")},
        ),
        ("合同与保险", {"fields": ("contract_form", "social_insurance")}),
        (
            "条件与待遇",
            {
                "fields": (
                    "age_min",
                    ("education", "experience_months"),
                    "health_certificate",
                    "lodging",
                    "meals",
                )
            },
        ),
        ("招聘截止与联系", {"fields": ("valid_through", "contact_name")}),
        PUBLISHING,
        (
            "核对记录",
            {
                "description": "发布前请核对用工单位的材料。勾选后，核对人与日期自动记录。",
                "fields": (
                    "checked_business_licence",
                    "checked_recruitment_brief",
                    "checked_mandate",
                    "checked_agent_identity",
                    "checked_again",
                    "checked_by",
                    "checked_on",
                ),
            },
        ),
        (
            "来源",
            {
                "classes": ("collapse",),
                "fields": ("is_repost", "source_name", "source_url", "external_id"),
            },
        ),
    )
    readonly_fields = ("checked_by", "checked_on")

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["desk/jobs.css"]}

    def get_urls(self) -> list[URLPattern]:
        return [*import_pages.urls(self), *verbs.urls(self), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Offer the verbs to those who may change what readers see."""
        shown = super().get_list_display(request)
        return shown if self.has_publish_permission(request) else shown[:-1]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        stored = state_of(request).stored
        if isinstance(stored, Job) and self.has_publish_permission(request):
            context["verbs"] = verbs.buttons(stored)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """None for a job so long over that its page is gone."""
        return None if obj is not None and obj.is_gone else super().get_view_on_site_url(obj)

    @admin.display(description="操作")
    def one_click(self, job: Job) -> SafeString:
        return verbs.buttons(job)

    @admin.display(description="薪酬", ordering="pay_min")
    def pay(self, job: Job) -> str:
        return job.pay_text

    def state_word(self, item: Publishable) -> SafeString:
        """Besides the state of every item: live, but nobody can apply any more, and why."""
        assert isinstance(item, Job)  # noqa: S101 - for the type checker
        if item.is_public and item.filled_at is not None:
            return badge("招满", "expired")
        if item.is_public and not item.is_open:
            return badge("已截止", "expired", "页面已撤下" if item.is_gone else "")
        return super().state_word(item)

    def save_model(self, request: HttpRequest, obj: Job, form: Any, change: bool) -> None:
        """Note who checked the client's papers, and when, whenever a tick changes."""
        if any(name.startswith("checked_") for name in form.changed_data):
            obj.checked_by, obj.checked_on = person(request), timezone.localdate()
        super().save_model(request, obj, form, change)


@admin.register(District)
class DistrictAdmin(DeskAdmin):
    list_display = ("name", "slug", "postal_code", "order")
    list_editable = ("order",)
    search_fields = ("name",)
