"""The desk of the newsroom: articles, categories, authors, tags."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.db.models.functions import StrIndex
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse_lazy
from django.views.decorators.http import require_GET
from taggit.forms import TagField, TagWidget
from taggit.models import Tag

from articles import tags
from articles.models import Article, Author, Category
from portal.cms.accounts import User
from portal.cms.admin.bulk import change_each
from portal.cms.admin.deleting import KeptWhileUsed
from portal.cms.admin.desk import DeskAdmin, ModelForm, person
from portal.cms.admin.publishable import PUBLISHING, PublishableAdmin
from portal.cms.admin.snippet import SEARCH_ENGINES, ShowsSnippet, Snippet
from portal.cms.publishing import Publishable
from portal.cms.revisions.models import PendingDraft

SUGGESTIONS = 10
MOST_TAGS = 20

# --- Articles --------------------------------------------------------------------------------------


class TagInput(TagWidget):  # type: ignore[misc]
    """One line of tags; tags.js adds suggestions, and nothing is missing without it."""

    class Media:
        js = ["desk/tags.js"]

    def __init__(self) -> None:
        super().__init__(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "data-suggest": reverse_lazy("admin:articles_article_suggest"),
            }
        )


class TagsField(TagField):  # type: ignore[misc]
    """Tags as typed. Bounded, as each new word becomes a row and an address of its own."""

    def clean(self, value: str) -> list[str]:
        names: list[str] = super().clean(value)
        if len(names) > MOST_TAGS:
            raise ValidationError(f"标签最多 {MOST_TAGS} 个，现在有 {len(names)} 个。")
        return names

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as sets: taggit compares sorted names with typed ones, so order was a change."""
        return {str(tag) for tag in initial or ()} != set(tags.parse(data or ""))


@admin.action(description="置顶", permissions=["change"])
def pin_selected(
    model_admin: ArticleAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    change_each(model_admin, request, queryset, "置顶", partial(pin, pinned=True))


@admin.action(description="取消置顶", permissions=["change"])
def unpin_selected(
    model_admin: ArticleAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    change_each(model_admin, request, queryset, "取消置顶", partial(pin, pinned=False))


def pin(article: Article, *, pinned: bool) -> None:
    article.pinned = pinned


@admin.register(Article)
class ArticleAdmin(ShowsSnippet, PublishableAdmin):
    snippet = Snippet(section="资讯", section_of="category")
    list_display = ("title", "state_label", "category", "author_name", "go_live", "read_count")
    list_filter = (*PublishableAdmin.list_filter, "category", "kind", "pinned")
    list_select_related = ("category", "author")
    search_fields = ("pk", "legacy_id")
    actions = (*PublishableAdmin.actions, pin_selected, unpin_selected)
    not_copied = ("pinned",)
    readonly_fields = ("read_count", "legacy_id", "legacy_url", "created_by", "created_at")
    fieldsets = (
        (
            None,
            {"fields": ("title", "category", "author", "summary", "body", "cover", "tags")},
        ),
        ("发布", {"fields": (*PUBLISHING[1]["fields"], "pinned")}),
        (
            "来源与版权",
            {
                "fields": (
                    "kind",
                    "source_name",
                    "source_url",
                    "original_title",
                    "original_author",
                    "rights_basis",
                    "rights_proof",
                )
            },
        ),
        ("声明", {"fields": ("disclaimer_choice", "disclaimer_text", "ai_assisted")}),
        SEARCH_ENGINES,
        (
            "其他",
            {
                "classes": ("collapse",),
                "fields": ("read_count", "created_by", "created_at", "legacy_id", "legacy_url"),
            },
        ),
    )

    @admin.display(description="署名", ordering="author")
    def author_name(self, article: Article) -> str:
        return article.author.name if article.author is not None else ""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the author who stands for the person at the form."""
        own = Author.objects.filter(user=person(request)).values_list("pk", flat=True).first()
        return {"author": own, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "tags":
            kwargs |= {"form_class": TagsField, "widget": TagInput}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        suggest = self.admin_site.admin_view(require_GET(self.suggest_view))
        return [path("suggest/", suggest, name="articles_article_suggest"), *super().get_urls()]

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """Answer `?q=` with up to ten tags that contain it, those that begin with it first."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        typed = (tags.parse(request.GET.get("q", "")) or [""])[0]
        names: list[str] = []
        if typed:
            found = Tag.objects.filter(name__icontains=typed)
            found = found.annotate(place=StrIndex("name", models.Value(typed)))
            names = list(
                found.order_by("place", "name").values_list("name", flat=True)[:SUGGESTIONS]
            )
        return JsonResponse({"tags": names})


# --- Categories and authors ------------------------------------------------------------------------


@admin.register(Category)
class CategoryAdmin(ShowsSnippet, KeptWhileUsed, DeskAdmin):
    snippet = Snippet(
        section="资讯",
        title="name",
        summary="description",
        text="",
        description="meta_description",
    )
    list_display = ("name", "slug", "description", "article_count", "order")
    list_editable = ("order",)
    search_fields = ("name",)
    actions = ("delete_selected",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "order")}),
        ("栏目页", {"fields": ("description", "intro")}),
        ("搜索引擎", {"fields": ("seo_title", "meta_description", "search_result", "moved_from")}),
    )

    def reasons_to_keep(self, rows: Iterable[Category]) -> list[str]:
        """Say of each category that holds articles, or will, how many."""
        return [reason for category in rows if (reason := held_by(category))]


