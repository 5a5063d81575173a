"""WordPress's export files, WXR, a record at a time: expat, fed with what XML allows.

Neither ElementTree, whose tree grows with the file, nor a parser that mends what it reads and keeps
silent about it. Files found in the wild have characters that XML forbids, ampersands that begin no
reference, prefixes that nothing binds, and CDATA that ends too early: what can be read around them is
read, and what cannot is said.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html.entities import html5
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from portal.transfer.sources.records import SourceError

CHUNK = 1 << 16
# Of one record, in characters; what is longer was no text that anybody wrote.
LONGEST = 16 * 1024 * 1024
ELEMENT = 50  # what an element weighs beside its text
# A tag or comment that does not end for so long is none: expat would read it anew with every chunk.
LONGEST_MARKUP = 1 << 20
MOST_WARNINGS = 50

# Of what XML 1.0 forbids, a decoder that replaces lets these through.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")
AMPERSAND = re.compile(
    "&(?!(?:amp|lt|gt|quot|apos);)"
    "(?:#(?:[0-9]{1,8}|[xX][0-9a-fA-F]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};)?"
)
# What ends a text, an attribute or CDATA, and begins a shortcode; `&rsqb;` stands for one of them.
MARKUP = frozenset("<>&\"'[]")
LONGEST_REFERENCE = 40
LONGEST_PREAMBLE = 1 << 20
ROOT = re.compile(r"<rss[\s>]")
DECLARED = re.compile(rb"<\?xml[^>]{0,80}encoding\s*=\s*[\"'](?:gb2312|gbk|gb18030)", re.IGNORECASE)
ITEM = re.compile(rb"<item[\s/>]")
ITEM_AND_SIGN = 6


class Term(NamedTuple):
    """What an item is filed under."""

    domain: str
    slug: str
    name: str


@dataclass(slots=True)
class Record:
    """An element of the channel: an item, an author, a term; or a bare value, under ""."""

    tag: str
    number: int  # among the items; 0 for what is none
    fields: dict[str, str] = field(default_factory=dict)  # by the names in the file: `wp:post_id`
    terms: list[Term] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    comments: int = 0
    problem: str = ""  # why it is not whole

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()


class Reader:
    """The records of a file, each time from its beginning."""

    def __init__(self, path: Path, metas: Collection[str] = ()) -> None:
        """`metas` are the keys of postmeta that are kept."""
        self.path = path
        self.metas = frozenset(metas)
        self.bytes_read = 0
        self.warnings: list[str] = []

    def records(self) -> Iterator[Record]:
        """Yield the records, as many items as the file has, broken ones with a problem.

        Memory: one chunk, and the record that is being read. `warnings` is complete at the end.
        Raises SourceError for a file that is no WXR.
        """
        self.warnings = []
        parsing = Parsing(self.metas, self.warnings)
        for chunk in self.chunks():
            parsing.feed(chunk)
            yield from parsing.taken()
        parsing.end()
        yield from parsing.taken()

    def chunks(self) -> Iterator[bytes]:
        """Yield the file from its root on, as UTF-8 without what XML does not allow."""
        self.bytes_read = 0
        rest = ""
        try:
            with self.path.open("rb") as file:
                head = file.read(CHUNK)
                decoder = codecs.getincrementaldecoder(encoding_of(head))("replace")
                text = decoder.decode(head)
                while not ROOT.search(text) and len(text) < LONGEST_PREAMBLE:
                    if not (raw := file.read(CHUNK)):
                        break
                    text += decoder.decode(raw)
                text = from_root(text, self.path.name)
                while True:
                    self.bytes_read = file.tell()
                    text, rest = parted(FORBIDDEN.sub("", rest + text))
                    yield allowed(text)
                    if not (raw := file.read(CHUNK)):
                        break
                    text = decoder.decode(raw)
        except OSError as error:
            raise SourceError(f"文件 {self.path.name} 无法读取。") from error
        yield allowed(rest + decoder.decode(b"", final=True))


def encoding_of(head: bytes) -> str:
    """Return the encoding of a file that begins so. Blogs older than 2006 may have exported GBK."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "gb18030" if DECLARED.search(head[:1000]) else "utf-8"


