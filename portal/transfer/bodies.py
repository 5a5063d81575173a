"""Texts of an old site: their pictures and files into the library, their links onto this site; then clean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from portal.cms.media.fetching import FetchError
from portal.cms.media.models import MediaFile
from portal.cms.richtext.clean import Cleaned, clean
from portal.cms.richtext.incoming import ADDRESSES, DATA, NO_ALT, SPACERS, as_html, decoded, figure
from portal.cms.richtext.scan import SWALLOWED, Token, scan
from portal.cms.richtext.tidy import link_address
from portal.transfer.shelf import MissingError, Shelf, host_of

# Links to these lead to a file, not to a page.
FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|rtf|csv|txt|zip|rar|7z|jpe?g|png|gif|webp|bmp|mp3|mp4)$",
    re.IGNORECASE,
)
PLAYERS = {"iframe": "src", "embed": "src", "object": "data", "video": "src", "audio": "src"}
SOURCE = re.compile(r"<(video|audio)\b([^<>]*+)>\s*+<source\b([^<>]*+)>", re.IGNORECASE)
SMILEYS = frozenset({"emoji", "wp-smiley"})
# Where a hacked site keeps links that readers must not see, and engines should. Without the styles,
# everybody would.
HIDDEN = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|(?:left|top|text-indent)\s*:\s*(?:-[0-9]{3}|expression)"
    r"|text-indent\s*:\s*-[0-9]{2,}r?em)",
    re.IGNORECASE,
)
# Of no size; one whose content may hang out of it, or that makes room by padding, is none.
CLIPPED = re.compile(r"(?<![\w-])overflow\s*:\s*hidden", re.IGNORECASE)
SMALL = re.compile(
    r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[0-2](?:px)?\s*(?:[;!]|$)", re.IGNORECASE
)
PADDED = re.compile(r"(?<![\w-])padding", re.IGNORECASE)
# WeChat's editors write this around pictures, and around words that have a size of their own.
SIZELESS = re.compile(r"(?<![\w-])font-size\s*:\s*0(?![0-9.])", re.IGNORECASE)
TINY = re.compile(r"[0-9](?:px)?")
# Elements without an end, and those that hold no text.
ENDLESS = frozenset({"img", "br", "hr", "input", "embed", "source", "wbr", "col"}) | SWALLOWED
# What ends a <p> that is open: browsers do not put one into another.
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "div", "dl", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
})  # fmt: skip
ANY_SLASH = "/\\"  # browsers take the second for the first
MOST_NOTES = 30
LONGEST_NOTE = 200
HOSTS_NAMED = 5
MOST_HOSTS = 10_000  # that a run counts


class Carried(NamedTuple):
    """A text of ours, and what did not come along."""

    html: Cleaned
    notes: tuple[str, ...]


def carry(
    html: str,
    shelf: Shelf,
    gallery: Iterable[str] = (),
    *,
    base: str = "",
    hosts: Counter[str] | None = None,
) -> Carried:
    """Return a text of an old site as one of ours, with the pictures of `gallery` below it.

    Pictures and files that the shelf has come along; those it has not are left out and named. A link
    within the old site keeps its path, which one without a path has from `base`, the text's own
    address: where that leads, the redirects know. Links to other sites are counted in `hosts`. To be
    called outside a transaction: each picture that is new takes a second.
    """
    below = "".join(f'<figure><img src="{escape(address)}"></figure>' for address in gallery)
    carrier = Carrier(shelf, base)
    for part in (html, below):
        carrier.take(with_source(part))
    carrier.tell_foreign()
    if hosts is not None:
        count_in(hosts, carrier.foreign)
    return Carried(clean("".join(carrier.parts)), tuple(carrier.all_notes()))


def with_source(html: str) -> str:
    """Return HTML whose players have their address themselves: what stands in them, `scan` leaves out."""
    return SOURCE.sub(r"<\1\2 \3>", html)


class Carrier:
    """One text."""

    def __init__(self, shelf: Shelf, base: str) -> None:
        self.shelf = shelf
        self.base = base
        self.parts: list[str] = []
        self.notes: dict[str, None] = {}  # in order, each once
        # Of the hidden element that is open: its tag, how many of them are open, and where its content
        # begins in `parts` and in `foreign`; and whether that links to other sites, and is hidden at all.
        self.hidden: tuple[str, int, int] | None = None
        self.hidden_depth = 0
        self.is_spam = False
        self.is_sizeless = False
        self.foreign: list[str] = []  # hosts of links

    def take(self, html: str) -> None:
        for token in scan(html):
            if token.kind == "text":
                self.parts.append(as_html(token))
            elif token.kind == "open":
                self.begin_hidden(token)
                self.parts.append(self.opened(token))
            elif token.value not in SWALLOWED:
                self.end_paragraph(token)
                self.parts.append(as_html(token))
                self.end_hidden(token)

    def all_notes(self) -> Iterator[str]:
        notes = list(self.notes)
        yield from notes[:MOST_NOTES]
        if len(notes) > MOST_NOTES:
            yield f"另有 {len(notes) - MOST_NOTES} 处没有带入"

    def note(self, text: str) -> None:
        self.notes[text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 1]}…"] = None

    def opened(self, token: Token) -> str:
        if token.value == "img":
            return self.picture(token.attributes)
        if token.value == "a":
            return as_html(token._replace(attributes=self.link(token.attributes)))
        if token.value in PLAYERS:
            return self.player(token)
        return "" if token.value in SWALLOWED else as_html(token)

    # --- Pictures and files ------------------------------------------------------------------------------

    def picture(self, attributes: dict[str, str]) -> str:
        """Return the figure for an <img>; "" where there is none to be had."""
        alt = " ".join(attributes.get("alt", "").split())
        if not SMILEYS.isdisjoint(attributes.get("class", "").split()):
            return escape(alt, quote=False)
        addresses = (attributes.get(name, "").strip() for name in ADDRESSES)
        address = next(filter(None, addresses), "")
        size = {attributes.get(name, "").strip().lower() for name in ("width", "height")}
        if not address or size & SPACERS:
            return ""
        alt = "" if alt.lower() in NO_ALT else alt
        try:
            file = self.kept(address, alt)
        except MissingError as missing:
            shown = "文中粘贴的图片" if DATA.match(address) else address
            self.note(f"图片没有带入：{shown}（{str(missing).rstrip('。')}）")
            return ""
        return figure(file, alt) if file is not None and file.image_file else ""

    def kept(self, address: str, alt: str) -> MediaFile | None:
        data = DATA.match(address)
        if data is None:
            return self.shelf.keep(address, alt=alt)
        try:
            content = decoded(data[1], address[data.end() :])
        except FetchError as error:
            raise MissingError(error.messages[0]) from error
        return self.shelf.keep_content(content, alt=alt)

    def link(self, attributes: dict[str, str]) -> dict[str, str]:
        href = attributes.get("href", "").strip()
        if href.lower().startswith("www."):  # as `link_address` takes it
            href = f"https://{href}"
        if not self.shelf.is_own(href):
            self.is_spam = self.is_spam or self.hidden is not None
            if href.lower().startswith(("http:", "https:", "//")):
                self.foreign.append(host_of(href))
            return attributes
        path = own_path(href, self.base)
        if FILES.search(urlsplit(path).path if path else ""):
            path = self.file(path)
        return attributes | {"href": path or href}

    def file(self, path: str) -> str:
        """Return the address of a linked file in the library; its old one where it does not come along."""
        try:
            file = self.shelf.keep(path)
        except MissingError as missing:
            self.note(f"链接的文件没有带入：{path}（{str(missing).rstrip('。')}）")
            return path
        if file is None:
            return path
        return str(file.image_file.url if file.image_file else file.download_file.url)

    def player(self, token: Token) -> str:
        """Return a line with a link to what was played; players are not allowed in our texts."""
        size = {token.attributes.get(name, "").strip().lower() for name in ("width", "height")}
        address = link_address(token.attributes.get(PLAYERS[token.value], ""))
        named = address or "没有能用的地址"
        if size & SPACERS or HIDDEN.search(token.attributes.get("style", "")):
            self.note(f"去掉了看不见的嵌入内容：{named}")
            return ""
        if not address.lower().startswith(("http:", "https:")) or self.shelf.is_own(address):
            self.note(f"视频、音频或嵌入的内容没有带入：{named}")
            return ""
        self.note(f"嵌入的内容改成了链接：{address}")
        label = escape(f"查看嵌入的内容（{host_of(address)}）", quote=False)
        return f'<p><a href="{escape(address)}">{label}</a></p>'

    # --- Hidden links ----------------------------------------------------------------------------------

    def begin_hidden(self, token: Token) -> None:
        """Notice where a hidden element begins, and how deep in it this tag stands."""
        self.end_paragraph(token)
        style = token.attributes.get("style", "")
        if self.is_sizeless and (token.value == "img" or "font-size" in style.lower()):
            self.hidden, self.is_sizeless = None, False  # it shows
        if self.hidden is not None:
            self.hidden_depth += token.value == self.hidden[0]
        elif token.value not in ENDLESS and (is_hidden(token) or SIZELESS.search(style)):
            self.hidden = (token.value, len(self.parts), len(self.foreign))
            self.hidden_depth = 1
            self.is_spam = False
            self.is_sizeless = not is_hidden(token)

    def end_paragraph(self, token: Token) -> None:
        """End a hidden <p> where browsers do: without its own end, before the next block's tag."""
        ends = token.value in BLOCKS and (token.kind == "open" or token.value != "p")
        if ends and self.hidden is not None and self.hidden[0] == "p":
            self.drop_hidden()

    def end_hidden(self, token: Token) -> None:
        """Drop a hidden element that ends here, if it links to other sites. One that never ends stays."""
        if self.hidden is None or token.value != self.hidden[0]:
            return
        self.hidden_depth -= 1
        if self.hidden_depth == 0:
            self.drop_hidden()

    def drop_hidden(self) -> None:
        if self.hidden is not None and self.is_spam:
            del self.parts[self.hidden[1] :]
            del self.foreign[self.hidden[2] :]
            self.note("去掉了隐藏的外部链接，旧站可能被挂过黑链")
        self.hidden, self.is_sizeless = None, False

    def tell_foreign(self) -> None:
        """Name where links lead: what scripts and style sheets hid of them, nobody sees in a text."""
        if self.foreign:
            told = f"链到外站：{most_linked(Counter(self.foreign), HOSTS_NAMED)}"
            # First: of many notes, the last are cut.
            self.notes = {told[:LONGEST_NOTE]: None, **self.notes}


