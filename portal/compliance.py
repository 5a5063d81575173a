"""What is looked at in the landing page of a district before it is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks, register
from portal.cms.compliance.rules import COMMON, at_least
from portal.cms.richtext.words import words_of
from portal.districts.models import LEAST_WORDS, DistrictPage

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript

TEXTS = ("title", "summary", "body", "seo_title", "seo_description")
# With more of its sentences on the page of another district, it is that page under another name.
SAME: Final = 0.3
# What is shorter is a heading, or a turn of phrase.
LEAST_SENTENCE: Final = 8


def sentences(page: DistrictPage) -> set[str]:
    """Return what the body says, with the name of the district taken out of it."""
    name = page.district.name if page.district else ""
    text = words_of(page.body)
    for form in filter(None, (name, name.removesuffix("新区").removesuffix("区"))):
        text = text.replace(form, "")
    parts = ("".join(part.split()) for part in re.split(r"[。！？；\n]", text))
    return {part for part in parts if len(part) >= LEAST_SENTENCE}


def own_words(manuscript: Manuscript) -> Iterator[Finding]:
    """Pages of other districts that say the same; one query, of as many rows as there are districts."""
    page: DistrictPage = manuscript.item
    own = sentences(page)
    others = DistrictPage.objects.kept().exclude(pk=page.pk).select_related("district")
    for other in others if own else ():
        share = len(own & sentences(other)) / len(own)
        if share > SAME:
            yield manuscript.finding(
                "body",
                "same-words",
                Severity.BLOCK,
                f"正文有 {share:.0%} 的句子与“{other}”相同",
                advice="每个区的页面要写自己的情况：有哪些厂区和岗位、怎么到、怎么结算。",
                detail=str(other.pk),
                url=reverse("admin:portal_districtpage_change", args=[other.pk]),
            )


register(
    DistrictPage,
    Checks(
        texts=dict.fromkeys(TEXTS, Place.PAGES),
        rules=(*COMMON, at_least("body", LEAST_WORDS), own_words),
    ),
)
