"""Two contents that began as one, put together again.

What one person changed stays changed, what both changed differently collides: the text under work
(theirs) and the one that came late (mine) each keep their words there until somebody chooses. Rich
text is merged block by block, lists of lines line by line, tags and relations as sets, the rows of a
part row by row, everything else as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, groupby, pairwise
from typing import Any, NamedTuple

from portal.cms.lines import LinesField
from portal.cms.publishing import Publishable
from portal.cms.revisions.blocks import Row, matches, pair, pair_rows, top_blocks
from portal.cms.revisions.content import Content, same
from portal.cms.richtext import RichTextField
from portal.cms.richtext.clean import clean

# Not the value of any field, so nothing counts as unchanged where the beginning is not known.
UNKNOWN: Any = object()


class Verdict(StrEnum):
    """What became of a passage."""

    SAME = "same"
    THEIRS = "theirs"
    MINE = "mine"
    BOTH = "both"
    COLLISION = "collision"


@dataclass(frozen=True)
class Passage:
    """A stretch of one field: as it was, as either side has it, and what came of it.

    Of a text, a list or a part the values are lists: of blocks (HTML), lines or rows. `merged` of a
    collision is mine. Where it is not known how the passage was, `base` is theirs.
    """

    key: str
    base: Any
    theirs: Any
    mine: Any
    merged: Any
    collides: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.collides:
            return Verdict.COLLISION
        if self.theirs == self.mine:
            return Verdict.SAME if self.mine == self.base else Verdict.BOTH
        if self.merged == self.theirs:
            return Verdict.THEIRS
        return Verdict.MINE if self.merged == self.mine else Verdict.BOTH


class Kind(StrEnum):
    """How a field is merged."""

    VALUE = "value"
    SET = "set"
    ITEMS = "items"
    TEXT = "text"
    ROWS = "rows"

    @classmethod
    def of(cls, model: type[Publishable], name: str) -> Kind:
        if name in model.parts:
            return cls.ROWS
        column: Any = model._meta.get_field(name)
        if isinstance(column, RichTextField):
            return cls.TEXT
        if isinstance(column, LinesField):
            return cls.ITEMS
        return cls.SET if column.many_to_many else cls.VALUE

    def joined(self, values: list[Any]) -> Any:
        """Return the value of a field from those of its passages."""
        if self in (Kind.VALUE, Kind.SET):
            return values[0]
        together = list(chain.from_iterable(values))
        return str(clean("".join(together))) if self == Kind.TEXT else together


@dataclass(frozen=True)
class MergedField:
    """One field, in passages."""

    name: str
    kind: Kind
    passages: list[Passage]

    def value(self, theirs_for: Collection[str] = ()) -> Any:
        taken = [
            p.theirs if p.collides and p.key in theirs_for else p.merged for p in self.passages
        ]
        return self.kind.joined(taken)


@dataclass(frozen=True)
class Merge:
    """Everything put together; `fields` are in the order of the content."""

    fields: list[MergedField] = field(default_factory=list)

    @property
    def collisions(self) -> list[Passage]:
        return [p for merged in self.fields for p in merged.passages if p.collides]

    def content(self, theirs_for: Collection[str] = ()) -> Content:
        """Return the merged content: of a collision theirs where its key is given, else mine."""
        return {merged.name: merged.value(theirs_for) for merged in self.fields}


def merge(model: type[Publishable], base: Content | None, theirs: Content, mine: Content) -> Merge:
    """Merge two contents of an item; `base` is what both began with, None where that is not known.

    Fields that `mine` does not have (they came with a new version of the site) are theirs.
    """
    fields = []
    for name, value in theirs.items():
        kind = Kind.of(model, name)
        known = (base or {}).get(name, UNKNOWN)
        passages = MERGERS[kind](name, known, value, mine.get(name, value))
        fields.append(MergedField(name, kind, passages))
    return Merge(fields)


# --- A value, a set -----------------------------------------------------------------------------------------


def _settled(key: str, base: Any, theirs: Any, mine: Any) -> Passage:
    """Return the passage as a whole: of whoever changed it, or a collision."""
    collides = mine not in (base, theirs) and theirs != base
    merged = theirs if mine in (base, theirs) else mine
    return Passage(key, theirs if base is UNKNOWN else base, theirs, mine, merged, collides)


def _value(name: str, base: Any, theirs: Any, mine: Any) -> list[Passage]:
    return [_settled(name, base, theirs, mine)]


def _set(name: str, base: Any, theirs: Any, mine: Any) -> list[Passage]:
    if base is UNKNOWN:
        return _value(name, base, theirs, mine)
    before = set(base)
    kept = before & set(theirs) & set(mine)
    added = (set(theirs) | set(mine)) - before
    return [Passage(name, base, theirs, mine, sorted(kept | added))]


# --- A sequence of blocks or lines ----------------------------------------------------------------------------


class Hunk(NamedTuple):
    """Blocks `start` to `end` of the base became these."""

    start: int
    end: int
    blocks: list[str]


@dataclass
class Stretch:
    """Blocks of the base that both sides changed, or one of them, with their hunks."""

    start: int
    end: int
    theirs: list[Hunk] = field(default_factory=list)
    mine: list[Hunk] = field(default_factory=list)

    def meets(self, hunk: Hunk) -> bool:
        """Whether a hunk that begins here or later changes the same blocks, or adds in the same place."""
        return hunk.start < self.end or self.start == self.end == hunk.start == hunk.end


def _items(name: str, base: Any, theirs: Any, mine: Any) -> list[Passage]:
    return _sequence(name, base, theirs, mine)


def _text(name: str, base: Any, theirs: Any, mine: Any) -> list[Passage]:
    known = UNKNOWN if base is UNKNOWN else top_blocks(base)
    return _sequence(name, known, top_blocks(theirs), top_blocks(mine))


def _sequence(name: str, base: Any, theirs: list[str], mine: list[str]) -> list[Passage]:
    if base is UNKNOWN:
        found = _two_way(theirs, mine)
    elif mine in (base, theirs) or theirs == base:
        found = iter([(base, theirs, mine)])
    else:
        found = _three_way(base, theirs, mine)
    return [_settled(f"{name}.{n}", *values) for n, values in enumerate(found)]


def _two_way(theirs: list[str], mine: list[str]) -> Iterator[tuple[Any, list[str], list[str]]]:
    at = 0
    for hunk in [*_hunks(theirs, mine), Hunk(len(theirs), len(theirs), [])]:
        if hunk.start > at:
            yield UNKNOWN, theirs[at : hunk.start], theirs[at : hunk.start]
        if hunk.end > hunk.start or hunk.blocks:
            yield UNKNOWN, theirs[hunk.start : hunk.end], hunk.blocks
        at = hunk.end


def _three_way(
    base: list[str], theirs: list[str], mine: list[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield base, theirs and mine, passage by passage."""
    at = 0
    end = Stretch(len(base), len(base))
    for stretch in [*_stretches(_hunks(base, theirs), _hunks(base, mine)), end]:
        same = base[at : stretch.start]
        if same:
            yield same, same, same
        changed = base[stretch.start : stretch.end]
        if stretch is not end:
            yield changed, _with(base, stretch, stretch.theirs), _with(base, stretch, stretch.mine)
        at = stretch.end


