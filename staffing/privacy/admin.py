"""隐私: the notices, the rules of the forms, one person's data, and the journal of all that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import product
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_email
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.cms.admin.deleting import KeptWhileUsed
from portal.cms.admin.desk import DeskAdmin, desk_page, person
from portal.cms.admin.lists import badge
from portal.cms.phones import display, masked, to_e164
from portal.cms.times import short
from staffing.models import Form, FormPolicy, PrivacyAct, PrivacyNotice
from staffing.privacy import people
from staffing.privacy.desk import PersonalDesk
from staffing.privacy.downloads import JSON, XLSX, download
from staffing.privacy.files import READ_NUMBERS
from staffing.privacy.watching import reading_many

# Who hands everything out reads the numbers in it.
MAY_ERASE = ("staffing.erase_person", READ_NUMBERS)

# --- What people are told -----------------------------------------------------------------------------


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(KeptWhileUsed, DeskAdmin):
    """Versions of the words beside the forms: what somebody has agreed to stays as it is."""

    list_display = ("title", "form", "purpose", "version", "state_word", "in_force_from", "next")
    list_filter = ("form", "purpose")
    list_display_links = ("title",)
    ordering = ("form", "purpose", "-version")
    actions = ("delete_selected",)
    fields = (("form", "purpose"), ("version", "in_force_from"), "title", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        later = PrivacyNotice.objects.in_force().filter(
            form=OuterRef("form"), purpose=OuterRef("purpose"), version__gt=OuterRef("version")
        )
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                agreed=Count("consents", distinct=True) + Count("tickets", distinct=True),
                is_old=Exists(later),
            )
        )
        return rows

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new version with the words of the one it follows."""
        old = request.GET.get("after", "")
        notice = PrivacyNotice.objects.filter(pk=old).first() if old.isdecimal() else None
        if notice is None:
            return super().get_changeform_initial_data(request)
        same = PrivacyNotice.objects.filter(form=notice.form, purpose=notice.purpose)
        latest = same.order_by("-version").values_list("version", flat=True)[0]
        return {
            "form": notice.form,
            "purpose": notice.purpose,
            "version": latest + 1,
            "title": notice.title,
            "text": notice.text,
            "in_force_from": timezone.localdate() + timedelta(days=1),
        }

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that somebody has agreed to is shown, and not changed."""
        agreed = obj is not None and obj.is_agreed_to
        return not agreed and super().has_change_permission(request, obj)

    def reasons_to_keep(self, rows: Iterable[Any]) -> list[str]:
        held = {
            notice.pk
            for form, purpose in product(Form, PrivacyNotice.Purpose)
            if (notice := PrivacyNotice.objects.current(form, purpose)) is not None
        }
        reasons = []
        for row in rows:
            if row.is_agreed_to:
                reasons.append(f"“{row}”已经有人同意过，不能删除。")
            elif row.pk in held:
                reasons.append(f"“{row}”是现行的版本，不能删除；没有它，表单无法提交。")
        return reasons

    @admin.display(description="状态")
    def state_word(self, notice: Any) -> SafeString:
        agreed = f"{notice.agreed} 人同意过" if notice.agreed else ""
        if notice.in_force_from > timezone.localdate():
            return badge("未生效", "scheduled", agreed)
        return badge("旧版", "draft", agreed) if notice.is_old else badge("现行", "live", agreed)

    @admin.display(description="新版")
    def next(self, notice: PrivacyNotice) -> SafeString:
        url = reverse("admin:staffing_privacynotice_add")
        return format_html('<a href="{}?after={}">以此为底稿新增一版</a>', url, notice.pk)


@admin.register(FormPolicy)
class FormPolicyAdmin(DeskAdmin):
    """One row a form, made by migration."""

    list_display = (
        "form", "retention_days", "told", "reply_working_days", "per_phone_day", "all_per_hour"
    )  # fmt: skip
    fieldsets = (
        ("保留与答复", {"fields": ("retention_days", "reply_working_days")}),
        (
            "防刷",
            {
                "fields": (
                    ("per_address_hour", "per_address_day"),
                    ("per_phone_day", "all_per_hour"),
                )
            },
        ),
    )

    @admin.display(description="隐私告知")
    def told(self, policy: FormPolicy) -> SafeString | str:
        """Whether visitors are told the same number of days; a query for each of five rows."""
        return badge("天数不一致", "expired") if untold(policy) else "一致"

    def save_model(self, request: HttpRequest, obj: FormPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if words := untold(obj):
            self.message_user(request, words, messages.WARNING)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def untold(policy: FormPolicy) -> str:
    """Say so where the notice beside a form names another term; one query."""
    form = Form(policy.form)
    notice = PrivacyNotice.objects.current(form, PrivacyNotice.Purpose.HANDLING)
    if notice is not None and re.search(rf"(?<!\d){policy.retention_days} ?天", notice.text):
        return ""
    return (
        f"“{policy}”现行的隐私告知里没有写“{policy.retention_days} 天”，"
        "与这里的保留天数不一致；请到“隐私告知”新增一版。"
    )


# --- What was done with people's data -----------------------------------------------------------------


class ContactForm(forms.Form):
    """Whom somebody is: their number, or the mail address of a complaint sent without one."""

    contact = forms.CharField(label="电话号码或邮箱", max_length=254)

    def clean_contact(self) -> str:
        typed: str = self.cleaned_data["contact"]
        if "@" not in typed:
            return to_e164(typed)
        validate_email(typed)
        return typed


class EraseForm(forms.Form):
    reason = forms.CharField(
        label="理由", max_length=200, help_text="例如：本人来电要求删除。不要写姓名和电话号码。"
    )
    checked = forms.BooleanField(label="已核实是本人或其授权的人提出的，知道清除后无法恢复")


@admin.register(PrivacyAct)
class PrivacyActAdmin(PersonalDesk):
    """The journal; and the page where one person's data are looked up, handed out and erased."""

    change_list_template = "admin/staffing/privacyact_list.html"
    list_display = ("when", "act", "by", "count", "text")
    list_display_links = None
    list_filter = ("act", "at")
    list_select_related = ("by",)
    fields = readonly_fields = ("when", "act", "by", "count", "text")
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="时间", ordering="at")
    def when(self, act: PrivacyAct) -> str:
        return short(act.at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {
            "may_erase": request.user.has_perms(MAY_ERASE),
            "reading_many": reading_many(),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    # --- One person -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = "staffing_privacyact"

        def route(address: str, view: Any, suffix: str) -> URLPattern:
            guarded = sensitive_post_parameters("contact")(view)
            wrapped = self.admin_site.admin_view(guarded)
            made: URLPattern = path(address, wrapped, name=f"{name}_{suffix}")
            return made

        ask = require_http_methods(["GET", "HEAD", "POST"])(self.person_view)
        return [
            route("person/", ask, "person"),
            route("person/export/", require_POST(self.export_view), "person_export"),
            route("person/erase/", require_POST(self.erase_view), "person_erase"),
            *super().get_urls(),
        ]

    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whom it is about; on POST, show what there is."""
        self._refuse_others(request)
        form = ContactForm(request.POST or None)
        found = None
        if form.is_valid():
            found = people.look_up(form.cleaned_data["contact"], person(request))
        return self._page(request, form, found)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        self._refuse_others(request)
        form = ContactForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        contact = form.cleaned_data["contact"]
        if request.POST.get("kind") == "json":
            content = people.export(contact, person(request), "json")
            return download(content, "个人信息.json", JSON)
        return download(people.export(contact, person(request), "xlsx"), "个人信息.xlsx", XLSX)

    def erase_view(self, request: HttpRequest) -> HttpResponse:
        """Erase, if it was said why and that it is that person's wish; else ask again."""
        self._refuse_others(request)
        form, asked = ContactForm(request.POST), EraseForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        contact = form.cleaned_data["contact"]
        if not asked.is_valid():
            found = people.look_up(contact, person(request))
            return self._page(request, form, found, asked)
        done, waiting = people.erase(contact, person(request), asked.cleaned_data["reason"])
        if done:
            text = f"已清除 {masked(contact)} 的 {done} 条记录；保留了不含个人信息的时间与结果。"
            self.message_user(request, text, messages.SUCCESS)
        if waiting:
            text = f"还有 {waiting} 张投诉或下架请求没有答复，没有清除；答复之后再来清除。"
            self.message_user(request, text, messages.WARNING)
        if not done and not waiting:
            self.message_user(request, "没有可以清除的记录。", messages.INFO)
        return redirect("admin:staffing_privacyact_person")

    def _refuse_others(self, request: HttpRequest) -> None:
        if not request.user.has_perms(MAY_ERASE):
            raise PermissionDenied

    def _page(
        self,
        request: HttpRequest,
        form: ContactForm,
        found: people.Person | None = None,
        asked: EraseForm | None = None,
    ) -> HttpResponse:
        context = {
            "title": "导出或清除一个人的信息",
            "media": self.media,
            "form": form,
            "found": found,
            "contact": display(found.contact) if found else "",
            "asked": asked or EraseForm(),
        }
        return desk_page(self, request, "admin/staffing/person.html", context)
