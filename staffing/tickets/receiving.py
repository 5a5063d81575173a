"""Taking in a complaint, or a request to take a page down: with the day by which it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from portal.cms import private
from portal.cms.addresses import item_at
from portal.cms.delivery import enqueue
from portal.cms.media.admission import Admitted
from portal.cms.phones import phone_key
from staffing.incoming.turns import admit, fingerprint_of, store_once, submission_of
from staffing.incoming.visit import Visit
from staffing.models import FormPolicy, PrivacyNotice, SpecialDay, Ticket, TicketEntry
from staffing.models.calendar import working_days_after
from staffing.privacy.files import PROOF


def receive(
    kind: Ticket.Kind,
    typed: Mapping[str, Any],
    visit: Visit,
    *,
    notice: PrivacyNotice,
    proof: Admitted | None = None,
    policy: FormPolicy,
) -> Ticket:
    """Store a ticket with its first entry and the message to colleagues; or find it stored.

    Raises what `turns.admit` does.
    """
    fingerprint = fingerprint_of(kind, {**typed, "proof": proof, "notice": notice})
    submission = submission_of(visit, fingerprint, Ticket.objects.exclude(erased_at=None))

    def known() -> Ticket | None:
        return Ticket.objects.filter(submission=submission).first()

    def store(late: timedelta | None) -> Ticket:
        today = timezone.localdate()
        ticket = Ticket.objects.create(
            kind=kind,
            submission=submission,
            notice=notice,
            item=item_at(typed["page"]) if typed["page"] else None,
            due_on=due_after(today, policy.reply_working_days),
            keep_until=today + timedelta(days=policy.retention_days),
            proof=private.keep(proof, PROOF) if proof else None,
            **typed,
        )
        TicketEntry.objects.create(ticket=ticket, kind=TicketEntry.Kind.RECEIVED)
        enqueue("ticket", ticket, delay=late or timedelta())
        return ticket

    person = phone_key(typed["phone"]) or f"mail:{typed['email'].lower()}"
    return store_once(known, lambda: admit(policy, visit, person), store)


def due_after(day: date, working_days: int) -> date:
    """Return the last of so many working days after a day; one query."""
    # Of a week five days are worked, and the longest holiday with its bridges takes a fortnight.
    last = day + timedelta(days=working_days * 2 + 30)
    return working_days_after(day, working_days, SpecialDay.objects.kinds(day, last))
