"""The admin of the site itself: its profile, its standing pages, its links."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve

from portal.cms.admin.desk import DeskAdmin, ModelForm, PartOf, TabularInline
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.snippet import SEARCH_ENGINES, ShowsSnippet
from portal.cms.site import HomeFact, Page, SiteLink, SiteProfile

# --- The profile -----------------------------------------------------------------------------------


class OfficialNumberField(forms.CharField):
    """A number as an authority issues it, however it was typed or pasted.

    Full-width signs become half-width, letters capital, and spaces go: no number has any of these.
    """

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        return "".join(text.split()).upper()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out `maxlength`: a browser would cut a number pasted with spaces."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class HomeFactInline(PartOf, TabularInline):
    model = HomeFact
    extra = 0
    max_num = 4
    verbose_name_plural = "首页要点（三条为宜，须真实、可核实）"


@admin.register(SiteProfile)
class SiteProfileAdmin(DeskAdmin):
    """One row, made when it is first asked for: its list is its form."""

    OFFICIAL_NUMBERS = ("credit_code", "icp_number", "police_number")

    inlines = (HomeFactInline,)
    view_on_site = False
    fieldsets = (
        ("基本", {"fields": ("name", "legal_name", "tagline", "logo", "favicon")}),
        ("首页", {"fields": ("hero_title", "hero_text", "hero_picture")}),
        (
            "联系方式",
            {
                "description": "显示在“联系我们”页。客服热线在“热线电话”里设置。",
                "fields": (
                    "address",
                    "route",
                    "office_hours",
                    "wechat_id",
                    "wechat_qr",
                    "supervising_body",
                    "supervising_phone",
                    "complaint_phone",
                    "complaint_email",
                ),
            },
        ),
        (
            "备案与证照",
            {
                "description": "许可证与营业执照在“证照”里登记。",
                "fields": ("credit_code", "icp_number", "police_number"),
            },
        ),
        (
            "声明",
            {
                "description": "显示在文章正文之后，按文章类型取用；单篇文章可以另写或不显示。",
                "fields": (
                    "disclaimer_original",
                    "disclaimer_repost",
                    "disclaimer_contributed",
                    "disclaimer_announcement",
                ),
            },
        ),
        ("文章页", {"fields": ("further_titles",)}),
        ("审核", {"fields": ("review_required",)}),
    )

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in self.OFFICIAL_NUMBERS:
            kwargs["form_class"] = OfficialNumberField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteProfile | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:cms_siteprofile_change", 1)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SiteProfile | None:
        """Return the one profile, made here on a new site."""
        return SiteProfile.objects.get_or_create(pk=1)[0] if object_id == "1" else None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Saving stays here anyway, so there is one button for it."""
        shown = {"title": "网站设置", "subtitle": None, "show_save_and_continue": False}
        return super().changeform_view(
            request, object_id, form_url, {**shown, **(extra_context or {})}
        )


# --- Links -----------------------------------------------------------------------------------------


class AddressForm(ModelForm):
    """A form with a `url` that leads somewhere."""

    def clean_url(self) -> str:
        """Refuse a path of this site that leads nowhere; add the slash that was forgotten.

        Content behind an address may still be a draft: only pages are looked up, as any word is the
        address of a page.
        """
        url: str = self.cleaned_data["url"].strip()
        try:
            path = urlsplit(url).path
        except ValueError:  # `http://[`
            raise ValidationError("网址写法不对，请核对。") from None
        if not url.startswith("/") or leads_somewhere(path):
            return url
        if not path.endswith("/") and leads_somewhere(f"{path}/"):
            return url.replace(path, f"{path}/", 1)
        raise ValidationError(f"站内没有这个网址：{path}。请核对，或先建好这个页面。")


def leads_somewhere(path: str) -> bool:
    """Whether the URL map knows `path`, and where it is a page's, whether that page is there."""
    try:
        match: ResolverMatch = resolve(path)
    except Resolver404:
        return False
    if match.view_name == "root_file":
        return False
    if match.view_name == "page":
        return Page.objects.kept().filter(slug=match.kwargs["slug"]).exists()
    return True


@admin.register(SiteLink)
class SiteLinkAdmin(DeskAdmin):
    form = AddressForm
    list_display = ("label", "url", "placement", "order")
    list_editable = ("order",)
    list_filter = ("placement",)
    search_fields = ("label", "url")
    search_help_text = "按文字或网址搜索"


# --- Pages -----------------------------------------------------------------------------------------


@admin.register(Page)
class PageAdmin(ShowsSnippet, PublishableAdmin):
    list_display = ("title", "address", "state_label", "updated_by", "updated_at")
    search_fields = ("pk", "slug")
    ordering = ("slug",)
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "body")}),
        PUBLISHING,
        SEARCH_ENGINES,
    )

    @admin.display(description="网址", ordering="slug")
    def address(self, page: Page) -> str:
        return f"/{page.slug}/"
