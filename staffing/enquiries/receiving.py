"""Taking in what a visitor sent: stored, with all that belongs to it, before anything else happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from portal.cms import private
from portal.cms.delivery import enqueue
from portal.cms.media.admission import Admitted
from portal.cms.phones import phone_key
from staffing.incoming.turns import admit, fingerprint_of, store_once, submission_of
from staffing.incoming.visit import Visit
from staffing.models import Consent, Enquiry, EnquiryEvent, FormPolicy, PrivacyNotice
from staffing.privacy.files import CV

# The same again within this time is the same request, as long as nobody has seen to it: a form opened
# twice, a page reloaded.
SAME: Final = timedelta(hours=24)
# Beyond what the site takes in an hour the desk hears of leads together: when that hour is over, and after
# what comes then.
BEHIND: Final = timedelta(minutes=1)


def receive(
    kind: Enquiry.Kind,
    typed: Mapping[str, Any],
    visit: Visit,
    *,
    policy: FormPolicy,
    consents: Sequence[tuple[PrivacyNotice, str]] = (),
    cv: Admitted | None = None,
) -> Enquiry:
    """Store a lead with its consents, its first event and the message to colleagues; or find it stored.

    `typed` are fields of Enquiry; `consents` the notices somebody agreed to, each with the recipient it
    names ("" is us). All of it is one transaction of some thirty queries, in which nothing takes long.
    Raises what `turns.admit` does.
    """
    agreed = sorted((notice.pk, recipient) for notice, recipient in consents)
    fingerprint = fingerprint_of(kind, {**typed, "cv": cv, "consents": agreed})
    seen_to = Enquiry.objects.exclude(status=Enquiry.Status.NEW, erased_at=None)
    submission = submission_of(visit, fingerprint, seen_to)

    def known() -> Enquiry | None:
        same = Q(
            fingerprint=fingerprint,
            received_at__gt=timezone.now() - SAME,
            status=Enquiry.Status.NEW,
        )
        return Enquiry.objects.filter(Q(submission=submission) | same).first()

    def store(late: timedelta | None) -> Enquiry:
        lead = Enquiry.objects.create(
            kind=kind,
            submission=submission,
            fingerprint=fingerprint,
            page=visit.page,
            landing_page=visit.landing_page,
            referrer_host=visit.referrer_host,
            search_words=visit.search_words,
            suspicious=late is not None,
            keep_until=timezone.localdate() + timedelta(days=policy.retention_days),
            cv=private.keep(cv, CV) if cv else None,
            **typed,
        )
        given = [
            Consent(enquiry=lead, notice=notice, recipient=recipient, address=_single(visit))
            for notice, recipient in consents
        ]
        Consent.objects.bulk_create(given)
        came = f"来源页 {visit.page}" if visit.page else ""
        EnquiryEvent.objects.create(enquiry=lead, kind=EnquiryEvent.Kind.RECEIVED, text=came)
        enqueue("enquiry", lead, delay=timedelta() if late is None else late + BEHIND)
        return lead

    person = phone_key(typed["phone"])
    return store_once(known, lambda: admit(policy, visit, person), store)


def _single(visit: Visit) -> str | None:
    """One address: of IPv6 we know the network alone, and note its first."""
    return visit.address.split("/")[0] or None
