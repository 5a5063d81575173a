"""From what a visitor typed to what is shown: which items, in which order, how many.

An item is found when its title or text holds every word of the query, letter for letter. Those with
all the words in the title come first, then the newest, then the higher id; no engine's own score,
so both databases answer alike. Only what a stranger may see is found, decided at the time of asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.cms.search.engines import Term
from portal.cms.search.indexing import place_of
from portal.cms.search.models import IndexEntry, Synonyms, Texts, Titles
from portal.cms.search.register import Searchable, searchable_of, searchables
from portal.cms.search.tokens import FACET, Phrase, fold, phrase, words

LONGEST_QUERY = 100
# Counting stops here: nobody turns a thousand pages, and the cost stays the same for any corpus.
COUNTED = 1000
# A query is taken apart into no more pairs than this when it is not found as it stands.
MOST_PAIRS = 12
# Nor is it tried more often than this: a search must not cost a hundred.
MOST_ATTEMPTS = 6
MOST_SPELLINGS = 12
SEPARATOR = "、"
SIGNS = re.compile(r"[\W_]+")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DOOMSDAY = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Hit:
    """An item that was found."""

    searchable: Searchable
    place: int
    in_title: bool

    @property
    def pk(self) -> int:
        return self.place & IndexEntry.IDS

    @property
    def order(self) -> tuple[bool, int]:
        """Sorts as a reader is shown them: title first, then by moment and id."""
        return not self.in_title, -(self.place & ((1 << 60) - 1))


@dataclass(frozen=True)
class Scope:
    """Where to look: which kinds, within which facets, and between which moments of going live."""

    searchables: Sequence[Searchable] = field(default_factory=searchables)
    facets: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """The hits of each kind by its key, in order, and no more than COUNTED + 1 of each."""

    by_kind: dict[str, list[Hit]] = field(default_factory=dict)
    words: Sequence[str] = ()  # what to mark in the text

    @cached_property
    def hits(self) -> list[Hit]:
        """The first COUNTED hits of all kinds, in order."""
        return self.of()

    def of(self, key: str = "") -> list[Hit]:
        """Return the first COUNTED hits of one kind, or of all."""
        kinds = self.by_kind.values() if not key else [self.by_kind.get(key, [])]
        return sorted((hit for hits in kinds for hit in hits), key=lambda hit: hit.order)[:COUNTED]

    def count(self, key: str = "") -> int:
        """Return how many were found of one kind, or of all; COUNTED + 1 for “more than these”."""
        kinds = self.by_kind.values() if not key else [self.by_kind.get(key, [])]
        return min(sum(map(len, kinds)), COUNTED + 1)

    def without(self, other: Found) -> Found:
        known = {hit.place for hits in other.by_kind.values() for hit in hits}
        return Found(
            {
                key: [hit for hit in hits if hit.place not in known]
                for key, hits in self.by_kind.items()
            },
            self.words,
        )


NOTHING = Found()


def search(query: str, scope: Scope | None = None) -> Found:
    """Return what holds every word of the query. Nine queries; none without a word to look for."""
    wanted = words(query[:LONGEST_QUERY])
    if not wanted:
        return NOTHING
    spelt = spellings(wanted)
    marked = [word for each in spelt for word in each]
    return _found([tuple(map(phrase, each)) for each in spelt], marked, scope or Scope())


def loosely(query: str, scope: Scope | None = None, besides: Found = NOTHING) -> Found:
    """Return what comes near the query, `besides` what was found as it was typed: 相关结果.

    Signs part words now. Then pairs of characters are looked for, wherever they stand: 深圳派遣 finds
    深圳…派遣. Pairs that occur nowhere go first, then the rarest, as they are most often where two
    words meet (圳派); in vain, the commonest go instead, as they say least (招聘). At least half of
    them must remain. A query for each pair, and eight for each attempt.
    """
    scope = scope or Scope()
    wanted = words(SIGNS.sub(" ", fold(query[:LONGEST_QUERY])))
    found = _found([(phrase(word),) for word in wanted], wanted, scope).without(besides)
    attempts = islice(_attempts(_pairs(wanted)), MOST_ATTEMPTS)
    while not found.hits and (pairs := next(attempts, None)):
        marked = [token for pair in pairs for token in pair.tokens]
        found = _found([(pair,) for pair in pairs], marked, scope).without(besides)
    return found


def items(hits: Iterable[Hit]) -> list[tuple[Hit, Any]]:
    """Return the hits with their items, in the same order; a query for each kind among them.

    What is not public any more since it was found is left out.
    """
    hits = list(hits)
    by_place: dict[int, Any] = {}
    for searchable in {hit.searchable.number: hit.searchable for hit in hits}.values():
        ids = [hit.pk for hit in hits if hit.searchable is searchable]
        loaded = searchable.public().prefetch_related(*searchable.prefetch).in_bulk(ids)
        by_place |= {
            hit.place: loaded[hit.pk]
            for hit in hits
            if hit.searchable is searchable and hit.pk in loaded
        }
    return [(hit, by_place[hit.place]) for hit in hits if hit.place in by_place]


def on_desk(query: str, among: QuerySet[Any], limit: int) -> list[Hit] | None:
    """Return an editor's finds `among` these rows, published or not, in order.

    None where the query holds no word to look for. Three queries, two when the titles are enough.
    """
    wanted = words(query[:LONGEST_QUERY])
    if not wanted:
        return None
    terms = [tuple(map(phrase, each)) for each in spellings(wanted)]
    return _hits(searchable_of(among.model), terms, Scope(), among, limit)


def spellings(wanted: Sequence[str]) -> list[list[str]]:
    """Return for each folded word itself and what it is called elsewhere, by the synonyms; one query."""
    rows = Synonyms.objects.values_list("words", flat=True)
    groups = [fold(row).split(fold(SEPARATOR)) for row in rows]
    spelt = []
    for word in wanted:
        others = [
            word.replace(name, other) for group in groups for name in group if name in word
            for other in group
        ]  # fmt: skip
        spelt.append(list(dict.fromkeys([word, *others]))[:MOST_SPELLINGS])
    return spelt


def _found(terms: Sequence[Term], marked: Sequence[str], scope: Scope) -> Found:
    if not terms:
        return NOTHING
    facets: list[Term] = [(Phrase((FACET + facet,)),) for facet in scope.facets]
    by_kind = {
        searchable.key: _hits(searchable, [*terms, *facets], scope, searchable.public())
        for searchable in scope.searchables
    }
    return Found(by_kind, marked)


def _hits(
    searchable: Searchable,
    terms: Sequence[Term],
    scope: Scope,
    visible: QuerySet[Any] | None,
    limit: int = COUNTED + 1,
) -> list[Hit]:
    """Return the first hits of one kind, in order; two queries, one when the titles are enough."""
    in_titles = list(_places(Titles, searchable, terms, scope, visible, limit))
    hits = [Hit(searchable, place, in_title=True) for place in in_titles]
    if len(hits) < limit:
        known = set(in_titles)
        elsewhere = _places(Texts, searchable, terms, scope, visible, limit)
        hits += [
            Hit(searchable, place, in_title=False) for place in elsewhere if place not in known
        ]
    return hits[:limit]


def _places(
    table: type[Titles] | type[Texts],
    searchable: Searchable,
    terms: Sequence[Term],
    scope: Scope,
    visible: QuerySet[Any] | None,
    limit: int,
) -> QuerySet[Any, int]:
    """Return the places of one kind that match, newest first.

    The engine yields them in this order: the visible ones are picked as they come, and nothing more
    is read than is wanted.
    """
    first = place_of(searchable.number, scope.since or EPOCH, 0)
    last = place_of(searchable.number, scope.until or DOOMSDAY, IndexEntry.IDS)
    rows = table._default_manager.filter(rowid__range=(first, last), tokens__match=terms)
    if visible is not None:
        object_id = OuterRef("rowid").bitand(IndexEntry.IDS)
        rows = rows.filter(Exists(visible.order_by().filter(pk=object_id)))
    # Once each: on PostgreSQL a long text has several rows.
    return rows.order_by("-rowid").values_list("rowid", flat=True).distinct()[:limit]


def _pairs(wanted: Sequence[str]) -> list[Phrase]:
    """Return the tokens of the words, each a phrase of its own; only the last may be but a beginning."""
    pairs = [
        Phrase((token,), is_open and at == len(tokens) - 1)
        for tokens, is_open in map(phrase, wanted)
        for at, token in enumerate(tokens)
    ]
    return list(dict.fromkeys(pairs))[:MOST_PAIRS]


def _attempts(pairs: list[Phrase]) -> Iterator[list[Phrase]]:
    """Yield ever fewer of the pairs, in the order of the query."""
    counted = sorted((_frequency(pair), at) for at, pair in enumerate(pairs))
    common = [at for frequency, at in counted if frequency]
    most_dropped = len(common) - max(2, (len(pairs) + 1) // 2)
    for dropped in range(most_dropped + 1):
        yield [pairs[at] for at in sorted(common[dropped:])]
    for dropped in range(1, most_dropped + 1):
        yield [pairs[at] for at in sorted(common[:-dropped])]


def _frequency(pair: Phrase) -> int:
    """Return in how many texts a pair occurs, hidden ones included; no more than COUNTED."""
    return Texts.objects.filter(tokens__match=[(pair,)])[:COUNTED].count()
