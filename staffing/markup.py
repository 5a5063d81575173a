"""What search engines are told of a service, and of the agency: `portal.cms.engines.markup`.

Of a job: `staffing.jobs.posting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any, Final

from portal.cms.engines.markup import SCHEMA, Markup, images, organization
from portal.cms.site import SiteProfile, absolute
from staffing.jobs.posting import number
from staffing.models import Hotline, HotlineHours, Service

YUAN: Final = "元"
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS: Final = "一二三四五六日"
# Office hours are a line for readers. Only one of this form means the same to everybody.
SPAN: Final = re.compile(
    r"(?:周|星期)([一二三四五六日天])(?:(?:至|到|–|-|—)(?:周|星期)?([一二三四五六日天]))?\s*"
    r"(\d{1,2})[:：](\d{2})\s*(?:至|到|–|-|—|~|～)\s*(\d{1,2})[:：](\d{2})"
)
MINUTES: Final = 24 * 60


def service(item: Service, districts: Iterable[Any], profile: SiteProfile) -> Markup:
    """Return the markup of a service's page; `districts` as the page shows them."""
    found: Markup = {
        "@context": SCHEMA,
        "@type": "Service",
        "@id": absolute(item.get_absolute_url()),
        "url": absolute(item.get_absolute_url()),
        "name": item.name,
        "description": item.summary,
        "image": images(item.cover),
        "provider": organization(profile),
        "areaServed": [{"@type": "AdministrativeArea", "name": str(each)} for each in districts],
        "offers": offer(item),
    }
    return {key: value for key, value in found.items() if value}


def offer(item: Service) -> Markup | None:
    """Return the price a page quotes: it begins there. None for one that is past, or no sum of money."""
    quoted = item.is_offered and item.price_is_current and item.price_unit.startswith(YUAN)
    if item.price_from is None or not quoted:
        return None
    price: Markup = {
        "@type": "UnitPriceSpecification",
        "minPrice": number(item.price_from),
        "priceCurrency": "CNY",
        "unitText": item.price_unit,
    }
    if item.price_valid_until is not None:
        price["validThrough"] = item.price_valid_until.isoformat()
    return {"@type": "Offer", "priceSpecification": price}


def agency(profile: SiteProfile, hotlines: Sequence[Hotline]) -> Markup | None:
    """Return what 联系我们 tells of the agency; None without an address, which engines insist on.

    No query where the hours of the hotlines are loaded.
    """
    if not profile.address:
        return None
    found: Markup = {
        "@context": SCHEMA,
        **organization(profile),
        "@type": "EmploymentAgency",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": profile.address,
            "addressCountry": "CN",
        },
        "telephone": hotlines[0].number if hotlines else "",
        "openingHoursSpecification": opening_hours(profile.office_hours),
        "contactPoint": [contact(hotline) for hotline in hotlines],
    }
    return {key: value for key, value in found.items() if value}


def contact(hotline: Hotline) -> Markup:
    found: Markup = {
        "@type": "ContactPoint",
        "name": hotline.label,
        "telephone": hotline.number,
        "areaServed": hotline.area,
        "hoursAvailable": [answered(hours) for hours in hotline.hours.all()],
    }
    return {key: value for key, value in found.items() if value}


def answered(hours: HotlineHours) -> Markup:
    """Return when a hotline is answered: to the minute before it ends at midnight, as schema.org has it."""
    closes = time(23, 59) if hours.closes == time(0) else hours.closes
    return opening(hours.first_day, hours.last_day, hours.opens, closes)


def opening(first: int, last: int, opens: time, closes: time) -> Markup:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": [f"{SCHEMA}/{day}" for day in DAYS[first - 1 : last]],
        "opens": f"{opens:%H:%M}",
        "closes": f"{closes:%H:%M}",
    }


def opening_hours(words: str) -> list[Markup]:
    """Return the hours that a line means, where it says nothing else and each span of it is clear."""
    found: list[Markup] = []
    for match in SPAN.finditer(words):
        first, last = weekday(match[1]), weekday(match[2] or match[1])
        begin, end = (int(match[n]) * 60 + int(match[n + 1]) for n in (3, 5))
        if first > last or not begin < end <= MINUTES:
            return []
        closes = min(end, MINUTES - 1)
        found.append(opening(first, last, time(*divmod(begin, 60)), time(*divmod(closes, 60))))
    return [] if SPAN.sub("", words).strip("，,；;、。 ") else found


def weekday(sign: str) -> int:
    return WEEKDAYS.index(sign.replace("天", "日")) + 1
