"""How the landing pages of districts are found."""

from __future__ import annotations

from portal.cms.richtext.words import words_of
from portal.cms.search.register import Part, Searchable, register
from portal.districts.models import DistrictPage
from staffing.models import District


def text_of(page: DistrictPage) -> str:
    name = page.district.name if page.district else ""
    return "\n".join(filter(None, (page.summary, words_of(page.body), name, page.office)))


register(
    Searchable(
        number=6,
        key="district",
        label="区域",
        model=DistrictPage,
        public=DistrictPage.objects.live,
        title=lambda page: page.title,
        text=text_of,
        parts=(Part(District, of_item="district", of_row="pk"),),
        prefetch=("district",),
    )
)
