"""What one person has told us, by their number or their mail: looked up, handed out, erased.

Each is written down. What they are named by comes by POST and stands in no address, no log and no
journal: there it is a key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from portal.cms.phones import display, phone_key
from portal.cms.sheets import writing
from portal.cms.times import short
from staffing.models import Consent, Enquiry, EnquiryEvent, PrivacyAct, Ticket, TicketEntry
from staffing.models.journal import without_phones
from staffing.privacy.erasing import AT_WISH, erase_enquiries, erase_tickets

if TYPE_CHECKING:
    from portal.cms.accounts import User

Act = PrivacyAct.Act
HEADERS: Final = ("单据", "项目", "内容")
# What a row says about whoever sent it, in the order of the form.
OF_ENQUIRY: Final = (
    "received_at", "name", "company", "phone", "call_when", "service", "job", "district",
    "job_type", "headcount", "starts_on", "duration", "message", "birth_year",
    "available_from", "needs_lodging", "experience", "cv", "page", "landing_page",
    "referrer_host", "search_words", "keep_until",
)  # fmt: skip
OF_TICKET: Final = (
    "received_at", "page", "name", "organisation", "phone", "email", "right", "statement", "proof",
    "keep_until",
)  # fmt: skip
E, T = EnquiryEvent.Kind, TicketEntry.Kind
# What we have written about them. Whose desk it lay on is nothing about the person.
ABOUT_THEM: Final = (
    E.NOTE, E.CALL_PLANNED, E.CONSENT, T.NOTE, T.DECIDED, T.ANSWERED, T.UNDONE, T.CLOSED
)  # fmt: skip


@dataclass
class Person:
    """Everything there is under one number, or one mail address."""

    contact: str
    leads: list[Enquiry] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    @property
    def living(self) -> list[Enquiry | Ticket]:
        """What still holds something about them."""
        rows: list[Enquiry | Ticket] = [*self.leads, *self.tickets]
        return [row for row in rows if row.erased_at is None]

    @property
    def erased(self) -> int:
        return len(self.leads) + len(self.tickets) - len(self.living)

    @property
    def left_numbers(self) -> bool:
        """Whether there may be more under a number that was left beside the mail address.

        It is not followed: whoever has the address may have named the number of somebody else.
        """
        return "@" in self.contact and any(ticket.phone for ticket in self.tickets)

    @property
    def waiting(self) -> list[Ticket]:
        """Tickets that cannot go before they are answered: the answer is what they were sent for."""
        return [
            ticket
            for ticket in self.tickets
            if ticket.status == Ticket.Status.OPEN and ticket.erased_at is None
        ]


def look_up(contact: str, by: User) -> Person:
    """Find a person, and write down who looked; four queries."""
    found = _person(contact)
    _write(Act.LOOKED, by, contact, len(found.living))
    return found


def _person(contact: str) -> Person:
    """Find what was sent from an address or a number. Leads have no address: they are called."""
    if "@" in contact:
        return Person(contact, [], list(Ticket.objects.filter(email__iexact=contact)))
    leads = Enquiry.objects.of_phone(contact).select_related("service", "job", "district")
    return Person(contact, list(leads), list(Ticket.objects.of_phone(contact)))


def _write(act: PrivacyAct.Act, by: User, contact: str, count: int, reason: str = "") -> None:
    key = phone_key(contact.lower())
    PrivacyAct.objects.create(act=act, by=by, phone_key=key, count=count, text=reason)


# --- Handing out (PIPL §45) ---------------------------------------------------------------------------


def export(contact: str, by: User, kind: str) -> bytes:
    """Return what there is about a person, as a sheet to read or as JSON for another program."""
    with transaction.atomic():
        found = _person(contact)
        told = [(str(row), list(facts_of(row))) for row in found.living]
        _write(Act.EXPORTED, by, contact, len(told), "JSON" if kind == "json" else "Excel")
    if kind == "json":
        # A list: of consents and notes there are several.
        data = [{"单据": name, "内容": facts} for name, facts in told]
        return json.dumps(data, ensure_ascii=False, indent=2).encode()
    lines = [(name, *fact) for name, facts in told for fact in facts]
    return writing.write(HEADERS, lines, "个人信息")


def facts_of(row: Enquiry | Ticket) -> Iterator[tuple[str, str]]:
    """Yield everything a row says about its person, in words; what is empty is left out."""
    for name in OF_TICKET if isinstance(row, Ticket) else OF_ENQUIRY:
        words = _words(row, name)
        if words:
            yield str(row._meta.get_field(name).verbose_name), words  # type: ignore[union-attr]
    if isinstance(row, Ticket):
        journal: Any = row.entries
    else:
        journal = row.events
        for consent in row.consents.select_related("notice").order_by("given_at"):
            yield f"同意：{consent.notice}", _consent_words(consent)
        for one in row.forwardings.order_by("at"):
            yield "转交", f"{short(one.at)} {one.recipient}"
    for entry in journal.filter(kind__in=ABOUT_THEM).exclude(text="").in_order():
        yield entry.get_kind_display(), f"{short(entry.at)} {entry.text}"


def _words(row: Enquiry | Ticket, name: str) -> str:
    value = getattr(row, name)
    if name == "phone":
        return display(value)
    if name in ("cv", "proof"):
        return value.name if value else ""
    return writing.words(value) if value else ""


def _consent_words(consent: Consent) -> str:
    withdrawn = f"，{short(consent.withdrawn_at)} 撤回" if consent.withdrawn_at else ""
    recipient = f"，接收方：{consent.recipient}" if consent.recipient else ""
    address = f"，网络地址：{consent.address}" if consent.address else ""
    return f"{short(consent.given_at)} 同意{recipient}{address}{withdrawn}"


# --- Erasing (PIPL §47) -------------------------------------------------------------------------------


def erase(contact: str, by: User, reason: str) -> tuple[int, int]:
    """Erase everything about a person but tickets that wait for an answer.

    Returns how many rows were erased, and how many wait. The reason is kept in the journal of acts.
    """
    with transaction.atomic():
        found, reason = _person(contact), without_phones(reason)[:200]
        waiting = {ticket.pk for ticket in found.waiting}
        done = erase_enquiries([lead.pk for lead in found.leads], by, AT_WISH)
        done += erase_tickets([t.pk for t in found.tickets if t.pk not in waiting], by, AT_WISH)
        _write(Act.ERASED, by, contact, done, reason)
    return done, len(waiting)
