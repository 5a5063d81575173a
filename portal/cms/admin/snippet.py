"""How an item stands in search results: shown under its fields for engines, while they are written.

    class ArticleAdmin(ShowsSnippet, PublishableAdmin):
        snippet = Snippet(section="资讯", section_of="category")
        fieldsets = (…, SEARCH_ENGINES)

It shows what is stored without JavaScript, and follows the form by `desk/snippet.js`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin
from portal.cms.compliance.typography import length
from portal.cms.engines import descriptions, titles
from portal.cms.redirects.checking import old_addresses
from portal.cms.site import absolute, current_profile

SEARCH_ENGINES: Final[tuple[str, Any]] = (
    "搜索引擎",
    {"fields": ("seo_title", "seo_description", "indexable", "search_result", "moved_from")},
)
NOT_INDEXED: Final = "不允许收录：搜索结果里不会出现这一页。"


@dataclass(frozen=True)
class Snippet:
    """Which fields of a form the result is made of, and the section its title names.

    `section_of` is a field whose row gives the section a name of its own.
    """

    section: str = ""
    section_of: str = ""
    title: str = "title"
    summary: str = "summary"
    text: str = "body"
    description: str = "seo_description"

    def section_name(self, item: Any) -> str:
        chosen = getattr(item, self.section_of) if self.section_of else None
        return str(chosen) if chosen is not None else self.section


def notes(title: str, description: str) -> list[str]:
    """Return how long both are, and what to mind about that."""
    words, said = length(title), length(description)
    long = f"，超过 {titles.MOST} 字，后面的可能显示不出来" if words > titles.MOST else ""
    if said < descriptions.LEAST:
        mind = f"，不到 {descriptions.LEAST} 字，可以多写一点"
    elif said > descriptions.MOST:
        mind = f"，超过 {descriptions.MOST} 字，后面的可能显示不出来"
    else:
        mind = ""
    return [f"标题 {words} 字{long}。", f"描述 {said} 字{mind}。"]


class ShowsSnippet(DeskAdmin):
    """The admin of what stands in search results: its form shows the result, and where the item was before."""

    snippet: ClassVar[Snippet] = Snippet()

    @property
    def media(self) -> forms.Media:
        """With what follows the form: a `Media` of this class would stand against those of the others."""
        own = forms.Media(css={"all": ["desk/snippet.css"]}, js=["desk/snippet.js"])
        return super().media + own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "search_result", "moved_from")

    @admin.display(description="旧网址")
    def moved_from(self, item: Any) -> SafeString | str:
        """The addresses that lead here from elsewhere; one query."""
        found = old_addresses(item) if item.pk else []
        return format_html_join("", "<div>{}</div>", ((old,) for old in found)) or "没有"

    @admin.display(description="搜索结果预览")
    def search_result(self, item: Any) -> SafeString:
        """The result as engines would show it, made as the page's head is."""
        profile, made_of = current_profile(), self.snippet
        # What an item has no field for is always empty, and an item without `indexable` is indexed.
        value = {field: str(getattr(item, name, "")) for field, name in asdict(made_of).items()}
        section = made_of.section_name(item)
        title = titles.compose(item.seo_title or value["title"], section, profile.name)
        described = descriptions.described(
            value["description"], value["summary"], value["text"] if made_of.text else ""
        )
        description = described or profile.tagline
        context = {
            "made_of": made_of,
            "brand": profile.name,
            "fallback": profile.tagline,
            "title": title,
            "address": absolute(item.get_absolute_url() if item.pk else "/"),
            "description": description,
            "notes": notes(title, description),
            "not_indexed": NOT_INDEXED,
            "is_indexed": getattr(item, "indexable", True),
        }
        return render_to_string("admin/cms/_snippet.html", context)
