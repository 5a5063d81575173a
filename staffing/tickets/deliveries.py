"""What colleagues are told about a complaint: what it is about, by when, and nothing of the person.

Nor the address that was typed: any word may be the name of a page, a number or a link too.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from portal.cms.delivery import Message, topic
from staffing.desk import desk_link
from staffing.models import Ticket


def render(tickets: Sequence[Ticket]) -> Message:
    """Make one message of one ticket, or of all that came together; a query for each kind of item."""
    prefetch_related_objects(tickets, "item")
    lines = [line_of(ticket) for ticket in tickets]
    if len(tickets) == 1:
        (ticket,) = tickets
        return Message(f"新的{ticket.get_kind_display()}", lines, desk_link(ticket))
    return Message(f"{len(tickets)} 件新的投诉与下架请求", lines, desk_link(Ticket))


def line_of(ticket: Ticket) -> str:
    due = f"{ticket.due_on.month}月{ticket.due_on.day}日前答复"
    about = str(ticket.item) if ticket.item else ("本站页面" if ticket.page else "")
    parts = [ticket.number, ticket.get_kind_display(), about, due]
    return "，".join(filter(None, parts))


def is_there(ticket: Ticket) -> bool:
    return ticket.erased_at is None


topic("ticket", "新的投诉与下架请求", render, wanted=is_there)
