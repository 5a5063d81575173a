"""What every form and list of the admin shares, published content or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from cabinet.fields import CabinetFileRawIdWidget
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import (
    AdminIntegerFieldWidget,
    AdminSplitDateTime,
    RelatedFieldWidgetWrapper,
)
from django.core.paginator import Paginator
from django.db import models
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.accounts import User
from portal.cms.handing_back import AS_SENT, PUT_BACK, puts_back
from portal.cms.media.models import MediaFile, PictureField
from portal.cms.search.finding import LONGEST_QUERY

if TYPE_CHECKING:
    # Django's classes take type arguments for the type checker only, not when they run.
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
    StackedInline = admin.StackedInline[Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm
    StackedInline = admin.StackedInline
    TabularInline = admin.TabularInline


def boolean_icon(value: bool | None) -> SafeString:
    """Django's icon for yes or no, read aloud in Chinese: its own says True, False or None."""
    words = {True: ("是", "yes"), False: ("否", "no"), None: ("未知", "unknown")}
    word, name = words[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{name}.svg"), word)


# There is no setting for it. Lists and read-only forms both look the function up here by name.
admin_list._boolean_icon = boolean_icon  # type: ignore[attr-defined]


def person(request: HttpRequest) -> User:
    """Return who sits at the desk: the admin lets in nobody who has not signed in."""
    return cast("User", request.user)


def desk_page(
    model_admin: ModelAdmin, request: HttpRequest, template: str, shown: dict[str, Any]
) -> TemplateResponse:
    """Return a page about a model beside its lists and forms, with what all pages of the desk show."""
    shared = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts}
    return TemplateResponse(request, template, {**shared, **shown})


class SplitDateTimeWidget(AdminSplitDateTime):
    """Django's, with a name for each of the two inputs: its label names neither."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("日期", "时间"), strict=True):
            widget.attrs["aria-label"] = name


# Form fields that Django would make otherwise, or (a warning of 5.2) will soon make otherwise.
FORM_FIELDS: dict[type[models.Field[Any, Any]], Any] = {
    # An address typed without a scheme.
    models.URLField: {"assume_scheme": "https"},
    models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": SplitDateTimeWidget},
    # SQLite takes any number; the same row would not go into PostgreSQL.
    models.PositiveSmallIntegerField: {"widget": AdminIntegerFieldWidget, "max_value": 32767},
}


class DeskPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and leafs through the first MOST rows, and no further: nobody looks for one beyond them
    by leafing, but counting a million of them takes a second.
    """

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.MOST)

    @property
    def is_cut(self) -> bool:
        return self._counted > self.MOST

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if isinstance(rows, models.QuerySet):
            return rows.order_by().values("pk")[: self.MOST + 1].count()
        return len(rows)


class DeskChangeList(ChangeList):
    """A list in which a page there is not is the nearest one there is."""

    longest_query = LONGEST_QUERY

    def get_results(self, request: HttpRequest) -> None:
        """Leaf to the last page from beyond it: Django would drop search and filters for an error.

        There one counts twice, and nowhere else.
        """
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
            self.page_num = max(1, min(self.page_num, paginator.num_pages))
            super().get_results(request)
        # With nothing in the list there is nothing to do something with.
        self.show_admin_actions = bool(self.result_count)


class ShownAgain:
    """Makes a form one that shows what was typed, finds no fault with it, and is never saved.

    Mix in before the form.
    """

    cleaned_data: dict[str, Any]

    def full_clean(self) -> None:
        self._errors, self.cleaned_data = ErrorDict(), {}

    def is_valid(self) -> bool:
        return False


class RowsShownAgain:
    """Makes a formset one of rows that are `ShownAgain`. Mix in before the formset."""

    forms: list[Any]
    error_class: type[Any]

    def full_clean(self) -> None:
        self._non_form_errors = self.error_class(error_class="nonform")
        for form in self.forms:
            form._errors, form.cleaned_data = ErrorDict(), {}
        self._errors = [form.errors for form in self.forms]

    def is_valid(self) -> bool:
        return False


# Said above a form that shows what was handed back.
NOT_SAVED: Final = "内容还没有保存：请核对后再保存。"


class PuttingBack(ModelAdmin):
    """Shows what is put back in its form, and saves nothing of it, in no form of the desk.

    Who sends it may not have typed it: see `portal.cms.handing_back`.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if not puts_back(request):
            return form
        kind: Any = type(form)
        shown: type[forms.ModelForm[Any]] = kind(form.__name__, (ShownAgain, form), {})
        return shown

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: Any = None
    ) -> Iterator[tuple[Any, Any]]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if puts_back(request):
                yield type(formset.__name__, (RowsShownAgain, formset), {}), inline
            else:
                yield formset, inline

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say that what was handed back is not saved; of what the desk has kept, `autosaving` says so."""
        if puts_back(request) and request.POST[PUT_BACK] == AS_SENT:
            self.message_user(request, NOT_SAVED, messages.WARNING)
        return super().render_change_form(request, context, *args, **kwargs)


class DeskLists(PuttingBack):
    """Lists in the manner of the house: cheap, and bounded.

    A list counts once (what the filters leave, up to 10,000), never the whole table besides, and
    offers no counts beside the filters: each of those would be a query over the table.
    """

    paginator = DeskPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeskChangeList

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = (("", "请选择动作"),)
    ) -> list[tuple[str, str]]:
        """Say what the empty choice is for: Django's is a row of dashes."""
        return super().get_action_choices(request, list(default_choices))

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search for no more than fits into the box: each word is a condition on every column."""
        return super().get_search_results(request, queryset, search_term[:LONGEST_QUERY])


class DeskAdmin(DeskLists):
    """A ModelAdmin in the manner of the house: files are chosen from the library."""

    formfield_overrides = FORM_FIELDS

    class Media:
        css = {"all": ["desk/desk.css"]}
        js = ["desk/desk.js"]

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Offer a new row beside a select, and no more: four signs at each field are noise.

        Beside a picture not even that: its own widget chooses and uploads.
        """
        if isinstance(db_field, PictureField):
            return db_field.formfield(**kwargs)  # type: ignore[no-any-return]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            for sign in ("can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, sign, False)
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        """Let a file be looked up in the library: a select would list every file there is."""
        if db_field.related_model is MediaFile:
            kwargs["widget"] = CabinetFileRawIdWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Name each field that is edited in the list itself: there it has no label."""
        formset: Any = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset


class RecordAdmin(DeskAdmin):
    """Rows that the site writes itself: looked at, and acted on from their list."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The actions of the list may; a form has nothing to change."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartOf:
    """For inlines whose rows are part of their parent: who may change the parent may change them.

    Mix in before Django's inline class; no group then needs permissions of its own for the rows.
    """

    parent_model: type[models.Model]
    formfield_overrides: ClassVar[Any] = FORM_FIELDS

    def _may_change_parent(self, request: HttpRequest) -> bool:
        opts = self.parent_model._meta
        names = (f"{opts.app_label}.{verb}_{opts.model_name}" for verb in ("add", "change"))
        return any(map(request.user.has_perm, names))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change_parent(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change_parent(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change_parent(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the parent sees its rows; Django asks for this only on the parent's page."""
        return True
