"""Keeping up the keywords, and seeing what one would change before it does."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from portal.cms.admin.desk import DeskAdmin, desk_page
from portal.cms.admin.site import AddressForm
from portal.cms.keywords.linking import SHORTEST
from portal.cms.keywords.models import KeywordLink
from portal.cms.keywords.preview import effect_of
from portal.cms.paging import NUMBER


class KeywordForm(AddressForm):
    class Meta:
        # Django's own counts characters of “this value”.
        error_messages = {
            "word": {
                "min_length": f"关键词至少要有 {SHORTEST} 个字，一个字会在太多地方变成链接。",
                "max_length": "关键词最多 30 个字。",
            }
        }


@admin.register(KeywordLink)
class KeywordLinkAdmin(DeskAdmin):
    form = KeywordForm
    change_form_template = "admin/cms/keyword_change_form.html"
    list_display = ("word", "url", "active")
    list_filter = ("active",)
    search_fields = ("word", "url")
    search_help_text = "按关键词或网址搜索"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.effect_view)
        return [path("effect/", view, name="cms_keywordlink_effect"), *super().get_urls()]

    def effect_view(self, request: HttpRequest) -> HttpResponse:
        """Show which pages a keyword would change, as it is typed in the form; saves nothing.

        The form is posted like any other, so that its token stands in no address.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:cms_keywordlink_changelist")
        number = request.POST.get("id", "")
        stored = KeywordLink.objects.filter(pk=number).first() if NUMBER.fullmatch(number) else None
        keyword = stored or KeywordLink()
        form = self.get_form(request, stored, fields=("word", "url"))(
            request.POST, instance=keyword
        )
        context = {
            "title": "会影响的页面",
            "form": form,
            "effect": effect_of(form.instance) if form.is_valid() else None,
        }
        return desk_page(self, request, "admin/cms/keyword_effect.html", context)
