"""Everything the desk does to a complaint or a request to take something down, each in its journal.

Every function belongs into the transaction that has locked the ticket, and raises ValidationError,
with a sentence for whoever sits at the desk, where it cannot be done. Whether this person may take the
page off the site is for the caller to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.cms.compliance.decisions import clear
from portal.cms.locking import lock
from portal.cms.preview import Preview
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions import actions
from portal.cms.revisions.models import Event, Revision
from staffing.models import Ticket, TicketEntry

if TYPE_CHECKING:
    from portal.cms.accounts import User

Kind = TicketEntry.Kind
Decision = Ticket.Decision
ERASED: Final = "这张单据的个人信息已经清除，不能再处理。"
# Which events leave a published item with a draft that nobody has released, and which without.
DRAFTED: Final = (Event.SAVED, Event.RESTORED, Event.MERGED)
RELEASED: Final = (Event.PUBLISHED, Event.APPLIED, Event.DISCARDED, Event.BASELINE)


def claim(ticket: Ticket, by: User) -> None:
    """Take a ticket that nobody has; whoever comes second is told who has it."""
    _refuse_erased(ticket)
    if ticket.owner is not None and ticket.owner != by and ticket.owner.is_active:
        raise ValidationError(f"{ticket.owner}已经在处理。")
    if ticket.owner != by:
        ticket.owner = by
        ticket.save(update_fields=["owner"])
        _write(ticket, Kind.OWNER, by, f"由{by}处理")


def note(ticket: Ticket, by: User, text: str) -> None:
    _refuse_erased(ticket)
    _write(ticket, Kind.NOTE, by, _said(text, "请写下要备注的内容。"))


def reveal(ticket: Ticket, by: User) -> None:
    """Write down who is about to see the number."""
    _refuse_erased(ticket)
    _write(ticket, Kind.REVEALED, by)


# --- Deciding -----------------------------------------------------------------------------------------


def take_down(ticket: Ticket, by: User, reason: str) -> None:
    """Take the item off the site, with the decision: both or neither.

    From the commit on its address answers 410, no list, search or sitemap has it, and no shared look at
    it is good: they all ask for what is published, and the page cache goes by the same commit.
    """
    reason = _said(reason, "请写明下架的理由。")
    item = item_of(ticket)
    if item is None:
        raise ValidationError(
            "没有认出涉及的内容，无法在这里下架；请打开那个页面处理，再记为“更正”。"
        )
    if item.status != Status.PUBLISHED:
        raise ValidationError(f"“{item}”现在没有发布，不需要下架；请记为“更正”或“不成立”。")
    _decide(ticket, by, Decision.TAKEDOWN, f"“{item}”。{reason}")
    actions.withdraw(item, by)
    Preview.objects.about(item).filter(shared=True).defer("content").delete()


def correct(ticket: Ticket, by: User, text: str) -> None:
    """Write down what was put right in the page."""
    _decide(ticket, by, Decision.CORRECT, _said(text, "请写明更正了什么。"))


def reject(ticket: Ticket, by: User, text: str) -> None:
    """Write down why the complaint does not hold."""
    _decide(ticket, by, Decision.REJECT, _said(text, "请写明不成立的理由。"))


def undo(ticket: Ticket, by: User, reason: str) -> str:
    """Take a decision back; return what has become of the item that was taken down for it.

    It is published again where it is as it was when readers saw it last, and its rules allow it: this
    is no way round a release. A wrong decision does not stand for what hinders that.
    """
    _refuse_erased(ticket)
    reason = _said(reason, "请写明撤销的理由。")
    if ticket.decision == Decision.NONE:
        raise ValidationError("还没有作出处理。")
    before, decision = ticket.get_decision_display(), ticket.decision
    ticket.decision, ticket.status = Decision.NONE.value, Ticket.Status.OPEN.value
    ticket.save(update_fields=["decision", "status"])
    _write(ticket, Kind.UNDONE, by, f"撤销“{before}”：{reason}")
    if decision != Decision.TAKEDOWN:
        return ""
    outcome = _bring_back(ticket, by)
    _write(ticket, Kind.NOTE, by, outcome)
    return outcome


def _bring_back(ticket: Ticket, by: User) -> str:
    item = item_of(ticket)
    if item is None:
        return "涉及的内容已经删除，没有重新发布。"
    try:
        _refuse_unreleased(ticket, item)
        with transaction.atomic():
            clear(item, by)
            actions.publish(item, by)
    except ValidationError as error:
        return f"“{item}”没有重新发布：{''.join(error.messages)}"
    return f"“{item}”已重新发布。"


def _refuse_unreleased(ticket: Ticket, item: Publishable) -> None:
    """Raise ValidationError where the item is not as readers saw it last."""
    decided = ticket.entries.filter(kind=Kind.DECIDED).latest("pk")
    revisions = Revision.objects.about(item).order_by("pk")
    taken = revisions.filter(event=Event.WITHDRAWN, at__gte=decided.at).first()
    if taken is None or taken.version != item.edit_version:
        raise ValidationError("下架以后有同事改动过，请到内容页核对，需要时在那里发布。")
    earlier = revisions.filter(pk__lt=taken.pk, event__in=(*DRAFTED, *RELEASED)).last()
    if earlier is not None and earlier.event in DRAFTED:
        raise ValidationError("下架时有未发布的修改，已经并入内容；请到内容页核对后在那里发布。")


def answer(ticket: Ticket, by: User, how: str) -> None:
    """Write down that whoever complained has been told; the deadline is kept with that."""
    _refuse_erased(ticket)
    if ticket.decision == Decision.NONE:
        raise ValidationError("答复前请先作出处理：下架、更正或不成立。")
    if ticket.status != Ticket.Status.OPEN:
        raise ValidationError("已经答复过了。")
    _set_status(ticket, Ticket.Status.ANSWERED)
    _write(ticket, Kind.ANSWERED, by, _said(how, "请写明怎样答复的。"))


def close(ticket: Ticket, by: User, text: str = "") -> None:
    """Lay it aside for good."""
    _refuse_erased(ticket)
    if ticket.status != Ticket.Status.ANSWERED:
        raise ValidationError("答复之后才能结案。")
    _set_status(ticket, Ticket.Status.CLOSED)
    _write(ticket, Kind.CLOSED, by, text.strip())


def item_of(ticket: Ticket) -> Publishable | None:
    """Return what the ticket is about, locked; None where that is no item, or is gone."""
    kind = ticket.content_type
    model = kind.model_class() if kind is not None else None
    if model is None or not issubclass(model, Publishable):
        return None
    return lock(model, ticket.object_id)


def _decide(ticket: Ticket, by: User, decision: Ticket.Decision, text: str) -> None:
    _refuse_erased(ticket)
    if ticket.decision != Decision.NONE:
        before = ticket.get_decision_display()
        raise ValidationError(f"已经处理为“{before}”；要改，请先撤销。")
    ticket.decision = decision
    ticket.save(update_fields=["decision"])
    _write(ticket, Kind.DECIDED, by, f"{decision.label}：{text}")


def _set_status(ticket: Ticket, status: Ticket.Status) -> None:
    ticket.status = status
    ticket.save(update_fields=["status"])


def _said(text: str, otherwise: str) -> str:
    if not text.strip():
        raise ValidationError(otherwise)
    return text.strip()


def _refuse_erased(ticket: Ticket) -> None:
    if ticket.erased_at is not None:
        raise ValidationError(ERASED)


def _write(ticket: Ticket, kind: TicketEntry.Kind, by: User, text: str = "") -> None:
    ticket.entries.create(kind=kind, by=by, text=text)
