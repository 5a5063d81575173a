"""What was sent to us as the desk reads it: no number in any text, unless it was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.cms.phones import display, tel_url
from portal.cms.times import short
from staffing.models.journal import without_phones

if TYPE_CHECKING:
    from staffing.models import Enquiry, Ticket


@dataclass(frozen=True)
class Fact:
    """One line about a lead or a ticket; `url` leads to what it names."""

    label: str
    text: str
    url: str = ""
    long: bool = False

    def masked(self) -> Fact:
        """Return the same without any number; its address would hold it as well."""
        text = without_phones(self.text)
        return self if text == self.text else Fact(self.label, text, long=self.long)


def phone_fact(row: Enquiry | Ticket, *, revealed: bool) -> Fact:
    if revealed:
        return Fact("电话", display(row.phone), tel_url(row.phone))
    return Fact("电话", row.masked_phone)


def shown(told: Iterable[Fact], *, revealed: bool) -> list[Fact]:
    """Return what was told us, without what was left empty.

    People write their number into any box there is, so it is masked in all of them.
    """
    facts = (fact if revealed else fact.masked() for fact in told)
    return [fact for fact in facts if fact.text]


def keeping(row: Enquiry | Ticket) -> str:
    """Say until when there is a person in it."""
    if row.erased_at:
        return f"个人信息已于 {short(row.erased_at)} 清除。"
    return f"个人信息保留到 {row.keep_until}，之后的当晚自动清除。"
