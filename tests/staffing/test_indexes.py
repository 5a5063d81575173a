"""Each index of the business serves the query that its comment names.

Told by SQLite, which is the pickier: it takes a partial index only where it can prove the condition from
the query. PostgreSQL reads a table of three rows without any index, and can only be asked with many.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from portal.admin.kinds import Moment
from portal.admin.matters import MATTERS
from portal.cms.accounts import User
from staffing.models import DailyCalls, Enquiry, EnquiryEvent, Job, PrivacyAct, SpecialDay, Ticket
from staffing.privacy.watching import READ
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def matter(key: str) -> Callable[[User], QuerySet[Any]]:
    """The rows of a card on the desk, as they are counted there."""
    (found,) = [matter for matter in MATTERS if matter.key == key]
    return lambda user: found.rows(user, Moment.current()).order_by().values("pk")


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


QUERIES: dict[str, list[Callable[[User], QuerySet[Any]]]] = {
    "staffing_enquiry_inbox": [
        lambda user: Enquiry.objects.order_by("-received_at", "-pk")[:50],
        lambda user: Enquiry.objects.filter(received_at__gt=ago(days=30)),
    ],
    "staffing_enquiry_due": [
        matter("overdue"),
        lambda user: Enquiry.objects.open().order_by("next_call_at", "pk")[:50],
    ],
    "staffing_enquiry_owner": [matter("unclaimed"), matter("today"), matter("unplanned")],
    "staffing_enquiry_phone_key": [lambda user: Enquiry.objects.of_phone("+8613812348155")],
    "staffing_enquiry_same": [
        lambda user: Enquiry.objects.filter(fingerprint="x", received_at__gt=ago(days=1))
    ],
    "staffing_enquiry_keep": [
        lambda user: Enquiry.objects.filter(
            erased_at=None, keep_until__lt=timezone.localdate()
        ).order_by("keep_until")[:200],
        matter("erasing"),
    ],
    "staffing_event_kind": [
        lambda user: EnquiryEvent.objects.filter(kind__in=READ, at__gte=ago(days=1)).values("by")
    ],
    "staffing_ticket_due": [
        matter("due"),
        lambda user: Ticket.objects.open().order_by("due_on", "pk")[:50],
    ],
    "staffing_ticket_latest": [lambda user: Ticket.objects.order_by("-received_at", "-pk")[:50]],
    "staffing_ticket_item": [
        lambda user: Ticket.objects.filter(content_type_id=1, object_id=1).order_by("due_on")
    ],
    "staffing_ticket_phone_key": [lambda user: Ticket.objects.of_phone("+8613812348155")],
    "staffing_ticket_keep": [
        lambda user: Ticket.objects.filter(
            erased_at=None, keep_until__lt=timezone.localdate()
        ).order_by("keep_until")[:200]
    ],
    "staffing_privacyact_latest": [lambda user: PrivacyAct.objects.order_by("-at", "-pk")[:50]],
    "staffing_job_open": [
        matter("closing"),
        lambda user: Job.objects.open().values_list("pk", "kind"),
    ],
    # Made by constraints.
    "sqlite_autoindex_staffing_specialday_1": [
        lambda user: SpecialDay.objects.filter(
            day__range=(timezone.localdate(), timezone.localdate() + timedelta(days=14))
        )
    ],
    "sqlite_autoindex_staffing_dailycalls_1": [
        lambda user: DailyCalls.objects.filter(day__gte=timezone.localdate())
    ],
}


# Of one person, or about one item: sorted when they have been found.
FEW_ROWS = {"staffing_enquiry_phone_key", "staffing_ticket_phone_key", "staffing_ticket_item"}


@pytest.mark.parametrize("index", QUERIES)
def test_an_index_serves_what_it_was_made_for(index: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole")
    user = cast.amin()
    for query in QUERIES[index]:
        plan = query(user).explain()
        assert index in plan
        assert index in FEW_ROWS or "B-TREE FOR ORDER BY" not in plan


def test_no_index_is_forgotten() -> None:
    models = (Enquiry, EnquiryEvent, Ticket, PrivacyAct, SpecialDay, DailyCalls)
    named = {index.name for model in models for index in model._meta.indexes}
    assert named <= set(QUERIES)
