"""The word lists, for 主编 and 站长 to keep up; and the record of decisions, for looking at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin, ModelForm
from portal.cms.compliance.models import Decision, Place, WordList
from portal.cms.compliance.words import ANY, fold
from portal.cms.lines import split
from portal.cms.publishing import Publishable
from portal.cms.times import short

# --- Word lists -------------------------------------------------------------------------------------

LONGEST_LINE = 40
# Words pasted in a row, as other systems export them. Only terms: an allowed phrase may be 第一，
SEPARATORS = str.maketrans(dict.fromkeys("、，,；;\t", "\n"))


class WordListForm(ModelForm):
    """Takes words however they are pasted: one a line, or in a row with commas between."""

    def clean_terms(self) -> list[str]:
        terms = self._lines("terms", SEPARATORS)
        if short_ones := [term for term in terms if len(fold(term).text) < 2]:
            raise ValidationError(f"单个字会到处误报，请写成词，或加 *：{'、'.join(short_ones)}。")
        return terms

    def clean_allowed(self) -> list[str]:
        return self._lines("allowed")

    def clean_exempt_after(self) -> list[str]:
        return self._lines("exempt_after")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        allowed = {fold(line).text for line in cleaned.get("allowed", ())}
        both = [term for term in cleaned.get("terms", ()) if fold(term).text in allowed]
        if both:
            self.add_error("allowed", f"既在“词语”里，又在“不算的说法”里：{'、'.join(both)}。")
        return cleaned

    def _lines(self, name: str, separators: dict[int, str] | None = None) -> list[str]:
        """Return the lines, each once however it is spelt; refuse those that could never be found."""
        typed = "\n".join(self.cleaned_data[name]).translate(separators or {})
        lines = list({fold(line).text: line for line in reversed(split(typed))}.values())[::-1]
        for line in lines:
            term = fold(line).text
            if not term.removesuffix(ANY) or ANY in term[:-1]:
                raise ValidationError(f"* 只能放在词尾，前面要有字：{line}")
            if len(line) > LONGEST_LINE:
                raise ValidationError(f"每行最多 {LONGEST_LINE} 个字：{line[:LONGEST_LINE]}…")
        return lines


@admin.register(WordList)
class WordListAdmin(DeskAdmin):
    LINES: ClassVar[tuple[str, ...]] = ("terms", "allowed", "exempt_after")

    form = WordListForm
    list_display = ("name", "active", "term_count", *Place.values)
    list_filter = ("active",)
    search_fields = ("name", "terms")
    search_help_text = "按名称或词语搜索"
    fieldsets = (
        (None, {"fields": ("name", "active", "terms")}),
        ("不算的情形", {"fields": ("allowed", "exempt_after", "spares_regulations")}),
        (
            "在哪里查，多严",
            {
                "description": "“提示”不妨碍发布；“须处理”要改掉，或说明理由后才能发布。",
                "fields": (tuple(Place.values),),
            },
        ),
        ("给编辑看的说明", {"fields": ("advice", "basis")}),
    )

    @admin.display(description="词语数")
    def term_count(self, words: WordList) -> int:
        return len(words.terms)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Log which words came and went: the record has to tell who took one out."""
        parts = [
            f"{form.fields[name].label}：{change}"
            for name in self.LINES
            if name in form.changed_data
            and (change := difference(form.initial.get(name) or [], form.cleaned_data[name]))
        ]
        others = [form.fields[name].label for name in form.changed_data if name not in self.LINES]
        if add or not parts:
            return super().construct_change_message(request, form, formsets, add)
        return "；".join([*parts, *(f"修改了“{label}”" for label in others)])


def difference(before: list[str], after: list[str]) -> str:
    changes = (
        ("增加", [line for line in after if line not in before]),
        ("删去", [line for line in before if line not in after]),
    )
    return "，".join(f"{verb} {'、'.join(lines)}" for verb, lines in changes if lines)


# --- Decisions --------------------------------------------------------------------------------------


@admin.register(Decision)
class DecisionAdmin(DeskAdmin):
    """Who published what in spite of which finding, when, and why. Nobody changes it, or deletes it.

    A record quotes its item, published or not: it is for those who may see such items.
    """

    class Media:
        css = {"all": ["desk/findings.css"]}

    fields = ("made_at", "by", "link", "version", "finding", "excerpt", "reason")
    readonly_fields = ("made_at", "link")
    list_display = ("made_at", "by", "link", "finding", "excerpt", "reason")
    list_display_links = ("made_at",)
    list_filter = (("by", admin.RelatedOnlyFieldListFilter), "at")
    list_select_related = ("by", "content_type")
    search_fields = ("item_title", "finding", "reason")
    search_help_text = "按内容标题、问题或理由搜索"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        seen = [
            model
            for model, desk in self.admin_site._registry.items()
            if issubclass(model, Publishable) and desk.has_view_or_change_permission(request)
        ]
        types = ContentType.objects.get_for_models(*seen).values()
        return super().get_queryset(request).filter(content_type__in=list(types))

    @admin.display(description="时间", ordering="at")
    def made_at(self, decision: Decision) -> str:
        return short(decision.at)

    @admin.display(description="内容", ordering="item_title")
    def link(self, decision: Decision) -> SafeString:
        model = decision.content_type
        url = reverse(f"admin:{model.app_label}_{model.model}_change", args=[decision.object_id])
        return format_html('<a href="{}">{}</a>', url, decision.item_title)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Decision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Decision | None = None) -> bool:
        return False
