"""From the stored text to the page, and to a line of plain words. The only place that marks HTML safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2s
from html import escape
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from portal.cms.media.display import picture_html
from portal.cms.media.models import MediaFile
from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.document import attributes_html
from portal.cms.richtext.length import length_of, minutes_for
from portal.cms.richtext.scan import INVISIBLE, Token, scan

# The column of text is 680 pixels wide at most (--measure in site.css), and on phones the screen
# without its margins.
SIZES = "(max-width: 45rem) calc(100vw - 2.5rem), 680px"
INLINE = frozenset({"a", "strong", "em", "u", "s", "img"})
HEADINGS = frozenset({"h2", "h3", "h4"})
# From here on a text is long: a reader wants to see what is in it before reading it all.
LONG = 1500
MANY_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in the table of contents, with those below it."""

    id: str
    title: str
    parts: list[Heading] = field(default_factory=list)


class Rendered(NamedTuple):
    """A text in its page, and what the page says of it."""

    html: SafeString
    outline: list[Heading]  # two levels of it, of every text that has headings
    length: int  # in 字

    @property
    def contents(self) -> list[Heading]:
        """The table of contents: empty for a text that is seen through at a glance."""
        count = sum(1 + len(heading.parts) for heading in self.outline)
        return self.outline if self.length >= LONG and count >= MANY_HEADINGS else []

    @property
    def reading_time(self) -> str:
        """How long it is, in the words of the line below the editor."""
        return f"{self.length:,} 字，阅读约 {minutes_for(self.length)} 分钟"


def render(
    html: str, change: Callable[[list[Token]], list[Token]] | None = None, *, first: bool = True
) -> Rendered:
    """Return the text as it stands in a page: headings that can be linked to, pictures in sizes,
    links and tables dressed; and its outline and length, from the same pass.

    `change` may put links into the text; `first` says that no picture stands above it. Safe for any
    input, because nh3 goes over it first, and what `change` adds is escaped; it is ours. One query if
    there are pictures, else none.
    """
    tokens = list(scan(CLEANER.clean(INVISIBLE.sub("", html or ""))))
    if change is not None:
        tokens = change(tokens)
    files = MediaFile.objects.exclude(image_file="").in_bulk(
        [int(token.attributes["data-file"]) for token in tokens if is_library_picture(token)]
    )
    return Renderer(files, first).render(tokens)


def is_library_picture(token: Token) -> bool:
    """Whether this is the <img> of a library file; ids beyond what a database holds are none."""
    file = token.attributes.get("data-file", "")
    return token.value == "img" and file.isascii() and file.isdecimal() and len(file) < 19


class Renderer:
    """One pass over the tokens of a text, which nh3 has cleaned and balanced."""

    def __init__(self, files: dict[int, MediaFile], first: bool) -> None:
        self.files = files
        self.parts: list[str] = []
        self.words: list[str] = []
        # Of each heading that is open: where its tag stands in `parts`, and its words in `words`.
        self.open_headings: list[tuple[int, int]] = []
        self.headings: list[tuple[str, Heading]] = []
        self.titles: Counter[str] = Counter()
        self.tables = 0
        self.open_tables = 0
        self.at_the_start = first

    def render(self, tokens: list[Token]) -> Rendered:
        for token in tokens:
            if token.kind == "text":
                self.at_the_start = self.at_the_start and not token.value.strip()
                self.words.append(token.value)
                self.parts.append(escape(token.value, quote=False))
                continue
            if token.value not in INLINE:
                self.words.append(" ")
            if token.kind == "close":
                self.close(token)
            else:
                self.open(token)
        html = mark_safe("".join(self.parts))  # noqa: S308  cleaned by nh3, escaped above
        return Rendered(html, outline_of(self.headings), length_of("".join(self.words)))

    def open(self, token: Token) -> None:
        if token.value == "img":
            self.parts.append(self.picture(token))
            return
        if token.value in HEADINGS:
            self.open_headings.append((len(self.parts), len(self.words)))
        elif token.value == "table":
            self.parts.append(self.open_table())
        self.parts.append(f"<{token.value}{attributes_html(dressed(token))}>")

    def close(self, token: Token) -> None:
        self.parts.append(f"</{token.value}>")
        if token.value in HEADINGS and self.open_headings:
            place, first_word = self.open_headings.pop()
            title = " ".join("".join(self.words[first_word:]).split())
            if title:
                heading = Heading(self.anchor(title), title)
                self.parts[place] = f'<{token.value} id="{heading.id}">'
                self.headings.append((token.value, heading))
        elif token.value == "table":
            self.open_tables -= 1
            self.parts.append("" if self.open_tables else "</div>")

    def anchor(self, title: str) -> str:
        """Return an id for the heading with these words, unlike any other id of the page.

        Made of the words, not of the place: a link that somebody keeps finds its section when others
        are put in before it; and when the section is no longer there, it shows the top of the page
        rather than another section. Not the words themselves: each would be nine letters of address.
        """
        digest = blake2s(title.encode(), digest_size=3).hexdigest()
        self.titles[digest] += 1
        again = self.titles[digest]
        return f"s-{digest}-{again}" if again > 1 else f"s-{digest}"

    def open_table(self) -> str:
        """A table may be wider than a phone: it scrolls by itself, by keyboard too."""
        self.open_tables += 1
        if self.open_tables > 1:
            return ""
        self.tables += 1
        label = f"表格{self.tables}" if self.tables > 1 else "表格"  # no two regions of one name
        return f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}">'

    def picture(self, token: Token) -> str:
        """The picture in its sizes; one that opens the text is what a reader waits for."""
        number = int(token.attributes["data-file"]) if is_library_picture(token) else None
        file = self.files.get(number) if number is not None else None
        if file is None:
            return ""
        opens, self.at_the_start = self.at_the_start, False
        alt = token.attributes.get("alt") or None
        return picture_html(file, "large", sizes=SIZES, alt=alt, priority=opens)


def outline_of(headings: list[tuple[str, Heading]]) -> list[Heading]:
    """Return the two highest levels that a text uses, whichever they are, the lower in the upper."""
    levels = sorted({level for level, _ in headings})[:2]
    outline: list[Heading] = []
    for level, heading in headings:
        if level == levels[0] or not outline:
            outline.append(heading)
        elif level in levels:
            outline[-1].parts.append(heading)
    return outline


def dressed(token: Token) -> dict[str, str]:
    """A link that leaves the site vouches for nothing, and does not hand over the reader's tab."""
    if token.value != "a" or not leaves_site(token.attributes.get("href", "")):
        return token.attributes
    return token.attributes | {"rel": "nofollow noopener"}


def leaves_site(href: str) -> bool:
    try:
        host = urlsplit(href).hostname
    except ValueError:  # nh3 and browsers take more for an address than Python does
        return True
    return host is not None and host != urlsplit(settings.SITE_URL).hostname


def plain(html: str, length: int) -> str:
    """Return the beginning of the text as plain words, captions left out; "…" where it was cut."""
    words: list[str] = []
    count = 0
    captions = 0
    for token in scan(html or ""):
        if token.value == "figcaption" and token.kind != "text":
            captions += 1 if token.kind == "open" else -1
        elif token.kind != "text":
            words.append("" if token.value in INLINE else " ")
        elif captions <= 0:
            words.append(token.value)
            count += len(token.value.strip())
        if count > length:
            break
    text = " ".join("".join(words).split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
