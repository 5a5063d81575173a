"""Whatever was pasted or imported, made into a document of headings, paragraphs, lists, tables, figures.

Works on tags as they come, with rules in place of a browser's error recovery: linear in the length
of the text, and its nesting is bounded. It decides about shape only; what is safe, nh3 decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import ClassVar

from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.document import MARKS, Container, Picture, Rule, Style, Words
from portal.cms.richtext.scan import Token, scan

MARK_OF = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "dfn": "em",
    "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s",
}  # fmt: skip
WORDS_OF = {
    "p": "p", "pre": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4",
}  # fmt: skip
# Elements that begin a line of their own and mean nothing else to us.
BREAKING = frozenset({
    "div", "section", "article", "header", "footer", "main", "aside", "nav", "address", "center", "dl",
    "dt", "dd", "form", "fieldset", "legend", "details", "summary", "hgroup", "body", "html", "thead",
    "tbody", "tfoot", "caption",
})  # fmt: skip
# What cannot stand in a caption ends it, closed or not.
ENDS_CAPTION = frozenset({
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "blockquote", "hr",
    "figure",
})  # fmt: skip
CELLS = frozenset({"td", "th"})
LISTS = frozenset({"ul", "ol"})
MAX_DEPTH = 24
# Browsers skip these inside an address, so that `java&#10;script:` is a scheme like any other.
IGNORED_IN_ADDRESS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def link_address(href: str) -> str:
    """Return the address as it is stored, "" if it may not be. What begins like a host becomes one."""
    address = IGNORED_IN_ADDRESS.sub("", href).strip().replace(" ", "%20")
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.lower().startswith("www."):
        address = f"https://{address}"
    kept = address and "href" in CLEANER.clean(f'<a href="{escape(address)}"></a>')
    return address if kept else ""


def number(text: str, lowest: int, highest: int) -> int | None:
    """Return the number that an attribute holds; None where it is none, or out of bounds."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    value = int(text)
    return value if lowest <= value <= highest else None


