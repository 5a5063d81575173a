"""Finding English in a page of the admin: what a person reads, or has read out to them.

Looked at are text, and the attributes that are shown or read aloud; not scripts, styles, and what
people have typed into fields. Known names stay allowed, and everything that is an address or a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

# What the trade, and keyboards, write in Latin letters.
LATIN_TERMS = """
    AI Alt AVIF CSV Ctrl Esc Excel GIF HTML ICP IndexNow JPEG JPG KB MB PDF PNG PPT SEO Shift SVG Tab
    TOP TOP500 URL WebP Word WPS XLSX
"""
ALLOWED = frozenset(LATIN_TERMS.split())
SHOWN_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
BUTTONS = ("submit", "button", "reset")
UNSEEN = ("script", "style", "template", "noscript")
# A text area holds what somebody typed; so does an editor's surface.
TYPED = ("textarea",)
# Elements without an end, and `use`, which Django's pages close at once.
VOID_ELEMENTS = "area base br col embed hr img input link meta param source track use wbr"
EMPTY = frozenset(VOID_ELEMENTS.split())

NOT_WORDS = re.compile(
    r"""
      https?://\S+ | \S+@\S+\.\w+            # addresses
    | (?<!\w)/[\w\-./%]*                     # paths
    | (?<=编号\ )[0-9a-f]{12}                 # of a request
    | [\w\-./]*\.(?:png|jpe?g|webp|gif|svg|pdf|csv|xlsx?|docx?|txt|exe)\b  # files
    """,
    re.VERBOSE | re.IGNORECASE,
)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9’']*[A-Za-z0-9]")


class Reader(HTMLParser):
    """Collects what is shown: text and attributes, each with the tag it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self.open.append(tag)
        if set(UNSEEN).intersection(self.open):
            return
        given = dict(attrs)
        names = [name for name in SHOWN_ATTRIBUTES if given.get(name)]
        if tag == "input" and given.get("type") in BUTTONS:
            names.append("value")
        self.shown += [f"{given[name]}" for name in names]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not set(UNSEEN + TYPED).intersection(self.open):
            self.shown.append(data.strip())


def shown_text(html: str) -> list[str]:
    """Return the pieces of text that a page shows, in order."""
    reader = Reader()
    reader.feed(html)
    return reader.shown


def english_in(html: str, typed: Iterable[str] = ()) -> list[str]:
    """Return the pieces of a page that contain English words, each with the words found.

    `typed` are texts that people have typed (login names, slugs): they may stand anywhere.
    """
    known = sorted(typed, key=len, reverse=True)
    found = []
    for piece in shown_text(html):
        rest = NOT_WORDS.sub(" ", piece)
        for text in known:
            rest = rest.replace(text, " ")
        words = [word for word in WORD.findall(rest) if word not in ALLOWED]
        if words:
            found.append(f"{' '.join(words)} ← {piece[:120]}")
    return found
