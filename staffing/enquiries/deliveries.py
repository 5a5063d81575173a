"""What colleagues are told about a new lead: enough to act on, and nothing of the person.

The message passes other companies' servers: no full number, no name, and nothing that was typed freely.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from portal.cms.delivery import Message, topic
from staffing.desk import desk_link
from staffing.models import Enquiry


def render(leads: Sequence[Enquiry]) -> Message:
    """Make one message of one lead, or of all that came together; three queries at most."""
    prefetch_related_objects(leads, "job", "service", "district")
    # The genuine first: of a flood, a robot takes the beginning.
    lines = [line_of(lead) for lead in sorted(leads, key=lambda lead: lead.suspicious)]
    if len(leads) == 1:
        (lead,) = leads
        return Message(f"新线索：{lead.get_kind_display()}", lines, desk_link(lead))
    return Message(f"{len(leads)} 条新线索", lines, desk_link(Enquiry))


def line_of(lead: Enquiry) -> str:
    parts = [
        lead.reference,
        lead.get_kind_display(),
        str(lead.job or lead.service or ""),
        str(lead.district or ""),
        f"{lead.headcount} 人" if lead.headcount else "",
        lead.masked_phone,
        "疑似垃圾信息" if lead.suspicious else "",
    ]
    return "，".join(filter(None, parts))


def is_there(lead: Enquiry) -> bool:
    """Nothing is told about somebody who was erased meanwhile."""
    return lead.erased_at is None


topic("enquiry", "新线索", render, wanted=is_there)
