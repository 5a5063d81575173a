"""The words of a rich text and the pictures in it, for whoever reads it rather than shows it."""

from __future__ import annotations

from typing import NamedTuple

from portal.cms.richtext.render import is_library_picture
from portal.cms.richtext.scan import Token, scan

# Elements within a line; any other begins a new one.
INLINE = frozenset({"a", "strong", "b", "em", "i", "u", "s", "span", "font", "sub", "sup"})


class Shown(NamedTuple):
    """A picture in a rich text: its id in the library, 0 where it is not from there."""

    file: int
    alt: str


def read_html(html: str) -> tuple[str, list[Shown]]:
    """Return the words of a rich text, a line for each block, and its pictures; clean or not."""
    words: list[str] = []
    pictures: list[Shown] = []
    for token in scan(html):
        if token.kind == "text":
            words.append(token.value.replace("\n", " "))
        elif token.value == "img":
            if token.kind == "open":
                pictures.append(_shown(token))
        elif token.value not in INLINE:
            words.append("\n")
    return "".join(words), pictures


def words_of(html: str) -> str:
    """Return the words of a rich text, captions and table cells among them, a line for each block."""
    return read_html(html)[0]


def _shown(token: Token) -> Shown:
    file = int(token.attributes["data-file"]) if is_library_picture(token) else 0
    return Shown(file, token.attributes.get("alt", "").strip())
