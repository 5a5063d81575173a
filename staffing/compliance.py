"""What is looked at in services and jobs before they are published."""

from __future__ import annotations

from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks, register
from portal.cms.compliance.rules import COMMON, at_least, at_most
from staffing.jobs.rules import JOB_RULES
from staffing.models import Case, Job, Service

# Names of firms and places are left out: 第一工业区 is no boast.
SERVICE_TEXTS = (
    "name", "summary", "body", "suitable", "unsuitable", "industries", "price_note", "fee_includes",
    "replacement_policy", "liability_text", "invoice_text", "contract_term", "steps", "documents",
    "seo_title", "seo_description",
)  # fmt: skip
JOB_TEXTS = (
    "title", "org_summary", "duties", "requirements", "pay_conditions", "deductions", "shift",
    "rest_days", "contract_form", "social_insurance", "education", "meals", "transport",
)  # fmt: skip
CASE_TEXTS = ("title", "industry", "summary", "body", "seo_title", "seo_description")


register(
    Service,
    Checks(
        texts=dict.fromkeys(SERVICE_TEXTS, Place.PAGES),
        parts={"faqs": dict.fromkeys(("question", "answer"), Place.PAGES)},
        rules=(*COMMON, at_most("seo_title", 30)),
    ),
)
register(
    Job,
    Checks(texts=dict.fromkeys(JOB_TEXTS, Place.JOBS), rules=(*COMMON, *JOB_RULES)),
)
register(
    Case,
    Checks(texts=dict.fromkeys(CASE_TEXTS, Place.PAGES), rules=(*COMMON, at_least("body", 150))),
)
