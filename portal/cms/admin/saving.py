"""How the form of something published is saved, and what its buttons do; a part of `PublishableAdmin`.

An existing item is saved on trial (`revisions.content.trial`): the form and its rows are written, what
came of it is read as data, and the writing is undone. What then happens to that content is decided by
`revisions.actions`: into the item, into the pending draft of a published one, or, where somebody else
has saved meanwhile, into a revision and onto the screen. All of it is one transaction: a server that
dies has saved everything or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from portal.cms.admin import asking, autosaving, conflict, previewing, reviewing
from portal.cms.admin.desk import person
from portal.cms.admin.rights import PublishingRights
from portal.cms.admin.state import state_of
from portal.cms.admin.verbs import Situation, Verb, not_done, outcome, perform, saved_instead
from portal.cms.compliance import panel as checking
from portal.cms.compliance.decisions import clear
from portal.cms.handing_back import Why, hand_back
from portal.cms.locking import lock
from portal.cms.publishing import Publishable, State, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.content import same, trial
from portal.cms.revisions.models import Event

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin


class Saving(PublishingRights):
    """From the form that was sent to the answer."""

    @property
    def whole(self) -> PublishableAdmin:
        """The admin that this is a part of, as the modules around it know it."""
        return cast("PublishableAdmin", self)

    # --- What was sent -----------------------------------------------------------------------------

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
            super(Saving, self).save_related(request, form, formsets, change)

        sent = state_of(request)
        sent.content = trial(form.instance, save)
        if self.previews(request):
            return
        # Asked for only where there is a live page to be changed; elsewhere it stays as it is stored.
        sent.apply_at = form.cleaned_data.get("apply_at", sent.apply_at)
        stored = lock(self.model, form.instance.pk)
        sent.stale = stored is None or (
            form.sent_version != str(stored.edit_version)
            # The same form sent twice, by a double click or a proxy, finds its own text there.
            and not same(sent.content, drafts.working_content(stored))
        )

    def previews(self, request: HttpRequest) -> bool:
        """Whether the form was sent to be looked at, not to be saved."""
        return request.method == "POST" and Verb.of(request.POST) == Verb.PREVIEW

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None if self.previews(request) else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what was saved; a text that came too late, or to be looked at, was not."""
        unsaved = state_of(request).stale or self.previews(request)
        return None if unsaved else super().log_change(request, obj, message)

    # --- What becomes of it --------------------------------------------------------------------------

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if self.previews(request):
            return previewing.show(self.whole, request, None, state_of(request).content)
        autosaving.forget(self, request, None)
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        actions.record(obj, Event.SAVED, person(request))
        return self.carry_out(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Put the content that the trial has brought where it belongs, or keep it apart if it is stale."""
        sent, by = state_of(request), person(request)
        if self.previews(request):
            return previewing.show(self.whole, request, obj, sent.content)
        item = lock(self.model, obj.pk)
        if item is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(obj.pk))
        autosaving.forget(self, request, item)  # from here on the text is stored, wherever it goes
        if sent.stale:
            reviewing.keep_note(request, item)
            kept = actions.refuse(item, sent.content, by, conflict.began(request, item))
            return conflict.show(self.whole, request, item, kept)
        try:
            with transaction.atomic():
                actions.save(item, sent.content, by, apply_at=sent.apply_at)
        except ValidationError as error:
            # Fit for the form, but not to be stored: what only the form's own fields know is wrong.
            actions.refuse(item, sent.content, by, item.edit_version)
            problem = f"没有保存：{''.join(error.messages)}您的文字已留在“修改历史”里。"
            self.message_user(request, problem, messages.ERROR)
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
            return reviewing.send_back(self.whole, request, item)
        reviewing.keep_note(request, item)
        if self.oversteps(request):
            reviewing.keep_reason(request, item)
            at = asking.situation(item)
            self.say_not_done(request, at, saved_instead(Verb.of(request.POST), at))
            return self.leave_form(request, item)
        if not asking.is_settled(request, item, verb):
            return HttpResponseRedirect(self.url_of(verb.page, item))
        # Nothing of a page without any change waits for a decision: it has been published.
        unchanged = item.status == Status.PUBLISHED and drafts.pending_of(item) is None
        brings_forward = verb == Verb.PUBLISH_NOW and item.state == State.SCHEDULED
        try:
            if brings_forward or (verb in (Verb.PUBLISH, Verb.PUBLISH_NOW) and not unchanged):
                clear(item, by, request.POST.get(checking.REASON, ""))
            with transaction.atomic():
                event = perform(verb, item, by, apply_at=state_of(request).apply_at)
                if event is not None:
                    self.log_change(request, item, event.label)
        except ValidationError as error:
            saved = "" if unchanged else "已保存为草稿，"
            problem = f"{saved}没有发布：{''.join(error.messages)}"
            self.message_user(request, problem, messages.WARNING)
            return self.to_form(request, item, "missing=1")
        return self.done(request, item, event)

    def carry_out_unsaved(self, request: HttpRequest, item: Publishable) -> HttpResponse | None:
        """Do what must not wait until every field is right: off the site, into the bin, no such draft.

        What was typed is not part of the item then; it is kept like any form that was refused.
        """
        verb = self.verb(request)
        if verb not in (Verb.WITHDRAW, Verb.DISCARD, Verb.BIN) or self.lock_reason(request, item):
            return None
        locked = lock(self.model, item.pk)
        if locked is None:
            return None
        message = "表单里有填错的地方，刚才填写的内容没有存进稿件；已经自动保存，打开表单可以放回。"
        self.message_user(request, message, messages.WARNING)
        return self.carry_out(request, locked)

    # --- The answer ----------------------------------------------------------------------------------

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Hand back what was typed into the form of an item that is deleted for good by now."""
        redirect: Any = super()._get_obj_does_not_exist_redirect  # type: ignore[misc]
        return hand_back(request, Why.GONE) or redirect(request, opts, object_id)

    def say_not_done(self, request: HttpRequest, at: Situation, instead: str = "") -> None:
        """Say what was not done as this person may not publish, and what was `instead`."""
        told = not_done(Verb.of(request.POST), at, self.why_not(request))
        self.message_user(request, told + instead, messages.WARNING)

    def done(
        self, request: HttpRequest, item: Publishable, event: Event | None = None
    ) -> HttpResponse:
        """Say how things stand after an event, and lead on."""
        message = format_html("“{}”{}", item, outcome(item, drafts.pending_of(item), event))
        if url := self.get_view_on_site_url(item):
            message = format_html('{} <a href="{}">查看页面</a>', message, url)
        self.message_user(request, message, messages.SUCCESS)
        return self.leave_form(request, item)

    def leave_form(self, request: HttpRequest, item: Publishable) -> HttpResponse:
        """Go back to the form of an item that is saved; to the list where there is none."""
        if item.deleted_at is not None or not self.has_view_or_change_permission(request):
            return self._response_post_save(request, item)  # type: ignore[attr-defined,no-any-return]
        return self.to_form(request, item)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The address of the page, where a reader would find one there."""
        return obj.get_absolute_url() if obj is not None and obj.is_public else None

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