class Tidy:
    """Builds the document; `pictures` are those of the library that it shows, in order."""

    def __init__(self, source: str) -> None:
        self.root = Container()
        self.pictures: list[Picture] = []
        self.stack = [self.root]
        self.words: Words | None = None
        self.marks: Counter[str] = Counter()
        self.marks_outside: list[Counter[str]] = []  # of the cells that are open
        self.link = ("", "")
        self.preformatted = 0
        self.figure: Picture | None = None
        self.caption: list[str] = []
        self.in_caption = False
        for token in scan(source):
            self.take(token)
        self.end_figure()
        self.close_to(0)

    # --- Tokens --------------------------------------------------------------------------------------

    def take(self, token: Token) -> None:
        if token.kind == "text":
            self.take_text(token.value)
        elif token.kind == "open":
            self.take_open(token.value, token.attributes)
        else:
            self.take_close(token.value)

    def take_text(self, text: str) -> None:
        if self.in_caption:
            self.caption.append(text)
            return
        if self.words is None:
            if not text.strip():
                return
            self.words = Words("p" if self.stack[-1].tag in {"", "blockquote"} else "")
        lines = text.split("\n") if self.preformatted else [text]
        for index, line in enumerate(lines):
            if index:
                self.words.lines.append([])
            self.words.lines[-1].append((line, self.style()))

    def take_open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "img":
            self.take_picture(attributes)
        elif tag in MARK_OF:
            self.marks[MARK_OF[tag]] += 1
        elif tag == "a":
            title = " ".join(attributes.get("title", "").split())
            self.link = (link_address(attributes.get("href", "")), title)
        elif self.in_caption and tag not in ENDS_CAPTION:
            self.caption.append(" ")
        elif tag == "br":
            if self.words is not None:
                self.words.lines.append([])
        else:
            self.in_caption = False
            self.take_block(tag, attributes)

    def take_block(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in WORDS_OF:
            self.end_words()
            self.preformatted += tag == "pre"
            self.words = Words(WORDS_OF[tag])
        elif tag in self.OPENERS:
            self.end_words()
            self.OPENERS[tag](self, tag, attributes)
        elif tag in BREAKING:
            self.end_words()

    def take_close(self, tag: str) -> None:
        if tag in MARK_OF:
            self.marks[MARK_OF[tag]] = max(0, self.marks[MARK_OF[tag]] - 1)
        elif tag == "a":
            self.link = ("", "")
        elif tag == "figcaption":
            self.in_caption = False
        elif tag == "figure":
            self.end_words()
            self.end_figure()
        elif tag in WORDS_OF or tag in BREAKING:
            self.end_words()
            self.preformatted = max(0, self.preformatted - (tag == "pre"))
        elif tag in self.OPENERS:
            self.close(tag)

    # --- Words ---------------------------------------------------------------------------------------

    def style(self) -> Style:
        return Style(tuple(mark for mark in MARKS if self.marks[mark]), *self.link)

    def end_words(self) -> None:
        words, self.words = self.words, None
        if words and (blocks := words.blocks()):
            self.place()
            self.stack[-1].children.extend(blocks)

    # --- Figures -------------------------------------------------------------------------------------

    def open_figure(self, tag: str, attributes: dict[str, str]) -> None:
        self.end_figure()

    def open_figcaption(self, tag: str, attributes: dict[str, str]) -> None:
        self.in_caption = True

    def take_picture(self, attributes: dict[str, str]) -> None:
        """A picture stands on a line of its own; one that is not of the library is left out."""
        file = number(attributes.get("data-file", ""), 1, 10**18)
        if file is None:
            return
        self.end_words()
        given = {
            name: attributes[name] for name in ("src", "width", "height") if name in attributes
        }
        picture = Picture(file, " ".join(attributes.get("alt", "").split()), dict(given))
        self.figure = picture
        self.pictures.append(picture)
        self.place()
        self.stack[-1].children.append(picture)

    def end_figure(self) -> None:
        """Give the caption to the picture before it; without a picture it is a paragraph."""
        text = " ".join("".join(self.caption).split())
        picture, self.figure, self.caption, self.in_caption = self.figure, None, [], False
        if text and picture:
            picture.caption = text
        elif text:
            self.end_words()
            self.take_text(text)
            self.end_words()

    # --- Containers ------------------------------------------------------------------------------------

    def push(self, tag: str, attributes: dict[str, object] | None = None) -> None:
        """Open a container."""
        self.stack.append(Container(tag, attributes or {}))

    def push_outer(self, tag: str, attributes: dict[str, object] | None = None) -> None:
        """Open one that may hold itself; beyond the bound its content goes to the one around it."""
        if len(self.stack) < MAX_DEPTH:
            self.push(tag, attributes)

    def close_to(self, depth: int) -> None:
        """Close containers until `depth` of them are open, and keep those that hold something."""
        self.end_words()
        while len(self.stack) > max(depth, 1):
            container = self.stack.pop()
            if container.tag in CELLS:
                self.marks = self.marks_outside.pop()
            container.part_words()
            if not container.is_empty:
                self.stack[-1].children.append(container)

    def innermost(self, tags: frozenset[str], within: frozenset[str] = frozenset()) -> int | None:
        """Return the place of the innermost open container of these tags, not looking beyond `within`."""
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag in tags:
                return depth
            if self.stack[depth].tag in within:
                return None
        return None

    def close(self, tag: str) -> None:
        within = CELLS if tag in {"li", "ul", "ol", "blockquote"} else frozenset({"table"} - {tag})
        depth = self.innermost(frozenset({tag}), within)
        self.end_words()
        if depth is not None:
            self.close_to(depth)

    def place(self) -> None:
        """Make room for a block in a list or table that has no item or cell open."""
        if self.stack[-1].tag in {"ul", "ol"}:
            self.push("li")
        if self.stack[-1].tag == "table":
            self.push("tr")
        if self.stack[-1].tag == "tr":
            self.push_cell("td", {})

    def open_outer(self, tag: str, attributes: dict[str, str]) -> None:
        self.place()
        self.push_outer(tag)

    def open_list(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self.stack[-1]
        if parent.tag in LISTS and parent.children:
            # Word and browsers put a nested list beside its item; it belongs inside.
            item = parent.children.pop()
            assert isinstance(item, Container)  # noqa: S101  a list holds items only: see place()
            self.stack.append(item)
        self.place()
        kept: dict[str, object] = {}
        if tag == "ol" and (start := number(attributes.get("start", ""), 2, 9999)):
            kept["start"] = start
        if tag == "ol" and attributes.get("type") in {"a", "A", "i", "I"}:
            kept["type"] = attributes["type"]
        self.push_outer(tag, kept)

    def open_li(self, tag: str, attributes: dict[str, str]) -> None:
        if (depth := self.innermost(LISTS, CELLS | {"blockquote"})) is not None:
            self.close_to(depth + 1)
            self.push(tag)
        elif len(self.stack) < MAX_DEPTH:
            self.open_list("ul", {})
            self.push(tag)

    def open_hr(self, tag: str, attributes: dict[str, str]) -> None:
        self.place()
        self.stack[-1].children.append(Rule())

    def open_tr(self, tag: str, attributes: dict[str, str]) -> None:
        depth = self.innermost(frozenset({"table"}))
        if depth is not None:
            self.close_to(depth + 1)
            self.push(tag)

    def open_cell(self, tag: str, attributes: dict[str, str]) -> None:
        depth = self.innermost(frozenset({"table", "tr"}))
        if depth is not None:
            self.close_to(depth + 1)
            if self.stack[-1].tag == "table":
                self.push("tr")
            self.push_cell(tag, attributes)

    def push_cell(self, tag: str, attributes: dict[str, str]) -> None:
        spans = {name: number(attributes.get(name, ""), 2, 100) for name in ("colspan", "rowspan")}
        self.marks_outside.append(self.marks.copy())
        self.push(tag, {name: span for name, span in spans.items() if span})

    OPENERS: ClassVar[dict[str, Callable[[Tidy, str, dict[str, str]], None]]] = {
        "figure": open_figure,
        "figcaption": open_figcaption,
        "blockquote": open_outer,
        "table": open_outer,
        "ul": open_list,
        "ol": open_list,
        "li": open_li,
        "hr": open_hr,
        "tr": open_tr,
        "td": open_cell,
        "th": open_cell,
    }
