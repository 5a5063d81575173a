"""What a search page shows of a text: the passage around the words that were found, and the marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from portal.cms.search.tokens import fold, offsets

ELLIPSIS = "…"
# Of the characters around the first find, these stand before it.
LEAD = 0.25
CONSIDERED = 30
# No passage begins with what is left of the sentence before.
LEFT_OVER = "，。、；：！？）》”’ "
LATIN = "[0-9a-z]"
# Where Latin and Chinese meet in a word, which the text may have parted: SMT 普工, 2026 年.
SEAM = re.compile(r"(?<=[0-9a-z])(?=[^0-9a-z])|(?<=[^0-9a-z])(?=[0-9a-z])")
# Beside a word that begins or ends with a digit: no more of the number, 2,520.50 being one.
NUMBER_BEFORE, NUMBER_BEHIND = r"(?<![0-9][，．])", r"(?![0-9]|[，．][0-9])"


class Piece(NamedTuple):
    """A part of a shown text; `is_mark` where it is what was searched for."""

    text: str
    is_mark: bool = False


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """Return the whole text in pieces, the folded `words` in it marked as it spells them."""
    return _pieces(text, _spans(text, words), 0, len(text))


def snippet(text: str, words: Sequence[str], length: int = 90) -> list[Piece]:
    """Return a passage of about `length` characters with most different words in it, marked.

    Where none of the words is in the text, its beginning.
    """
    line = " ".join(text.split())
    spans = _spans(line, words)
    end = min(_best(line, spans, length) + length, len(line))
    begin = max(0, end - length)
    while 0 < begin < end and line[begin] in LEFT_OVER:
        begin += 1
    before = [Piece(ELLIPSIS)] if begin else []
    after = [Piece(ELLIPSIS)] if end < len(line) else []
    return [*before, *_pieces(line, spans, begin, end), *after]


def _pieces(text: str, spans: Sequence[tuple[int, int]], begin: int, end: int) -> list[Piece]:
    """Return the passage in pieces. The spans are those of the whole text: a cut makes no new word."""
    pieces: list[Piece] = []
    at = begin
    for first, last in spans:
        first, last = max(first, begin), min(last, end)
        if first >= last:
            continue
        if first > at:
            pieces.append(Piece(text[at:first]))
        pieces.append(Piece(text[first:last], is_mark=True))
        at = last
    return [*pieces, Piece(text[at:end])] if at < end else pieces


def _best(line: str, spans: Sequence[tuple[int, int]], length: int) -> int:
    """Return where the passage begins that holds most of the different words, of the first ones."""
    found = [(begin, end, fold(line[begin:end])) for begin, end in spans[:CONSIDERED]]
    best, most = 0, 0
    for first, _, _ in found:
        start = max(0, first - int(length * LEAD))
        within = {word for begin, end, word in found if start <= begin and end <= start + length}
        if len(within) > most:
            best, most = start, len(within)
    return best


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words are in `text`, in order, those that touch or overlap as one."""
    folded = fold(text)
    places = offsets(text)
    found = [match.span() for word in words if word for match in _pattern(word).finditer(folded)]
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    if places is None:
        return spans
    return [(places[begin], places[end - 1] + 1) for begin, end in spans]


def _pattern(word: str) -> re.Pattern[str]:
    """Return what a folded word looks like in a folded text, as the index finds it.

    It begins no later than a Latin word or number does (hr is not in chrome), but may end before it
    does (sm is in smt); of a number it has all the digits, or what is marked would be another number.
    """
    begin = f"(?<!{LATIN})" if re.match(LATIN, word) else ""
    if word[0].isdecimal():
        begin += NUMBER_BEFORE
    end = NUMBER_BEHIND if word[-1].isdecimal() else ""
    return re.compile(begin + " *".join(map(re.escape, SEAM.split(word))) + end)
