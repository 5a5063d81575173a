"""What search engines are told of a job: schema.org's JobPosting, as Google asks for it.

What it says of the work stands on the page as well (but the district's postal code), and only a job one
can apply for has one: a stale posting is what they punish. The agency is the hiring organization: it is
whom one applies to.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.cms.site import SiteProfile, absolute
from staffing.jobs import schooling
from staffing.models import Job

NO_FEE: Final = "本公司不向求职者收取任何费用。"
EMPLOYMENT: Final = {
    Job.Kind.TEMPORARY: "TEMPORARY",
    Job.Kind.PART_TIME: "PART_TIME",
    Job.Kind.DAILY: "PER_DIEM",
    Job.Kind.FULL_TIME: "FULL_TIME",
}
# They know no piece: pay by it is told as what it comes to in an hour, which the page says as well.
SALARY_UNITS: Final = {
    Job.PayUnit.HOUR: "HOUR",
    Job.PayUnit.DAY: "DAY",
    Job.PayUnit.WEEK: "WEEK",
    Job.PayUnit.MONTH: "MONTH",
}

Posting = dict[str, Any]


def job_posting(job: Job, profile: SiteProfile) -> Posting | None:
    """Return the markup of a job's page; None where nobody can apply.

    No query where the district and the profile's logo are loaded. A preview shows none: it is for
    whoever calls this to leave it out there.
    """
    if not job.is_open or job.go_live_at is None or job.valid_through is None:
        return None
    name = profile.legal_name or profile.name
    posting: Posting = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": job.title,
        "description": description(job),
        "url": absolute(job.get_absolute_url()),
        "identifier": {"@type": "PropertyValue", "name": name, "value": str(job.pk)},
        "datePosted": timezone.localtime(job.go_live_at).isoformat(timespec="seconds"),
        "validThrough": timezone.make_aware(
            datetime.combine(job.valid_through, time(23, 59, 59))
        ).isoformat(),
        "employmentType": EMPLOYMENT[Job.Kind(job.kind)],
        "hiringOrganization": organization(profile, name),
        "jobLocation": {"@type": "Place", "address": address(job)},
        "directApply": True,
        "experienceRequirements": experience(job),
    }
    optional = {
        "baseSalary": salary(job),
        "educationRequirements": education(job),
        "totalJobOpenings": job.headcount,
    }
    return posting | {key: value for key, value in optional.items() if value is not None}


def description(job: Job) -> SafeString:
    """Return what the page says of the work, in its words, as simple HTML: what was typed is text."""
    facts = [
        ("薪酬", job.pay_in_full),
        ("薪酬说明", job.pay_conditions),
        ("结算方式", job.get_settlement_display()),
        ("班次", job.shift),
        ("住宿", job.get_lodging_display()),
        ("用餐", job.meals),
        ("合同形式", job.contract_form),
    ]
    lines = [
        *("做什么：", *job.duties.splitlines()),
        *("要求：", *job.requirements.splitlines()),
        *(f"{label}：{text}" for label, text in facts if text),
        NO_FEE,
    ]
    return format_html_join("", "<p>{}</p>", ((line,) for line in lines if line.strip()))


def organization(profile: SiteProfile, name: str) -> Posting:
    agency = {
        "@type": "Organization",
        "name": name,
        "sameAs": absolute(reverse("home")),
    }
    if profile.logo is not None:
        agency["logo"] = absolute(profile.logo.image_file.url)
    return agency


def address(job: Job) -> Posting:
    district = job.district
    place = {
        "@type": "PostalAddress",
        "addressCountry": "CN",
        "addressRegion": job.province,
        "addressLocality": job.city,
        "streetAddress": f"{district.name if district else ''}{job.address}",
    }
    if district is not None and district.postal_code:
        place["postalCode"] = district.postal_code
    return place


def salary(job: Job) -> Posting | None:
    low, high, unit = job.pay_by_time
    if low is None:
        return None
    value: Posting = {"@type": "QuantitativeValue", "unitText": SALARY_UNITS[unit]}
    if high is None or high == low:
        value["value"] = number(low)
    else:
        value |= {"minValue": number(low), "maxValue": number(high)}
    return {"@type": "MonetaryAmount", "currency": "CNY", "value": value}


def number(amount: Decimal) -> int | float:
    """Return an amount as JSON has it: 26, not 26.0."""
    whole = int(amount)
    return whole if whole == amount else float(amount)


def education(job: Job) -> Posting | str | None:
    """Return what schooling is required at least; None for what is no school."""
    degree = schooling.least(job.education)
    if degree is None or degree == schooling.NO_REQUIREMENTS:
        return degree
    return {"@type": "EducationalOccupationalCredential", "credentialCategory": degree}


def experience(job: Job) -> Posting | str:
    if not job.experience_months:
        return schooling.NO_REQUIREMENTS
    months = job.experience_months
    return {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": months}
