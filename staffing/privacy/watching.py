"""Who reads more numbers than work asks for."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.db.models import Count, Sum
from django.utils import timezone

from portal.cms.accounts import User
from staffing.models import EnquiryEvent, PrivacyAct, TicketEntry
from staffing.models.acts import FULL

# So many numbers a day are work; more is worth a question.
MANY_READ: Final = 30
# A CV, or a proof, says the number as well.
READ: Final = ("revealed", "file_opened")


class Reader(NamedTuple):
    name: str
    numbers: int


def reading_many() -> list[Reader]:
    """Return who has read many numbers today, and how many; one query, another where there is somebody.

    On the pages of leads and tickets, in the files sent with them, and in lists that were exported.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    leads, tickets = (
        journal.objects.filter(kind__in=READ, at__gte=midnight)
        .order_by()
        .values_list("by")
        .annotate(n=Count("pk"))
        for journal in (EnquiryEvent, TicketEntry)
    )
    lists = PrivacyAct.objects.filter(
        act=PrivacyAct.Act.EXPORT_LIST, text__startswith=FULL, at__gte=midnight
    )
    exported = lists.order_by().values_list("by").annotate(n=Sum("count"))
    counts: dict[int | None, int] = {}
    rows: Any = leads.union(tickets, exported, all=True)
    for pk, n in rows:
        counts[pk] = counts.get(pk, 0) + n
    many = {pk: n for pk, n in counts.items() if n > MANY_READ}
    people = User.objects.in_bulk([pk for pk in many if pk]) if many else {}
    found = [Reader(str(people.get(pk, "已删除的账号")), n) for pk, n in many.items()]
    return sorted(found, key=lambda reader: -reader.numbers)
