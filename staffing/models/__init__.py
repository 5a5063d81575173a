"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from staffing.models.acts import PrivacyAct
from staffing.models.calendar import SpecialDay
from staffing.models.calls import DailyCalls
from staffing.models.case import Case
from staffing.models.comparison import ComparisonRow
from staffing.models.consent import Consent, Forwarding
from staffing.models.contribution import ContributionRate
from staffing.models.enquiry import Enquiry, EnquiryEvent
from staffing.models.hotline import Hotline, HotlineHours
from staffing.models.job import District, Job
from staffing.models.licence import Licence, LicenceAlert
from staffing.models.notices import PrivacyNotice
from staffing.models.policy import Form, FormPolicy
from staffing.models.service import Faq, Service
from staffing.models.tickets import Ticket, TicketEntry
from staffing.models.wage import MinimumWage

__all__ = [
    "Case",
    "ComparisonRow",
    "Consent",
    "ContributionRate",
    "DailyCalls",
    "District",
    "Enquiry",
    "EnquiryEvent",
    "Faq",
    "Form",
    "FormPolicy",
    "Forwarding",
    "Hotline",
    "HotlineHours",
    "Job",
    "Licence",
    "LicenceAlert",
    "MinimumWage",
    "PrivacyAct",
    "PrivacyNotice",
    "Service",
    "SpecialDay",
    "Ticket",
    "TicketEntry",
]
