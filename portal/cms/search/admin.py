"""同义词, for 主编 and 站长 to keep up; and 搜索记录, which tells them what readers look for in vain."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskAdmin, ModelForm
from portal.cms.search.finding import COUNTED, MOST_SPELLINGS, SEPARATOR
from portal.cms.search.models import SearchedQuery, Synonyms
from portal.cms.search.tokens import fold
from portal.cms.times import short

# --- Synonyms ---------------------------------------------------------------------------------------

LONGEST_WORD = 20
PARTED = re.compile(r"[、，,；;=＝|｜/／\r\n\t]+")


class SynonymsForm(ModelForm):
    """Takes the words of a group however they are pasted: in a row, or one a line."""

    def clean_words(self) -> str:
        words = parted(self.cleaned_data["words"])
        for word in words.values():
            refuse_unless_usable(word)
        if len(words) > MOST_SPELLINGS:
            raise ValidationError(
                f"一组最多 {MOST_SPELLINGS} 个词，现在有 {len(words)} 个：再多的搜索时用不上。"
            )
        if len(words) < 2:
            raise ValidationError("一组至少要有两个不同的词，用顿号、逗号或换行分开。")
        self._refuse_words_of_others(words)
        return SEPARATOR.join(words.values())

    def _refuse_words_of_others(self, words: dict[str, str]) -> None:
        """Raise ValidationError where a word stands in another group: it would not join the two."""
        for other in Synonyms.objects.exclude(pk=self.instance.pk):
            for taken in fold(other.words).split(fold(SEPARATOR)):
                if taken in words:
                    raise ValidationError(
                        f"“{words[taken]}”已经在另一组里：{other.words}。请把新词加到那一组。"
                    )


def parted(typed: str) -> dict[str, str]:
    """Return the words by what is compared: 社会 and 社會 are one."""
    words: dict[str, str] = {}
    for word in map(str.strip, PARTED.split(typed)):
        if folded := fold(word).strip():
            words.setdefault(folded, word)
    return words


def refuse_unless_usable(word: str) -> None:
    """Raise ValidationError for a word that a search could do nothing with."""
    if len(word) > LONGEST_WORD:
        raise ValidationError(f"每个词最多 {LONGEST_WORD} 个字：{word[:LONGEST_WORD]}…")
    if len(word.split()) > 1:
        raise ValidationError(
            f"“{word}”中间有空格：读者搜索时，空格把它分成两个词。请去掉空格，或用顿号分开。"
        )
    if len(fold(word)) < 2 or not any(map(str.isalnum, word)):
        raise ValidationError(f"“{word}”太短，或者只有符号：每个词至少两个字。")


@admin.register(Synonyms)
class SynonymsAdmin(DeskAdmin):
    form = SynonymsForm
    change_list_template = "admin/cms/synonyms_list.html"
    list_display = ("words",)
    search_fields = ("words",)
    search_help_text = "按词搜索"

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Several lines: an input of one line makes spaces of the line ends that are pasted into it."""
        kwargs |= {
            "widget": forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
            "help_text": "用顿号、逗号或换行分开，例如：社保、社会保险。"
            "搜其中一个，也会找到写着另一个的内容。",
        }
        longest = "一组词连同顿号最多 %(limit_value)d 个字，现在有 %(show_value)d 个。请去掉一些。"
        kwargs["error_messages"] = {"max_length": longest}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:  # browsers cut what is pasted beyond it, without a word
            field.widget.attrs.pop("maxlength", None)
        return field


# --- Queries ----------------------------------------------------------------------------------------


@admin.register(SearchedQuery)
class SearchedQueryAdmin(DeskAdmin):
    """What readers searched for. To be looked at, and cleared away; nothing in it is anybody's."""

    change_list_template = "admin/cms/searched_list.html"
    list_display = ("text", "asked", "found_text", "last_asked", "links")
    list_display_links = None
    search_fields = ("text",)
    search_help_text = "按搜索词搜索"
    # What found nothing first, then what was asked most. (The type checker knows of names only.)
    ordering: ClassVar[Any] = (Case(When(found=0, then=0), default=1).asc(), "-asked")
    fields = readonly_fields = ("text", "asked", "found_text", "first_asked_at", "last_asked_at")

    @admin.display(description="最近一次找到", ordering="found")
    def found_text(self, query: SearchedQuery) -> str:
        if query.found > COUNTED:
            return f"{COUNTED}+ 条"
        return f"{query.found} 条" if query.found else "没有找到"

    @admin.display(description="最近搜索", ordering="last_asked_at")
    def last_asked(self, query: SearchedQuery) -> str:
        return short(query.last_asked_at)

    @admin.display(description="去看看")
    def links(self, query: SearchedQuery) -> SafeString:
        """The search as readers see it; and where the word can be given another name."""
        return format_html(
            '<a href="{}?{}" target="_blank" aria-label="在网站上搜“{text}”">搜一次</a> '
            '<a href="{}?{}" aria-label="给“{text}”加同义词">加同义词</a>',
            reverse("search"),
            urlencode({"q": query.text}),
            reverse("admin:cms_synonyms_add"),
            urlencode({"words": query.text}),
            text=query.text,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SearchedQuery | None = None) -> bool:
        return False
