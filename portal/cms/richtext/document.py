"""The shape of a clean text: blocks, runs of words in paragraphs, pictures; and its HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter

# In the order in which they are nested; a link is the outermost.
MARKS = ("strong", "em", "u", "s")
SPACES = re.compile(r"[ \t\n\r\f]+")


def attributes_html(attributes: Mapping[str, object]) -> str:
    return "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())


@dataclass(frozen=True, slots=True)
class Style:
    """What holds for a run of words."""

    marks: tuple[str, ...] = ()
    href: str = ""
    title: str = ""

    def tags(self) -> list[tuple[str, str]]:
        """Return names and attributes of the elements around the words, outermost first."""
        marks = [(mark, "") for mark in self.marks]
        if not self.href:
            return marks
        link = {"href": self.href} | ({"title": self.title} if self.title else {})
        return [("a", attributes_html(link)), *marks]


Line = list[tuple[str, Style]]


def tidy_line(line: Line) -> Line:
    """Join runs of one style, and drop the space around the line: indents are the style sheet's."""
    joined = [
        (SPACES.sub(" ", "".join(text for text, _ in runs)), style)
        for style, runs in groupby(line, key=itemgetter(1))
    ]
    saying = [index for index, (text, _) in enumerate(joined) if text.strip()]
    if not saying:
        return []
    joined = joined[saying[0] : saying[-1] + 1]
    joined[0] = (joined[0][0].lstrip(), joined[0][1])
    joined[-1] = (joined[-1][0].rstrip(), joined[-1][1])
    return joined


def line_html(line: Line) -> Iterator[str]:
    opened: list[tuple[str, str]] = []
    for text, style in [*line, ("", Style())]:
        wanted = style.tags()
        common = 0
        while common < min(len(opened), len(wanted)) and opened[common] == wanted[common]:
            common += 1
        for name, _ in reversed(opened[common:]):
            yield f"</{name}>"
        for name, attributes in wanted[common:]:
            yield f"<{name}{attributes}>"
        yield escape(text, quote=False)
        opened = wanted


@dataclass(slots=True)
class Words:
    """A paragraph or heading; without a tag, the bare words of a list item or table cell."""

    tag: str
    lines: list[Line] = field(default_factory=lambda: [[]])

    def blocks(self) -> list[Words]:
        """Return this block tidied: none if it says nothing, several where empty lines part it."""
        groups: list[list[Line]] = [[]]
        for line in map(tidy_line, self.lines):
            if line:
                groups[-1].append(line)
            elif groups[-1] and self.tag == "p":
                groups.append([])
        return [Words(self.tag, group) for group in groups if group]

    def html(self) -> Iterator[str]:
        yield f"<{self.tag}>" if self.tag else ""
        for number, line in enumerate(self.lines):
            yield "<br>" if number else ""
            yield from line_html(line)
        yield f"</{self.tag}>" if self.tag else ""


@dataclass(slots=True)
class Picture:
    """A figure: one picture of the library, and a plain caption."""

    file: int
    alt: str
    attributes: dict[str, object] = field(default_factory=dict)
    caption: str = ""
    missing: bool = False

    def html(self) -> Iterator[str]:
        if self.missing:  # nothing anybody wrote is lost with it
            yield f"<p>{escape(self.caption, quote=False)}</p>" if self.caption else ""
            return
        attributes = {"data-file": self.file, **self.attributes, "alt": self.alt}
        yield f"<figure><img{attributes_html(attributes)}>"
        if self.caption:
            yield f"<figcaption>{escape(self.caption, quote=False)}</figcaption>"
        yield "</figure>"


@dataclass(slots=True)
class Rule:
    def html(self) -> Iterator[str]:
        yield "<hr>"


@dataclass(slots=True)
class Container:
    """A list, table, quotation, or a part of one; the root has no tag."""

    tag: str = ""
    attributes: dict[str, object] = field(default_factory=dict)
    children: list[Container | Words | Picture | Rule] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be missed. An empty cell keeps the cells beside it in their columns."""
        return not self.children and self.tag not in {"td", "th"}

    def part_words(self) -> None:
        """Make paragraphs of bare words that do not stand alone: they would run into each other."""
        if len(self.children) > 1:
            for child in self.children:
                if isinstance(child, Words):
                    child.tag = child.tag or "p"

    def html(self) -> Iterator[str]:
        inner = ("<tbody>", "</tbody>") if self.tag == "table" else ("", "")
        yield f"<{self.tag}{attributes_html(self.attributes)}>{inner[0]}" if self.tag else ""
        for child in self.children:
            yield from child.html()
        yield f"{inner[1]}</{self.tag}>" if self.tag else ""
