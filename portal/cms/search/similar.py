"""What is nearly the same as a text, and what is like it: worked out from the tokens of the index.

Signs, width, case and traditional characters make no difference, as they make none to a search. What
an item is compared with may be unpublished, but is never in the bin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from portal.cms.publishing import Publishable, PublishableQuerySet
from portal.cms.rows import RowCount, without_texts
from portal.cms.search.engines import Term
from portal.cms.search.finding import COUNTED, SIGNS
from portal.cms.search.indexing import words_of_item
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.cms.search.register import Searchable, searchable_of
from portal.cms.search.tokens import Phrase, fold, phrase, words

# Of a longer title only the first pairs are looked up, so that the cost has an end.
MOST_PAIRS = 48
# Of the items with the same pairs, so many of the newest are looked at.
CONSIDERED = 100
NEAR_TITLE = 0.6
# Titles that differ in these are two of a series: 2025年度 and 2026年度, 第三期 and 第四期.
NUMBERS = re.compile(r"\d+|第[一二三四五六七八九十百]+")

SHORTEST_TEXT = 100
PHRASES = 10
PHRASE_LENGTH = 8
SHORTEST_RUN = 6
# With fewer phrases than these, a share says nothing.
FEWEST_PHRASES = 5
# At both ends of a text stand greetings, sources, addresses: what many texts share.
ENDS = 0.1
# A phrase that so many have is the house's way to put it, and no sign of a copy.
COMMON = 10
NEAR_TEXT = 0.5


class Near(NamedTuple):
    """An item, and how much of it is the same: 1 for all."""

    item: Any
    share: float


def near_titles(item: Publishable, limit: int = 5) -> list[Near]:
    """Return the items of this kind whose titles are nearly this one's, nearest first; two queries.

    Near are titles of whose pairs of characters three in five are in both. Such a title lacks no more
    than two fifths of ours: of more groups of pairs than those, it has one group whole.
    """
    searchable = searchable_of(type(item))
    title = searchable.title(item)
    likeness = Likeness(searchable, title)
    rows = _kept(searchable).exclude(pk=item.pk)
    groups = likeness.groups(int(len(likeness.pairs) * (1 - NEAR_TITLE)) + 1)
    having = [Q(pk__in=likeness.having_all(group, rows, CONSIDERED)) for group in groups]
    if not having:
        return []
    own, numbers = set(pairs_of(title)), numbers_of(title)
    found = []
    for other in rows.filter(reduce(or_, having)):
        name = searchable.title(other)
        theirs = set(pairs_of(name))
        share = len(own & theirs) / len(own | theirs)
        if share >= NEAR_TITLE and numbers_of(name) == numbers:
            found.append(Near(other, share))
    return _nearest(found)[:limit]


def near_texts(item: Publishable, limit: int = 5) -> list[Near]:
    """Return the items of this kind that hold half of this one's text or more, most first.

    Phrases from all over the text are looked up; the share is that of those found. Not for texts of
    less than a hundred characters. Eleven queries at most; six where nothing is like it, as the other
    phrases then do not make half. (All in one query make PostgreSQL read the whole table.)
    """
    searchable = searchable_of(type(item))
    phrases = phrases_of(words_of_item(item).text)
    if len(phrases) < FEWEST_PHRASES:
        return []
    own = IndexEntry.objects.filter(kind=searchable.number, object_id=item.pk).values("place")
    others = _of_kind(Texts, searchable).exclude(rowid__in=own)
    holders: list[set[int]] = []
    for each in phrases:
        holders.append(_ids(others.filter(tokens__match=[(each,)]), COMMON + 1))
        if len(holders) > len(phrases) / 2 and not any(holders):
            return []
    telling = [ids for ids in holders if len(ids) <= COMMON]
    if len(telling) < FEWEST_PHRASES:
        return []
    counts = Counter(pk for ids in telling for pk in ids)
    shares = {pk: count / len(telling) for pk, count in counts.items()}
    near = [pk for pk, share in shares.items() if share >= NEAR_TEXT]
    if not near:
        return []
    rows = _kept(searchable).filter(pk__in=near)
    return _nearest(Near(other, shares[other.pk]) for other in rows)[:limit]


@dataclass(frozen=True)
class Likeness:
    """A title as others are compared with it: its pairs of characters, and how rare each of them is."""

    searchable: Searchable
    title: str

    @cached_property
    def pairs(self) -> list[str]:
        return pairs_of(self.title)[:MOST_PAIRS]

    @cached_property
    def frequencies(self) -> dict[str, int]:
        """In how many titles of this kind each pair is, hidden ones too, up to COUNTED; one query."""
        rows = _of_kind(Titles, self.searchable)
        found = (rows.filter(tokens__match=[(Phrase((pair,)),)]) for pair in self.pairs)
        counts = [RowCount(each.values("rowid")[:COUNTED]) for each in found]
        row = IndexEntry.objects.order_by().values_list(*counts)[:1] if counts else []
        return dict(zip(self.pairs, next(iter(row), ()), strict=False))

    def rarest(self, count: int, least: int = 0) -> list[str]:
        """Return the rarest pairs, of those that are in at least so many titles."""
        pairs = [pair for pair, frequency in self.frequencies.items() if frequency >= least]
        return sorted(pairs, key=lambda pair: self.frequencies[pair])[:count]

    def groups(self, count: int) -> list[list[str]]:
        """Return all pairs in so many groups, common ones with rare ones, so that few have any whole."""
        dealt = self.rarest(len(self.pairs))
        return [group for first in range(count) if (group := dealt[first::count])]

    def having_any(self, pairs: Sequence[str], rows: QuerySet[Any], limit: int) -> QuerySet[Any]:
        """Return the ids of the newest of these rows with one of the pairs in their title.

        For a subquery. The index yields the newest first, and no more are read than are wanted.
        """
        term = tuple(Phrase((pair,)) for pair in pairs)
        return self._having([term] if term else [], rows, limit)

    def having_all(self, pairs: Sequence[str], rows: QuerySet[Any], limit: int) -> QuerySet[Any]:
        """Return, likewise, the ids of those with all of the pairs."""
        return self._having([(Phrase((pair,)),) for pair in pairs], rows, limit)

    def _having(self, terms: Sequence[Term], rows: QuerySet[Any], limit: int) -> QuerySet[Any]:
        entries = _of_kind(Titles, self.searchable)
        if not terms:
            return entries.none()
        item_id = F("rowid").bitand(IndexEntry.IDS)
        wanted = rows.order_by().filter(pk=OuterRef("rowid").bitand(IndexEntry.IDS))
        found = entries.filter(Exists(wanted), tokens__match=terms).order_by("-rowid")
        newest: QuerySet[Any] = found.annotate(item_id=item_id).values("item_id")[:limit]
        return newest


def pairs_of(text: str) -> list[str]:
    """Return the tokens of a text, each once and in order; signs part words."""
    parts = words(SIGNS.sub(" ", fold(text)))
    return list(dict.fromkeys(token for part in parts for token in phrase(part).tokens))


def numbers_of(title: str) -> Counter[str]:
    return Counter(NUMBERS.findall(fold(title)))


def phrases_of(text: str) -> list[Phrase]:
    """Return phrases from all over a text, none across a sign; none for a short text."""
    runs = SIGNS.sub(" ", fold(text)).split()
    length = sum(map(len, runs))
    if length < SHORTEST_TEXT:
        return []
    chosen: dict[str, None] = {}
    passed, wanted = 0, length * ENDS
    step = length * (1 - 2 * ENDS) / PHRASES
    for run in runs:
        passed += len(run)
        if passed > length * (1 - ENDS):
            break
        if passed >= wanted and len(run) >= SHORTEST_RUN:
            chosen[run[:PHRASE_LENGTH]] = None
            wanted += step
    return [phrase(each) for each in chosen]


def _kept(searchable: Searchable) -> QuerySet[Any]:
    rows: PublishableQuerySet = searchable.model._default_manager.all()
    return without_texts(rows.kept())


def _of_kind(table: Any, searchable: Searchable) -> QuerySet[Any]:
    """Return the rows of one kind: the number of the kind stands in the first bits of a place."""
    first = searchable.number << 60
    rows: QuerySet[Any] = table._default_manager.filter(rowid__range=(first, first | (1 << 60) - 1))
    return rows


def _ids(rows: QuerySet[Any], limit: int) -> set[int]:
    """Return the ids behind the newest places. On PostgreSQL a long text has several rows."""
    places = rows.order_by("-rowid").values_list("rowid", flat=True).distinct()[:limit]
    return {place & IndexEntry.IDS for place in places}


def _nearest(found: Iterable[Near]) -> list[Near]:
    return sorted(found, key=lambda near: (-near.share, near.item.pk))
