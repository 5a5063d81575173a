"""What search engines may have of the front page, the standing pages and the pages of districts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Exists, Q, QuerySet
from django.urls import reverse

from portal.cms.addresses import address
from portal.cms.engines.register import Entry, Indexed, pages, register
from portal.cms.redirects import follow
from portal.cms.site import Page
from portal.districts.models import DistrictPage
from staffing.models import Case

BY_SLUG: Final = ("slug", "go_live_at", "expire_at", "last_published_at")


def standing_pages() -> QuerySet[Any]:
    # The list of the cases says `noindex` as long as it lists nothing.
    listed = ~Q(slug="cases") | Exists(Case.objects.published())
    return Page.objects.published().filter(listed, indexable=True)


def districts() -> QuerySet[Any]:
    return DistrictPage.objects.live().filter(indexable=True)


def front() -> Iterator[Entry]:
    """Yield the front page, the site map, and the pages that are there without words of an editor.

    Those with words are items. Two queries.
    """
    yield Entry(reverse("home"))
    yield Entry(reverse("sitemap"))
    written = Page.objects.published().filter(slug__in=Page.BESIDE).values_list("slug", flat=True)
    for slug in sorted(Page.BESIDE.difference(written)):
        if slug != "cases" or Case.objects.published().exists():
            yield Entry(address("page", slug))


register(Indexed(key="pages", label="单页", model=Page, public=standing_pages, columns=BY_SLUG))
register(
    Indexed(
        key="districts",
        label="区域页",
        model=DistrictPage,
        public=districts,
        columns=BY_SLUG,
        is_shown=lambda page: page.is_public and page.is_live,
    )
)
pages("site", "首页与公共页面", front)

follow(Page)
follow(DistrictPage)
