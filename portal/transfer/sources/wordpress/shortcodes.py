"""WordPress's own notation in texts — shortcodes, block comments, bare line breaks — as plain HTML.

Every search is linear on anything: the texts may come from a site that was hacked. What comes out is
as clean as what went in.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar, NamedTuple

from portal.cms.richtext.incoming import as_html as written
from portal.cms.richtext.scan import Token, decode, scan
from portal.cms.richtext.words import words_of
from portal.transfer.bodies import with_source

CODE = re.compile(
    r"(?P<before>\[?)\[(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9_-]*+)"
    r"(?P<attributes>(?:\s[^\[\]]*+)?+)/?\](?P<behind>\]?)"
)
ATTRIBUTE = re.compile(
    r"(?<![\w-])([A-Za-z_][\w-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))"
)
LONGEST_ATTRIBUTES = 50_000
# Editors and visual themes leave these where quotes were typed.
QUOTES = str.maketrans("“”″‘’", '"""\'\'')
# These go even where they stand alone, without attributes: nobody writes them for words.
DROPPED = frozenset({
    "archives", "contact-form", "contact-form-7", "gravityform", "ninja_form", "ninja_forms", "products",
    "rev_slider", "sitemap", "subscribe", "toc", "wpforms", "wp_sitemap",
})  # fmt: skip
PLAYED = ("src", "mp4", "m4v", "webm", "ogv", "flv", "wmv", "mp3", "m4a", "ogg", "wav")
PICTURE = re.compile(r"\s*+((?:<a\s[^<>]*+>\s*+)?<img\s[^<>]*+>(?:\s*+</a>)?)")

BLOCK = re.compile(
    r"\s+(?P<slash>/?)wp:(?P<name>[a-z][a-z0-9_/-]*+)\s*+(?P<attributes>\{.*\})?\s*+(?P<void>/?)",
    re.DOTALL,
)
EMBED_END = re.compile(r"<!--\s+/wp:(?:core/)?(?:core-)?embed")
# Void blocks that are empty rather than made by the server.
EMPTY = frozenset({"freeform", "heading", "html", "image", "list", "more", "nextpage", "paragraph"})
BARE_ADDRESS = re.compile(r"\s*(https?://[^\s<>\"]+)\s*")
# Line breaks in these are no line breaks of the author.
KEPT_LINES = frozenset({"pre", "ul", "ol", "dl", "table", "figure"})
GALLERY = ("blocks-gallery-grid", "blocks-gallery-item")
FILE_BUTTON = "wp-block-file__button"

MOST_NESTED = 4
# Characters that references may add to one text: a block of kilobytes can be named in thirty.
MOST_ADDED = 1 << 20
MOST_NAMED = 20


