"""Where in the site the reader is, for the menu."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from portal.cms.site import SiteLink
from portal.districts.models import DistrictPage
from staffing.models import District

register = template.Library()


@register.filter
def leads_to(url: str, path: str) -> str:
    """Return the `aria-current` of a menu link on the page `path`; empty where it leads elsewhere.

    `page` on the page itself, `true` on the pages below it. The home page has the whole site below
    it, which tells nobody anything.
    """
    if url == path:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""


@register.filter
def marks(links: Iterable[SiteLink], path: str) -> str:
    """Return what `leads_to` says of all these links: menus with the same marks are the same menu."""
    return ",".join(leads_to(link.url, path) for link in links)


@register.filter
def page_of(district: District, pages: Iterable[DistrictPage]) -> DistrictPage | None:
    """Return the landing page of a district, where it has one."""
    return next((page for page in pages if page.district_id == district.pk), None)
