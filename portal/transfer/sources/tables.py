"""The tables of a PHP system, read from SQLite: its own database, or one filled from a dump.

A dump is written into a database first that has no name, and goes with its connection: SQLite keeps a
few megabytes of it in memory and the rest in its folder for temporary files (`SQLITE_TMPDIR`). Joins
are SQLite's work then, and one row is in memory at a time. A database file is never written to, and
nothing that stands in it is run.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Self

from portal.transfer.sources.cells import hosts_of
from portal.transfer.sources.dump import Dump, Fault, Hears, Record, Row
from portal.transfer.sources.records import (
    Left,
    OldCategory,
    OldFile,
    OldItem,
    OldPlace,
    SourceError,
)

# Tables by their names without the prefix of the site, and the columns that are read of each: first the
# one that other tables name its rows by.
Wanted = Mapping[str, Sequence[str]]

MAGIC = b"SQLite format 3\x00"
LONGEST = 64 * 1024 * 1024  # bytes of a value
MOST_PAGES = 8 * 1024 * 1024  # of 4 KiB: a packed file may hold anything
# A backup in a folder: all tables in a file each, or in several.
SUFFIXES = (".sql", ".txt", ".sql.gz")
# Rows that could not be read. A temporary table: it stands before one of this name in a file.
FAULTS = 'CREATE TEMP TABLE faults (line INTEGER, "table" TEXT, reason TEXT)'

DEEPEST = 20  # categories within categories


class Tables:
    """The wanted tables, by their names without prefix; what is not there has no rows, or is empty."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.warnings: list[str] = []

    def read(self, query: str, *values: str) -> Iterator[dict[str, str]]:
        """Yield the rows of a query over the wanted tables, as texts; ends where the file is damaged."""
        try:
            cursor = self.database.execute(query, values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, map(text, row), strict=True))
        except sqlite3.Error as error:
            self.warnings.append(f"数据库读到一半出错，后面的内容没有导入：{error}。")

    def count(self, table: str) -> int:
        rows = self.read(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - a name of ours
        return int(next(rows, {"n": "0"})["n"])


class TableSource:
    """What all sources have in common that are read from tables (records.Source)."""

    is_sized = False
    system: str
    wanted: Wanted
    needed: Collection[str]  # of these tables each site has one: they tell its prefix
    counted: tuple[str, ...]  # the tables each row of which becomes a record
    # The old numbers that the query of the items has more than once.
    repeated: str

    @classmethod
    @contextmanager
    def opened(
        cls, path: Path, *, prefix: str = "", hears: Hears = lambda read: None, **given: str
    ) -> Iterator[Self]:
        """Open the site that a file or folder holds; what else is `given`, the source itself is told.

        A dump is read whole before this returns: some seconds for 100 MB. Raises SourceError: no such
        tables; several sites in one; damaged.
        """
        with cls.tables_in(path, prefix, hears) as tables:
            yield cls(tables, **given)

    @classmethod
    def tables_in(cls, path: Path, prefix: str, hears: Hears) -> AbstractContextManager[Tables]:
        return opened(path, cls.wanted, cls.needed, prefix, hears)

    def __init__(self, tables: Tables, site: str = "", home: str = "") -> None:
        """`site` in place of `home`, the address that the file names itself.

        Raises SourceError where there is nothing in the tables.
        """
        self.tables = tables
        self.hosts = hosts_of(site) | hosts_of(home)
        # Of two sites of one system each has an item of the same number.
        self.site = site or min(hosts_of(home), key=len, default=self.system)
        self.warnings = tables.warnings
        self.passed = 0
        self.again: dict[str, int] = {row["id"]: 0 for row in tables.read(self.repeated)}
        if not TableSource.size(self):
            raise SourceError("文件里只有数据表的结构，没有一条内容：备份可能不完整。")

    def size(self) -> int:
        return sum(map(self.tables.count, self.counted)) + self.tables.count("faults")

    def done(self) -> int:
        return self.passed

    def numbers(self, first: int = 1) -> Iterator[int]:
        """Count the records of an iterator; `done` follows."""
        for self.passed in itertools.count(first):
            yield self.passed

    def warn(self, sentence: str) -> None:
        """Say once what concerns all records."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def problem(self, old_id: str) -> str:
        """Return why a row is no item of its own; nothing if it is one."""
        if not old_id:
            return "没有编号"
        if old_id not in self.again:
            return ""
        self.again[old_id] += 1
        return "编号与前面的一条重复" if self.again[old_id] > 1 else ""

    def categories(self) -> Iterator[OldCategory]:
        yield from ()

    def files(self) -> Iterator[OldFile | Left]:
        yield from ()

    def places(self) -> Iterator[OldPlace]:
        yield from ()

    def items(self) -> Iterator[OldItem | Left]:
        self.again = dict.fromkeys(self.again, 0)
        numbers = self.numbers(self.first_item())
        yield from self.records(numbers)
        for fault in self.tables.read('SELECT "table", line, reason FROM faults'):
            place = f"数据表 {fault['table']}，" if fault["table"] else ""
            yield Left(next(numbers), "", f"{place}第 {fault['line']} 行：{fault['reason']}")

    def first_item(self) -> int:
        """The number of the first item: no file has it."""
        return 1

    def records(self, numbers: Iterator[int]) -> Iterator[OldItem | Left]:
        raise NotImplementedError


@contextmanager
def opened(
    path: Path,
    wanted: Wanted,
    needed: Collection[str],
    prefix: str = "",
    hears: Hears = lambda read: None,
) -> Iterator[Tables]:
    """Open a database, a dump, or a folder of a dump's files."""
    if not path.exists():
        raise SourceError(f"找不到文件 {path}。")
    if path.is_file() and is_database(path):
        database = attached(path)
        with closing(database):
            yield prepared(database, wanted, needed, prefix)
        return
    paths = sorted(files_of(path), key=lambda file: ("struct" not in file.name, file.name))
    dump = Dump(paths, lambda table: bool(plain_name(table, wanted)), hears=hears)
    with filled(dump.records(), wanted, needed, prefix) as found:
        yield found


@contextmanager
def filled(
    records: Iterable[Record], wanted: Wanted, needed: Collection[str], prefix: str = ""
) -> Iterator[Tables]:
    """Hold rows in tables as long as they are read. Raises SourceError, also where the disk is full."""
    with closing(loaded(records, wanted)) as database:
        yield prepared(database, wanted, needed, prefix)


def loaded(records: Iterable[Record], wanted: Wanted) -> sqlite3.Connection:
    # Not ":memory:", but a file without a name; SQLite deletes it as it opens it.
    database = sqlite3.connect("", isolation_level=None)
    try:
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"max_page_count={MOST_PAGES}"):
            database.execute(f"PRAGMA {setting}")
        database.execute(FAULTS)
        fill(database, records, wanted)
    except sqlite3.Error as error:
        database.close()
        raise SourceError(f"临时数据库写不下去：{error}。请检查磁盘空间。") from error
    except BaseException:
        database.close()
        raise
    return database


