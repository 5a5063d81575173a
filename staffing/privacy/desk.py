"""What the desks over personal data share: nothing is made, deleted, or read by the way.

A telephone number stands in no address, no log and no list. It is read on the page of one row, by right
and for one answer, and searched for whole, by a key.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.text import smart_split
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from portal.cms import private
from portal.cms.accounts import User
from portal.cms.admin.desk import NOT_SAVED, DeskAdmin, person
from portal.cms.handing_back import puts_back
from portal.cms.phones import phone_key, to_e164
from staffing.models.journal import may_be_number, without_phones
from staffing.privacy.files import READ_NUMBERS
from staffing.privacy.lists import PhoneFilter, is_untold, was_told
from staffing.privacy.showing import keeping

# How the address of a list asks for a span of days, or for nothing at all.
ENDINGS = ("", "__exact", "__isnull", "__gte", "__lt")


class PersonalDesk(DeskAdmin):
    """Rows that come and go by themselves."""

    class Media:
        css = {"all": ["desk/leads.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Allow what the filters offer. Django lets any column be asked for: `?phone__startswith=+861`
        would tell a number digit by digit.
        """
        offered: set[str | None] = set()
        for one in self.get_list_filter(request):
            if isinstance(one, str):
                offered.update(one + ending for ending in ENDINGS)
            else:
                offered.add(getattr(one, "parameter_name", None))
        return lookup in offered


# --- One row ------------------------------------------------------------------------------------------


@method_decorator(sensitive_post_parameters(SEARCH_VAR), name="changelist_view")
class SentDesk(PersonalDesk):
    """The desk over leads, or over tickets.

    `verbs` is the module of what is done to a row, `paper` the field of its private file. The first of
    `search_fields` is our own number for a row.
    """

    verbs: ModuleType
    paper: str

    def page(
        self, request: HttpRequest, row: Any, form: Any = None, *, revealed: bool = False
    ) -> HttpResponse:
        """Show a row, with its form or this one; `revealed`: with its number."""
        raise NotImplementedError

    def form_of(self, row: Any) -> forms.Form:
        """Return the form on the page of a row, as nobody has touched it yet."""
        raise NotImplementedError

    def save(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take what was sent from the page of a row."""
        raise NotImplementedError

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; what is searched for comes by POST, so that no number stands in an address."""
        if request.method == "POST" and SEARCH_VAR in request.POST:
            return redirect(f"{request.path}?{urlencode(self._searched(request))}")
        return super().changelist_view(request, extra_context)

    def _searched(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address of a search says: words, or the key of a number."""
        dropped = (SEARCH_VAR, PhoneFilter.parameter_name, "csrfmiddlewaretoken", "p")
        kept = {name: value for name, value in request.POST.items() if name not in dropped}
        words = request.POST[SEARCH_VAR].strip()
        try:
            return {**kept, PhoneFilter.parameter_name: phone_key(to_e164(words))}
        except ValidationError:
            return {**kept, SEARCH_VAR: without_phones(words)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Look for a word with several digits in our own numbers, and elsewhere only as a whole.

        Texts are searched as they are stored and shown masked: else a number that somebody typed into
        one would be told digit by digit.
        """
        ours, *texts = self.get_search_fields(request)
        words = []
        for word in smart_split(search_term):
            if not may_be_number(word):
                words.append(word)
                continue
            told = Q(**{f"{ours}__icontains": word})
            for name in texts:
                told |= Q(**{f"{name}__iexact": word})
            queryset = queryset.filter(told)
        return super().get_search_results(request, queryset, " ".join(words))

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("claim", require_POST(self.claim_view)),
            self.route("reveal", require_POST(self.reveal_view)),
            self.route(self.paper, require_safe(self.paper_view)),
            *super().get_urls(),
        ]

    def route(self, verb: str, view: Any) -> URLPattern:
        """Return where a verb of one row is."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_{verb}"
        made: URLPattern = path(f"<int:pk>/{verb}/", self.admin_site.admin_view(view), name=name)
        return made

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row (some ten queries), or take what a colleague has written on its page."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        if puts_back(request):
            # Shown and not saved: who sends it may not have typed it (portal.cms.handing_back).
            form = self.form_of(found)
            form.initial.update(request.POST.dict())
            self.message_user(request, NOT_SAVED, messages.WARNING)
            return self.page(request, found, form)
        if request.method == "POST":
            return self.save(request, found.pk)
        return self.page(request, found)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to a row stands on its own page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return self.to_page(object_id)

    def shared_context(self, request: HttpRequest, row: Any, *, revealed: bool) -> dict[str, Any]:
        """Return what the page of a lead says, and that of a ticket too; one query."""
        alive, told = row.erased_at is None, was_told(row)
        return {
            "title": str(row),
            "original": row,
            "media": self.media,
            "revealed": revealed,
            "keeping": keeping(row),
            "deliveries": told,
            "untold": is_untold(row, told),
            "may_change": self.has_change_permission(request) and alive,
            "may_claim": alive and (row.owner is None or not row.owner.is_active),
            "may_reveal": person(request).has_perm(READ_NUMBERS) and alive,
        }

    def right(self, verb: str) -> str:
        return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"

    def locked(self, request: HttpRequest, pk: int, *rights: str) -> Any:
        """Return a row that nobody else writes until the transaction ends, to who has these rights."""
        if not person(request).has_perms(rights):
            raise PermissionDenied
        row = self.model._default_manager.select_for_update().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def act(
        self,
        request: HttpRequest,
        pk: int,
        word: str,
        verb: Callable[[Any, User], object],
        *rights: str,
    ) -> HttpResponse:
        """Do something to a row by right, under its lock; say that it is done, or why it cannot be."""
        try:
            with transaction.atomic():
                row = self.locked(request, pk, self.right("change"), *rights)
                verb(row, person(request))
        except ValidationError as error:
            return self.refused(request, pk, error)
        self.message_user(request, f"{word}：{row}。", messages.SUCCESS)
        return self.to_page(pk)

    def refused(self, request: HttpRequest, pk: int, error: ValidationError) -> HttpResponse:
        self.message_user(request, "".join(error.messages), messages.WARNING)
        return self.to_page(pk)

    def to_page(self, pk: object) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)

    # --- Its verbs ------------------------------------------------------------------------------------

    def claim_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.act(request, pk, "已认领", self.verbs.claim)

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the number, in this answer alone: the page's own address never does."""
        try:
            with transaction.atomic():
                row = self.locked(request, pk, self.right("view"), READ_NUMBERS)
                self.verbs.reveal(row, person(request))
        except ValidationError as error:
            return self.refused(request, pk, error)
        return self.page(request, row, revealed=True)

    def paper_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead to the private file by a link that is good for this person and five minutes."""
        user = person(request)
        if not user.has_perms([self.right("view"), READ_NUMBERS]):
            raise PermissionDenied
        row = self.model._default_manager.select_related(self.paper).filter(pk=pk).first()
        file = getattr(row, self.paper, None)
        if file is None:
            raise Http404
        return redirect(private.url(file, user))
