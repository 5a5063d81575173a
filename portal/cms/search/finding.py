"""From what a visitor typed to what is shown: which items, in which order, how many.

An item is found when its title or text holds every word of the query, letter for letter. Those with
all the words in the title come first, then the newest, then the higher id; no engine's own score,
so both databases answer alike. Only what a stranger may see is found, decided at the time of asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet, prefetch_related_objects

from portal.cms.pagecache.epochs import once_each
from portal.cms.prepared import Given, Prepared
from portal.cms.search.engines import Term
from portal.cms.search.looking import Looking, Noted, Scope
from portal.cms.search.models import IndexEntry, Synonyms, Texts, Titles
from portal.cms.search.register import Searchable, searchable_of
from portal.cms.search.tokens import LATIN, Phrase, fold, phrase, words

LONGEST_QUERY = 100
# Counting stops here: nobody turns a thousand pages, and the cost stays the same for any corpus.
COUNTED = 1000
# What comes near is shown, but neither counted nor paged.
NEAR = 10
# A query is taken apart into no more pairs than this when it is not found as it stands.
MOST_PAIRS = 12
# So many ways to leave some of them out are tried.
MOST_ATTEMPTS = 6
MOST_SPELLINGS = 12
# Queries for what was found, for 1, 2, 4, 8 … of each kind.
SIZES_KEPT = 40
SEPARATOR = "、"
SIGNS = re.compile(r"[\W_]+")


class Hit(NamedTuple):
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
class Found:
    """The hits of each kind by its key, in order, and no more than COUNTED + 1 of each."""

    by_kind: dict[str, list[Hit]] = field(default_factory=dict)
    words: Sequence[str] = ()  # what to mark in the text
    noted: Noted | None = None

    @cached_property
    def hits(self) -> list[Hit]:
        """The first COUNTED hits of all kinds, in order."""
        return self.of()

    def of(self, key: str = "") -> list[Hit]:
        """Return the first COUNTED hits of one kind, or of all."""
        kinds = [hits for kind, hits in self.by_kind.items() if hits and key in ("", kind)]
        if len(kinds) == 1:  # in order already
            return kinds[0][:COUNTED]
        return sorted(chain.from_iterable(kinds), key=lambda hit: hit.order)[:COUNTED]

    def count(self, key: str = "") -> int:
        """Return how many were found of one kind, or of all; COUNTED + 1 for “more than these”."""
        kinds = self.by_kind.values() if not key else [self.by_kind.get(key, [])]
        return min(sum(map(len, kinds)), COUNTED + 1)


NOTHING = Found()


def search(query: str, scope: Scope | None = None, first: int | None = None) -> Found:
    """Return what holds every word of the query. Three queries; none without a word to look for.

    The `first` of them are in order, if no more are wanted; the others are counted.
    """
    wanted = words(query[:LONGEST_QUERY])
    if not wanted:
        return NOTHING
    spelt = spellings(wanted)
    marked = [word for each in spelt for word in each]
    terms = [tuple(map(phrase, each)) for each in spelt]
    return _found(Looking(scope or Scope()), terms, marked, first=first)


def exactly(query: str, scope: Scope) -> Found:
    """Return what holds every word of the query itself: no synonyms, Latin words whole."""
    wanted = [phrase(word)._replace(is_open=False) for word in words(query[:LONGEST_QUERY])]
    return _found(Looking(scope), [(each,) for each in wanted]) if wanted else NOTHING


def loosely(query: str, scope: Scope | None = None, besides: Found = NOTHING) -> Found:
    """Return what comes near the query, `besides` what was found as it was typed: NEAR of each kind.

    What an attempt finds depends on nothing but what a stranger may see within the scope. Two queries
    for what is found, one for the commonness of the words, one for each attempt.
    """
    scope = scope or Scope()
    typed = query[:LONGEST_QUERY]
    wanted = words(SIGNS.sub(" ", fold(typed)))
    known = [hit.place for each in scope.searchables for hit in besides.by_kind.get(each.key, ())]
    looking = Looking(scope, besides=known, noted=besides.noted)
    attempts = _attempts(wanted, looking)
    if besides.words and wanted == words(typed):
        next(attempts, None)  # the words as they are: all that has them is known
    for terms, marked in attempts:
        if looking.finds(terms):
            return _found(looking, terms, marked, NEAR)
    return NOTHING


def items(hits: Iterable[Hit]) -> list[tuple[Hit, Any]]:
    """Return the hits with their items, in the same order; a query for each kind among them.

    What is not public any more since it was found is left out.
    """
    hits = list(hits)
    loaded: dict[tuple[int, int], Any] = {}
    for searchable in {hit.searchable.number: hit.searchable for hit in hits}.values():
        ids = [hit.pk for hit in hits if hit.searchable is searchable]
        size = 1 << (len(ids) - 1).bit_length()  # a power of two: there are few different ones
        ids += ids[:1] * (size - len(ids))
        given = {f"pk{number}": pk for number, pk in enumerate(ids)}
        rows = public_rows((searchable, size)).rows(**given)
        prefetch_related_objects(rows, *searchable.prefetch)
        loaded |= {(searchable.number, row.pk): row for row in rows}
    found = ((hit, loaded.get((hit.searchable.number, hit.pk))) for hit in hits)
    return [(hit, item) for hit, item in found if item is not None]


@once_each(SIZES_KEPT)
def public_rows(asked: tuple[Searchable, int]) -> Prepared[Any]:
    """Return the query of a kind for so many ids, of what may be seen, as `looking.public` knows it."""
    searchable, size = asked
    ids = [Given(f"pk{number}", BigIntegerField()) for number in range(size)]
    return Prepared(lambda: searchable.public().filter(pk__in=ids))


def on_desk(query: str, among: QuerySet[Any], limit: int) -> list[Hit] | None:
    """Return an editor's finds `among` these rows, published or not, in order.

    None where the query holds no word to look for. Three queries, two when the titles are enough.
    """
    wanted = words(query[:LONGEST_QUERY])
    if not wanted:
        return None
    terms = [tuple(map(phrase, each)) for each in spellings(wanted)]
    searchable = searchable_of(among.model)
    looking = Looking(Scope([searchable]), among=among)
    return _found(looking, terms, limit=limit).by_kind[searchable.key]


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


def _found(
    looking: Looking,
    terms: Sequence[Term],
    marked: Sequence[str] = (),
    limit: int = COUNTED + 1,
    first: int | None = None,
) -> Found:
    """Return the hits of each kind, in order; two queries, one where the titles are enough.

    Titles are words of the texts too. Where texts are counted as soon as titles, no more titles are
    looked for than the `first`: there may be few, and the whole index to go through for them.
    """
    kinds = looking.scope.searchables
    # Of all kinds together, so that one question does as a rule.
    most = min(first * len(kinds), limit) if first and looking.counts_texts_easily else limit
    in_titles = looking.places(Titles, terms, [each.number for each in kinds], most)
    short = [number for number, places in in_titles.items() if len(places) < limit]
    in_texts = looking.places(Texts, terms, short, limit)
    by_kind = {}
    for each in kinds:
        titles, texts = in_titles[each.number], in_texts.get(each.number, ())
        known = set(titles)
        hits = [Hit(each, place, in_title=True) for place in titles]
        hits += [Hit(each, place, in_title=False) for place in texts if place not in known]
        by_kind[each.key] = hits[:limit]
    return Found(by_kind, marked, looking.noted)


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
