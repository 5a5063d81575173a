"""Rows out of MySQL dumps, as mysqldump, phpMyAdmin, Navicat and old systems' own backups write them.

No parser of SQL: what is no `CREATE TABLE` and no `INSERT … VALUES` is passed over. One row is in
memory, at any size of the file, and each character is looked at a few times at most, whatever it is.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

# Not `re`: before Python 3.11.5 its possessive groups match too little (python/cpython#106052).
import regex as re

from portal.transfer.sources.records import SourceError

CHUNK = 1 << 20  # bytes
# A row as long as this is no article: it is left out, and reported.
MAX_ROW = 16 * 1024 * 1024  # characters
MOST_STUCK = 50
# What stands before the rows of a statement is shorter.
HEADER = 64 * 1024
# GBK that is taken for UTF-8 breaks more than half of its bytes; a UTF-8 dump with titles cut in
# mid-character, or with a few binary columns, some in a thousand.
MOST_BROKEN = 0.1

GZIP = b"\x1f\x8b"
ANY_GZIP = 31  # zlib's word for the largest window, with gzip's head and foot
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ASCII = bytes(range(128))
# How files begin that look like a dump to their owner, and what to do instead.
OTHERS = {
    b"SQLite format 3\x00": "这是 SQLite 数据库，不是 SQL 文件。",
    b"PK\x03\x04": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"Rar!": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"7z\xbc\xaf": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"<?php": "这是 PHP 格式的备份（如帝国备份王），请改用 phpMyAdmin 或 mysqldump 导出 SQL 文件。",
    b"PRAGMA ": "这是从 SQLite 导出的文本，请直接导入 .db 数据库文件。",
    b"PGDMP": "这是 PostgreSQL 的备份，不支持。",
}

# --- The grammar. Possessive (`++`) wherever a text could make the matcher try again: linear time. ------

STRING = r"'(?:[^'\\]++|\\.|'')*+'"
DOUBLE = r'"(?:[^"\\]++|\\.|"")*+"'
COMMENT = r"(?:--(?=\s)[^\n]*+|\#[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
BARE_NAME = r"[\w$#@]++"
NAME = rf'(?:`(?:[^`]++|``)*+`|"[^"]*+"|\[[^\]]*+\]|{BARE_NAME})'
TABLE = rf"({NAME}(?:\s*+\.\s*+{NAME})?+)"
# `_binary 'x'`, `N'x'` and `X'FF'` are strings; what else stands bare may call something: NOW().
VALUE = (
    rf"(?:(?:_\w++\s*+|[NnXxBb])?+(?:{STRING}|{DOUBLE})"
    r"|(?!_\w++\s*+['\"]|[NnXxBb]['\"])[^\s'\"(),;][^'\"(),;]*+(?:\([^'\"()]*+\))?+)"
)
# The beginning of a value, cut off by the end of what has been read.
CUT_VALUE = (
    r"(?:(?:_\w++\s*+|[NnXxBb])?+(?:'(?:[^'\\]++|\\.|'')*+(?:'\s*+|\\)?+"
    r"|\"(?:[^\"\\]++|\\.|\"\")*+(?:\"\s*+|\\)?+)"
    r"|[^'\"(),;]*+(?:\([^'\"()]*+\)?+\s*+)?+)"
)

SPACE = re.compile(r"\s*+")
BLANK = re.compile(rf"(?:\s++|{COMMENT})*+", re.DOTALL)
ROW = re.compile(rf"\(\s*+{VALUE}\s*+(?:,\s*+{VALUE}\s*+)*+\)", re.DOTALL)
ROW_SO_FAR = re.compile(rf"\(\s*+(?:{VALUE}\s*+,\s*+)*+", re.DOTALL)
CUT_OFF = re.compile(rf"{CUT_VALUE}\Z", re.DOTALL)
# One value: its introducer, its quotes with what they hold, or the words that stand bare.
VALUES = re.compile(
    rf"\s*+,?\s*+(?:(_\w++\s*+|[NnXxBb](?=['\"]))?+({STRING}|{DOUBLE})"
    r"|([^\s'\"(),;][^'\"(),;]*+(?:\([^'\"()]*+\))?+))",
    re.DOTALL,
)
STATEMENT = re.compile(
    rf"(?:[^;'\"`/\#-]++|{STRING}|{DOUBLE}|`(?:[^`]++|``)*+`|{COMMENT}|[/\#-])*+;", re.DOTALL
)
INSERT = re.compile(
    r"(?i:INSERT|REPLACE)(?:\s++(?i:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*+"
    rf"\s++(?:(?i:INTO)\s++)?+{TABLE}"
)
COLUMNS_AND_VALUES = re.compile(
    rf"\s*+(?:\(\s*+({NAME}\s*+(?:,\s*+{NAME}\s*+)*+)\)\s*+)?+(?i:VALUES?)\s*+(?=\()"
)
CREATE = re.compile(
    rf"(?i:CREATE\s++(?:TEMPORARY\s++)?TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?){TABLE}\s*+\("
)
ON_DUPLICATE = re.compile(r"(?i:ON\s++DUPLICATE|AS\s)")
USE = re.compile(rf"(?i:USE)\s++({NAME})\s*+;")
DELIMITER = re.compile(r"(?i:DELIMITER)[ \t]++([^\s]++)")
DELIMITER_BACK = re.compile(r"(?im)^DELIMITER[ \t]++;[ \t\r]*+$")
# Where the next statement begins, as far as that can be told from within a text.
NEXT = (
    r";\s*+(?=(?i:INSERT|REPLACE|CREATE|DROP|LOCK|UNLOCK|ALTER|SET|DELETE|TRUNCATE|COMMIT)\s"
    r"|/\*|--|\#|\Z)"
)
NEXT_STATEMENT = re.compile(NEXT)
# Where rows go on behind one that cannot be read: all the tables we read begin with a number.
NEXT_ROW = re.compile(rf"\)\s*+(?:,\s*+(?=\(\s*+'?-?\d)|{NEXT})")
COLUMN = re.compile(
    rf"(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<skip>{STRING}|{COMMENT}|\s++)|(?P<name>{NAME})|.",
    re.DOTALL,
)
NO_COLUMN = frozenset({
    *("PRIMARY", "KEY", "UNIQUE", "INDEX", "FULLTEXT", "SPATIAL"),
    *("CONSTRAINT", "FOREIGN", "CHECK", "PERIOD"),
})  # fmt: skip

ESCAPED = {quote: re.compile(rf"\\(.)|{quote}{quote}", re.DOTALL) for quote in "'\""}
# MySQL leaves the backslash before % and _ where it is: they are no escapes outside of LIKE.
ESCAPES = {
    "0": "\0",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "Z": "\x1a",
    "%": r"\%",
    "_": r"\_",
}
HEX = re.compile(r"0[xX][0-9a-fA-F]++\Z")

Value = str | None


class Row(NamedTuple):
    """A row of a table by its columns, all names in lower case. Tables of `USE` are named `base.table`."""

    line: int
    table: str
    values: dict[str, Value]


class Created(NamedTuple):
    """A table, which may have no rows."""

    table: str


class Fault(NamedTuple):
    """A row that cannot be read, and why."""

    line: int
    table: str
    reason: str


Record = Created | Row | Fault


# Told, time and again, how many bytes have been read.
Hears = Callable[[int], None]


class Dump:
    """The rows of some files, one after the other. Raises SourceError for a file that is no dump."""

    def __init__(
        self,
        paths: Sequence[Path],
        wanted: Callable[[str], bool],
        *,
        hears: Hears = lambda read: None,
        chunk: int = CHUNK,
    ) -> None:
        self.paths = paths
        self.wanted = wanted
        self.hears = hears
        self.chunk = chunk
        self.before = 0  # bytes of the files that are through
        self.shapes: dict[str, tuple[str, ...]] = {}  # the columns of the tables, as created
        self.base = ""
        self.encoding = ""

    def records(self) -> Iterator[Record]:
        """Yield the tables that are wanted, and their rows."""
        for path in self.paths:
            self.encoding = encoding_of(path)
            with path.open("rb") as file:
                self.text = Text(self.pieces(file), self.encoding)
                yield from self.statements()
                self.before += file.tell()
            if self.text.broken_off:
                yield Fault(self.text.line, "", f"文件 {path.name} 在这里中断，后面的内容没有读到")

    def pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        for piece in unpacked(file, self.chunk):
            self.hears(self.before + file.tell())
            yield piece

    def statements(self) -> Iterator[Record]:
        text = self.text
        while text.skip_blank():
            if found := text.take(INSERT):
                yield from self.insert(self.named(found[1]))
            elif found := text.take(CREATE):
                yield from self.create(self.named(found[1]))
            elif found := text.take(USE):
                self.base = unquoted(found[1]).lower()
            elif found := text.take(DELIMITER):
                # Routines: whatever stands in them is no row of a table.
                if found[1] != ";":
                    text.seek(DELIMITER_BACK)
            else:
                text.skip_statement()

    def named(self, written: str) -> str:
        """Return a table's name as we tell tables apart: two bases of one dump may name theirs alike."""
        parts = [unquoted(part).lower() for part in re.findall(NAME, written)]
        return ".".join(parts if len(parts) > 1 or not self.base else [self.base, *parts])

    def create(self, table: str) -> Iterator[Created]:
        """Remember the columns of a table; nothing is known of one that never ends."""
        if statement := self.text.skip_statement():
            self.shapes[table] = tuple(columns_of(statement))
            if self.wanted(table):
                yield Created(table)

    def insert(self, table: str) -> Iterator[Row | Fault]:
        text = self.text
        is_wanted = self.wanted(table)
        if not (found := text.take(COLUMNS_AND_VALUES)):  # INSERT … SELECT, … SET
            if is_wanted:
                yield Fault(text.line, table, "这种 INSERT 语句无法识别")
            text.skip_statement()
            return
        columns = self.shapes.get(table, ())
        if found[1]:
            columns = tuple(unquoted(name).lower() for name in re.findall(NAME, found[1]))
        for line, row in text.rows():
            if not is_wanted:
                continue
            if row is None:
                yield Fault(line, table, "这一行写得不完整，或引号不配对")
            else:
                yield self.read(line, table, columns, row)

    def read(self, line: int, table: str, columns: Sequence[str], row: str) -> Row | Fault:
        values = [self.value(*found) for found in VALUES.findall(row, 1, len(row) - 1)]
        if not columns:
            return Fault(line, table, "文件里没有这张表的结构（CREATE TABLE），不知道各列是什么")
        if len(values) != len(columns):
            return Fault(line, table, f"这一行有 {len(values)} 个值，表有 {len(columns)} 列")
        return Row(line, table, dict(zip(columns, values, strict=True)))

    def value(self, introducer: str, quoted: str, bare: str) -> Value:
        if bare:
            bare = bare.strip()
            if HEX.match(bare):
                return self.from_hex(bare[2:])
            return None if bare.upper() == "NULL" else bare
        if introducer in {"X", "x"}:
            return self.from_hex(quoted[1:-1])
        return unescaped(quoted)

    def from_hex(self, digits: str) -> str:
        try:
            content = bytes.fromhex(digits)
        except ValueError:  # an odd number of them, or none
            return ""
        encoding = "utf-8" if self.encoding == "utf-16" else self.encoding
        return content.decode(encoding, "replace")


