"""页面检查: what the nightly look at all pages has found, for whoever can mend it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from portal.cms.addresses import items_at
from portal.cms.admin.desk import DeskChangeList, RecordAdmin
from portal.cms.delivery.admin import warn_without_worker
from portal.cms.engines import crawl
from portal.cms.engines.looking import FAILED
from portal.cms.engines.models import CrawledPage
from portal.cms.redirects.keys import decoded
from portal.cms.times import short

# Looked at while somebody waits: some twenty milliseconds each.
MOST_AT_ONCE: Final = 50
SHOWN_LINKS: Final = 3


class IssueFilter(admin.SimpleListFilter):
    title = "问题"
    parameter_name = "issue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _) in crawl.issues().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        issue = crawl.issues().get(self.value() or "")
        if issue is None:
            return queryset
        found = queryset.filter(issue[1])
        # Those of one title beside each other.
        return found.order_by("title", "pk") if self.value() == "same" else found


def mend(link: str) -> SafeString:
    """Return the way to the form in which a redirect is made for what a link leads to in vain."""
    address = decoded(link)
    add = f"{reverse('admin:cms_redirect_add')}?{urlencode({'old': address})}"
    return format_html('<a href="{}" aria-label="给 {} 建跳转">建跳转</a>', add, address)


class CrawledList(DeskChangeList):
    """A list whose rows know the item that they show; a query for each kind."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        items = items_at(unquote(row.path) for row in self.result_list)
        may_add = request.user.has_perm("cms.add_redirect")
        for row in self.result_list:
            row.may_add_redirect = may_add
            row.item = items.get(unquote(row.path))


@admin.register(CrawledPage)
class CrawledPageAdmin(RecordAdmin):
    class Media:
        css = {"all": ["desk/crawl.css"]}

    change_list_template = "admin/cms/crawled_list.html"
    list_display = (
        "address",
        "links",
        "shown_title",
        "words",
        "described",
        "alt",
        "speed",
        "seen",
    )
    list_display_links = None
    list_filter = (IssueFilter,)
    search_fields = ("path", "title")
    search_help_text = "按网址或标题搜索"
    actions = ("look_again",)
    fields = readonly_fields = (
        "path", "title", "description_length", "words", "pictures_without_alt", "links",
        "is_linked", "milliseconds", "crawled_at",
    )  # fmt: skip

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CrawledList]:
        return CrawledList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return CrawledPage.objects.order_by(*self.get_ordering(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the count of each issue above the list; a query that reads all rows, and the register's."""
        counts = crawl.counts()
        found = [
            (words, counts[key], urlencode({"issue": key}))
            for key, (words, _) in crawl.issues().items()
            if counts[key]
        ]
        known = max(crawl.known_pages(), counts["all"])
        shown = {
            "issues": found,
            "looked_at": counts["all"],
            "known": known,
            "left": known - counts["all"],
            "too_many": known > crawl.MOST_A_NIGHT,
            "may_begin": self.has_change_permission(request),
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @admin.display(description="页面", ordering="path")
    def address(self, page: Any) -> SafeString:
        link = format_html('<a href="{}" target="_blank">{}</a>', page.path, unquote(page.path))
        item = getattr(page, "item", None)
        if item is None:
            return link
        opts = item._meta
        try:
            form = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[item.pk])
        except NoReverseMatch:
            return link
        words = f"编辑{unquote(page.path)}"
        return format_html('{} <a href="{}" aria-label="{}">编辑</a>', link, form, words)

    @admin.display(description="标题", ordering="title")
    def shown_title(self, page: CrawledPage) -> str:
        if page.status >= FAILED:
            return f"打不开（{page.status}）"
        return page.title or "没有标题"

    @admin.display(description="死链与跳转")
    def links(self, page: Any) -> SafeString:
        """The first of them, what is wrong with each, and a way to mend those that lead nowhere."""
        told = {crawl.DEAD: "打不开", crawl.MOVED: "要经跳转"}
        # Where a single page is shown, there is only its state to be read.
        mends = {crawl.DEAD} if getattr(page, "may_add_redirect", False) else set()
        shown = [
            (decoded(link), told.get(kind, ""), mend(link) if kind in mends else "")
            for link, kind in page.broken[:SHOWN_LINKS]
        ]
        more = len(page.broken) - len(shown)
        lines = format_html_join("", "<div>{} <span class='quiet'>{}</span> {}</div>", shown)
        if more > 0:
            lines += format_html("<div class='quiet'>还有 {} 个</div>", more)
        if not page.is_linked:
            lines += format_html("<div class='quiet'>{}</div>", "没有页面直接链到这一页")
        return lines

    @admin.display(description="描述", ordering="description_length")
    def described(self, page: CrawledPage) -> str:
        return f"{page.description_length} 字" if page.description_length else "没有"

    @admin.display(description="缺替代文字", ordering="pictures_without_alt")
    def alt(self, page: CrawledPage) -> str:
        return f"{page.pictures_without_alt} 张" if page.pictures_without_alt else ""

    @admin.display(description="毫秒", ordering="milliseconds")
    def speed(self, page: CrawledPage) -> int:
        return page.milliseconds

    @admin.display(description="检查时间", ordering="crawled_at")
    def seen(self, page: CrawledPage) -> str:
        return short(page.crawled_at)

    # --- Looking now ---------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.begin_view))
        return [path("begin/", view, name="cms_crawledpage_begin"), *super().get_urls()]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Have the worker look at what it has not seen, or not as it is now."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if crawl.begin_now():
            self.message_user(request, "正在检查。", messages.INFO)
        else:
            self.message_user(request, "马上开始检查，请过一两分钟再看。", messages.SUCCESS)
        warn_without_worker(self, request)
        return redirect("admin:cms_crawledpage_changelist")

    @admin.action(description="现在检查", permissions=["change"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        paths = list(queryset.order_by().values_list("path", flat=True)[:MOST_AT_ONCE])
        crawl.Crawl().look(paths)
        self.message_user(request, f"检查了 {len(paths)} 个页面。", messages.SUCCESS)
