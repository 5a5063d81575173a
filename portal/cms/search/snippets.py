"""What a search page shows of a text: the passage around the words that were found, and the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from portal.cms.search.tokens import fold, offsets

ELLIPSIS = "…"
# Of the characters around the first find, these stand before it.
LEAD = 0.25
CONSIDERED = 30


class Piece(NamedTuple):
    """A part of a shown text; `is_mark` where it is what was searched for."""

    text: str
    is_mark: bool = False


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """Return the whole text in pieces, the folded `words` in it marked as it spells them."""
    pieces: list[Piece] = []
    at = 0
    for begin, end in _spans(text, words):
        if begin > at:
            pieces.append(Piece(text[at:begin]))
        pieces.append(Piece(text[begin:end], is_mark=True))
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def snippet(text: str, words: Sequence[str], length: int = 90) -> list[Piece]:
    """Return a passage of about `length` characters with most different words in it, marked.

    Where none of the words is in the text, its beginning.
    """
    line = " ".join(text.split())
    begin = _best(line, words, length)
    end = min(begin + length, len(line))
    begin = max(0, end - length)
    pieces = marked(line[begin:end], words)
    before = [Piece(ELLIPSIS)] if begin else []
    after = [Piece(ELLIPSIS)] if end < len(line) else []
    return [*before, *pieces, *after]


def _best(line: str, words: Sequence[str], length: int) -> int:
    """Return where the passage begins that holds most of the different words, of the first ones."""
    spans = [(begin, end, fold(line[begin:end])) for begin, end in _spans(line, words)[:CONSIDERED]]
    best, most = 0, 0
    for first, _, _ in spans:
        start = max(0, first - int(length * LEAD))
        within = {word for begin, end, word in spans if start <= begin and end <= start + length}
        if len(within) > most:
            best, most = start, len(within)
    return best


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words are in `text`, in order, those that touch or overlap as one."""
    folded = fold(text)
    places = offsets(text)
    found: list[tuple[int, int]] = []
    for word in filter(None, words):
        at = folded.find(word)
        while at >= 0:
            found.append((at, at + len(word)))
            at = folded.find(word, at + len(word))
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    if places is None:
        return spans
    return [(places[begin], places[end - 1] + 1) for begin, end in spans]
