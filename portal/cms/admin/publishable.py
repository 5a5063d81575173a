"""`PublishableAdmin`: the admin of everything that has drafts and is published.

    @admin.register(Page)
    class PageAdmin(PublishableAdmin):
        list_display = ("title", "slug", "state_label", "updated_by", "updated")
        search_fields = ("title", "slug")
        fieldsets = (
            (None, {"fields": ("title", "slug", "summary", "body")}),
            PUBLISHING,  # go-live and end; every subclass has this fieldset
            ("搜索引擎", {"fields": ("seo_description",)}),
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
`list_filter`    extend it: `(*PublishableAdmin.list_filter, "category")`; `actions` likewise, with
                 actions built on `portal.cms.admin.bulk.each`.

How a form is saved. An existing item is saved on trial (`revisions.content.trial`): the form and its
rows are written, what came of it is read as data, and the writing is undone. What then happens to
that content is decided by `revisions.actions`: into the item, into the pending draft of a published
one, or, where somebody else has saved meanwhile, into a revision and onto the screen. All of it is
one transaction: a server that dies has saved everything or nothing.

Rights. `<app>.change_<model>` lets a person edit everything, as what is published is edited as a
draft; `<app>.publish_<model>` lets them publish, withdraw and send back. A model whose
`Meta.permissions` name `review_<model>` stands under the site's review rule: while
`SiteProfile.review_required` is on, publishing takes that permission as well. Who lacks only that, as
the rule came while they wrote, and presses 发布 saves the draft. Nothing is deleted but from the bin, by a superuser.

Tests post `edit_version` (as the form holds it) together with the fields; without it a change counts
as stale. Buttons are named by `Verb`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin import autosaving, conflict, history, pictures, previewing, reviewing
from portal.cms.admin.bulk import (
    bin_selected,
    publish_selected,
    restore_selected,
    withdraw_selected,
)
from portal.cms.admin.copying import copy_as_draft
from portal.cms.admin.desk import DeskAdmin, person
from portal.cms.admin.forms import PublishableForm
from portal.cms.admin.handover import hand_over_selected
from portal.cms.admin.lists import (
    PendingFilter,
    PublishableChangeList,
    StateFilter,
    pending_badge,
    short,
    shows_bin,
    state_badge,
)
from portal.cms.admin.verbs import Rights, Situation, Verb, buttons, outcome, perform
from portal.cms.compliance import desk as checking
from portal.cms.compliance.decisions import clear
from portal.cms.publishing import Publishable, State, Status
from portal.cms.revisions import actions
from portal.cms.revisions.content import Content, trial
from portal.cms.revisions.models import Event, PendingDraft
from portal.cms.site import SiteProfile

PUBLISHING: tuple[str, Any] = ("发布", {"fields": ("go_live_at", "expire_at")})

# What stands around the form, each with its own pages (`urls`) and its own part of the form
# (`context`, shown by a template of its own).
PARTS: tuple[Any, ...] = (autosaving, checking, conflict, history, previewing, reviewing)


@dataclass
class Desk:
    """What one request has learnt about the item in its form."""

    state: State | None = None  # as stored; None: not stored yet
    content: Content = field(default_factory=dict)  # what was sent
    apply_at: datetime | None = None  # when the pending draft takes effect: as stored, then as sent
    stale: bool = False  # somebody else has saved since the form was opened


def desk(request: HttpRequest) -> Desk:
    """Return the request's own `Desk`: Django's hooks have nothing else in common."""
    if not hasattr(request, "desk"):
        request.desk = Desk()  # type: ignore[attr-defined]
    return request.desk  # type: ignore[attr-defined,no-any-return]


class PublishableAdmin(DeskAdmin):
    """The admin of a `Publishable`; see the module's docstring for how to use it."""

    title_field: ClassVar[str] = "title"
    not_copied: ClassVar[tuple[str, ...]] = ()

    form = PublishableForm
    change_form_template = "admin/cms/publishable_change_form.html"
    list_display: tuple[Any, ...] = ("__str__", "state_label", "updated_by", "updated")
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter, PendingFilter, "created_by")
    list_select_related: ClassVar[tuple[str, ...]] = ("updated_by",)
    date_hierarchy: ClassVar[str | None] = "go_live_at"
    ordering: ClassVar[tuple[str, ...]] = ("-updated_at",)
    actions: tuple[Any, ...] = (
        publish_selected,
        withdraw_selected,
        bin_selected,
        hand_over_selected,
        restore_selected,
    )

    class Media:
        css = {"all": ["desk/findings.css", "desk/review.css"]}
        js = ["desk/findings.js", "desk/review.js"]

    # --- Rights ------------------------------------------------------------------------------------

    @property
    def under_review(self) -> bool:
        """Whether the site's review rule holds for this model."""
        return f"review_{self.opts.model_name}" in dict(self.opts.permissions)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether this person may change what readers see. At most one query a request."""
        app, model = self.opts.app_label, self.opts.model_name
        if not self._is_publisher(request):
            return False
        if not self.under_review or request.user.has_perm(f"{app}.review_{model}"):
            return True
        if not hasattr(request, "review_required"):
            rule = SiteProfile.objects.filter(pk=1, review_required=True)
            request.review_required = rule.exists()  # type: ignore[attr-defined]
        return not request.review_required  # type: ignore[attr-defined]

    def _is_publisher(self, request: HttpRequest) -> bool:
        """Whether this person may publish as long as the site asks for no review."""
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def _awaits_review(self, request: HttpRequest) -> bool:
        """Whether 发布 was pressed by a publisher who now, under the review rule, may only submit.

        The rule may have come while they wrote. A bare 403 would lose the text, so it is saved.
        """
        publishing = Verb.of(request.POST) in (Verb.PUBLISH, Verb.PUBLISH_NOW)
        return (
            publishing and self._is_publisher(request) and not self.has_publish_permission(request)
        )

    def verb(self, request: HttpRequest) -> Verb:
        """Return what this request does: what the button says, or else only saving."""
        return Verb.SAVE if self._awaits_review(request) else Verb.of(request.POST)

    def lock_reason(self, request: HttpRequest, item: Publishable) -> str:
        """Say why this person may not change this item; empty when they may. One query at most."""
        if item.deleted_at is not None:
            return "这条内容在回收站里，恢复后才能修改。"
        pending = actions.pending_of(item)
        if pending and pending.is_scheduled and not self.has_publish_permission(request):
            return "这条内容的修改已经定时发布，生效之前只能由有发布权限的同事修改。"
        return ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show what is locked as read-only.

        Not on POST: somebody may have published the draft this person was still writing, and a bare
        403 would lose the text. There `PublishableForm` refuses, and shows the text again.
        """
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.method == "POST" or not self.lock_reason(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deletion for good: out of the bin, by a superuser. Everybody else moves things into it."""
        binned = obj is None or obj.deleted_at is not None
        return binned and bool(getattr(request.user, "is_superuser", False))

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
        in_bin = {"restore_selected", "delete_selected"}
        actions = super().get_actions(request)
        return {name: actions[name] for name in actions if (name in in_bin) == shows_bin(request)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PublishableChangeList]:
        return PublishableChangeList

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The address of the page, where a reader would find one there."""
        return obj.get_absolute_url() if obj is not None and obj.is_public else None

    # --- The form ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_bin"
        view = self.admin_site.admin_view(self.bin_view)
        own = [path("<path:object_id>/bin/", view, name=name)]
        return [*own, *(url for part in PARTS for url in part.urls(self)), *super().get_urls()]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        """Return a form class that knows who is at the form; Django makes one for each request."""
        form: type[PublishableForm] = super().get_form(request, obj, change, **kwargs)  # type: ignore[assignment]
        verb = self.verb(request)
        form.title_field = self.title_field
        form.lock_reason = self.lock_reason(request, obj) if obj is not None else ""
        form.stored_state = desk(request).state
        form.base_fields["apply_at"].initial = desk(request).apply_at
        form.leaves_the_site = verb in (Verb.WITHDRAW, Verb.BIN, Verb.PUBLISH_NOW)
        form.put_back = verb == Verb.PUT_BACK
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask when a change takes effect where there is a live page to be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if desk(request).state != State.LIVE:
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
        else may write: neither a colleague (stale save) nor a reader (read count).
        """
        if request.method == "POST":
            try:
                actions.lock(self.model, object_id)
            except (ValueError, ValidationError, OverflowError):
                return None
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            pending = actions.pending_of(item)
            desk(request).state = item.state
            desk(request).apply_at = pending.apply_at if pending else None
            actions.show_pending(item, pending)
        return item

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Refuse verbs that are not this person's, and do those that need no form."""
        if request.method == "POST":
            verb = self.verb(request)
            if verb.needs_publishing and not self.has_publish_permission(request):
                raise PermissionDenied
            if object_id is not None and verb in (Verb.COPY, Verb.UNBIN):
                return self.stored_item_view(request, object_id, verb)
            if verb == Verb.PUT_BACK and (answer := autosaving.restore(self, request, object_id)):
                return answer
            if self.has_view_or_change_permission(request):
                pictures.take_in(self, request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    @transaction.atomic
    def stored_item_view(self, request: HttpRequest, object_id: str, verb: Verb) -> HttpResponse:
        """Copy an item, or take it out of the bin, as it is stored: of what was typed, only the comment."""
        item = self.get_object(request, object_id)
        if item is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if verb == Verb.UNBIN:
            if not self.has_change_permission(request, item):
                raise PermissionDenied
            if item.deleted_at is not None:
                actions.unbin(item, person(request))
                self.log_change(request, item, "恢复")
            reviewing.keep_note(request, item)
            return self.done(request, item)
        if not (self.has_add_permission(request) and self.has_view_permission(request, item)):
            raise PermissionDenied
        reviewing.keep_note(request, item)
        copy = copy_as_draft(self, item, person(request))
        self.log_addition(request, copy, f"复制自“{item}”")
        return self.done(request, copy)

    @transaction.atomic
    def bin_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask before what readers can see goes into the bin."""
        item = self.get_object(request, object_id)
        if item is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if not (self.has_change_permission(request, item) and self.has_publish_permission(request)):
            raise PermissionDenied
        if request.method == "POST":
            actions.bin(item, person(request))
            self.log_change(request, item, "移入回收站")
            return self.done(request, item)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": item}
        context |= {"title": f"移入回收站：{item}", "page_url": self.get_view_on_site_url(item)}
        return TemplateResponse(request, "admin/cms/bin.html", context)

    # --- Saving --------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a new item. What `save_related` saves on trial, with its rows, is left to it."""
        obj.updated_by = request.user
        if not change:
            obj.created_by = request.user
            if not self.previews(request):
                super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows of a new item; try what becomes of an existing one, or of a previewed one."""
        if not change and not self.previews(request):
            super().save_related(request, form, formsets, change)
            return

        def save() -> None:
            form.instance.save()
            super(PublishableAdmin, self).save_related(request, form, formsets, change)

        desk(request).content = trial(form.instance, save)
        if self.previews(request):
            return
        desk(request).apply_at = form.cleaned_data.get("apply_at")
        stored = actions.lock(self.model, form.instance.pk)
        desk(request).stale = stored is None or form.sent_version != str(stored.edit_version)

    def previews(self, request: HttpRequest) -> bool:
        """Whether the form was sent to be looked at, not to be saved."""
        return request.method == "POST" and Verb.of(request.POST) == Verb.PREVIEW

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None if self.previews(request) else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was saved; a text that came too late, or to be looked at, was not."""
        unsaved = desk(request).stale or self.previews(request)
        return None if unsaved else super().log_change(request, obj, message)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if self.previews(request):
            return previewing.show(self, request, None, desk(request).content)
        autosaving.forget(request)
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        actions.record(obj, Event.SAVED, person(request))
        return self.carry_out(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Put the content that the trial has brought where it belongs, or keep it apart if it is stale."""
        if self.previews(request):
            return previewing.show(self, request, obj, desk(request).content)
        item = actions.lock(self.model, obj.pk)
        if item is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(obj.pk))  # type: ignore[attr-defined,no-any-return]
        sent = desk(request)
        autosaving.forget(request)  # from here on the text is stored, whichever way it goes
        if sent.stale:
            reviewing.keep_note(request, item)
            began = conflict.began(request, item)
            kept = actions.refuse(item, sent.content, person(request), began)
            return conflict.show(self, request, item, kept)
        try:
            with transaction.atomic():
                actions.save(item, sent.content, person(request))
        except ValidationError as error:
            # Fit for the form, but not to be stored: what only the form's own fields know is wrong.
            actions.refuse(item, sent.content, person(request), item.edit_version)
            self.message_user(
                request,
                f"没有保存：{''.join(error.messages)}您的文字已留在“修改历史”里。",
                messages.ERROR,
            )
            return self.to_form(request, item)
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, item)
        return self.carry_out(request, item)

    def carry_out(self, request: HttpRequest, item: Publishable) -> HttpResponse:
        """Do what the button says, now that the text is saved, in the same transaction.

        Saved first, so that what still keeps it from being published costs nobody a word.
        """
        verb, by = self.verb(request), person(request)
        if verb == Verb.SEND_BACK:
            return reviewing.send_back(self, request, item)
        reviewing.keep_note(request, item)
        if verb == Verb.BIN and item.status == Status.PUBLISHED:
            return HttpResponseRedirect(self.url_of("bin", item))
        try:
            if verb in (Verb.PUBLISH, Verb.PUBLISH_NOW):
                clear(item, by, request.POST.get(checking.REASON, ""))
            with transaction.atomic():
                if event := perform(verb, item, by, apply_at=desk(request).apply_at):
                    self.log_change(request, item, event.label)
        except ValidationError as error:
            missing = (message.removeprefix("发布前请").rstrip("。") for message in error.messages)
            self.message_user(
                request, f"已保存为草稿，发布前还需：{'；'.join(missing)}。", messages.WARNING
            )
            return self.to_form(request, item, "missing=1")
        if self._awaits_review(request) and item.status != Status.IN_REVIEW:
            self.message_user(
                request, "已保存；网站已改为先审后发，请点“提交审核”。", messages.WARNING
            )
            return self.to_form(request, item)
        return self.done(request, item)

    def done(self, request: HttpRequest, item: Publishable) -> HttpResponse:
        """Say how things stand now, and go back to the form; to the list where there is none."""
        pending = actions.pending_of(item)
        message = format_html("“{}”{}", item, outcome(item, pending))
        if url := self.get_view_on_site_url(item):
            message = format_html('{} <a href="{}">查看页面</a>', message, url)
        self.message_user(request, message, messages.SUCCESS)
        if item.deleted_at is not None or not self.has_view_or_change_permission(request):
            return self._response_post_save(request, item)  # type: ignore[attr-defined,no-any-return]
        return self.to_form(request, item)

    def url_of(self, view: str, item: Publishable, *args: Any) -> str:
        """Return the address of one of the item's pages on the desk."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}"
        return reverse(name, args=[item.pk, *args], current_app=self.admin_site.name)

    def to_form(self, request: HttpRequest, item: Publishable, query: str = "") -> HttpResponse:
        """Redirect to the form of an item, never re-render: a reload must not save a second time."""
        url = self.url_of("change", item)
        url = f"{url}?{query}" if query else url
        kept: dict[str, Any] = {
            "preserved_filters": self.get_preserved_filters(request),
            "opts": self.opts,
        }
        return HttpResponseRedirect(add_preserved_filters(kept, url))

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
        # `obj` holds what was typed, or the pending draft; the state line tells of what is stored.
        stored = obj and self.model._default_manager.select_related("updated_by").get(pk=obj.pk)
        pending = actions.pending_of(stored) if stored else None
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
        for part in PARTS:
            context |= part.context(self, request, form, stored)
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
            restore=may_edit,
        )
        if item is None:
            return buttons(Situation(None), rights)
        moment = pending.apply_at if pending and pending.apply_at else item.go_live_at
        ahead = moment is not None and moment > timezone.now()
        return buttons(Situation(item.state, pending, ahead), rights)
