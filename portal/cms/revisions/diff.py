"""Two texts as one: which lines and words stayed, which came, and which went.

Nothing here knows of models and fields, and nothing is HTML: a template renders the pieces with <ins>
and <del>, escaped like any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, pairwise
from typing import NamedTuple

from portal.cms.revisions.blocks import matches, pair

# Within a sentence, signs are searched for signs up to so many comparisons: some milliseconds.
SEARCHED = 250_000
# A paragraph of which less than this is left is shown as a new one in place of the old.
LEFT = 0.25

SENTENCE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]+[”’」』）]*|[^。！？；!?;\n]+")
SIGN = re.compile(r"[A-Za-z]+|\d+(?:[.,:]\d+)*|\s+|.", re.DOTALL)


class Change(StrEnum):
    """What happened to a line, or to a piece of it; SKIPPED stands for lines that stayed."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SKIPPED = "skipped"


class Piece(NamedTuple):
    """Some words of a line."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, list item, table row, picture or value, old and new in one."""

    change: Change
    pieces: list[Piece] = field(default_factory=list)
    label: str = ""
    note: str = ""
    count: int = 0  # of the lines that were skipped


class Block(NamedTuple):
    """One line of one content. `form` is whatever else there is to it than words."""

    text: str
    label: str = ""
    form: str = ""
    linked: str = ""  # the words with the addresses of their links


# --- Lines ------------------------------------------------------------------------------------------


def line_by_line(old: list[Block], new: list[Block]) -> Iterator[Line]:
    """Yield each line of either text once; one that has changed is old and new in one."""
    ends = (len(old), len(new))
    for (i, j), (i_end, j_end) in pairwise([(-1, -1), *matches(old, new), ends]):
        gone, came = old[i + 1 : i_end], new[j + 1 : j_end]
        for a, b in pair([block.text for block in gone], [block.text for block in came]):
            if a is not None and b is not None:
                yield changed(gone[a], came[b])
            elif a is not None:
                yield _line(gone[a], Change.REMOVED)
            elif b is not None:
                yield _line(came[b], Change.ADDED)
        if i_end < len(old):
            yield _line(old[i_end], Change.SAME)


def _line(block: Block, change: Change) -> Line:
    return Line(change, [Piece(change, block.text)], block.label)


def changed(old: Block, new: Block, *, whole: bool = False) -> Line:
    """Return two lines as one; as a `whole`, no sign of the old is looked for in the new."""
    if old.text == new.text and old.linked == new.linked:
        note = "名称相同，但不是同一个" if whole else "文字没变，格式有变"
        return Line(Change.CHANGED, [Piece(Change.SAME, new.text)], new.label, note)
    if whole:
        return Line(Change.CHANGED, _replaced(old.text, new.text), new.label)
    links_differ = _links(old) != _links(new)
    words = (old.linked, new.linked) if links_differ else (old.text, new.text)
    return Line(Change.CHANGED, pieces(*words), new.label)


def _links(block: Block) -> list[str]:
    return re.findall(r'href="[^"]*"', block.form) if block.linked else []


def folded(lines: list[Line]) -> list[Line]:
    """Leave out what stayed, but for one line on either side of a change."""
    found: list[Line] = []
    runs = [(same, list(run)) for same, run in groupby(lines, lambda li: li.change == Change.SAME)]
    for number, (same, run) in enumerate(runs):
        before, after = int(number > 0), int(number + 1 < len(runs))
        left_out = len(run) - before - after
        if same and left_out > 1:
            skipped = Line(Change.SKIPPED, count=left_out)
            run = [*run[:before], skipped, *run[len(run) - after :]]
        found += run
    return found


# --- Words within a line --------------------------------------------------------------------------------------


def pieces(old: str, new: str) -> list[Piece]:
    """Return one line out of two: first sentence by sentence, then sign by sign where they differ.

    Chinese has no spaces, so signs are what there is; a word in Latin letters or a number is one.
    """
    edits = [edit for edit in _edits(old, new) if any(edit)]
    kept = sum(len(a) for a, b in edits if a == b)
    if kept < LEFT * min(len(old), len(new)):
        return _replaced(old, new)
    return [
        piece
        for a, b in _smoothed(edits)
        for piece in ([Piece(Change.SAME, a)] if a == b else _replaced(a, b))
    ]


def _replaced(old: str, new: str) -> list[Piece]:
    both = Piece(Change.REMOVED, old), Piece(Change.ADDED, new)
    return [piece for piece in both if piece.text]


Edit = tuple[str, str]  # some words, and what they became; the same where they stayed


def _edits(old: str, new: str) -> Iterator[Edit]:
    before, after = SENTENCE.findall(old), SENTENCE.findall(new)
    ends = (len(before), len(after))
    for (i, j), (i_end, j_end) in pairwise([(-1, -1), *matches(before, after), ends]):
        yield from _sign_edits("".join(before[i + 1 : i_end]), "".join(after[j + 1 : j_end]))
        if i_end < len(before):
            yield before[i_end], before[i_end]


def _sign_edits(old: str, new: str) -> Iterator[Edit]:
    a, b = SIGN.findall(old), SIGN.findall(new)
    if len(a) * len(b) > SEARCHED:
        yield old, new
        return
    for _, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        yield "".join(a[i:i_end]), "".join(b[j:j_end])


def _smoothed(edits: list[Edit]) -> list[Edit]:
    """Join changes with so little between them that they read better as one."""
    found: list[Edit] = []
    changing = False
    for n, (a, b) in enumerate(edits):
        bridges = (
            a == b and changing and n + 1 < len(edits) and _bridges(a, edits[n - 1], edits[n + 1])
        )
        if found and changing == (a != b or bridges):
            found[-1] = (found[-1][0] + a, found[-1][1] + b)
        else:
            found.append((a, b))
        changing = a != b or bridges
    return found


def _bridges(between: str, before: Edit, after: Edit) -> bool:
    """Whether so little stayed between two changes that it does not part them.

    Between two additions, or two removals, it always does: nothing there would have to be read twice.
    """
    gone, came = before[0] + after[0], before[1] + after[1]
    shorter = min(max(map(len, before)), max(map(len, after)))
    return bool(gone and came) and before[0] != before[1] and len(between) <= max(1, shorter // 3)