def held_by(category: Category) -> str:
    """Say why the category cannot be deleted, "" if it can. Two queries."""
    counted = Article.objects.filter(category=category).aggregate(
        all=Count("pk"), binned=Count("deleted_at")
    )
    drafts = PendingDraft.objects.filter(
        content_type=ContentType.objects.get_for_model(Article), content__category=category.pk
    )
    if counted["all"]:
        binned = f"（{counted['binned']} 篇在回收站）" if counted["binned"] else ""
        held = f"栏目里还有 {counted['all']} 篇文章{binned}，请先把它们移到别的栏目。"
    elif drafts:
        held = f"有 {len(drafts)} 篇文章未发布的修改要放进这个栏目，请先改掉。"
    else:
        return ""
    return f"不能删除“{category}”：{held}"


class AuthorForm(ModelForm):
    def clean_handle(self) -> str:
        """Refuse a login name: readers are shown the handle, and it is half of a password."""
        handle: str = self.cleaned_data["handle"]
        if "handle" in self.changed_data and is_login_name(handle):
            raise ValidationError("这是一个后台登录名。公开账号会显示在文章里，请另取一个。")
        return handle


def is_login_name(handle: str) -> bool:
    return User.objects.filter(username__iexact=handle).exists()


@admin.register(Author)
class AuthorAdmin(DeskAdmin):
    form = AuthorForm
    list_display = ("name", "handle", "user")
    list_select_related = ("user",)
    search_fields = ("name", "handle")

    def save_model(self, request: HttpRequest, obj: Author, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # An account may have been made after the handle was: too late to refuse, not to say so.
        if is_login_name(obj.handle):
            self.message_user(
                request,
                f"公开账号“{obj.handle}”与一个后台登录名相同，建议更换其中一个。",
                messages.WARNING,
            )


# --- Tags ------------------------------------------------------------------------------------------

# taggit is listed before this app, so its own admin (in English, with a row for each use) is there.
admin.site.unregister(Tag)


class TagForm(ModelForm):
    def clean_name(self) -> str:
        """Accept what the tags of an article could have brought about, and no second of a name."""
        name: str = self.cleaned_data["name"]
        if tags.parse(name) != [name]:
            raise ValidationError(
                f"标签不能含顿号、逗号、分号或斜线，最长 {tags.MAX_LENGTH} 个字。"
            )
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("已有同名的标签。")
        return name


@admin.action(description="删除没有使用的标签", permissions=["delete"])
def delete_unused(model_admin: TagAdmin, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
    unused = Tag.objects.filter(pk__in=queryset.values("pk"), taggit_taggeditem_items=None)
    model_admin.log_deletions(request, unused)
    _, rows = unused.delete()
    model_admin.message_user(
        request, f"已删除 {rows.get('taggit.Tag', 0)} 个没有使用的标签。", messages.SUCCESS
    )


@admin.register(Tag)
class TagAdmin(DeskAdmin):
    """Rename a tag everywhere at once, and clear away those no text has."""

    form = TagForm
    fields = ("name",)
    list_display = ("name", "uses")
    ordering = ("name",)
    search_fields = ("name",)
    actions = (delete_unused,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(uses=Count("taggit_taggeditem_items"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description="使用次数", ordering="uses")
    def uses(self, tag: Any) -> int:
        return int(tag.uses)

    def has_delete_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        """A tag in use is taken off its texts first: deleting it would do so behind their backs."""
        used = obj is not None and obj.taggit_taggeditem_items.exists()
        return not used and super().has_delete_permission(request, obj)
