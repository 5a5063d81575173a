"""HTML text in, tags and words out: a tolerant tokeniser that takes linear time on any input.

Not `html.parser`: on the Python versions we support it takes quadratic time on unclosed tags and
comments (20,000 times `<a ` is 42 seconds) and stops with an AssertionError at `<![<![`. Nor nh3,
which builds a tree: that is quadratic in nested elements. What is read here is never trusted; nh3
has the last word on everything that is stored or shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

# Elements whose content is no text of the author: code, drawings, players, form controls.
SWALLOWED = frozenset({
    "script", "style", "title", "head", "template", "noscript", "xml", "svg", "math", "iframe", "object",
    "applet", "audio", "video", "canvas", "select", "textarea", "xmp", "noembed", "noframes",
})  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
BEFORE_NAME = re.compile(r"[\s/]*")
NAME = re.compile(r"=?[^\s/>=]*")
EQUALS = re.compile(r"\s*=\s*")
UNQUOTED = re.compile(r"[^\s>]*")
# html.unescape() hands digits to int(), which raises ValueError beyond 4300 of them.
ENDLESS_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
# Control characters (PostgreSQL refuses NUL), halves of surrogate pairs (no UTF-8 for them), and
# the zero-width space and byte order mark that editors paste without seeing them.
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ud800-\udfff]")


class Token(NamedTuple):
    """A run of text, or one tag: `value` is the text, or the tag's name in lower case."""

    kind: Literal["text", "open", "close"]
    value: str
    attributes: dict[str, str] = {}


def scan(source: str) -> Iterator[Token]:
    """Yield the text and tags of `source`; comments, declarations and swallowed content are left out.

    Tags come as they stand, balanced or not. A tag that never ends is text, and so is all behind it.
    """
    return Scanner(source).tokens()


def decode(text: str) -> str:
    """Resolve character references, and drop what nobody sees."""
    if "&" in text:
        text = html.unescape(ENDLESS_REFERENCE.sub("\ufffd", text))
    return INVISIBLE.sub("", text)


class Scanner:
    swallowed = SWALLOWED

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        # What was searched for to the very end in vain is not searched for again: that is what
        # keeps hostile input linear.
        self.missing: set[str] = set()

    def tokens(self) -> Iterator[Token]:
        source = self.source
        text_from = 0
        while ">" not in self.missing and (start := source.find("<", self.at)) >= 0:
            token = self.markup(start)
            if token is None and self.at == start:  # a lone "<", or a tag that never ends
                self.at = start + 1
                continue
            if start > text_from:
                yield Token("text", decode(source[text_from:start]))
            text_from = self.at
            if token is not None:
                yield token
                if token.kind == "open" and token.value in self.swallowed:
                    self.swallow(token.value)
                    text_from = self.at
        if text_from < len(source):
            yield Token("text", decode(source[text_from:]))

    def markup(self, start: int) -> Token | None:
        """Read the markup at `start` and move behind it; stay there if it is none."""
        self.at = start
        if match := TAG.match(self.source, start):
            attributes = self.attributes(match.end())
            if attributes is None:
                return None
            kind: Literal["open", "close"] = "close" if match[1] else "open"
            return Token(kind, match[2].lower(), attributes)
        if self.source.startswith("<!--", start):
            self.at = self.after("-->", start + 2)
        elif self.source.startswith(("<!", "<?", "</"), start):
            self.at = self.after(">", start + 2)
        return None

    def attributes(self, at: int) -> dict[str, str] | None:
        """Read attributes up to the `>` and move behind it; None where the text ends first."""
        source = self.source
        found: dict[str, str] = {}
        while (at := BEFORE_NAME.match(source, at).end()) < len(source):  # type: ignore[union-attr]
            if source[at] == ">":
                self.at = at + 1
                return found
            name = NAME.match(source, at)
            at = name.end()  # type: ignore[union-attr]
            value = ""
            if equals := EQUALS.match(source, at):
                value, at = self.value(equals.end())
            found.setdefault(name[0].lower(), decode(value))  # type: ignore[index]
        self.missing.add(">")
        return None

    def value(self, at: int) -> tuple[str, int]:
        """Return an attribute's value, and where it ends. A quote that is never closed is no quote."""
        quote = self.source[at : at + 1]
        if quote and quote in "\"'" and quote not in self.missing:
            end = self.source.find(quote, at + 1)
            if end >= 0:
                return self.source[at + 1 : end], end + 1
            self.missing.add(quote)
        unquoted = UNQUOTED.match(self.source, at)
        return unquoted[0], unquoted.end()  # type: ignore[index,union-attr]

    def after(self, mark: str, at: int) -> int:
        """Return the place behind the next `mark`: the end of the text where there is none."""
        found = self.source.find(mark, at)
        return len(self.source) if found < 0 else found + len(mark)

    def swallow(self, name: str) -> None:
        """Move to the closing tag of `name`. Where it is never closed: code runs to the end of the
        text, as in a browser; of anything else only the tag is dropped, not what follows.
        """
        if name in self.missing:
            return
        closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self.source, self.at)
        if closing is not None:
            self.at = closing.start()
        elif name in {"script", "style"}:
            self.at = len(self.source)
        else:
            self.missing.add(name)
