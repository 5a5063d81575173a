"""Who may open what people have sent along: CVs, and proofs of a right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.cms import private
from staffing.models import Enquiry, EnquiryEvent, Ticket, TicketEntry

if TYPE_CHECKING:
    from portal.cms.accounts import User
    from portal.cms.private.models import PrivateFile

CV, PROOF = "cv", "proof"
READ_NUMBERS = "staffing.reveal_phone"


def may_open_cv(user: User, file: PrivateFile) -> bool:
    """A CV says everything about a person, their number first of all."""
    rights = ("staffing.view_enquiry", READ_NUMBERS)
    return user.has_perms(rights) and Enquiry.objects.filter(cv=file).exists()


def cv_opened(user: User, file: PrivateFile) -> None:
    lead = Enquiry.objects.get(cv=file)
    lead.events.create(kind=EnquiryEvent.Kind.FILE_OPENED, by=user, text="简历")


def may_open_proof(user: User, file: PrivateFile) -> bool:
    """A letter has a number in its head, a copy of a licence more than that."""
    rights = ("staffing.view_ticket", READ_NUMBERS)
    return user.has_perms(rights) and Ticket.objects.filter(proof=file).exists()


def proof_opened(user: User, file: PrivateFile) -> None:
    ticket = Ticket.objects.get(proof=file)
    ticket.entries.create(kind=TicketEntry.Kind.FILE_OPENED, by=user, text="证明材料")


private.allow(CV, may_open_cv, opened=cv_opened)
private.allow(PROOF, may_open_proof, opened=proof_opened)
