"""404 记录: addresses at which nothing is, and the redirects that are missing there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import RecordAdmin, person
from portal.cms.redirects.checking import forget_missed
from portal.cms.redirects.counting import LEFT_OUT, host_of
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.redirects.patterns import DIGITS
from portal.cms.times import short


class OurOwnFilter(admin.SimpleListFilter):
    title = "来自"
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("own", "本站的链接"), ("other", "别的网站")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        own = host_of(settings.SITE_URL)
        if self.value() == "own":
            return queryset.filter(from_host=own)
        return queryset.exclude(from_host__in=["", own]) if self.value() == "other" else queryset


@admin.register(MissedAddress)
class MissedAddressAdmin(RecordAdmin):
    """To be looked at, and acted on: nothing is typed here."""

    class Media:
        css = {"all": ["desk/crawl.css"]}

    change_list_template = "admin/cms/missed_list.html"
    list_display = ("address", "verb", "hits", "last", "from_site", "settled")
    list_display_links = None
    list_filter = ("settled", OurOwnFilter)
    search_fields = ("path",)
    search_help_text = "按网址搜索"
    ordering = ("settled", "-hits", "-pk")
    actions = ("settle", "answer_gone")
    fields = readonly_fields = ("path", "hits", "first_at", "last_at", "from_host", "settled")

    @admin.display(description="网址", ordering="path")
    def address(self, missed: MissedAddress) -> SafeString:
        # What strangers made up: a backslash, and it would lead to their own site.
        href = iri_to_uri(missed.path)
        return format_html('<a href="{}" target="_blank">{}</a>', href, missed.path)

    @admin.display(description="最近一次", ordering="last_at")
    def last(self, missed: MissedAddress) -> str:
        return short(missed.last_at)

    @admin.display(description="来自", ordering="from_host")
    def from_site(self, missed: MissedAddress) -> str:
        return "本站" if missed.from_host == host_of(settings.SITE_URL) else missed.from_host

    @admin.display(description="处理")
    def verb(self, missed: MissedAddress) -> SafeString:
        """Of a row that stands for many, a redirect of its letters would answer none of them."""
        old = {"old": missed.path}
        if LEFT_OUT in missed.path:
            old = {"kind": Redirect.Kind.PATTERN, "old": missed.path.replace(LEFT_OUT, DIGITS)}
        add = f"{reverse('admin:cms_redirect_add')}?{urlencode(old)}"
        return format_html(
            '<a href="{}" aria-label="给 {path} 建跳转">建跳转</a>', add, path=missed.path
        )

    @admin.action(description="不再提示", permissions=["change"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = queryset.update(settled=True)
        self.message_user(request, f"不再提示：{done} 个网址。", messages.SUCCESS)

    @admin.action(description="答复“已删除”（410）", permissions=["change"])
    def answer_gone(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """For what is gone for good: engines stop asking sooner than at a 404."""
        if not request.user.has_perm("cms.add_redirect"):
            raise PermissionDenied
        made = 0
        many = queryset.filter(path__contains=LEFT_OUT).count()
        with transaction.atomic():
            for missed in queryset.exclude(path__contains=LEFT_OUT):
                row = Redirect(old=missed.path, code=Redirect.Code.GONE, created_by=person(request))
                row.make_key()
                if not Redirect.objects.filter(key=row.key).exists():
                    row.save()
                    made += 1
                forget_missed(row)
        self.message_user(request, f"答复“已删除”：{made} 个网址。", messages.SUCCESS)
        if many:
            left = f"{many} 行带“…”，各是一类网址，没有处理：请点那一行的“建跳转”，建一类网址。"
            self.message_user(request, left, messages.WARNING)
