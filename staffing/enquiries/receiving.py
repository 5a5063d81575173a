"""Taking in what a visitor sent: stored, with all that belongs to it, before anything else happens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.core.files import File
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.cms import private
from portal.cms.delivery import enqueue
from portal.cms.phones import phone_key
from staffing.hotlines.counting import count
from staffing.incoming.turns import store_once, take
from staffing.incoming.visit import Visit
from staffing.models import Consent, DailyCalls, Enquiry, EnquiryEvent, FormPolicy, PrivacyNotice
from staffing.privacy.files import CV

# The same text again within this time is the same request: a form opened twice, a page reloaded.
SAME: Final = timedelta(hours=24)


def receive(
    kind: Enquiry.Kind,
    typed: Mapping[str, Any],
    visit: Visit,
    *,
    consents: Sequence[tuple[PrivacyNotice, str]] = (),
    cv: File[Any] | None = None,
    policy: FormPolicy | None = None,
) -> Enquiry:
    """Store a lead with its consents, its first event and the message to colleagues; or find it stored.

    `typed` are fields of Enquiry; `consents` the notices somebody agreed to, each with the recipient it
    names ("" is us). All of it is one transaction of some thirty queries. Raises what `turns.take`
    does, and UploadError for a CV that is not taken.
    """
    rules = policy or FormPolicy.of(kind)  # type: ignore[arg-type]
    fingerprint = fingerprint_of(kind, typed)

    def known() -> Enquiry | None:
        same = Q(fingerprint=fingerprint, received_at__gt=timezone.now() - SAME)
        return Enquiry.objects.filter(Q(submission=visit.submission) | same).first()

    def store(late: timedelta | None) -> Enquiry:
        lead = Enquiry.objects.create(
            kind=kind,
            submission=visit.submission,
            fingerprint=fingerprint,
            page=visit.page,
            landing_page=visit.landing_page,
            referrer_host=visit.referrer_host,
            search_words=visit.search_words,
            suspicious=late is not None,
            keep_until=timezone.localdate() + timedelta(days=rules.retention_days),
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
        if kind == Enquiry.Kind.CALL_BACK:
            count(visit.page, DailyCalls.Action.CALL_BACK)
        # Beyond what the site takes in an hour the desk hears of them together, when that hour is over.
        enqueue("enquiry", lead, delay=late or timedelta())
        return lead

    person = phone_key(typed["phone"])
    return store_once(known, lambda: take(rules, visit, person), store)


def fingerprint_of(kind: str, typed: Mapping[str, Any]) -> str:
    """Return what the same request has in common, whichever page of the form it was typed into."""
    values = {name: _plain(value) for name, value in typed.items() if value not in (None, "")}
    text = json.dumps([kind, values], ensure_ascii=False, sort_keys=True)
    return salted_hmac("staffing.enquiries", text, algorithm="sha256").hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value


def _single(visit: Visit) -> str | None:
    """One address: of IPv6 we know the network alone, and note its first."""
    return visit.address.split("/")[0] or None
