"""Finding the terms of the word lists in a text, however they are spaced or spelt.

A text is folded first: full-width signs become half-width, capitals small, and spaces and signs that
nobody sees go. Then one walk over it finds the terms of all lists. What is found is given in places of
the text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from portal.cms.compliance.models import Level, Place, WordList

# Signs that are no letters of their own: zero-width and direction marks, strokes through a letter.
UNSEEN = {"Cc", "Cf", "Mn", "Me"}
ANY = "*"
# A negation reaches to the end of its clause, and a clause is not longer than this.
CLAUSE_ENDS = re.compile(r"[。,;!?]")
CLAUSE = 60


class Folded(NamedTuple):
    """A folded text, and for each of its signs the place in the text it was folded from."""

    text: str
    origin: list[int]


@lru_cache(maxsize=1 << 16)  # more signs than any of our texts has
def fold_sign(sign: str) -> str:
    """Return what one sign is compared as; "" for what is not compared. A line ends a sentence."""
    if sign == "\n":
        return "。"
    return "".join(
        part
        for part in unicodedata.normalize("NFKC", sign).lower()
        if not part.isspace() and unicodedata.category(part) not in UNSEEN
    )


def fold(text: str) -> Folded:
    """Return `text` as it is compared; about 15 milliseconds for 100,000 signs."""
    signs: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        for part in fold_sign(sign):
            signs.append(part)
            origin.append(place)
    return Folded("".join(signs), origin)


# --- Many terms at once -----------------------------------------------------------------------------


class Entry(NamedTuple):
    """One line of a list: a term of it, or a phrase it allows."""

    words: WordList
    allowed: bool


@dataclass(slots=True)
class Node:
    """A place in the tree of all terms: what ends here, and which signs lead on."""

    next: dict[str, Node] = field(default_factory=dict)
    ends: list[Entry] = field(default_factory=list)
    ends_with_any: list[Entry] = field(default_factory=list)  # after one letter more, whichever


class Tree:
    """Terms by their signs. A text is searched in one walk, whatever the number of terms."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, line: str, entry: Entry) -> None:
        node = self.root
        term = fold(line).text
        for sign in term.removesuffix(ANY):
            node = node.next.setdefault(sign, Node())
        if node is not self.root:
            (node.ends_with_any if term.endswith(ANY) else node.ends).append(entry)

    def walk(self, text: str) -> Iterator[tuple[int, list[tuple[int, Entry]]]]:
        """Yield each place where something begins, with all that does: its end and its entry.

        Linear in the text times the longest term; a letter no term begins with costs next to nothing.
        """
        if not self.root.next:
            return
        beginnings = re.compile(f"[{''.join(map(re.escape, self.root.next))}]")
        for match in beginnings.finditer(text):
            if found := list(self._at(text, match.start())):
                yield match.start(), found

    def _at(self, text: str, at: int) -> Iterator[tuple[int, Entry]]:
        node = self.root
        # Past the end the slice is "", which leads nowhere.
        while (reached := node.next.get(text[at : at + 1])) is not None:
            node, at = reached, at + 1
            yield from ((at, entry) for entry in node.ends)
            if node.ends_with_any and text[at : at + 1].isalnum():
                yield from ((at + 1, entry) for entry in node.ends_with_any)


# --- The lists --------------------------------------------------------------------------------------


class Hit(NamedTuple):
    """A term of a list, and where it stands in the text as it was written."""

    words: WordList
    term: str  # folded, so that it is the same however it was spelt
    start: int
    end: int


class Lexicon:
    """The lists that are switched on, ready to be searched for."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        self.tree = Tree()
        self.exempt: dict[int, re.Pattern[str]] = {}
        for words in lists:
            for lines, allowed in ((words.terms, False), (words.allowed, True)):
                for line in lines:
                    self.tree.add(line, Entry(words, allowed))
            if words.exempt_after:
                self.exempt[words.pk] = exemption(words.exempt_after)

    @classmethod
    def load(cls) -> Lexicon:
        """Read the lists; one query. Building the tree takes a few milliseconds."""
        return cls(WordList.objects.filter(active=True))

    def hits(self, text: str, place: Place, *, regulation: bool = False) -> Iterator[Hit]:
        """Yield what the lists find in `text`, of overlapping terms of a list only the outer one."""
        # A line before the first: its beginning, too, comes after the end of a sentence.
        folded = fold(f"\n{text}")
        # How far the phrases and terms reach that have begun so far, by list.
        allowed: dict[int, int] = {}
        found: dict[int, int] = {}
        for start, begun in self.tree.walk(folded.text):
            for end, entry in begun:
                if entry.allowed:
                    allowed[entry.words.pk] = max(end, allowed.get(entry.words.pk, 0))
            for end, entry in sorted(begun, key=lambda one: -one[0]):
                words = entry.words
                if (
                    end > max(allowed.get(words.pk, 0), found.get(words.pk, 0))
                    and words.level_in(place) != Level.OFF
                    and not (regulation and words.spares_regulations)
                    and stands_alone(folded, start, end)
                    and not self.is_exempt(folded.text, start, words)
                ):
                    found[words.pk] = end
                    first, last = folded.origin[start] - 1, folded.origin[end - 1] - 1
                    yield Hit(words, folded.text[start:end], first, last + 1)

    def is_exempt(self, text: str, start: int, words: WordList) -> bool:
        """Whether what stands before the term turns it into its contrary: 不限男女."""
        if words.pk not in self.exempt:
            return False
        clause = CLAUSE_ENDS.split(text[max(0, start - CLAUSE) : start])[-1]
        return self.exempt[words.pk].search(clause) is not None


def exemption(lines: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a clause, up to the term, that makes the term harmless."""
    patterns = [
        re.escape(term.removesuffix(ANY)) + ("" if term.endswith(ANY) else "$")
        for line in lines
        if (term := fold(line).text)
    ]
    return re.compile("|".join(patterns))


def stands_alone(folded: Folded, start: int, end: int) -> bool:
    """Whether no Latin word or number goes on across the ends: TOP1 is not in TOP10."""
    return not (is_one_word(folded, start) or is_one_word(folded, end))


def is_one_word(folded: Folded, at: int) -> bool:
    text, origin = folded
    return (
        0 < at < len(text)
        and origin[at] - origin[at - 1] <= 1  # no space was between them
        and all(sign.isascii() and sign.isalnum() for sign in text[at - 1 : at + 1])
    )
