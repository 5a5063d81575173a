"""The forms of complaint and of takedown, with the words that editors set beside them."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse

from portal.cms import private
from portal.cms.site import Page
from staffing.incoming.door import Door
from staffing.incoming.forms import Purpose
from staffing.incoming.views import came_from, form_view
from staffing.incoming.visit import Visit
from staffing.models import FormPolicy, Ticket
from staffing.privacy.files import PROOF
from staffing.tickets.forms import ComplaintForm, TakedownForm, TicketForm
from staffing.tickets.receiving import receive


@form_view
def complaint(request: HttpRequest) -> HttpResponse:
    """投诉举报: `?from=` names the page it is about."""
    return door(request, ComplaintForm, Ticket.Kind.COMPLAINT)


@form_view
def takedown(request: HttpRequest) -> HttpResponse:
    """下架请求: likewise."""
    return door(request, TakedownForm, Ticket.Kind.TAKEDOWN)


def door(request: HttpRequest, form: type[TicketForm], kind: Ticket.Kind) -> HttpResponse:
    page = came_from(request)
    beside = Page.objects.published().filter(slug=kind.value).first()
    return Door(
        request,
        form,
        partial(hand_over, kind),
        "enquiry/ticket.html",
        initial={"source": page, "page": page},
        context={"kind": kind, "page": beside},
        file="proof",
    ).answer()


def hand_over(kind: Ticket.Kind, form: TicketForm, visit: Visit, policy: FormPolicy) -> str:
    """Hand a form that is in order to `receive`; return the number of the ticket."""
    cleaned = form.cleaned_data
    typed = {name: cleaned[name] for name in form.first if name != "proof"}
    notice = next(notice for notice in form.agreed() if notice.purpose == Purpose.HANDLING)
    sent = cleaned.get("proof")
    proof = private.admitted(sent, PROOF) if sent else None
    return receive(kind, typed, visit, notice=notice, proof=proof, policy=policy).number
