"""What is looked at in standing pages."""

from __future__ import annotations

from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks, register
from portal.cms.compliance.rules import COMMON, at_most
from portal.cms.site import Page

register(
    Page,
    Checks(
        texts=dict.fromkeys(
            ("title", "summary", "body", "seo_title", "seo_description"), Place.PAGES
        ),
        rules=(*COMMON, at_most("title", 30)),
    ),
)
