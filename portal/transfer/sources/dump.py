"""Rows out of MySQL dumps, as mysqldump, phpMyAdmin, Navicat and old systems' own backups write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import regex as re  # not `re`, as in `sql`

from portal.transfer.sources import sql
from portal.transfer.sources.encoding import CHUNK, encoding_of, unpacked

COLUMN = re.compile(
    rf"(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<skip>{sql.STRING}|{sql.COMMENT}|\s++)|(?P<name>{sql.NAME})|.",
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
                self.text = sql.Text(self.pieces(file), self.encoding)
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
            if found := text.take(sql.INSERT):
                yield from self.insert(self.named(found[1]))
            elif found := text.take(sql.CREATE):
                yield from self.create(self.named(found[1]))
            elif found := text.take(sql.USE):
                self.base = unquoted(found[1]).lower()
            elif found := text.take(sql.DELIMITER):
                # Routines: whatever stands in them is no row of a table.
                if found[1] != ";":
                    text.seek(sql.DELIMITER_BACK)
            else:
                text.skip_statement()

    def named(self, written: str) -> str:
        """Return a table's name as we tell tables apart: two bases of one dump may name theirs alike."""
        parts = [unquoted(part).lower() for part in re.findall(sql.NAME, written)]
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
        if not (found := text.take(sql.COLUMNS_AND_VALUES)):  # INSERT … SELECT, … SET
            if is_wanted:
                yield Fault(text.line, table, "这种 INSERT 语句无法识别")
            text.skip_statement()
            return
        columns = self.shapes.get(table, ())
        if found[1]:
            columns = tuple(unquoted(name).lower() for name in re.findall(sql.NAME, found[1]))
        for line, row in text.rows():
            if not is_wanted:
                continue
            if row is None:
                yield Fault(line, table, "这一行写得不完整，或引号不配对")
            else:
                yield self.read(line, table, columns, row)

    def read(self, line: int, table: str, columns: Sequence[str], row: str) -> Row | Fault:
        values = [self.value(*found) for found in sql.VALUES.findall(row, 1, len(row) - 1)]
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
