"""What editors and staff work with: `PublishableAdmin`, and the admin of the kernel's own models.

Django's autodiscovery imports this package; the modules named here register their models.
"""

from __future__ import annotations

from portal.cms.admin import audit, people, site
from portal.cms.compliance import admin as compliance
from portal.cms.delivery import admin as delivery
from portal.cms.engines import admin as engines
from portal.cms.engines import crawl_admin as crawl
from portal.cms.keywords import admin as keywords
from portal.cms.media import admin as media
from portal.cms.redirects import admin as redirects
from portal.cms.redirects import missed_admin as missed
from portal.cms.search import admin as search
from portal.cms.seeing import admin as seeing
from portal.cms.tamper import admin as tamper

__all__ = [
    "audit",
    "compliance",
    "crawl",
    "delivery",
    "engines",
    "keywords",
    "media",
    "missed",
    "people",
    "redirects",
    "search",
    "seeing",
    "site",
    "tamper",
]
