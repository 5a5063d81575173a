"""Which block of one text is which block of the other: what comparing and merging have in common.

A block is a paragraph, a list item, a line: any string, or whatever stands for one. Everything here
takes time in proportion to the length of the texts, or nearly so, however little they have in common.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from portal.cms.richtext.tidy import Tidy

Row = dict[str, Any]
# The places of a block in the old and in the new text; None: it is not in that one.
Pair = tuple[int | None, int | None]

# What lies between two landmarks is searched block against block up to so many comparisons, which
# are a tenth of a second.
SEARCHED = 1_000_000
PAIRED = 2_500
# Of two versions of a paragraph, at least this share of neighbouring signs is the same.
ALIKE = 0.35
COMPARED = 2_000  # signs of a paragraph that are looked at for that

TAG = re.compile(r"<[^<>]*>")


def top_blocks(html: str) -> list[str]:
    """Return the paragraphs, headings, lists, tables and figures of a clean text, each as HTML."""
    return ["".join(child.html()) for child in Tidy(html).root.children]


# --- Equal blocks ---------------------------------------------------------------------------------------


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the places of the blocks that both texts have, in order.

    Blocks that occur once in each text are landmarks; what else is equal is looked for between them.
    (difflib alone is quadratic in the number of blocks.)
    """
    ends = (len(old), len(new))
    found: list[tuple[int, int]] = []
    for (i, j), (i_end, j_end) in pairwise([(-1, -1), *_landmarks(old, new), ends]):
        between = _search(old[i + 1 : i_end], new[j + 1 : j_end])
        found += [(i + 1 + k, j + 1 + m) for k, m in between]
        found.append((i_end, j_end))
    return found[:-1]


def _landmarks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return as many of the blocks that occur once in each text as stand in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    where = {block: place for place, block in enumerate(new) if in_new[block] == 1}
    once = [(i, where[b]) for i, b in enumerate(old) if in_old[b] == 1 and b in where]
    # The longest increasing run of places in the new text: `tails[n]` ends the best one of length n.
    tails: list[int] = []
    best: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(once):
        length = bisect_left(tails, j)
        tails[length : length + 1] = [j]
        best[length : length + 1] = [index]
        before.append(best[length - 1] if length else -1)
    run = []
    index = best[-1] if best else -1
    while index >= 0:
        run.append(once[index])
        index = before[index]
    return run[::-1]


def _search(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Yield the equal blocks of two runs without landmarks: beginning, end, and what lies between."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    yield from ((n, n) for n in range(head))
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if inner_old and inner_new and len(inner_old) * len(inner_new) <= SEARCHED:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        for run in matcher.get_matching_blocks():
            yield from ((head + run.a + n, head + run.b + n) for n in range(run.size))
    yield from ((len(old) - n, len(new) - n) for n in range(tail, 0, -1))


# --- Blocks that are alike --------------------------------------------------------------------------------


def pair(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Say which of two runs of texts, no two of them equal, are versions of each other; in order."""
    if not old or not new:
        return [*((i, None) for i in range(len(old))), *((None, j) for j in range(len(new)))]
    if len(old) * len(new) > PAIRED:
        i, j = len(old) // 2, len(new) // 2
        rest = pair(old[i:], new[j:])
        return [*pair(old[:i], new[:j]), *_moved(rest, i, j)]
    return _best_pairs([_signs(text) for text in old], [_signs(text) for text in new])


def alike(old: str, new: str) -> bool:
    """Whether one text looks like a version of the other."""
    return _likeness(_signs(old), _signs(new)) > 0


def _best_pairs(old: list[set[str]], new: list[set[str]]) -> list[Pair]:
    likeness = [[_likeness(a, b) for b in new] for a in old]
    # best[i][j]: the most that can be had of old[i:] and new[j:].
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = likeness[i][j] and likeness[i][j] + best[i + 1][j + 1]
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [
        *pairs,
        *((k, None) for k in range(i, len(old))),
        *((None, k) for k in range(j, len(new))),
    ]


def _moved(pairs: list[Pair], i: int, j: int) -> list[Pair]:
    return [(None if a is None else a + i, None if b is None else b + j) for a, b in pairs]


def _signs(text: str) -> set[str]:
    """Return each sign of a text with the one after it."""
    text = TAG.sub("", text[:COMPARED])
    return {a + b for a, b in pairwise(text)} or {text}


def _likeness(one: set[str], other: set[str]) -> float:
    share = 2 * len(one & other) / (len(one) + len(other))
    return share if share >= ALIKE else 0.0


# --- Rows of a part -----------------------------------------------------------------------------------------


def pair_rows(old: list[Row], new: list[Row]) -> list[Pair]:
    """Say which rows of a part are the same row, in the order of the new ones; the old that are gone last.

    By id; a row that had none yet when its content was written down, by what it says, then by its
    first field: a question keeps its place when its answer is rewritten.
    """
    free = dict(enumerate(old))
    found: dict[int, int] = {}
    for same in (_same_id, _same_content, _same_title):
        for j, row in enumerate(new):
            match = next(
                (i for i, other in free.items() if j not in found and same(other, row)), None
            )
            if match is not None:
                found[j] = match
                del free[match]
    return [*((found.get(j), j) for j in range(len(new))), *((i, None) for i in free)]


def without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


def title_of(row: Row) -> Any:
    """Return what a row is called by: its first field."""
    return next(iter(without_id(row).values()), None)


def _same_id(one: Row, other: Row) -> bool:
    return one.get("id") is not None and one.get("id") == other.get("id")


def _both_have_ids(one: Row, other: Row) -> bool:
    return one.get("id") is not None and other.get("id") is not None


def _same_content(one: Row, other: Row) -> bool:
    return not _both_have_ids(one, other) and without_id(one) == without_id(other)


def _same_title(one: Row, other: Row) -> bool:
    return not _both_have_ids(one, other) and title_of(one) == title_of(other)