def from_root(text: str, name: str) -> str:
    """Drop what stands before the root, often warnings of PHP, but for its lines. Raises SourceError."""
    root = ROOT.search(text)
    if root is None:
        raise SourceError(f"文件 {name} 不是 WordPress 导出的文件（WXR）。")
    if "<!DOCTYPE" in text[: root.start()]:
        # Where entities are declared that stand for gigabytes. WordPress writes none.
        raise SourceError(f"文件 {name} 带有 DOCTYPE，WordPress 导出的文件没有它；没有读取。")
    return "\n" * text.count("\n", 0, root.start()) + text[root.start() :]


def parted(text: str) -> tuple[str, str]:
    """Part what may be half a reference from the end."""
    at = text.rfind("&", max(0, len(text) - LONGEST_REFERENCE))
    return (text, "") if at < 0 or ";" in text[at:] else (text[:at], text[at:])


def allowed(text: str) -> bytes:
    """Return text without references that XML does not know: HTML's become what they stand for."""
    return AMPERSAND.sub(resolved, text).encode("utf-8", "replace")


def resolved(match: re.Match[str]) -> str:
    """Return what means the same to XML in a text and, in CDATA, to HTML."""
    reference = match[0]
    if reference.startswith("&#"):
        digits = reference[2:-1].lower()
        value = int(digits[1:], 16) if digits.startswith("x") else int(digits)
        return f"&#{value};" if is_character(value) else ""
    meant = html5.get(reference[1:])
    if meant is None:
        return f"&amp;{reference[1:]}"
    return "".join(f"&#{ord(sign)};" if sign in MARKUP else sign for sign in meant)


def is_character(value: int) -> bool:
    """Whether XML 1.0 has a character of this number."""
    if value < 0x20:
        return value in {0x9, 0xA, 0xD}
    return value <= 0xD7FF or 0xE000 <= value <= 0xFFFD or 0x10000 <= value <= 0x10FFFF


