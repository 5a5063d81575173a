"""What a search page shows of a text: the passage around the words that were found, and the marks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.search.tokens import FOLDING, fold, offsets

ELLIPSIS = "…"
# Of the characters around the first find, these stand before it.
LEAD = 0.25
CONSIDERED = 30
# No passage begins with what is left of the sentence before.
LEFT_OVER = "，。、；：！？）》”’ "
LATIN = "[0-9a-z]"
# Where Latin and Chinese meet in a word, which the text may have parted: SMT 普工, 2026 年.
SEAM = re.compile(r"(?<=[0-9a-z])(?=[^0-9a-z])|(?<=[^0-9a-z])(?=[0-9a-z])")
# Of these nearly every text is made: signs, Chinese, and what is as wide as Chinese.
USUAL = [*range(0x20, 0x7F), *range(0x3000, 0x3040), *range(0x4E00, 0xA000), *range(0xFF01, 0xFF5F)]
# Beside a word that begins or ends with a digit: no more of the number, 2,520.50 being one.
NUMBER_BEFORE, NUMBER_BEHIND = r"(?<![0-9][，．])", r"(?![0-9]|[，．][0-9])"


class Piece(NamedTuple):
    """A part of a shown text; `is_mark` where it is what was searched for."""

    text: str
    is_mark: bool = False


def html_of(pieces: Iterable[Piece]) -> SafeString:
    """Return the pieces as they stand in a page, what is marked as `<mark>`."""
    pieces = [*pieces, Piece("")]  # so that there is one
    shape = "".join("<mark>{}</mark>" if piece.is_mark else "{}" for piece in pieces)
    return format_html(shape, *(piece.text for piece in pieces))


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
    spans = spans[:CONSIDERED]
    begins, ends = [begin for begin, _ in spans], [end for _, end in spans]
    words = [fold(line[begin:end]) for begin, end in spans]
    best, most = 0, 0
    for first in begins:
        start = max(0, first - int(length * LEAD))
        within = set(words[bisect_left(begins, start) : bisect_right(ends, start + length)])
        if len(within) > most:
            best, most = start, len(within)
    return best


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words are in `text`, in order, those that touch or overlap as one."""
    folded, places = _folded(text)
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


def _folded(text: str) -> tuple[str, list[int] | None]:
    """Return `fold(text)` and `offsets(text)`, in a fifth of the time: most characters are passed by."""
    changing = _changing()
    folded = changing.sub(lambda found: FOLDING[ord(found[0])], text)
    is_regular = FOLDING.irregular.isdisjoint(changing.findall(text))
    return folded, None if is_regular else offsets(text)


@cache
def _changing() -> re.Pattern[str]:
    """Return what finds the characters that may not be compared as they are: a tenth of a second, once."""
    steady = "".join(character for character in map(chr, USUAL) if fold(character) == character)
    return re.compile(f"[^{re.escape(steady)}]")


@lru_cache(maxsize=100)
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
