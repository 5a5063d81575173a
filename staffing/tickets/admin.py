"""投诉与下架: tickets by their deadline, and the page on which one is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.accounts import User
from portal.cms.admin.desk import desk_page, person
from portal.cms.admin.lists import badge, state_badge
from portal.cms.admin.publishable import PublishableAdmin
from portal.cms.publishing import Publishable, Status
from portal.cms.times import short
from staffing.incoming.forms import TextField
from staffing.models import Ticket
from staffing.models.journal import without_phones
from staffing.privacy.desk import SentDesk
from staffing.privacy.lists import PhoneFilter, UnlessDone
from staffing.privacy.showing import Fact, phone_fact, shown
from staffing.tickets import verbs

TONES = {
    Ticket.Status.OPEN: "in_review",
    Ticket.Status.ANSWERED: "scheduled",
    Ticket.Status.CLOSED: "draft",
}
# The buttons of the page, by name: what is written down is the text beside them. What a verb returns is
# said as well.
VERBS: dict[str, Callable[[Ticket, User, str], str | None]] = {
    "note": verbs.note,
    "take_down": verbs.take_down,
    "correct": verbs.correct,
    "reject": verbs.reject,
    "undo": verbs.undo,
    "answer": verbs.answer,
    "close": verbs.close,
}
DONE = {
    "note": "备注已记下",
    "take_down": "已下架，访客打不开这个页面了",
    "correct": "已记为更正",
    "reject": "已记为不成立",
    "undo": "处理已撤销",
    "answer": "已记为答复",
    "close": "已结案",
}


class StatusFilter(UnlessDone):
    unchosen = "未结案"

    def to_do(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.exclude(status=Ticket.Status.CLOSED)


class SayForm(forms.Form):
    """What is written down with a verb; with a title before it, it fits into an entry of the journal."""

    text = TextField(
        label="说明",
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text="处理、答复、撤销都要写明理由；写下的会进入记录，不能再改。",
    )


@admin.register(Ticket)
class TicketAdmin(SentDesk):
    """Tickets come from the public forms; they are decided here."""

    verbs = verbs
    paper = "proof"

    list_display = ("title", "kind", "due", "status_word", "decision", "owner", "received")
    list_display_links = ("title",)
    list_select_related = ("owner",)
    list_filter = (StatusFilter, "kind", "decision", PhoneFilter)
    search_fields = ("number", "organisation", "page")
    search_help_text = "按编号、单位、涉及的页面，或完整的电话号码查找；已结案的也在内。"
    actions = None
    ordering = ("due_on", "pk")

    # --- The list -------------------------------------------------------------------------------------

    @admin.display(description="单据")
    def title(self, ticket: Ticket) -> str:
        about = without_phones(ticket.page or ticket.organisation)
        return f"{ticket.number} {about}".strip()

    @admin.display(description="答复期限", ordering="due_on")
    def due(self, ticket: Ticket) -> SafeString | str:
        if ticket.status != Ticket.Status.OPEN:
            return str(ticket.due_on)
        days = (ticket.due_on - timezone.localdate()).days
        if ticket.is_overdue:
            return badge("逾期", "expired", f"{-days} 天")
        return badge("今天", "in_review") if days == 0 else f"{ticket.due_on}（还有 {days} 天）"

    @admin.display(description="状态", ordering="status")
    def status_word(self, ticket: Ticket) -> SafeString:
        return badge(ticket.get_status_display(), TONES[Ticket.Status(ticket.status)])

    @admin.display(description="收到", ordering="received_at")
    def received(self, ticket: Ticket) -> str:
        return short(ticket.received_at)

    # --- One ticket -----------------------------------------------------------------------------------

    def save(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what the button that was pressed says; a text that is refused stays."""
        form = SayForm(request.POST, label_suffix="")
        verb = next((name for name in VERBS if name in request.POST), "note")
        try:
            with transaction.atomic():
                ticket: Ticket = self.locked(request, pk, self.right("change"))
                if verb in ("take_down", "undo"):
                    self._refuse_without_right(request, ticket, verb)
                if not form.is_valid():
                    return self.page(request, ticket, form)
                outcome = VERBS[verb](ticket, person(request), form.cleaned_data["text"])
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
            return self.page(request, Ticket.objects.get(pk=pk), form)
        self.message_user(request, f"{DONE[verb]}：{ticket}。{outcome or ''}", messages.SUCCESS)
        return self.to_page(pk)

    def page(
        self,
        request: HttpRequest,
        row: Ticket,
        form: SayForm | None = None,
        *,
        revealed: bool = False,
    ) -> HttpResponse:
        shared = self.shared_context(request, row, revealed=revealed)
        item: Any = row.item
        context = {
            **shared,
            "ticket": row,
            "form": form or self.form_of(row),
            "status": badge(row.get_status_display(), TONES[Ticket.Status(row.status)]),
            "due": self.due(row),
            "facts": facts(row, revealed=revealed),
            "item": item,
            "item_state": state_badge(item.state) if item is not None else "",
            "item_form": self._desk_of(request, item),
            "entries": row.entries.select_related("by").order_by("-at", "-pk"),
            "may_reveal": shared["may_reveal"] and row.phone,
            "may_open": shared["may_reveal"] and row.proof_id,
            "may_take_down": self._may_publish(request, item),
            "can_take_down": item is not None and item.status == Status.PUBLISHED,
            "undecided": row.decision == Ticket.Decision.NONE,
        }
        return desk_page(self, request, "admin/staffing/ticket_page.html", context)

    def form_of(self, row: Ticket) -> SayForm:
        return SayForm(label_suffix="")

    def _desk_of(self, request: HttpRequest, item: Publishable | None) -> str:
        """Return where an item is worked on; empty for whoever may not see it there."""
        desk = self.admin_site._registry.get(type(item)) if item is not None else None
        if item is None or desk is None or not desk.has_view_or_change_permission(request):
            return ""
        opts = item._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[item.pk])

    def _may_publish(self, request: HttpRequest, item: Publishable | None) -> bool:
        """Whether this person may take the item off the site, as its own form would let them."""
        desk = self.admin_site._registry.get(type(item)) if item is not None else None
        return isinstance(desk, PublishableAdmin) and desk.has_publish_permission(request)

    def _refuse_without_right(self, request: HttpRequest, ticket: Ticket, verb: str) -> None:
        touches = verb == "take_down" or ticket.decision == Ticket.Decision.TAKEDOWN
        if touches and ticket.item is not None and not self._may_publish(request, ticket.item):
            raise ValidationError(
                "您的账号不能发布或下线这类内容；请把情况写在备注里，交给有权限的同事处理。"
            )


def facts(ticket: Ticket, *, revealed: bool) -> list[Fact]:
    """Return what was sent to us."""
    phone, told = phone_fact(ticket, revealed=revealed), shown(_told(ticket), revealed=revealed)
    page = shown([Fact("涉及的页面", ticket.page, ticket.page)], revealed=False)
    return [*page, *([phone] if phone.text else []), *told]


def _told(ticket: Ticket) -> Iterator[Fact]:
    yield Fact("称呼", ticket.name)
    yield Fact("单位", ticket.organisation)
    yield Fact("邮箱", ticket.email, f"mailto:{ticket.email}")
    yield Fact("权利依据", ticket.right)
    yield Fact("情况说明", ticket.statement, long=True)
