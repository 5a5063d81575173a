"""Which pages a keyword would change, for its editor to see before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.safestring import SafeString

from portal.cms.keywords.linking import Linker, lower
from portal.cms.keywords.models import KeywordLink
from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.field import texts_of
from portal.cms.richtext.scan import scan
from portal.cms.richtext.words import words_of
from portal.cms.search import finding
from portal.cms.search.finding import Found, Hit
from portal.cms.search.looking import Scope
from portal.cms.search.register import searchables
from portal.cms.search.snippets import html_of, snippet
from portal.cms.search.tokens import fold

SHOWN = 50
PASSAGE = 60


@dataclass(frozen=True)
class Affected:
    """A published page that holds the word, and whether the word becomes a link there."""

    item: Any
    passage: SafeString
    is_linked: bool


@dataclass(frozen=True)
class Effect:
    """The first pages with the word in a text; `count` is of all with it in title, summary or text.

    `is_cut`: there may be more of the former.
    """

    pages: Sequence[Affected]
    count: int
    is_cut: bool

    @property
    def count_text(self) -> str:
        most = finding.COUNTED
        return f"{most} 篇以上" if self.count > most else f"共 {self.count} 篇"


def effect_of(keyword: KeywordLink) -> Effect:
    """Return what the keyword, stored or not, would do to the pages that are public now.

    A search, and a query for each kind among every SHOWN finds, until as many hold the word in a text:
    as a rule the first do. All finds are read where it stands in titles only.
    """
    others = KeywordLink.objects.filter(active=True).exclude(pk=keyword.pk)
    others = others.exclude(word__iexact=keyword.word).order_by()
    targets = {**dict(others.values_list("word", "url")), keyword.word: keyword.url}
    found = find(keyword.word)
    pages = list(islice(affected(keyword, found.hits, targets), SHOWN + 1))
    is_cut = len(pages) > SHOWN or found.count() > finding.COUNTED
    return Effect(pages[:SHOWN], found.count(), is_cut)


def find(word: str) -> Found:
    """Return the public pages that hold the word itself: none of its synonyms, nothing it begins."""
    return finding.exactly(word, Scope([each for each in searchables() if texts_of(each.model)]))


def affected(
    keyword: KeywordLink, hits: Sequence[Hit], targets: Mapping[str, str]
) -> Iterator[Affected]:
    """Yield those of the pages that hold the word in a text, as it is written."""
    alone = Linker({keyword.word: keyword.url}, own="")
    for at in range(0, len(hits), SHOWN):
        for _, item in finding.items(hits[at : at + SHOWN]):
            texts = [getattr(item, text.attname) for text in texts_of(type(item))]
            read = "\n".join(map(words_of, texts))
            if any(alone.find(read)):
                passage = html_of(snippet(read, [fold(keyword.word)], PASSAGE))
                linker = Linker(targets, item.get_absolute_url())
                is_linked = any(links(linker, text, keyword.word) for text in texts)
                yield Affected(item, passage, is_linked)


def links(linker: Linker, html: str, word: str) -> bool:
    """Whether the word becomes a link in a text."""
    linker(list(scan(CLEANER.clean(html))))
    return lower(word) in linker.spent
