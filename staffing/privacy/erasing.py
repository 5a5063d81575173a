"""Erasing what was sent to us: at the wish of whoever sent it, and by the clock.

What stays names nobody: when, by which form, from which page, how it ended, that a consent was given
and when; and a key of the number, by which it can be shown that it was erased (PIPL §47, §55), until
LEDGER has passed. The tables themselves refuse an erased row that still holds a text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from portal.cms.delivery import periodic
from portal.cms.delivery.models import Delivery
from portal.cms.locking import let_others_write
from portal.cms.private.models import PrivateFile
from staffing.models import (
    Consent,
    Enquiry,
    EnquiryEvent,
    Forwarding,
    PrivacyAct,
    Ticket,
    TicketEntry,
)
from staffing.models.enquiry import PERSONAL as PERSONAL_OF_ENQUIRY
from staffing.models.tickets import PERSONAL as PERSONAL_OF_TICKET

if TYPE_CHECKING:
    from portal.cms.accounts import User

BATCH: Final = 200
# How long it can be shown that a number's data were erased.
LEDGER: Final = timedelta(days=3 * 365)
BY_CLOCK: Final = "保留期满，自动清除"
# Why they wished it stands in PrivacyAct alone, which forgets it with the key.
AT_WISH: Final = "本人要求清除"


def erase_enquiries(pks: Collection[int], by: User | None, reason: str) -> int:
    """Erase leads with everything about them; return how many were not erased before. Ten queries.

    Belongs into a transaction. What is open is closed: nobody can be called any more.
    """
    rows = Enquiry.objects.select_for_update().filter(pk__in=pks, erased_at=None).order_by("pk")
    found = dict(rows.values_list("pk", "cv"))
    gone, now = Enquiry.objects.filter(pk__in=found), timezone.now()
    gone.filter(closed_at=None).update(status=Enquiry.Status.LOST, closed_at=now, next_call_at=None)
    gone.update(erased_at=now, birth_year=None, cv=None, **dict.fromkeys(PERSONAL_OF_ENQUIRY, ""))
    EnquiryEvent.objects.filter(enquiry__in=found).update(text="")
    Forwarding.objects.filter(enquiry__in=found).update(recipient="")
    Consent.objects.filter(enquiry__in=found).update(recipient="", address=None)
    EnquiryEvent.objects.bulk_create(
        EnquiryEvent(enquiry_id=pk, kind=EnquiryEvent.Kind.ERASED, by=by, text=reason)
        for pk in found
    )
    _forget(Enquiry, found)
    return len(found)


def erase_tickets(pks: Collection[int], by: User | None, reason: str) -> int:
    """Erase tickets with everything about them; return how many were not erased before. Eight queries.

    Belongs into a transaction. What was decided stays, and when; the words about it go.
    """
    rows = Ticket.objects.select_for_update().filter(pk__in=pks, erased_at=None).order_by("pk")
    found = dict(rows.values_list("pk", "proof"))
    Ticket.objects.filter(pk__in=found).update(
        erased_at=timezone.now(), proof=None, **dict.fromkeys(PERSONAL_OF_TICKET, "")
    )
    TicketEntry.objects.filter(ticket__in=found).update(text="")
    TicketEntry.objects.bulk_create(
        TicketEntry(ticket_id=pk, kind=TicketEntry.Kind.ERASED, by=by, text=reason) for pk in found
    )
    _forget(Ticket, found)
    return len(found)


def _forget(model: type[models.Model], found: Mapping[int, int | None]) -> None:
    """Delete the files of what was erased, and tell nobody about it any more."""
    files = [file for file in found.values() if file is not None]
    PrivateFile.objects.filter(pk__in=files).delete()
    told = Delivery.objects.filter(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
        object_id__in=found,
    )
    told.drop("个人信息已清除")


# --- By the clock -------------------------------------------------------------------------------------


def run(now: datetime) -> bool:
    """Erase what has been kept long enough, BATCH at a time; return whether there may be more.

    Each batch is a transaction: cut off anywhere, the next run goes on where this one stopped.
    """
    today = timezone.localdate(now)
    more = False
    for model, erase in ((Enquiry, erase_enquiries), (Ticket, erase_tickets)):
        objects: Any = model._default_manager
        # In the order of the index: SQLite would else walk along the table.
        due = objects.filter(erased_at=None, keep_until__lt=today).order_by("keep_until")
        pks = list(due.values_list("pk", flat=True)[:BATCH])
        with transaction.atomic():
            erase(pks, None, BY_CLOCK)
        more |= len(pks) == BATCH
        let_others_write()
    _end_ledger(now - LEDGER)
    return more


def _end_ledger(before: datetime) -> None:
    known = ~Q(phone_key="")
    for rows in (Enquiry.objects.all(), Ticket.objects.all()):
        rows.filter(known, erased_at__lt=before).update(phone_key="")
    # A colleague may have written a name into the reason.
    told = PrivacyAct.objects.filter(known | ~Q(text=""), at__lt=before)
    told.update(phone_key="", text="")


periodic("erase", "清除保留期满的个人信息", run, at=time(3, 30))
