"""From text to the tokens that are indexed, and from a query's words to the tokens it looks for.

A token is two adjacent characters, or a whole word of Latin letters and digits: no dictionary, so
nothing is missed that a dictionary does not know (新密 is 3 finds of 9 with jieba). Signs
are characters too; what is found holds a query's word letter for letter. Two spellings count as one
where `fold` makes them one; and spaces beside Latin letters and digits do not count: 2026年 and 2026 年.
The one thing not found is what cuts a Latin word or number: 2元 in 22元.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from opencc import OpenCC

# Private-use characters, which `fold` takes out of every text: what begins with one collides with no
# word. GAP keeps phrases within a paragraph.
FACET, CHARACTER, GAP = "\ue000", "\ue001", "\ue002"
# Longer ones are cut in text and query alike: PostgreSQL takes no word of more than 2,046 bytes.
LONGEST_WORD = 64
LATIN = re.compile(r"[0-9a-z]")
PIECE = re.compile(r"[0-9a-z]+|[^0-9a-z]+")
# Controls, invisible marks, accents, private use: nobody types them into a search.
DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn"})
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―─"), "-")
QUOTES = {ord("“"): '"', ord("”"): '"', ord("‘"): "'", ord("’"): "'"}
# ASCII signs as their full-width twins: they mean something to the engines, those do not.
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F) if not chr(code).isalnum()}


@cache
def simplified() -> OpenCC:
    return OpenCC("t2s")


class Folding(dict[int, str]):
    """For `str.translate`: each character as it is compared, worked out when it is first met.

    One by one, and not by the phrase as OpenCC otherwise does (乾隆 stays, 乾燥 becomes 干燥): a query
    is compared without the words around it, so a character must always become the same.
    """

    def __init__(self) -> None:
        super().__init__()
        # Those that do not become exactly one character: offsets shift behind them.
        self.irregular: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == "\n":
            folded = "\n"
        elif character.isspace():
            folded = " "
        else:
            parts = unicodedata.normalize("NFKD", character).translate(DASHES | QUOTES).lower()
            kept = "".join(c for c in parts if unicodedata.category(c) not in DROPPED)
            folded = simplified().convert(kept).translate(WIDE)
        if len(folded) != 1:
            self.irregular.add(character)
        self[code] = folded
        return folded


FOLDING = Folding()


def fold(text: str) -> str:
    """Return the text as it is compared: one width, one case, simplified, nothing invisible."""
    return text.translate(FOLDING)


def offsets(text: str) -> list[int] | None:
    """Return for each character of `fold(text)` its place in `text`; None where they are the same."""
    characters = set(text)
    fold("".join(characters))  # which is what finds out about the irregular ones
    if FOLDING.irregular.isdisjoint(characters):
        return None
    return [at for at, character in enumerate(text) for _ in FOLDING[ord(character)]]


def tokens(text: str) -> Iterator[str]:
    """Yield the tokens of a text, in order, with a GAP behind each of its lines that has any."""
    for line in fold(text).split("\n"):
        found = list(_pieces(line))
        if found:
            yield from found
            yield GAP


def _pieces(line: str) -> Iterator[str]:
    """Every character with its next one; the last of a run alone. Latin words and numbers whole."""
    for run in line.split():
        for piece in PIECE.findall(run):
            if piece[0].isascii():
                yield piece[:LONGEST_WORD]
            else:
                yield from (piece[at : at + 2] for at in range(len(piece)))


def characters(found: Iterable[str]) -> list[str]:
    """Return a token for each character in `found` tokens: what a query of one character looks for."""
    return [CHARACTER + character for character in sorted(set().union(*found) - {GAP})]


class Phrase(NamedTuple):
    """Tokens that stand behind each other; of the last one perhaps only the beginning."""

    tokens: tuple[str, ...]
    is_open: bool = False


def phrase(word: str) -> Phrase:
    """Return what a word of a folded query looks for. It holds no space, and is not empty."""
    if len(word) == 1:
        return Phrase((CHARACTER + word,))
    found = tuple(_pieces(word))
    if any(map(LATIN.match, word[-2:])):
        return Phrase(found, is_open=True)
    return Phrase(found[:-1])  # 派遣 goes on as it likes: a 遣 that ends there is not asked for


def words(query: str) -> list[str]:
    """Return the words of a query, folded, each once."""
    return list(dict.fromkeys(fold(query).split()))