class NestedItemError(Exception):
    """An item begins before the last one has ended; where, in bytes of the parser's."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class Parsing:
    """Makes records of chunks. Where the markup is broken it begins anew with the item that follows."""

    def __init__(self, metas: Collection[str], warnings: list[str]) -> None:
        self.metas = metas
        self.warnings = warnings
        self.ready: list[Record] = []
        self.count = 0
        self.line = 1
        self.is_wxr = False
        self.seeking = False
        self.tail = b""  # of what was sought through
        self.begin()

    def begin(self) -> None:
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.finish
        parser.CharacterDataHandler = self.characters
        parser.CommentHandler = self.comment
        self.fed = 0
        self.silent = 0  # bytes since expat has told us anything
        self.depth = 0
        self.closed = False
        self.record: Record | None = None
        self.length = 0
        self.field = ""
        self.term = ("", "")
        self.meta_key = ""
        self.parts: list[str] | None = None  # of the text that is being gathered

    def taken(self) -> list[Record]:
        ready, self.ready = self.ready, []
        return ready

    # --- Chunks --------------------------------------------------------------------------------------

    def feed(self, chunk: bytes) -> None:
        resumed = False
        while chunk:
            if self.seeking:
                chunk = self.sought(chunk)
                resumed = bool(chunk)
                if not chunk:
                    return
            at = self.parse(chunk)
            if at is None:
                self.line += chunk.count(b"\n")
                return
            # Whatever expat says, what it began with is not looked at twice.
            at = max(at, int(resumed))
            self.line += chunk.count(b"\n", 0, at)
            self.give_up(f"文件第 {self.line} 行的标记有误，这一条没有读完")
            chunk = chunk[at:]

    def parse(self, chunk: bytes) -> int | None:
        """Read a chunk; return the place where it cannot be read on from, None for all of it."""
        self.silent += len(chunk)
        try:
            self.parser.Parse(chunk)
        except expat.ExpatError:
            return max(0, self.parser.ErrorByteIndex - self.fed)
        except NestedItemError as error:
            return max(0, error.place - self.fed)
        if self.silent > LONGEST_MARKUP:
            return 0
        self.fed += len(chunk)
        return None

    def sought(self, chunk: bytes) -> bytes:
        """Return the chunk from its next item on, with a parser that awaits one; else nothing."""
        chunk = self.tail + chunk
        found = ITEM.search(chunk)
        if found is None:
            self.tail = chunk[-ITEM_AND_SIGN:]
            self.line += chunk.count(b"\n", 0, -ITEM_AND_SIGN)
            return b""
        self.line += chunk.count(b"\n", 0, found.start())
        self.tail = b""
        self.seeking = False
        self.begin()
        self.parse(b"<rss><channel>")
        return chunk[found.start() :]

    def give_up(self, problem: str) -> None:
        """Report the item that is open, and seek the next; without one, the file is at fault."""
        self.seeking = True
        if not self.leave_open(problem) and not self.closed:
            self.warn(f"文件第 {self.line} 行的标记有误，从下一条继续。")
        self.record = None

    def leave_open(self, problem: str) -> bool:
        """Report the item that is open, and return whether one was."""
        if self.record is None or self.record.tag != "item":
            return False
        self.record.problem = problem
        self.ready.append(self.record)
        return True

    def end(self) -> None:
        """The file has ended, as it should or not. Raises SourceError where it was no WXR."""
        if not self.seeking and not self.closed:
            self.warn(f"文件在第 {self.line} 行中断，可能没有下载完整；后面的内容没有导入。")
            self.leave_open(f"文件在第 {self.line} 行中断，这一条没有读完")
        if not self.is_wxr:
            raise SourceError("文件里没有 WordPress 的内容，不是 WordPress 导出的文件（WXR）。")

    def warn(self, warning: str) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(warning)

    # --- Elements: rss > channel > record > field > part of a postmeta ---------------------------------

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.silent = 0
        if name == "item" and self.record is not None:
            raise NestedItemError(self.parser.CurrentByteIndex)
        self.depth += 1
        if self.depth == 3:
            self.is_wxr = self.is_wxr or name.startswith("wp:")
            self.count += name == "item"
            self.record = Record(name, self.count if name == "item" else 0)
            self.length = 0
            self.parts = []
        elif self.depth == 4:
            self.is_wxr = self.is_wxr or name.startswith("wp:")
            self.field = name
            self.term = (attributes.get("domain", ""), attributes.get("nicename", ""))
            self.meta_key = ""
            self.parts = [] if name not in {"wp:comment", "wp:postmeta"} else None
        elif self.depth == 5 and self.field == "wp:postmeta":
            wanted = name == "wp:meta_key" or self.meta_key in self.metas
            self.parts = [] if wanted else None

    def characters(self, text: str) -> None:
        self.silent = 0
        if self.parts is not None and self.has_room(len(text)):
            self.parts.append(text)

    def has_room(self, more: int) -> bool:
        """Whether the record may grow by so much; if not, that is what is said of it."""
        self.length += more
        if self.length > LONGEST and self.record is not None:
            self.record.problem = f"内容超过 {LONGEST >> 20} MB，没有导入"
        return self.length <= LONGEST

    def comment(self, text: str) -> None:
        self.silent = 0

    def finish(self, name: str) -> None:
        self.silent = 0
        if self.record is not None and self.depth in self.FINISHERS:
            # Of empty ones there may be millions.
            self.has_room(ELEMENT + len(name) + sum(map(len, self.term)))
            self.FINISHERS[self.depth](self, self.record, name, "".join(self.parts or ()))
        self.depth -= 1
        self.closed = self.depth == 0

    def finish_record(self, record: Record, name: str, text: str) -> None:
        if not record.fields:
            record.fields[""] = text
        self.ready.append(record)
        self.record = self.parts = None

    def finish_field(self, record: Record, name: str, text: str) -> None:
        self.parts = None
        if name == "wp:comment":
            record.comments += 1
        elif record.problem or name == "wp:postmeta":
            pass
        elif name == "category":
            record.terms.append(Term(*self.term, text))
        else:
            record.fields.setdefault(name, text)

    def finish_part(self, record: Record, name: str, text: str) -> None:
        if self.field != "wp:postmeta":  # markup in a text: it goes, its words stay
            return
        self.parts = None
        if name == "wp:meta_key":
            self.meta_key = text.strip()
        elif name == "wp:meta_value" and self.meta_key in self.metas and not record.problem:
            record.metas[self.meta_key].append(text)

    FINISHERS = {3: finish_record, 4: finish_field, 5: finish_part}
