"""Which pages a keyword would change, for its editor to see before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.cms.keywords.linking import Linker
from portal.cms.keywords.models import KeywordLink
from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.field import texts_of
from portal.cms.richtext.scan import scan
from portal.cms.richtext.words import words_of
from portal.cms.search import finding
from portal.cms.search.finding import Scope
from portal.cms.search.register import searchables
from portal.cms.search.snippets import Piece, snippet
from portal.cms.search.tokens import fold

SHOWN = 50


@dataclass(frozen=True)
class Affected:
    """A published page that holds the word, and whether the word becomes a link there."""

    item: Any
    passage: Sequence[Piece]
    is_linked: bool


@dataclass(frozen=True)
class Effect:
    """The newest pages with the word, and how many there are: counting stops at finding.COUNTED."""

    pages: Sequence[Affected]
    count: int

    @property
    def count_text(self) -> str:
        return f"{finding.COUNTED} 以上" if self.count > finding.COUNTED else f"{self.count}"


def effect_of(keyword: KeywordLink) -> Effect:
    """Return what the keyword, stored or not, would do to the pages that are public now.

    A search, and a page's own queries for each of the first SHOWN finds.
    """
    others = KeywordLink.objects.filter(active=True).exclude(pk=keyword.pk)
    keywords = [*others.exclude(word__iexact=keyword.word), keyword]
    with_texts = [each for each in searchables() if texts_of(each.model)]
    found = finding.search(keyword.word, Scope(with_texts))
    pages = [
        affected
        for _, item in finding.items(found.hits[:SHOWN])
        if (affected := affected_by(keyword, item, keywords))
    ]
    return Effect(pages, found.count())


def affected_by(
    keyword: KeywordLink, item: Any, keywords: Sequence[KeywordLink]
) -> Affected | None:
    """Return how a page would change; None where the word is not in its text, but beside it."""
    html = "".join(getattr(item, text.attname) for text in texts_of(type(item)))
    words = words_of(html)
    if fold(keyword.word) not in fold(words):
        return None
    linker = Linker(keywords, item.get_absolute_url())
    linker(list(scan(CLEANER.clean(html))))
    passage = snippet(words, [fold(keyword.word)], 60)
    return Affected(item, passage, keyword.word.lower() in linker.spent)
