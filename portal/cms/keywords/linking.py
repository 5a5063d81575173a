"""Putting the links into a text: a step between reading its tags and showing them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from portal.cms.keywords.models import KeywordLink
from portal.cms.richtext.length import length_of
from portal.cms.richtext.scan import Token

# Where a word stays a word: in what is a link or a name already.
BARRED = frozenset({"a", "h2", "h3", "h4", "figcaption"})
# Links in 1,000 字 of text; a short text has one.
DENSITY = 4


class Linker:
    """Turns keywords into links in the text at the address `own`.

    Of several words at one place the longest counts. Each word and each target is linked once, the
    first time it may be; a word whose target is the page itself is passed over, shorter words within
    it too. No more than DENSITY links in 1,000 字.
    """

    def __init__(self, keywords: Iterable[KeywordLink], own: str) -> None:
        self.targets = {keyword.word.lower(): keyword.url for keyword in keywords}
        self.own = own
        longest_first = sorted(self.targets, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(whole, longest_first)), re.IGNORECASE | re.ASCII)

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
        for match in self.pattern.finditer(text):
            url = self.targets.get(match[0].lower())
            if url is None or not self.left or not self.spend(match[0].lower(), url):
                continue
            yield from (Token("text", text[at : match.start()]), Token("open", "a", {"href": url}))
            yield from (Token("text", match[0]), Token("close", "a"))
            at = match.end()
        yield Token("text", text[at:])

    def spend(self, word: str, url: str) -> bool:
        """Take one of the links that are left; not for a word or place that had one."""
        path = urlsplit(url).path if url.startswith("/") else url
        if word in self.spent or path in self.spent:
            return False
        self.spent |= {word, path}
        self.left -= 1
        return True


def linker(own: str) -> Linker:
    """Return what links the active keywords in the text at that address; one query."""
    return Linker(KeywordLink.objects.filter(active=True), own)


def whole(word: str) -> str:
    """Return a pattern for the word; Latin letters of it do not match within longer words."""
    begin = r"(?<![0-9A-Za-z])" if word[0].isascii() and word[0].isalnum() else ""
    end = r"(?![0-9A-Za-z])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{begin}{re.escape(word)}{end}"
