"""What every public page shows around its content: names, menu, hotline, licences, footer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.cms.pagecache.epochs import once
from portal.cms.site import SiteLink, current_profile
from portal.districts.models import DistrictPage
from staffing.hotlines.now import offer
from staffing.models import Hotline, Licence


@once
def load() -> dict[str, Any]:
    """Return the parts of the chrome, shared by the pages of an epoch; six queries in all.

    The districts are a seventh, once a template shows them.
    """
    links: dict[str, list[SiteLink]] = {placement: [] for placement in SiteLink.Placement.values}
    for link in SiteLink.objects.all():
        links[link.placement].append(link)
    profile = current_profile()
    hotlines = list(Hotline.objects.for_display())
    offered = offer(hotlines)
    return {
        "profile": profile,
        "links": links,
        "hotlines": hotlines,
        # The one that every page offers, and whether it is answered; the epoch ends when that changes.
        "hotline": offered.hotline,
        "reach": offered.reach,
        # Without any of these the page 联系我们 has nothing to say: nothing invites there.
        "reachable": bool(hotlines) or profile.has_contact,
        "licences": list(Licence.objects.public()),
        "districts": SimpleLazyObject(districts),
    }


def districts() -> list[DistrictPage]:
    """Return the landing pages there are; one query."""
    return list(DistrictPage.objects.live().for_list())


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `chrome`, loaded only by templates that use it (the admin's do not).

    And `preview`, where that is what the page is.
    """
    return {"chrome": SimpleLazyObject(load), "preview": getattr(request, "preview", None)}