def fill(database: sqlite3.Connection, records: Iterable[Record], wanted: Wanted) -> None:
    made: dict[str, Sequence[str]] = {}
    database.execute("BEGIN")
    for record in records:
        if isinstance(record, Fault):
            database.execute("INSERT INTO faults VALUES (?, ?, ?)", record)
            continue
        table = record.table
        if table not in made:
            made[table] = wanted[plain_name(table, wanted)]
            make(database, table, made[table])
        if isinstance(record, Row):
            values = [record.values.get(column) for column in made[table]]
            places = ", ".join("?" * len(values))
            database.execute(f"INSERT INTO {quoted(table)} VALUES ({places})", values)  # noqa: S608 - quoted
    database.execute("COMMIT")


def make(database: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
    database.execute(f"CREATE TABLE {quoted(table)} ({', '.join(map(quoted, columns))})")
    # The first column is what rows of other tables name its rows by.
    index = quoted(f"{table} by {columns[0]}")
    database.execute(f"CREATE INDEX {index} ON {quoted(table)} ({quoted(columns[0])})")


# --- Database files ----------------------------------------------------------------------------------


def is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise SourceError(f"文件 {path.name} 打不开。") from error


def attached(path: Path) -> sqlite3.Connection:
    """Open a database file for reading. Whoever wrote it may have meant us harm."""
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise SourceError(
                f"{beside.name} 里还有没写进数据库的内容：请先停掉旧网站，再复制数据库文件。"
            )
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda content: content.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    try:
        database.execute(FAULTS)
        for setting in ("trusted_schema=OFF", "cell_size_check=ON", "ignore_check_constraints=ON"):
            database.execute(f"PRAGMA {setting}")
        # Pages that are used twice are how a small file has rows without end.
        state = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        database.close()
        raise SourceError(f"数据库 {path.name} 已损坏，或不是完整的文件：{error}。") from error
    if state != "ok":
        database.close()
        raise SourceError(f"数据库 {path.name} 已损坏，请在旧网站重新备份。")
    return database


def prepared(
    database: sqlite3.Connection, wanted: Wanted, needed: Collection[str], prefix: str
) -> Tables:
    """Give each wanted table its plain name and all its columns, whether it has them or not."""
    # Views and virtual tables would run what the file says.
    there = {
        name.lower(): name
        for schema, name, kind, *_ in database.execute("PRAGMA table_list")
        if schema == "main" and kind == "table"
    }
    found = prefix_of(there, needed, prefix.lower())
    for table, columns in wanted.items():
        name = there.get(found + table)
        # Without those that are calculated: `table_info` does not name them.
        rows = database.execute("SELECT name FROM pragma_table_info(?, 'main')", [name])
        has = {column.lower() for (column,) in rows} if name else set()
        read = ", ".join(
            f"{quoted(column) if column in has else 'NULL'} AS {quoted(column)}"
            for column in columns
        )
        source = f"FROM main.{quoted(name)}" if name else "WHERE 0"
        database.execute(f"CREATE TEMP VIEW {quoted(table)} AS SELECT {read} {source}")
    return Tables(database)


def prefix_of(tables: Collection[str], needed: Collection[str], prefix: str) -> str:
    """Return what stands before the names of a site's tables. Raises SourceError: none, or several."""
    one = next(iter(needed))
    prefixes = sorted(
        {
            name.removesuffix(one)
            for name in tables
            if name.endswith(one)
            if all(name.removesuffix(one) + table in tables for table in needed)
        }
    )
    if prefix:
        prefixes = [found for found in prefixes if found == prefix]
    if not prefixes:
        names = "、".join(f"{prefix or '…'}{table}" for table in needed)
        raise SourceError(f"文件里没有数据表 {names}：可能不是这个系统的备份，或备份不完整。")
    if len(prefixes) > 1:
        raise SourceError(
            f"文件里有几个网站的数据表，前缀分别是 {'、'.join(prefixes)}：请用 --prefix 指定一个。"
        )
    return prefixes[0]


# --- Files -------------------------------------------------------------------------------------------


def files_of(path: Path) -> list[Path]:
    """Return the files of a dump, which may be a folder. Raises SourceError."""
    if path.is_file():
        return [path]
    files = [file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES)]
    if not files:
        raise SourceError(f"文件夹 {path} 里没有 .sql 或 .txt 备份文件。")
    return files


def plain_name(table: str, wanted: Wanted) -> str:
    """Return which of the wanted tables this may be, by the end of its name; or nothing."""
    return max((name for name in wanted if table.lower().endswith(name)), key=len, default="")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- Rows -----------------------------------------------------------------------------------------


def text(value: object) -> str:
    """Return a value as a text, without what PostgreSQL refuses."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).replace("\0", "")


def outer_first(rows: Iterable[dict[str, str]], own: str, parent: str) -> list[dict[str, str]]:
    """Return categories, each after the one it stands in; a circle has no outer one."""
    held = {row[own]: row for row in rows}

    def depth(row: dict[str, str]) -> int:
        passed: set[str] = set()
        while row[parent] in held and row[own] not in passed and len(passed) < DEEPEST:
            passed.add(row[own])
            row = held[row[parent]]
        return len(passed)

    return sorted(held.values(), key=depth)
