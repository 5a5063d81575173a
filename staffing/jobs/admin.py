"""Jobs and districts at the desk."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin, person
from portal.cms.admin.forms import PublishableForm
from portal.cms.admin.lists import badge
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.state import state_of
from portal.cms.publishing import Publishable
from staffing.jobs import import_pages, verbs
from staffing.models import District, Job
from staffing.models.job import PAPERS


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
    not_copied = ("external_id",)
    # What is done every day stands where also a telephone shows it.
    list_display = ("title", "state_label", "one_click", "valid_through", "pay", "kind", "district")
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
                    ("hourly_min", "hourly_max"),
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
                "description": "发布前请核对用工单位的材料。勾选后，核对人与日期自动记录；"
                "以后补勾其他材料，日期仍是最早那次的，全部重新核对后才改为当天。",
                "fields": (*PAPERS, "checked_again", "checked_by", "checked_on"),
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
        if self.has_publish_permission(request):
            return shown
        return [name for name in shown if name != "one_click"]

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
        """Note who checked the client's papers, and when: all of them now, or the first of them.

        One date stands for all four, so one more tick does not make those of months ago fresh.
        """
        now = {name for name in PAPERS if form.cleaned_data.get(name)}
        before = {name for name in PAPERS if form.initial.get(name)}
        first = now - before and (not now & before or obj.checked_on is None)
        if first or form.cleaned_data.get("checked_again"):
            obj.checked_by, obj.checked_on = person(request), timezone.localdate()
        super().save_model(request, obj, form, change)


@admin.register(District)
class DistrictAdmin(DeskAdmin):
    list_display = ("name", "slug", "postal_code", "order")
    list_editable = ("order",)
    search_fields = ("name",)
