"""From what a visitor typed to what is shown: which items, in which order, how many.

An item is found when its title or text holds every word of the query, letter for letter. Those with
all the words in the title come first, then the newest, then the higher id; no engine's own score,
so both databases answer alike. Only what a stranger may see is found, decided at the time of asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import Exists, OuterRef, QuerySet

from portal.cms.search.engines import Term, engine_of
from portal.cms.search.indexing import EPOCH, places_of
from portal.cms.search.models import IndexEntry, Synonyms, Texts, Titles
from portal.cms.search.register import Searchable, searchable_of, searchables
from portal.cms.search.tokens import FACET, LATIN, Phrase, fold, phrase, words

LONGEST_QUERY = 100
# Counting stops here: nobody turns a thousand pages, and the cost stays the same for any corpus.
COUNTED = 1000
# So many tell a rare pair of characters from a common one. Counting on costs as much as finding.
ENOUGH = 50
# A query is taken apart into no more pairs than this when it is not found as it stands.
MOST_PAIRS = 12
# So many ways to leave some of them out are tried.
MOST_ATTEMPTS = 6
MOST_SPELLINGS = 12
SEPARATOR = "、"
SIGNS = re.compile(r"[\W_]+")


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
    """Where to look: which kinds, within which facets, since which moment of going live."""

    searchables: Sequence[Searchable] = field(default_factory=searchables)
    facets: Sequence[str] = ()
    since: datetime | None = None


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


def exactly(query: str, scope: Scope) -> Found:
    """Return what holds every word of the query itself: no synonyms, Latin words whole."""
    wanted = [phrase(word)._replace(is_open=False) for word in words(query[:LONGEST_QUERY])]
    return _found([(each,) for each in wanted], (), scope) if wanted else NOTHING


def loosely(query: str, scope: Scope | None = None, besides: Found = NOTHING) -> Found:
    """Return what comes near the query, `besides` what was found as it was typed: 相关结果.

    What an attempt finds depends on nothing but what a stranger may see within the scope. Ten queries
    with all four kinds, two where nothing comes near.
    """
    scope = scope or Scope()
    looking = Looking(scope, besides)
    attempts = list(_attempts(words(SIGNS.sub(" ", fold(query[:LONGEST_QUERY]))), looking))
    best = looking.first_that_finds([attempt.terms for attempt in attempts])
    if best is None:
        return NOTHING
    return _found(attempts[best].terms, attempts[best].marked, scope).without(besides)


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
            other.join(parts) for group in groups for name in group
            if len(parts := whole(name).split(word)) > 1
            for other in group
        ]  # fmt: skip
        spelt.append(list(dict.fromkeys([word, *others]))[:MOST_SPELLINGS])
    return spelt


def whole(name: str) -> re.Pattern[str]:
    """Return a pattern for a folded name; a Latin one is a whole word: hr is none in chrome."""
    begin = "(?<![0-9a-z])" if LATIN.match(name[:1]) else ""
    end = "(?![0-9a-z])" if LATIN.match(name[-1:]) else ""
    return re.compile(f"{begin}{re.escape(name)}{end}")


def _found(terms: Sequence[Term], marked: Sequence[str], scope: Scope) -> Found:
    by_kind = {
        searchable.key: _hits(searchable, [*terms, *_facets(scope)], scope, searchable.public())
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
    return _in_scope(table, searchable, scope, visible).filter(tokens__match=terms)[:limit]


def _in_scope(
    table: type[Titles] | type[Texts],
    searchable: Searchable,
    scope: Scope,
    visible: QuerySet[Any] | None,
) -> QuerySet[Any, int]:
    """Return all places of one kind within the scope, whatever stands there, newest first."""
    span = places_of(searchable.number, scope.since or EPOCH)
    rows = table._default_manager.filter(rowid__range=span)
    if visible is not None:
        object_id = OuterRef("rowid").bitand(IndexEntry.IDS)
        rows = rows.filter(Exists(visible.order_by().filter(pk=object_id)))
    # Once each: on PostgreSQL a long text has several rows.
    return rows.order_by("-rowid").values_list("rowid", flat=True).distinct()


# --- What comes near -------------------------------------------------------------------------------


class Attempt(NamedTuple):
    """A way to ask for less than the query did, and what to mark in what it finds."""

    terms: list[Term]
    marked: Sequence[str]


def _attempts(wanted: Sequence[str], looking: Looking) -> Iterator[Attempt]:
    """Yield ever looser ways to ask for these words; one query.

    The words as signs part them (工伤，怎么认定？), then pairs of their characters wherever these stand
    (深圳派遣 finds 深圳…派遣), then any of the words: 普工 SMT finds what holds either.
    """
    if not wanted:
        return
    phrases = [phrase(word) for word in wanted]
    yield Attempt([(each,) for each in phrases], wanted)
    for pairs in islice(_fewer(_pairs(phrases), len(wanted), looking), MOST_ATTEMPTS):
        yield Attempt(
            [(pair,) for pair in pairs], [token for pair in pairs for token in pair.tokens]
        )
    if len(wanted) > 1:
        yield Attempt([tuple(phrases)], wanted)


def _pairs(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Return the tokens of the words, each a phrase of its own; only the last may be but a beginning."""
    pairs = [
        Phrase((token,), is_open and at == len(tokens) - 1)
        for tokens, is_open in phrases
        for at, token in enumerate(tokens)
    ]
    return list(dict.fromkeys(pairs))[:MOST_PAIRS]


