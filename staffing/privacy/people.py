"""What one person has told us, by their number: looked up, handed out, erased. Each is written down.

The number comes by POST and stands in no address, no log and no journal: there it is a key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from portal.cms.phones import display, phone_key
from portal.cms.sheets import writing
from portal.cms.times import short
from staffing.enquiries import exporting
from staffing.models import Enquiry, PrivacyAct, Ticket
from staffing.models.journal import without_phones
from staffing.privacy.erasing import erase_enquiries, erase_tickets

if TYPE_CHECKING:
    from portal.cms.accounts import User

Act = PrivacyAct.Act
HEADERS: Final = ("单据", "项目", "内容")


@dataclass
class Person:
    """Everything there is under one number."""

    number: str
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
    def waiting(self) -> list[Ticket]:
        """Tickets that cannot go before they are answered: the answer is what they were sent for."""
        return [
            ticket
            for ticket in self.tickets
            if ticket.status == Ticket.Status.OPEN and ticket.erased_at is None
        ]


def look_up(number: str, by: User) -> Person:
    """Find a person, and write down who looked; four queries."""
    found = _person(number)
    _write(Act.LOOKED, by, number, len(found.living))
    return found


def _person(number: str) -> Person:
    leads = Enquiry.objects.of_phone(number).select_related("service", "job", "district")
    return Person(number, list(leads), list(Ticket.objects.of_phone(number)))


def _write(act: PrivacyAct.Act, by: User, number: str, count: int, reason: str = "") -> None:
    key = phone_key(number)
    PrivacyAct.objects.create(act=act, by=by, phone_key=key, count=count, text=reason)


# --- Handing out (PIPL §45) ---------------------------------------------------------------------------


def export(number: str, by: User, kind: str) -> bytes:
    """Return what there is about a person, as a sheet to read or as JSON for another program."""
    with transaction.atomic():
        found = _person(number)
        told = [(str(row), facts) for row in found.living for facts in (facts_of(row),)]
        _write(Act.EXPORTED, by, number, len(told), "JSON" if kind == "json" else "Excel")
    if kind == "json":
        data = [{"单据": name, **dict(facts)} for name, facts in told]
        return json.dumps(data, ensure_ascii=False, indent=2).encode()
    lines = [(name, *fact) for name, facts in told for fact in facts]
    return writing.write(HEADERS, lines, "个人信息")


def facts_of(row: Enquiry | Ticket) -> list[tuple[str, str]]:
    """Return everything a row says about its person, in words; what is empty is left out."""
    if isinstance(row, Ticket):
        told = [
            ("收到时间", short(row.received_at)), ("涉及的页面", row.page), ("称呼", row.name),
            ("单位", row.organisation), ("电话", display(row.phone)), ("邮箱", row.email),
            ("权利依据", row.right), ("情况说明", row.statement),
            ("材料", row.proof.name if row.proof else ""),
            ("保留至", f"{row.keep_until}"),
        ]  # fmt: skip
    else:
        cells = next(iter(exporting.rows_of([row], full=True)))
        told = [
            (name, writing.words(cell))
            for name, cell in zip(exporting.HEADERS, cells, strict=True)
            # Whose desk it lies on is nothing about the person.
            if name not in ("负责人", "下次联系", "关闭时间", "状态")
        ]
        told.append(("简历", row.cv.name if row.cv else ""))
        told += [
            (f"同意：{consent.notice}", _consent_words(consent))
            for consent in row.consents.select_related("notice")
        ]
        told += [
            ("转交", f"{short(one.at)} {one.recipient}") for one in row.forwardings.order_by("at")
        ]
    return [(name, words) for name, words in told if words]


def _consent_words(consent: Any) -> str:
    withdrawn = f"，{short(consent.withdrawn_at)} 撤回" if consent.withdrawn_at else ""
    recipient = f"，接收方：{consent.recipient}" if consent.recipient else ""
    address = f"，网络地址：{consent.address}" if consent.address else ""
    return f"{short(consent.given_at)} 同意{recipient}{address}{withdrawn}"


# --- Erasing (PIPL §47) -------------------------------------------------------------------------------


def erase(number: str, by: User, reason: str) -> int:
    """Erase everything about a person but tickets that wait for an answer; return how many rows."""
    with transaction.atomic():
        found, reason = _person(number), without_phones(reason)[:200]
        waiting = {ticket.pk for ticket in found.waiting}
        done = erase_enquiries([lead.pk for lead in found.leads], by, reason)
        done += erase_tickets([t.pk for t in found.tickets if t.pk not in waiting], by, reason)
        _write(Act.ERASED, by, number, done, reason)
    return done
