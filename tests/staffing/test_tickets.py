"""Complaints and takedown requests as rows: what the table itself refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from staffing.models import Ticket
from staffing.models.tickets import PERSONAL
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def refused(ticket: Ticket, **changes: Any) -> bool:
    """Whether the database refuses to change a ticket so."""
    try:
        with transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(**changes)
    except IntegrityError:
        return True
    return False


def test_a_ticket_is_named_by_its_number_and_about_an_item() -> None:
    article = cast.article()
    ticket = cast.ticket(item=article, phone="+8613812348155")
    assert str(ticket) == f"{ticket.number} 下架请求"
    assert Ticket.objects.get().item == article
    assert ticket.masked_phone == "138****8155"
    assert list(Ticket.objects.of_phone("+8613812348155")) == [ticket]
    assert refused(ticket, object_id=None)


def test_whoever_complains_can_be_answered() -> None:
    ticket = cast.ticket(phone="", email="zhao@example.com")
    assert refused(ticket, email="")
    assert not refused(ticket, email="", phone="+8613812348155")


@pytest.mark.parametrize("status", ["answered", "closed"])
def test_nobody_is_answered_before_it_is_decided(status: str) -> None:
    ticket = cast.ticket()
    assert refused(ticket, status=status)
    assert not refused(ticket, status=status, decision="reject")
    assert refused(ticket, status="gone")


def test_it_is_overdue_after_its_last_day() -> None:
    today = timezone.localdate()
    assert not cast.ticket(due_on=today).is_overdue
    late = cast.ticket(due_on=today - timedelta(days=1))
    assert late.is_overdue
    assert late in Ticket.objects.open()
    late.status, late.decision = Ticket.Status.ANSWERED, Ticket.Decision.CORRECT
    late.save()
    assert not late.is_overdue
    assert late not in Ticket.objects.open()


def test_what_is_sent_twice_is_stored_once() -> None:
    first = cast.ticket()
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.ticket(submission=first.submission)


def test_erased_leaves_no_text_whatever_the_code_forgets() -> None:
    ticket, now = cast.ticket(), timezone.now()
    empty: dict[str, Any] = dict.fromkeys(PERSONAL, "")
    for name in PERSONAL:
        left = "+8613812348155" if name == "phone" else "留下的"
        assert refused(ticket, erased_at=now, **{**empty, name: left}), name
    assert not refused(ticket, erased_at=now, **empty)


def test_every_text_somebody_types_is_erased() -> None:
    stays = {"number", "kind", "submission", "phone_key", "status", "decision", "page"}
    texts = {
        field.name
        for field in Ticket._meta.concrete_fields
        if field.get_internal_type() in ("CharField", "TextField")
    }
    assert texts == stays | set(PERSONAL)