class Text:
    """The text of a dump, of which a window is held: from `at` on as far as it has been read."""

    def __init__(self, pieces: Iterator[bytes], encoding: str) -> None:
        self.pieces = pieces
        self.decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.window = ""
        self.at = 0
        self.is_whole = False  # whether the end has been read
        self.broken_off = False
        self.stuck = 0
        self.counted = 0  # up to here, lines have been counted
        self.lines = 1

    @property
    def line(self) -> int:
        """The number of the line at `at`."""
        if self.at > self.counted:
            self.lines += self.window.count("\n", self.counted, self.at)
            self.counted = self.at
        return self.lines

    def more(self) -> bool:
        """Read on, as much again as there is; False at the end, or where a row is longer than any."""
        rest = len(self.window) - self.at
        if self.is_whole or rest > MAX_ROW:
            return False
        _ = self.line  # counts what is dropped now
        parts, length = [self.window[self.at :]], rest
        while length <= 2 * rest and not self.is_whole:
            parts.append(self.next_piece())
            length += len(parts[-1])
        self.window, self.at, self.counted = "".join(parts), 0, 0
        return True

    def next_piece(self) -> str:
        try:
            piece = next(self.pieces, None)
        except (OSError, EOFError, zlib.error):  # packed, and cut off
            piece, self.broken_off = None, True
        self.is_whole = piece is None
        return self.decoder.decode(piece or b"", final=piece is None)

    def ahead(self, length: int) -> None:
        """See that so much can be seen, unless the text ends before."""
        while len(self.window) - self.at < length and self.more():
            pass

    def skip_blank(self) -> bool:
        """Pass blanks, comments and lonely semicolons; return whether anything follows."""
        while True:
            self.ahead(HEADER)
            found = BLANK.match(self.window, self.at)
            end = found.end() if found else self.at
            if end == len(self.window) and not self.is_whole:
                # The last comment may go on. One that does so for longer than any is blank so far.
                start = self.window.rfind("\n", self.at, end) + 1
                self.at = max(self.at, start) if end - self.at < MAX_ROW else end
                self.more()
                continue
            self.at = end
            if self.window[end : end + 1] != ";":
                return end < len(self.window)
            self.at += 1

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match and pass what is shorter than HEADER."""
        self.ahead(HEADER)
        found = pattern.match(self.window, self.at)
        if found:
            self.at = found.end()
        return found

    def peek(self) -> str:
        """Pass white space; return the next character, or nothing at the end."""
        while True:
            found = SPACE.match(self.window, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.window):
                return self.window[self.at]
            if not self.more():
                return ""

    def rows(self) -> Iterator[tuple[int, str | None]]:
        """Pass the rows of a statement; yield the line of each, and the row, or None for a broken one."""
        while True:
            is_row = self.peek() == "("
            line = self.line
            row = self.row() if is_row else None
            yield line, row
            if row is None:
                found = self.seek(NEXT_ROW)
                if found is None or ";" in found:
                    return
            elif self.peek() == ",":
                self.at += 1
            elif self.peek() in {";", ""} or self.take(ON_DUPLICATE):
                self.skip_statement()
                return

    def row(self) -> str | None:
        """Pass a row and return it, brackets and all; None, and stay where it goes wrong, if it is none."""
        while True:
            if found := ROW.match(self.window, self.at):
                self.at = found.end()
                return found[0]
            so_far = ROW_SO_FAR.match(self.window, self.at)
            end = so_far.end() if so_far else self.at
            # A row that is right as far as it can be seen may only be cut off.
            is_right = self.at == len(self.window) or (so_far and CUT_OFF.match(self.window, end))
            if is_right and self.more():
                continue
            if is_right and self.is_whole:
                # What looks like rows further down is the text of this one.
                end = len(self.window)
            elif is_right:
                self.get_stuck()
            self.at = min(max(end, self.at + 1), len(self.window))
            return None

    def skip_statement(self) -> str:
        """Pass and return everything up to the next semicolon; if none is in reach, go on further down."""
        while True:
            if found := STATEMENT.match(self.window, self.at):
                self.at = found.end()
                return found[0]
            if not self.more():
                self.get_stuck()
                self.seek(NEXT_STATEMENT)
                return ""

    def get_stuck(self) -> None:
        """Pass a character, as all that has been seen says nothing; give up where that goes on and on.

        Each time costs as much as is in the window: a file made for it would take days.
        """
        self.stuck += 1
        self.at = min(self.at + 1, len(self.window))
        if self.stuck == MOST_STUCK:
            self.at, self.pieces, self.broken_off = len(self.window), iter(()), True

    def seek(self, pattern: re.Pattern[str]) -> str | None:
        """Pass everything up to and with what `pattern` finds, and return that; all if it finds nothing."""
        while True:
            self.ahead(HEADER)
            found = pattern.search(self.window, self.at)
            if found and (found.end() < len(self.window) or self.is_whole):
                self.at = found.end()
                return found[0]
            # It may begin in the last few lines of what has been seen.
            seen = found.start() if found else len(self.window) - HEADER // 2
            self.at = max(self.at, seen)
            if not self.more():
                self.at = len(self.window)
                if self.is_whole:
                    return None


# --- Files -------------------------------------------------------------------------------------------


def unpacked(file: IO[bytes], chunk: int) -> Iterator[bytes]:
    """Yield the content of a file, which may be packed with gzip, never much more than `chunk` at once.

    Raises EOFError or zlib.error where a packed file is cut off or damaged, after what can be read.
    """
    is_packed = file.read(2) == GZIP
    file.seek(0)
    inflate = zlib.decompressobj(ANY_GZIP)
    while data := file.read(chunk):
        if not is_packed:
            yield data
            continue
        # Another packed file may follow, or zeros up to the end of a block.
        while data := data.lstrip(b"\0") if inflate.eof else data:
            inflate = zlib.decompressobj(ANY_GZIP) if inflate.eof else inflate
            yield inflate.decompress(data, chunk)
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if is_packed and not inflate.eof:
        raise EOFError


def encoding_of(path: Path) -> str:
    """Return the encoding of a dump, by reading all of it. Raises SourceError if it is none.

    By counting: a title that was cut in mid-character must not turn the whole file into another.
    """
    broken = foreign = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        with path.open("rb") as file:
            for index, piece in enumerate(unpacked(file, CHUNK)):
                if index == 0 and piece.startswith(UTF16):  # what PowerShell makes of `mysqldump >`
                    return "utf-16"
                if index == 0:
                    refuse_others(path.name, piece.removeprefix(codecs.BOM_UTF8).lstrip())
                foreign += len(piece.translate(None, ASCII))
                broken += decoder.decode(piece).count("\ufffd") - piece.count("\ufffd".encode())
    except (EOFError, zlib.error):  # what could be read is known; `Text` says that the rest is not
        pass
    except OSError as error:
        raise SourceError(f"文件 {path.name} 打不开，或已损坏。") from error
    return "utf-8-sig" if broken <= foreign * MOST_BROKEN else "gb18030"


def refuse_others(name: str, start: bytes) -> None:
    """Raise SourceError for a file that begins as something else."""
    for beginning, problem in OTHERS.items():
        if start.startswith(beginning):
            raise SourceError(f"文件 {name} 无法导入：{problem}")


# --- Words -------------------------------------------------------------------------------------------


def unquoted(name: str) -> str:
    if name[0] == "`":
        return name[1:-1].replace("``", "`")
    return name[1:-1] if name[0] in '"[' else name


def unescaped(quoted: str) -> str:
    quote, text = quoted[0], quoted[1:-1]
    if "\\" not in text and quote not in text:
        return text
    return ESCAPED[quote].sub(lambda m: ESCAPES.get(m[1], m[1]) if m[1] else quote, text)


def columns_of(body: str) -> Iterator[str]:
    """Yield the names of the columns, in lower case, out of what follows `CREATE TABLE x (`."""
    depth, is_first = 0, True
    for found in COLUMN.finditer(body):
        match found.lastgroup:
            case "skip":
                continue
            case "open":
                depth += 1
            case "close" if depth == 0:
                return
            case "close":
                depth -= 1
            case "comma" if depth == 0:
                is_first = True
                continue
            case "name" if is_first and depth == 0 and found[0].upper() not in NO_COLUMN:
                yield unquoted(found[0]).lower()
        is_first = False