def _fewer(pairs: list[Phrase], count_of_words: int, looking: Looking) -> Iterator[list[Phrase]]:
    """Yield ever fewer of the pairs, in the order of the query, half of them at least.

    Those that occur nowhere go first, then the rarest, as they are most often where two words meet
    (圳派); in vain, the commonest go instead, as they say least (招聘). Two words keep two pairs: one
    alone would be one of the words alone.
    """
    if len(pairs) < 2:
        return
    frequencies = looking.frequencies([[(pair,)] for pair in pairs])
    counted = sorted((frequency, at) for at, frequency in enumerate(frequencies) if frequency)
    common = [at for _, at in counted]
    most_dropped = len(common) - max((len(pairs) + 1) // 2, min(count_of_words, 2))
    for dropped in range(most_dropped + 1):
        yield [pairs[at] for at in sorted(common[dropped:])]
    for dropped in range(1, most_dropped + 1):
        yield [pairs[at] for at in sorted(common[:-dropped])]


class Looking:
    """Asks how many texts there are for many terms at once, of those a stranger may see in a scope.

    In SQL put together here. The ORM says once what is in the scope; to have it put seventy such
    subqueries together costs more than all the rest of a search.
    """

    def __init__(self, scope: Scope, besides: Found) -> None:
        self.facets = _facets(scope)
        self.connection = connections[router.db_for_read(Texts)]
        self.kinds = [
            _in_scope(Texts, each, scope, each.public())
            .exclude(rowid__in=[hit.place for hit in besides.by_kind.get(each.key, ())])
            .order_by()
            .query.sql_with_params()
            for each in scope.searchables
        ]

    def frequencies(self, asked: Sequence[list[Term]]) -> Sequence[int]:
        """Return how many texts there are for each, no more than ENOUGH of a kind; one query."""
        sums, parameters = self._each(asked, " + ")
        return self._answer(f"SELECT {', '.join(sums)}", parameters)

    def first_that_finds(self, asked: Sequence[list[Term]]) -> int | None:
        """Return the number of the first that finds anything; one query. Those behind are not tried."""
        if not asked:
            return None
        sums, parameters = self._each(asked, " > 0 OR ")
        cases = " ".join(f"WHEN {found} > 0 THEN {at}" for at, found in enumerate(sums))
        first: int | None = self._answer(f"SELECT CASE {cases} END", parameters)[0]
        return first

    def _each(self, asked: Sequence[list[Term]], joint: str) -> tuple[list[str], list[Any]]:
        """Return for each the counts of all kinds as SQL, and the parameters of all.

        Counts, even where one would be enough: PostgreSQL, asked for one, reads the texts one after
        the other in hope of meeting it.
        """
        table = Texts._meta.db_table
        sums: list[str] = []
        parameters: list[Any] = []
        for terms in asked:
            counts = []
            condition, wanted = engine_of(self.connection).condition(
                table, f'"{table}"', [*terms, *self.facets]
            )
            for in_scope, scope_parameters in self.kinds:
                places = f"{in_scope} AND {condition} ORDER BY 1 DESC LIMIT {ENOUGH}"
                counts.append(f"(SELECT COUNT(*) FROM ({places}) AS found)")  # noqa: S608  ours
                parameters += [*scope_parameters, *wanted]
            sums.append(joint.join(counts))
        return sums, parameters

    def _answer(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row: Sequence[Any] = cursor.fetchone()
        return row


def _facets(scope: Scope) -> list[Term]:
    return [(Phrase((FACET + facet,)),) for facet in scope.facets]
