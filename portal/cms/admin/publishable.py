"""`PublishableAdmin`: the admin of everything that has drafts and is published.

    @admin.register(Page)
    class PageAdmin(ShowsSnippet, PublishableAdmin):  # `snippet`: what has a page in search results
        list_display = ("title", "slug", "state_label", "updated_by", "updated")
        search_fields = ("pk", "slug")
        fieldsets = (
            (None, {"fields": ("title", "slug", "summary", "body")}),
            PUBLISHING,  # go-live and end; every subclass has this fieldset
            SEARCH_ENGINES,
        )

A subclass gets, with nothing further to do: the columns `state_label`, `go_live` and `updated`; the
filters by creator and by derived state (the recycle bin is one of them; the plain list leaves binned
items out); the bulk actions and hand-over of drafts; the buttons and the state line of the form; the
pending draft of what is published; revisions, and the guard against stale saves; autosave, preview,
checks and comments; pictures chosen from the media library; `created_by` and `updated_by`.
Inlines of the model's `parts` set `formset = PartFormSet`. It may set:

`title_field`    what it is called by: cleared of invisible signs, and marked with （副本） by 复制为新稿;
                 default `title`.
`not_copied`     further fields that a copy starts without.
`search_fields`  the list is searched through the index (`lists.found`); these are the columns by which
                 an item is known besides, letter for letter. Default: its number.
`list_filter`    extend it: `(*PublishableAdmin.list_filter, "category")`; `actions` likewise, with
                 actions built on `portal.cms.admin.bulk.each`.

How a form is saved: see `saving`; what a request knows of its item: `state`.

Rights (`rights`). `<app>.change_<model>` lets a person edit everything, as what is published is edited
as a draft; `<app>.publish_<model>` lets them publish, withdraw and send back. A model whose
`Meta.permissions` name `review_<model>` stands under the site's review rule: while
`SiteProfile.review_required` is on, publishing takes that permission as well. Who presses a button of
those who publish, and may not, as the rule came while they wrote or a right went, saves the draft and
is told so. Nothing is deleted but from the bin, by a superuser.

Tests post `edit_version` (as the form holds it) together with the fields; without it a change counts
as stale. Buttons are named by `Verb`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin import (
    asking,
    autosaving,
    conflict,
    history,
    pictures,
    previewing,
    reviewing,
)
from portal.cms.admin.bulk import (
    bin_selected,
    publish_selected,
    push_selected,
    unbin_selected,
    withdraw_selected,
)
from portal.cms.admin.copying import copy_as_draft
from portal.cms.admin.desk import person
from portal.cms.admin.forms import PublishableForm
from portal.cms.admin.handover import hand_over_selected
from portal.cms.admin.history import locked_or_404
from portal.cms.admin.lists import (
    SEARCH_HELP,
    PendingFilter,
    PublishableChangeList,
    StateFilter,
    WhenFilter,
    found,
    pending_badge,
    shows_bin,
    state_badge,
)
from portal.cms.admin.saving import Saving
from portal.cms.admin.state import forget_state, state_of
from portal.cms.admin.verbs import Rights, Situation, Verb, buttons
from portal.cms.compliance import panel as checking
from portal.cms.locking import lock
from portal.cms.publishing import Publishable, State
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Event, PendingDraft
from portal.cms.times import short

PUBLISHING: tuple[str, Any] = ("发布", {"fields": ("go_live_at", "expire_at")})


class Pages(Protocol):
    """A module with pages of its own beside the form."""

    def urls(self, model_admin: PublishableAdmin, /) -> list[URLPattern]: ...


class Panel(Protocol):
    """A module that shows something around the fields, by a template of its own."""

    def context(
        self,
        model_admin: PublishableAdmin,
        request: HttpRequest,
        form: Any,
        stored: Publishable | None,
        /,
    ) -> dict[str, Any]: ...


PAGES: tuple[Pages, ...] = (
    asking,
    autosaving,
    checking,
    conflict,
    history,
    previewing,
    reviewing,
)
PANELS: tuple[Panel, ...] = (autosaving, checking, previewing, reviewing)


class PublishableAdmin(Saving):
    """The admin of a `Publishable`; see the module's docstring for how to use it."""

    title_field: ClassVar[str] = "title"
    not_copied: ClassVar[tuple[str, ...]] = ()

    form = PublishableForm
    change_form_template = "admin/cms/publishable_change_form.html"
    list_display: tuple[Any, ...] = ("__str__", "state_label", "updated_by", "updated")
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter, WhenFilter, PendingFilter, "created_by")
    list_select_related: ClassVar[tuple[str, ...]] = ("updated_by",)
    search_fields: ClassVar[tuple[str, ...]] = ("pk",)
    search_help_text = SEARCH_HELP
    ordering: ClassVar[tuple[str, ...]] = ("-updated_at",)
    actions: tuple[Any, ...] = (
        publish_selected,
        withdraw_selected,
        push_selected,
        bin_selected,
        hand_over_selected,
        unbin_selected,
    )

    class Media:
        css = {"all": ["desk/findings.css", "desk/review.css"]}
        js = ["desk/findings.js", "desk/review.js"]

    # --- The list ----------------------------------------------------------------------------------

    @admin.display(description="状态", ordering="status")
    def state_label(self, item: Publishable) -> SafeString:
        """How the item stands, and what is pending of it."""
        return format_html("{} {}", self.state_word(item), pending_badge(item))

    def state_word(self, item: Publishable) -> SafeString:
        """The derived state in one word; for what is scheduled with its time."""
        return state_badge(item.state, item.go_live_at)

    @admin.display(description="上线时间", ordering="go_live_at")
    def go_live(self, item: Publishable) -> str:
        return short(item.go_live_at)

    @admin.display(description="修改时间", ordering="updated_at")
    def updated(self, item: Publishable) -> str:
        return short(item.updated_at)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """In the bin, what takes things out of it; elsewhere, the rest."""
        in_bin = {"unbin_selected", "delete_selected"}
        actions = super().get_actions(request)
        return {name: actions[name] for name in actions if (name in in_bin) == shows_bin(request)}

    def has_push_permission(self, request: HttpRequest) -> bool:
        """Who may have search engines told of an address may of an item."""
        return request.user.has_perm("cms.change_publicaddress")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PublishableChangeList]:
        return PublishableChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find through the index, in its order, unless a column is sorted by."""
        keep_order = ORDER_VAR in request.GET
        return found(queryset, search_term, self.search_fields, keep_order=keep_order), False

    # --- The form ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [*(url for module in PAGES for url in module.urls(self)), *super().get_urls()]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        """Return a form class that knows who is at the form; Django makes one for each request."""
        form: type[PublishableForm] = super().get_form(request, obj, change, **kwargs)  # type: ignore[assignment]
        verb = self.verb(request)
        form.title_field = self.title_field
        form.person = person(request)
        form.lock_reason = self.lock_reason(request, obj) if obj is not None else ""
        form.stored_state = state_of(request).state
        form.stored_apply_at = state_of(request).apply_at
        form.leaves_the_site = verb in (Verb.WITHDRAW, Verb.BIN, Verb.PUBLISH_NOW)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask when a change takes effect where there is a live page to be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if state_of(request).state != State.LIVE:
            return fieldsets
        return [
            (name, {**options, "fields": (*options["fields"], "apply_at")})
            if name == PUBLISHING[0]
            else (name, options)
            for name, options in fieldsets
        ]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any | None:
        """Return the item as its form shows it: with the pending draft; in a POST, locked first.

        Everything the form holds is written back, so between this reading and that writing nobody
        else may write: neither a colleague (stale save) nor a reader (read count). It is for the form
        only, and must not be saved as it is: it holds the draft (`history.locked_or_404` does not).
        """
        if request.method == "POST":
            try:
                lock(self.model, object_id)
            except (ValueError, ValidationError, OverflowError):
                return None
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            state_of(request).found(item)
            drafts.show_pending(item, state_of(request).pending)
        return item

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Do the verbs that need no form, and have Django read the form of all others."""
        if request.method == "POST":
            verb = self.verb(request)
            if object_id is not None and verb == Verb.UNBIN:
                return self.unbin_view(request, object_id)
            if object_id is not None and verb == Verb.COPY:
                return self.copy_view(request, object_id)
            if verb == Verb.PUT_BACK and (answer := autosaving.put_back(self, request, object_id)):
                return answer
            if self.may_write(request, object_id):
                pictures.take_in(self, request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody has taken the same address in the same instant. Nothing is saved of the first
            # attempt; a second one finds the address taken, and shows the form with all that was typed.
            forget_state(request)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def may_write(self, request: HttpRequest, object_id: str | None) -> bool:
        """Whether this person may send the form: of an item, or of a new one."""
        if object_id is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request)

    @transaction.atomic
    def copy_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Copy an item as it is stored, with its draft: of what was typed, only the comment is kept."""
        item = locked_or_404(self, request, object_id)
        if not (self.has_add_permission(request) and self.has_view_permission(request, item)):
            raise PermissionDenied
        reviewing.keep_note(request, item)
        copy = copy_as_draft(self, item, person(request))
        self.log_addition(request, copy, f"复制自“{item}”")
        return self.done(request, copy)

    @transaction.atomic
    def unbin_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take an item out of the bin as it is stored: of what was typed, only the comment is kept."""
        item = locked_or_404(self, request, object_id)
        if not self.has_change_permission(request):
            raise PermissionDenied
        revision = actions.unbin(item, person(request))
        if revision is not None:
            self.log_change(request, item, "恢复")
        reviewing.keep_note(request, item)
        return self.done(request, item, Event.UNBINNED if revision is not None else None)

    # --- Around the fields -------------------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add what the templates show around the fields: state line, banner, buttons, what is missing."""
        form = context["adminform"].form
        # `obj` holds what was typed, or the pending draft; the state line tells of what is stored. Its
        # version is that of the text in the form: read once more, it might be a colleague's by now.
        stored, pending = state_of(request).stored, state_of(request).pending
        if stored is not None:
            context |= {
                "state": state_badge(stored.state, stored.go_live_at),
                "stored": stored,
                "pending": pending,
                "page_url": self.get_view_on_site_url(stored),
                "lock_reason": self.lock_reason(request, stored),
            }
            if "missing" in request.GET and not form.is_bound:
                form.show_missing(obj)
        context |= {
            "buttons": self.buttons(request, stored, pending),
            "show_delete": False,
            "edit_version": form.sent_version
            if form.is_bound
            else getattr(stored, "edit_version", ""),
        }
        if form.is_bound:
            autosaving.keep(self, request, stored)
            if self.oversteps(request):
                self.say_not_done(request, Situation(state_of(request).state, pending))
            if (
                stored is not None
                and form.errors
                and (done := self.carry_out_unsaved(request, stored))
            ):
                return done
        for panel in PANELS:
            context |= panel.context(self, request, form, stored)
        return super().render_change_form(request, context, add, change, form_url, stored)

    def buttons(
        self, request: HttpRequest, item: Publishable | None, pending: PendingDraft | None
    ) -> list[Any]:
        """Return the buttons for an item as it is stored; None: it is not stored yet."""
        locked = item is not None and bool(self.lock_reason(request, item))
        may_edit = (
            self.has_add_permission(request)
            if item is None
            else super().has_change_permission(request, item)
        )
        rights = Rights(
            edit=may_edit and not locked,
            publish=self.has_publish_permission(request),
            add=self.has_add_permission(request),
            unbin=may_edit,
        )
        if item is None:
            return buttons(Situation(None), rights)
        moment = pending.apply_at if pending and pending.apply_at else item.go_live_at
        ahead = moment is not None and moment > timezone.now()
        return buttons(Situation(item.state, pending, ahead), rights)
