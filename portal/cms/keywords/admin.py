"""Keeping up the keywords, and seeing what one would change before it does."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.site import AddressForm
from portal.cms.keywords.models import KeywordLink
from portal.cms.keywords.preview import SHOWN, effect_of
from portal.cms.paging import NUMBER


@admin.register(KeywordLink)
class KeywordLinkAdmin(DeskAdmin):
    form = AddressForm
    change_form_template = "admin/cms/keyword_change_form.html"
    list_display = ("word", "url", "active")
    list_filter = ("active",)
    search_fields = ("word", "url")
    search_help_text = "按关键词或网址搜索"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.effect_view)
        return [path("effect/", view, name="cms_keywordlink_effect"), *super().get_urls()]

    def effect_view(self, request: HttpRequest) -> HttpResponse:
        """Show which pages a keyword would change, as it is typed in the form; saves nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = request.GET.get("id", "")
        stored = KeywordLink.objects.filter(pk=number).first() if NUMBER.fullmatch(number) else None
        keyword = stored or KeywordLink()
        form = self.get_form(request, stored, fields=("word", "url"))(request.GET, instance=keyword)
        context = {
            **self.admin_site.each_context(request),
            "title": "会影响的页面",
            "opts": self.opts,
            "form": form,
            "effect": effect_of(form.instance) if form.is_valid() else None,
            "shown": SHOWN,
        }
        return TemplateResponse(request, "admin/cms/keyword_effect.html", context)
