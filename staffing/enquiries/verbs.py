"""Everything the desk does to a lead, each with the event it leaves.

Every function belongs into the transaction that has locked the lead, and raises ValidationError, with
a sentence for whoever sits at the desk, where it cannot be done.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.cms.times import this_year
from staffing.models import Consent, Enquiry, EnquiryEvent, Form, Forwarding, PrivacyNotice
from staffing.models.enquiry import CLOSED
from staffing.models.firm import names_a_firm

if TYPE_CHECKING:
    from portal.cms.accounts import User

Kind = EnquiryEvent.Kind
# A second press of the same button; later it is another handing-over.
AGAIN: Final = timedelta(minutes=1)
ERASED: Final = "这条线索的个人信息已经清除，不能再处理。"
NO_NAME: Final = (
    "接收单位要写全称，例如“深圳市示例电子有限公司”：对方须知道资料交给谁。"
    "请先告诉本人是哪一家，同意后再记下来。"
)


def claim(lead: Enquiry, by: User) -> None:
    """Take a lead that nobody has; whoever comes second is told who has it."""
    if lead.owner is not None and lead.owner != by and lead.owner.is_active:
        raise ValidationError(f"{lead.owner}已经认领了这条线索。")
    assign(lead, by, by)


def assign(lead: Enquiry, to: User | None, by: User) -> None:
    """Make somebody answer for a lead; None lays it back for anybody to take."""
    _refuse_erased(lead)
    if lead.owner == to:
        return
    lead.owner = to
    lead.save(update_fields=["owner"])
    _note(lead, Kind.OWNER, by, f"由{to}负责" if to else "放回，等人认领")


def set_status(lead: Enquiry, status: Enquiry.Status, by: User, *, claims: bool = True) -> None:
    """Say how far it has come. Closing ends all calls.

    Working on what nobody has makes it one's own, unless it is being said whose it is (`claims`).
    """
    _refuse_erased(lead)
    if lead.status == status:
        return
    before = lead.get_status_display()
    lead.status = status
    lead.closed_at = timezone.now() if status in CLOSED else None
    if lead.closed_at:
        lead.next_call_at = None
    lead.save(update_fields=["status", "closed_at", "next_call_at"])
    _note(lead, Kind.STATUS, by, f"{before} → {status.label}")
    if claims and lead.owner is None and status != Enquiry.Status.NEW:
        assign(lead, by, by)


def plan_call(lead: Enquiry, at: datetime | None, by: User) -> None:
    """Say when to call next; None: not planned any more. A minute that has passed is refused."""
    _refuse_erased(lead)
    if lead.next_call_at == at:
        return
    if at is not None and not lead.is_open:
        raise ValidationError(
            {"next_call_at": "已关闭的线索没有下次联系；要继续跟进，请先改状态。"}
        )
    if at is not None and at < timezone.now():
        raise ValidationError({"next_call_at": "这个时间已经过去了。"})
    lead.next_call_at = at
    lead.save(update_fields=["next_call_at"])
    _note(lead, Kind.CALL_PLANNED, by, this_year(at) or "取消")


def note(lead: Enquiry, text: str, by: User) -> None:
    """Write something down. Numbers in it are masked: the journal is read by more people."""
    _refuse_erased(lead)
    if text.strip():
        _note(lead, Kind.NOTE, by, text.strip())


def reveal(lead: Enquiry, by: User) -> None:
    """Write down who is about to see the number."""
    _refuse_erased(lead)
    _note(lead, Kind.REVEALED, by)


# --- To a client --------------------------------------------------------------------------------------


def living_consents(lead: Enquiry) -> list[Consent]:
    """Return the consents by which a lead may be handed on, each to the client it names; one query."""
    return [consent for consent in forwarding_consents(lead) if consent.is_living]


def forwarding_consents(lead: Enquiry) -> list[Consent]:
    """Return every consent that names a client, withdrawn ones too; one query."""
    named = lead.consents.filter(notice__purpose=PrivacyNotice.Purpose.FORWARDING)
    return list(named.exclude(recipient="").select_related("notice").order_by("given_at", "pk"))


def forwarding_notice() -> PrivacyNotice | None:
    """Return the words to which a consent is given today; one query."""
    return PrivacyNotice.objects.current(Form.APPLICATION, PrivacyNotice.Purpose.FORWARDING)


def record_consent(lead: Enquiry, recipient: str, how: str, by: User) -> Consent:
    """Keep a consent that was given by word of mouth: to whom, and how it was asked for.

    It is one to the words that are in force today, which whoever asked has read out.
    """
    _refuse_erased(lead)
    recipient, how = recipient.strip(), how.strip()
    if lead.kind != Enquiry.Kind.APPLICATION:
        raise ValidationError("只有应聘报名可以转给用工单位。")
    if not recipient or not how:
        raise ValidationError("请写明接收单位，和对方是怎样同意的。")
    if not names_a_firm(recipient):
        raise ValidationError(NO_NAME)
    if any(consent.recipient == recipient for consent in living_consents(lead)):
        raise ValidationError(f"对{recipient}的同意已经记过了。")
    notice = forwarding_notice()
    if notice is None:
        raise ValidationError("没有现行的“提供给用工单位”告知，请先在“隐私告知”里添加。")
    consent = lead.consents.create(notice=notice, recipient=recipient)
    _note(lead, Kind.CONSENT, by, f"同意提供给{recipient}（第 {notice.version} 版告知）：{how}")
    return consent


def withdraw_consent(lead: Enquiry, consent: Consent, by: User) -> None:
    """The person has changed their mind. What was handed on before stays lawful (PIPL §15)."""
    _refuse_erased(lead)
    if not consent.is_living:
        return
    consent.withdrawn_at = max(timezone.now(), consent.given_at)
    consent.save(update_fields=["withdrawn_at"])
    _note(lead, Kind.CONSENT, by, f"撤回：不再提供给{consent.recipient}")


def forward(lead: Enquiry, consent: Consent, by: User) -> Forwarding:
    """Write down that an application is handed to the client whom a living consent names (PIPL §23)."""
    _refuse_erased(lead)
    if consent not in living_consents(lead):
        raise ValidationError(
            "没有对方对这家单位的有效同意，不能转交。请先联系本人，告知接收单位和用途，同意后记下来。"
        )
    if not names_a_firm(consent.recipient):
        raise ValidationError(NO_NAME)
    if consent.forwardings.filter(at__gt=timezone.now() - AGAIN).exists():
        raise ValidationError(f"刚才已经记为转给{consent.recipient}，没有再记一次。")
    made = lead.forwardings.create(recipient=consent.recipient, consent=consent, by=by)
    _note(lead, Kind.FORWARDED, by, consent.recipient)
    return made


def _refuse_erased(lead: Enquiry) -> None:
    if lead.erased_at is not None:
        raise ValidationError(ERASED)


def _note(lead: Enquiry, kind: EnquiryEvent.Kind, by: User | None, text: str = "") -> None:
    lead.events.create(kind=kind, by=by, text=text)