class Attached(NamedTuple):
    """What the file says of an attachment."""

    address: str
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What texts refer to by numbers."""

    files: Mapping[int, Attached] = field(default_factory=dict)
    children: Mapping[int, Sequence[int]] = field(default_factory=dict)  # a post's own attachments
    blocks: Mapping[int, str] = field(default_factory=dict)


class Converted(NamedTuple):
    html: str
    notes: tuple[str, ...]


def convert(text: str, known: Known, post: int = 0) -> Converted:
    """Return the text of a post as HTML without WordPress's notation, and what went with it."""
    conversion = Conversion(known, post)
    html = conversion.html(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Converted(html, tuple(conversion.notes()))


class Conversion:
    """One text, and those it refers to."""

    def __init__(self, known: Known, post: int) -> None:
        self.known = known
        self.post = post
        self.dropped: dict[str, None] = {}  # names of shortcodes, in order
        self.made: dict[str, None] = {}  # of blocks that the server made
        self.said: dict[str, None] = {}
        self.endless: set[int] = set()  # depths at which an embed is opened and never closed
        self.added = 0
        self.depth = 0

    def html(self, text: str) -> str:
        self.depth += 1
        coded = self.without_codes(text)
        if "<!-- wp:" in coded:
            html = "".join(self.without_blocks(coded))
        else:
            html = tidied(coded, breaks=True)
        self.depth -= 1
        return html

    def notes(self) -> Iterator[str]:
        for label, names in (("短代码", self.dropped), ("动态区块", self.made)):
            if names:
                some = "、".join(list(names)[:MOST_NAMED])
                yield f"去掉了{label}：{some}{'等' if len(names) > MOST_NAMED else ''}"
        yield from self.said

    def has_room(self, html: str = "") -> bool:
        """Whether a text may still grow by this; asked before it is made, where it is made of numbers."""
        self.added += len(html)
        if self.added < MOST_ADDED:
            return True
        self.said["引用的内容太多，没有全部带入"] = None
        return False

    # --- Shortcodes ------------------------------------------------------------------------------------

    def without_codes(self, text: str) -> str:
        pairs = Pairs(text)
        parts: list[str] = []
        at = 0
        for code in CODE.finditer(text):
            if code.start() < at:  # within what a code before it took
                continue
            parts.append(text[at : code.start()])
            at = code.end()
            if code["before"] and code["behind"]:  # [[…]] is how WordPress writes […]
                parts.append(code[0][1:-1])
                continue
            inner = pairs.inner(code) if code["name"] in self.CODES else ""
            at += len(inner)
            parts += [code["before"], self.code(code, inner, pairs), code["behind"]]
        parts.append(text[at:])
        return "".join(parts)

    def code(self, code: re.Match[str], inner: str, pairs: Pairs) -> str:
        """Return what stands for a code, which may be none, but words in brackets."""
        name = code["name"]
        attributes = attributes_of(code["attributes"])
        if code["slash"]:
            is_code = name in self.CODES or name in pairs.openers
        elif name in self.CODES:
            return self.CODES[name](self, attributes or {}, inner)
        else:
            is_code = bool(name in DROPPED or name in pairs.closers or attributes)
        if not is_code:
            return code[0][len(code["before"]) : len(code[0]) - len(code["behind"])]
        if name not in self.CODES:
            self.dropped[name[:40]] = None
        return ""

    def caption(self, attributes: dict[str, str], inner: str) -> str:
        if self.depth <= MOST_NESTED:
            self.depth += 1
            inner = self.without_codes(inner)
            self.depth -= 1
        picture = PICTURE.match(inner)
        if picture is None:
            return inner
        words = inner[picture.end() :].strip() or escape(attributes.get("caption", ""), quote=False)
        return f"<figure>{picture[1]}<figcaption>{words}</figcaption></figure>"

    def gallery(self, attributes: dict[str, str], inner: str) -> str:
        if not self.has_room():
            return ""
        listed = attributes.get("ids") or attributes.get("include")
        ids = numbers(listed) if listed else self.known.children.get(self.post, ())
        excluded = set(numbers(attributes.get("exclude", "")))
        files = [self.known.files.get(id) for id in dict.fromkeys(ids) if id not in excluded]
        if lost := files.count(None):
            self.said[f"图集里有 {lost} 张图片在文件中没有记录"] = None
        html = "".join(figure(file) for file in files if file is not None)
        return html if self.has_room(html) else ""

    def embed(self, attributes: dict[str, str], inner: str) -> str:
        return self.linked(decode(inner.strip() or attributes.get("src", "")))

    def player(self, attributes: dict[str, str], inner: str) -> str:
        """Left to whoever carries the text, as any other player in it."""
        address = next((attributes[name] for name in PLAYED if attributes.get(name)), "")
        return f'<video src="{escape(address)}"></video>' if address else ""

    def playlist(self, attributes: dict[str, str], inner: str) -> str:
        if not self.has_room():
            return ""
        files = map(self.known.files.get, dict.fromkeys(numbers(attributes.get("ids", ""))))
        html = "".join(self.player({"src": file.address}, "") for file in files if file)
        return html if self.has_room(html) else ""

    CODES: ClassVar[dict[str, Callable[[Conversion, dict[str, str], str], str]]] = {
        "caption": caption,
        "wp_caption": caption,
        "gallery": gallery,
        "embed": embed,
        "audio": player,
        "video": player,
        "playlist": playlist,
    }

    def linked(self, address: str) -> str:
        """Return a line with a link, in place of something of another site."""
        if not BARE_ADDRESS.fullmatch(address):
            return ""
        self.said["嵌入的外部内容改成了链接"] = None
        return f'<p><a href="{escape(address)}">{escape(address, quote=False)}</a></p>'

    # --- Blocks ----------------------------------------------------------------------------------------

    def without_blocks(self, text: str) -> Iterator[str]:
        """Yield the text between the comments of blocks; around them it is as the old editor left it."""
        open_blocks: list[str] = []
        at = 0
        while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
            block = BLOCK.fullmatch(text, start + 4, end)
            yield self.between(text[at:start], open_blocks)
            at = end + 3
            if block is None:
                continue
            name = block["name"].removeprefix("core/")
            if block["slash"]:
                if name in open_blocks[-1:]:
                    open_blocks.pop()
            elif block["void"]:
                yield self.void(name, block["attributes"])
            elif name == "embed" or name.startswith("core-embed/"):
                inner = self.inner(text, at)
                at += len(inner)
                yield self.embedded(attributes_in(block["attributes"]), inner)
            else:
                open_blocks.append(name)
                if name == "cover":
                    yield self.backdrop(attributes_in(block["attributes"]), text, at)
        yield self.between(text[at:], open_blocks)

    def between(self, text: str, open_blocks: list[str]) -> str:
        return tidied(text, breaks=not open_blocks or open_blocks[-1] == "freeform")

    def inner(self, text: str, at: int) -> str:
        """Return what stands before the end of an embed; an end that is not there is sought once."""
        end = None if self.depth in self.endless else EMBED_END.search(text, at)
        if end is None:
            self.endless.add(self.depth)
            return ""
        return text[at : end.start()]

    def void(self, name: str, written: str | None) -> str:
        """Return what stands for a block without content of its own."""
        if name != "block":
            if name not in EMPTY:
                self.made[name[:40]] = None
            return ""
        ref = attributes_in(written).get("ref")
        content = self.known.blocks.get(ref) if isinstance(ref, int) else None
        if content is None:
            self.said["引用的可重用区块在文件中没有"] = None
            return ""
        return self.html(content) if self.depth < MOST_NESTED and self.has_room(content) else ""

    def embedded(self, attributes: Mapping[str, Any], inner: str) -> str:
        words = words_of(inner).split()
        address = str(attributes.get("url") or next(iter(words), ""))
        caption = escape(" ".join(word for word in words if word != address), quote=False)
        return self.linked(address) + (f"<p>{caption}</p>" if caption else "")

    @staticmethod
    def backdrop(attributes: Mapping[str, Any], text: str, at: int) -> str:
        """Return the picture of a cover, which older ones have in a style only."""
        address = str(attributes.get("url") or "")
        behind = text[at : at + 2000]
        shown = not address or f'src="{address}"' in behind or f'src="{escape(address)}"' in behind
        return "" if shown else f'<img src="{escape(address)}" alt="">'


class Pairs:
    """Which shortcodes of a text are opened, and where they are closed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.openers: set[str] = set()
        self.closers: dict[str, list[int]] = {}
        for code in CODE.finditer(text):
            if code["slash"]:
                self.closers.setdefault(code["name"], []).append(code.start())
            else:
                self.openers.add(code["name"])

    def inner(self, code: re.Match[str]) -> str:
        """Return what stands between a code and its end; "" where it has none."""
        ends = self.closers.get(code["name"], [])
        following = bisect(ends, code.end() - 1)
        return self.text[code.end() : ends[following]] if following < len(ends) else ""


def attributes_of(written: str) -> dict[str, str] | None:
    """Return the attributes of a shortcode; None where there is anything else: then it may be words."""
    written = decode(written[:LONGEST_ATTRIBUTES].rstrip("/ ")).translate(QUOTES)
    if ATTRIBUTE.sub("", written).strip():
        return None
    return {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in ATTRIBUTE.finditer(written)
    }


def attributes_in(written: str | None) -> dict[str, Any]:
    """Return the attributes of a block."""
    try:
        found = json.loads(written or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"(?<![0-9])[0-9]{1,18}(?![0-9])", text)]


def figure(file: Attached) -> str:
    caption = (
        f"<figcaption>{escape(file.caption, quote=False)}</figcaption>" if file.caption else ""
    )
    return f'<figure><img src="{escape(file.address)}" alt="{escape(file.alt)}">{caption}</figure>'


def tidied(html: str, *, breaks: bool) -> str:
    """Return HTML without what only WordPress's own styles make sense of.

    With `breaks`, line breaks of the old editor become <br>, as WordPress shows them: whoever cleans
    the text makes paragraphs of empty lines.
    """
    if "<" not in html and not breaks:
        return escape(decode(html), quote=False)
    return "".join(Tidying(breaks).pieces(html))


class Tidying:
    """One pass over tags and words."""

    def __init__(self, breaks: bool) -> None:
        self.breaks = breaks
        self.around: Counter[str] = Counter()
        self.in_link = False
        self.in_button = False

    def pieces(self, html: str) -> Iterator[str]:
        for token in scan(with_source(html)):
            if token.kind == "text":
                yield self.words(token.value)
            else:
                yield self.tag(token)

    def words(self, text: str) -> str:
        if self.in_button:
            return ""
        if not self.breaks or any(self.around.values()):
            return escape(text, quote=False)
        return "<br>".join(map(self.line, text.split("\n")))

    def line(self, text: str) -> str:
        """An address alone in its line is shown by WordPress as what is there."""
        if not self.in_link and (bare := BARE_ADDRESS.fullmatch(text)):
            return f'<a href="{escape(bare[1])}">{escape(bare[1], quote=False)}</a>'
        return escape(text, quote=False)

    def tag(self, token: Token) -> str:
        opens = token.kind == "open"
        classes = token.attributes.get("class", "").split()
        self.in_button = opens and FILE_BUTTON in classes
        if self.in_button or (opens and not set(GALLERY).isdisjoint(classes)):
            return ""
        if token.value == "a":
            self.in_link = opens
        elif token.value in KEPT_LINES:
            self.around[token.value] = max(0, self.around[token.value] + (1 if opens else -1))
        return written(token)
