"""Putting the links into a text: a step between reading its tags and showing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from urllib.parse import urlsplit

from portal.cms.keywords.models import KeywordLink
from portal.cms.pagecache.epochs import once
from portal.cms.richtext.length import length_of
from portal.cms.richtext.scan import Token

# Where a word stays a word: in what is a link or a name already.
BARRED = frozenset({"a", "h2", "h3", "h4", "figcaption"})
# Links in 1,000 字 of text; a short text has one.
DENSITY = 4
# The shortest keyword: by so many characters the words that may begin at a place are looked up.
SHORTEST = 2
LATIN = frozenset(ascii_letters + digits)
# Not `str.lower`: it makes two characters of İ, so that what is found had other places than the text;
# and one letter of the Kelvin sign and k, which are two to the databases.
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


class Linker:
    """Turns the words of `targets` into links in the text at the address `own`.

    Of several words at one place the longest counts. Each word and each target is linked once, the
    first time it may be; a word whose target is the page itself is passed over, shorter words within
    it too. No more than DENSITY links in 1,000 字.

    Large and small letters are the same in ASCII only. The cost does not grow with the number of words:
    at each place, one look for the words that begin so, and one for each length they have (30 at most).
    """

    def __init__(self, targets: Mapping[str, str], own: str) -> None:
        self.targets = {lower(word): url for word, url in targets.items()}
        self.own = own
        lengths: dict[str, set[int]] = {}
        for word in self.targets:
            lengths.setdefault(word[:SHORTEST], set()).add(len(word))
        self.lengths = {begin: sorted(found, reverse=True) for begin, found in lengths.items()}

    def __call__(self, tokens: list[Token]) -> list[Token]:
        if not self.targets:
            return tokens
        words = "".join(token.value if token.kind == "text" else " " for token in tokens)
        self.left = max(1, length_of(words) * DENSITY // 1000)
        self.spent: set[str] = {self.own}
        barred = 0
        linked: list[Token] = []
        for token in tokens:
            if token.kind != "text":
                step = 1 if token.kind == "open" else -1
                barred += step if token.value in BARRED else 0
            if token.kind == "text" and not barred and self.left:
                linked.extend(self.link(token.value))
            else:
                linked.append(token)
        return linked

    def link(self, text: str) -> Iterator[Token]:
        at = 0
        for begin, word in self.find(text):
            if not self.spend(word):
                continue
            end = begin + len(word)
            yield from (
                Token("text", text[at:begin]),
                Token("open", "a", {"href": self.targets[word]}),
            )
            yield from (Token("text", text[begin:end]), Token("close", "a"))
            at = end
            if not self.left:
                break
        yield Token("text", text[at:])

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where words stand in a text, and which, in small letters; none within another."""
        text = lower(text)
        at = 0
        while at < len(text):
            word = self.word_at(text, at)
            if word:
                yield at, word
            at += len(word) or 1

    def word_at(self, text: str, at: int) -> str:
        """Return the longest word that stands at a place as a whole, "" for none."""
        for length in self.lengths.get(text[at : at + SHORTEST], ()):
            word = text[at : at + length]
            if word in self.targets and is_whole(text, at, at + length):
                return word
        return ""

    def spend(self, word: str) -> bool:
        """Take one of the links that are left; not for a word or place that had one."""
        url = self.targets[word]
        path = urlsplit(url).path if url.startswith("/") else url
        if word in self.spent or path in self.spent:
            return False
        self.spent |= {word, path}
        self.left -= 1
        return True


def linker(own: str) -> Linker:
    """Return what links the active keywords in the text at that address; one query an epoch."""
    found = copy(active())
    found.own = own
    return found


@once
def active() -> Linker:
    words = KeywordLink.objects.filter(active=True).order_by()
    return Linker(dict(words.values_list("word", "url")), own="")


def lower(text: str) -> str:
    return text.translate(LOWER)


def is_whole(text: str, begin: int, end: int) -> bool:
    """Whether no Latin word is cut at an end: SMT is not in SMTP."""
    return not (is_latin(text[max(begin - 1, 0) : begin + 1]) or is_latin(text[end - 1 : end + 1]))


def is_latin(pair: str) -> bool:
    """Whether both of two neighbours are Latin letters or digits."""
    return len(pair) == 2 and LATIN.issuperset(pair)
