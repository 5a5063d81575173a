"""修改记录: everything that happened to the items of the site, for those who answer for it. Read-only."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.accounts import User
from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.publishable import PublishableAdmin
from portal.cms.revisions.models import Revision
from portal.cms.rows import without_texts
from portal.cms.times import short


class KindFilter(admin.SimpleListFilter):
    """Filter by kind of item, among those this person may see."""

    title = "种类"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        models = (desk.model for desk in desks_of(model_admin, request))
        return [(model._meta.label_lower, str(model._meta.verbose_name)) for model in models]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {key for key, _ in self.lookup_choices}:
            return queryset
        model: Any = apps.get_model(str(self.value()))
        return queryset.filter(content_type=ContentType.objects.get_for_model(model))


class WhoFilter(admin.SimpleListFilter):
    """Filter by person; everybody who may sign in is offered, in one query."""

    title = "同事"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = User.objects.filter(is_staff=True).order_by("name", "username")
        return [(str(user.pk), str(user)) for user in people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(by=self.value()) if self.value() in offered else queryset


@admin.register(Revision)
class RevisionAdmin(DeskAdmin):
    """Revisions of all the items that a person may see, for whoever publishes or runs the site."""

    list_display = ("when", "who", "event", "kind", "about", "note")
    list_display_links = None
    list_filter = (WhoFilter, "event", "at", KindFilter)
    list_select_related = ("by", "content_type")
    ordering = ("-pk",)
    actions = None
    empty_value_display = ""

    class Media:
        css = {"all": ["desk/versions.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the contents in the database, and of the items all long texts."""
        revisions: QuerySet[Any] = super().get_queryset(request).defer("content")
        seen = desks_of(self, request)
        types = ContentType.objects.get_for_models(*(desk.model for desk in seen)).values()
        rows = [without_texts(desk.model._base_manager.all()) for desk in seen]
        items = GenericPrefetch("item", rows)
        return revisions.filter(content_type__in=list(types)).prefetch_related(items)

    # --- Columns -----------------------------------------------------------------------------------

    @admin.display(description="时间")
    def when(self, revision: Revision) -> str:
        return short(revision.at)

    @admin.display(description="谁")
    def who(self, revision: Revision) -> str:
        return str(revision.by or "")

    @admin.display(description="种类")
    def kind(self, revision: Revision) -> str:
        return str(revision.content_type.name)

    @admin.display(description="内容")
    def about(self, revision: Revision) -> SafeString:
        """The item by its present name; the link leads to what it was then."""
        return format_html('<a href="{}">{}</a>', self._page_of(revision), revision.item)

    def _page_of(self, revision: Revision) -> str:
        kind = revision.content_type
        name = f"admin:{kind.app_label}_{kind.model}_revision"
        return reverse(name, args=[revision.object_id, revision.pk])

    # --- Rights ------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        """For whoever runs the site, or publishes anything."""
        user = request.user
        return user.has_perm("cms.view_siteprofile") or any(
            user.has_perm(f"{desk.opts.app_label}.publish_{desk.opts.model_name}")
            for desk in desks(self)
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Revision | None = None) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A revision is looked at among those of its item."""
        return redirect(self._page_of(self._get(request, object_id)))

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self.change_view(request, object_id)

    def _get(self, request: HttpRequest, object_id: str) -> Revision:
        revision: Revision | None = self.get_object(request, object_id)
        if revision is None or not self.has_view_permission(request):
            raise Http404
        return revision


def desks(model_admin: DeskAdmin) -> list[PublishableAdmin]:
    """Return the admins of everything that has revisions."""
    registered = model_admin.admin_site._registry.values()
    return [desk for desk in registered if isinstance(desk, PublishableAdmin)]


def desks_of(model_admin: DeskAdmin, request: HttpRequest) -> list[PublishableAdmin]:
    return [desk for desk in desks(model_admin) if desk.has_view_or_change_permission(request)]
