"""投诉与下架: tickets by their deadline, and the page on which one is decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from portal.cms import private
from portal.cms.accounts import User
from portal.cms.admin.desk import DeskAdmin, person
from portal.cms.admin.lists import badge, state_badge
from portal.cms.admin.publishable import PublishableAdmin
from portal.cms.phones import display, tel_url
from portal.cms.publishing import Publishable, Status
from portal.cms.times import short
from staffing.enquiries.showing import Fact
from staffing.models import Ticket
from staffing.models.journal import without_phones
from staffing.tickets import verbs

TONES = {
    Ticket.Status.OPEN: "in_review",
    Ticket.Status.ANSWERED: "scheduled",
    Ticket.Status.CLOSED: "draft",
}
# The buttons of the page, by name: what is written down is the text beside them.
VERBS: dict[str, Callable[[Ticket, User, str], object]] = {
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
    "take_down": "已下架，访客现在看到“这篇内容已下线”",
    "correct": "已记为更正",
    "reject": "已记为不成立",
    "undo": "处理已撤销",
    "answer": "已记为答复",
    "close": "已结案",
}
LONGEST = 450


class StatusFilter(admin.SimpleListFilter):
    """By status; without a choice, what is not closed, for that is what there is to do."""

    title = "状态"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*Ticket.Status.choices, ("all", "全部")]

    def choices(self, changelist: ChangeList) -> Any:
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": "未结案"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Ticket.Status.values:
            return queryset.filter(status=self.value())
        if self.value() == "all" or request.GET.get("q"):
            return queryset
        return queryset.exclude(status=Ticket.Status.CLOSED)


@admin.register(Ticket)
class TicketAdmin(DeskAdmin):
    """Tickets come from the public forms; they are decided here, and never made or deleted."""

    class Media:
        css = {"all": ["desk/leads.css"]}

    list_display = ("title", "kind", "due", "status_word", "decision", "owner", "received")
    list_display_links = ("title",)
    list_select_related = ("owner",)
    list_filter = (StatusFilter, "kind", "decision")
    search_fields = ("number", "organisation", "page")
    search_help_text = "按编号、单位或涉及的页面查找。"
    actions = None
    ordering = ("due_on", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

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
        if days < 0:
            return badge("逾期", "expired", f"{-days} 天")
        return badge("今天", "in_review") if days == 0 else f"{ticket.due_on}（还有 {days} 天）"

    @admin.display(description="状态", ordering="status")
    def status_word(self, ticket: Ticket) -> SafeString:
        return badge(ticket.get_status_display(), TONES[Ticket.Status(ticket.status)])

    @admin.display(description="收到", ordering="received_at")
    def received(self, ticket: Ticket) -> str:
        return short(ticket.received_at)

    # --- One ticket -----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "staffing_ticket"

        def route(address: str, view: Any) -> URLPattern:
            made: URLPattern = path(
                f"<int:pk>/{address}/", site.admin_view(view), name=f"{name}_{address}"
            )
            return made

        return [
            route("claim", require_POST(self.claim_view)),
            route("reveal", require_POST(self.reveal_view)),
            route("proof", require_safe(self.proof_view)),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a ticket, or do what the button that was pressed says; a text that is refused stays."""
        found: Ticket | None = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, found)
        text = request.POST.get("text", "")[:LONGEST]
        verb = next((name for name in VERBS if name in request.POST), "note")
        try:
            with transaction.atomic():
                ticket = self._locked(request, found.pk)
                if verb in ("take_down", "undo"):
                    self._refuse_without_right(request, ticket, verb)
                VERBS[verb](ticket, person(request), text)
        except ValidationError as error:
            ticket = Ticket.objects.get(pk=found.pk)
            return self.page(request, ticket, text=text, problems=error.messages)
        self.message_user(request, f"{DONE[verb]}：{ticket}。", messages.SUCCESS)
        return redirect("admin:staffing_ticket_change", ticket.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done about a ticket stands on its own page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:staffing_ticket_change", object_id)

    def page(
        self,
        request: HttpRequest,
        ticket: Ticket,
        *,
        text: str = "",
        problems: list[str] | None = None,
        revealed: bool = False,
    ) -> HttpResponse:
        user = person(request)
        item: Any = ticket.item
        alive = ticket.erased_at is None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(ticket),
            "ticket": ticket,
            "original": ticket,
            "media": self.media,
            "text": text,
            "problems": problems or [],
            "longest": LONGEST,
            "status": badge(ticket.get_status_display(), TONES[Ticket.Status(ticket.status)]),
            "due": self.due(ticket),
            "facts": facts(ticket, revealed=revealed),
            "revealed": revealed,
            "item": item,
            "item_state": state_badge(item.state) if item is not None else "",
            "item_form": self._form_of(request, item),
            "entries": ticket.entries.select_related("by").order_by("-at", "-pk"),
            "may_change": self.has_change_permission(request, ticket) and alive,
            "may_claim": ticket.owner is None and alive,
            "may_reveal": user.has_perm("staffing.reveal_phone") and alive and ticket.phone,
            "may_take_down": self._may_publish(request, item),
            "can_take_down": item is not None and item.status == Status.PUBLISHED,
            "undecided": ticket.decision == Ticket.Decision.NONE,
        }
        return TemplateResponse(request, "admin/staffing/ticket_page.html", context)

    def _form_of(self, request: HttpRequest, item: Publishable | None) -> str:
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

    def _locked(self, request: HttpRequest, pk: int, *rights: str) -> Ticket:
        if not person(request).has_perms(["staffing.change_ticket", *rights]):
            raise PermissionDenied
        ticket = verbs.locked(pk)
        if ticket is None:
            raise Http404
        return ticket

    def claim_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            with transaction.atomic():
                ticket = self._locked(request, pk)
                verbs.claim(ticket, person(request))
        except ValidationError as error:
            self.message_user(request, "".join(error.messages), messages.WARNING)
        return redirect("admin:staffing_ticket_change", pk)

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the number, in this answer alone: the page's own address never does."""
        try:
            with transaction.atomic():
                ticket = self._locked(request, pk, "staffing.reveal_phone")
                verbs.reveal(ticket, person(request))
        except ValidationError as error:
            self.message_user(request, "".join(error.messages), messages.WARNING)
            return redirect("admin:staffing_ticket_change", pk)
        return self.page(request, ticket, revealed=True)

    def proof_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead to the proof by a link that is good for this person and five minutes."""
        user = person(request)
        if not user.has_perm("staffing.change_ticket"):
            raise PermissionDenied
        ticket = Ticket.objects.select_related("proof").filter(pk=pk).first()
        if ticket is None or ticket.proof is None:
            raise Http404
        return redirect(private.url(ticket.proof, user))


def facts(ticket: Ticket, *, revealed: bool) -> list[Fact]:
    """Return what was sent to us, without what was left empty. Numbers are masked in every text."""
    told = [
        Fact("称呼", ticket.name),
        Fact("单位", ticket.organisation),
        Fact("邮箱", ticket.email, f"mailto:{ticket.email}"),
        Fact("权利依据", ticket.right),
        Fact("情况说明", ticket.statement, long=True),
    ]
    if revealed:
        told.insert(2, Fact("电话", display(ticket.phone), tel_url(ticket.phone)))
    else:
        told = [fact.masked() for fact in told]
        told.insert(2, Fact("电话", ticket.masked_phone))
    page = Fact("涉及的页面", ticket.page, ticket.page).masked()
    return [fact for fact in (page, *told) if fact.text]
