"""How standing pages are found."""

from __future__ import annotations

from portal.cms.richtext.words import words_of
from portal.cms.search.register import Searchable, register
from portal.cms.site import Page

register(
    Searchable(
        number=4,
        key="page",
        label="本站页面",
        model=Page,
        public=Page.objects.published,
        title=lambda page: page.title,
        text=lambda page: f"{page.summary}\n{words_of(page.body)}",
    )
)