def _stretches(theirs: Iterator[Hunk], mine: Iterator[Hunk]) -> list[Stretch]:
    """Put together the hunks of both sides that cannot stand without each other."""
    hunks = [*((hunk, "theirs") for hunk in theirs), *((hunk, "mine") for hunk in mine)]
    stretches: list[Stretch] = []
    for hunk, side in sorted(hunks, key=lambda entry: entry[0][:2]):
        if not (stretches and stretches[-1].meets(hunk)):
            stretches.append(Stretch(hunk.start, hunk.end))
        stretches[-1].end = max(stretches[-1].end, hunk.end)
        getattr(stretches[-1], side).append(hunk)
    return stretches


def _with(base: list[str], stretch: Stretch, hunks: list[Hunk]) -> list[str]:
    """Return the blocks of a stretch as they are with these hunks."""
    blocks = []
    at = stretch.start
    for hunk in hunks:
        blocks += [*base[at : hunk.start], *hunk.blocks]
        at = hunk.end
    return [*blocks, *base[at : stretch.end]]


def _hunks(old: list[str], new: list[str]) -> Iterator[Hunk]:
    """Yield what changed, in as small pieces as can be told apart: a block and its new version."""
    ends = (len(old), len(new))
    for (i, j), (i_end, j_end) in pairwise([(-1, -1), *matches(old, new), ends]):
        at, added = i + 1, new[j + 1 : j_end]
        for alone, run in groupby(pair(old[at:i_end], added), key=lambda places: None in places):
            places = list(run)
            # What has no counterpart was rewritten, taken out or added as a whole.
            for group in [places] if alone else [[place] for place in places]:
                blocks = [added[b] for _, b in group if b is not None]
                end = at + sum(a is not None for a, _ in group)
                yield Hunk(at, end, blocks)
                at = end


# --- Rows of a part -------------------------------------------------------------------------------------------


Versions = tuple[
    list[Row], list[Row], list[Row]
]  # one row in base, theirs, mine: a list of one or none


def _rows(name: str, base: Any, theirs: Any, mine: Any) -> list[Passage]:
    """Each row is a passage: changed, added or taken out as a whole."""
    unknown = base is UNKNOWN
    rows = _beside([] if unknown else base, theirs, mine)
    return [
        _settled(f"{name}.{n}", UNKNOWN if unknown else before, their_row, my_row)
        for n, (before, their_row, my_row) in enumerate(rows)
    ]


def _beside(base: list[Row], theirs: list[Row], mine: list[Row]) -> list[Versions]:
    """Return each row as the three contents have it, in the order of whoever changed the rows."""
    their_place = {a: b for a, b in pair_rows(base, theirs) if a is not None}
    my_place = {a: b for a, b in pair_rows(base, mine) if a is not None}
    rows: list[Versions] = [
        ([row], _at(theirs, their_place[n]), _at(mine, my_place[n])) for n, row in enumerate(base)
    ]
    new_theirs = [row for n, row in enumerate(theirs) if n not in their_place.values()]
    new_mine = [row for n, row in enumerate(mine) if n not in my_place.values()]
    rows += [([], _at(new_theirs, a), _at(new_mine, b)) for a, b in pair_rows(new_theirs, new_mine)]
    order, side = (mine, 2) if same({"": theirs}, {"": base}) else (theirs, 1)
    place = {id(row): n for n, row in enumerate(order)}
    rows.sort(key=lambda row: place[id(row[side][0])] if row[side] else len(order))
    return [_one_id(row) for row in rows]


def _at(rows: list[Row], place: int | None) -> list[Row]:
    return [] if place is None else [rows[place]]


def _one_id(versions: Versions) -> Versions:
    """Give all versions of a row one id: theirs, which is the database's, where it has one yet."""
    base, theirs, mine = versions
    known = next((row["id"] for row in (*theirs, *mine, *base) if row.get("id") is not None), None)
    if known is None:
        return versions
    base, theirs, mine = ([{**row, "id": known} for row in rows] for rows in versions)
    return base, theirs, mine


MERGERS = {
    Kind.VALUE: _value,
    Kind.SET: _set,
    Kind.ITEMS: _items,
    Kind.TEXT: _text,
    Kind.ROWS: _rows,
}
