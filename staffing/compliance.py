"""What is looked at in services and jobs before they are published (domain §2.2, §2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks, register
from portal.cms.compliance.rules import COMMON, at_most
from staffing.models import Job, Service

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript

ADULT = 18

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


def minors(manuscript: Manuscript) -> Iterator[Finding]:
    """People of 16 and 17 may work, and not everywhere. No query."""
    job: Job = manuscript.item
    if job.age_min is not None and job.age_min < ADULT:
        yield manuscript.finding(
            "age_min",
            "minors",
            Severity.HINT,
            f"最低年龄 {job.age_min} 岁，会招到未成年工",
            advice="未成年工不得安排夜班、有毒有害等禁忌劳动，并须登记、定期体检；不需要就改为 18。",
        )


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
    Checks(texts=dict.fromkeys(JOB_TEXTS, Place.JOBS), rules=(*COMMON, minors)),
)