def is_hidden(token: Token) -> bool:
    """Whether an element is there for engines only, by its own tag."""
    style = token.attributes.get("style", "")
    if "hidden" in token.attributes or HIDDEN.search(style):
        return True
    if token.value == "marquee":
        sizes = (token.attributes.get(name, "").strip() for name in ("width", "height"))
        if any(map(TINY.fullmatch, sizes)):
            return True
    return bool(CLIPPED.search(style) and SMALL.search(style) and not PADDED.search(style))


def count_in(hosts: Counter[str], found: Iterable[str]) -> None:
    for host in found:
        if host in hosts or len(hosts) < MOST_HOSTS:
            hosts[host] += 1


def most_linked(hosts: Counter[str], most: int) -> str:
    """Return the hosts that are linked to most often, with how often."""
    named = "、".join(f"{host[:60]}（{count}）" for host, count in hosts.most_common(most))
    return f"{named} 等 {len(hosts)} 个" if len(hosts) > most else named


def own_path(href: str, base: str = "") -> str:
    """Return an address of the old site without its host; "" where it names no host, or no path.

    `base` is where the link stood, of which one without a path is the rest.
    """
    try:
        if base and href and not href.startswith("#"):
            href = urljoin(base, href)
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme not in {"", "http", "https"}:
        return ""
    if parts.hostname is None and not parts.path.startswith("/"):
        return ""
    # `https://old//evil.example` must not become `//evil.example`.
    path = f"/{parts.path.lstrip(ANY_SLASH)}"
    return urlunsplit(("", "", path, parts.query, parts.fragment))
