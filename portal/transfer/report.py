"""What became of every row of an import."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, TextIO

from portal.cms.sheets.writing import content
from portal.transfer import fitting

# Of a long report the terminal shows no more lines than somebody reads there.
MOST_SHOWN: Final = 200
LONGEST: Final = 2_100  # signs of a title or a note
COLUMNS: Final = ("序号", "种类", "标题", "结果", "说明")


class Outcome(StrEnum):
    IMPORTED = "新增"
    CHANGED = "更新"
    UNCHANGED = "未变"
    SKIPPED = "跳过"


@dataclass(frozen=True)
class Entry:
    """One row: its number in the sheet, its title, what was done and what its owner should know.

    What comes from an old site has a `kind`, in the words of its owner: 文章, 附件.
    """

    row: int
    title: str
    outcome: Outcome
    notes: tuple[str, ...] = ()
    kind: str = ""

    def __str__(self) -> str:
        notes = f"（{'；'.join(self.notes)}）" if self.notes else ""
        number = f"第 {self.row} 条 " if self.kind else f"第 {self.row} 行 "
        place = f"{self.kind} " if self.kind else ""
        title = self.title[:60]
        # What a database that was hacked holds must not reach a terminal as orders.
        return fitting.one_line(
            f"{place}{number if self.row else ''}{self.outcome}：{title}{notes}"
        )


@dataclass
class Report:
    """All rows, in order, and what concerns the sheet as a whole."""

    entries: list[Entry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.entries)

    @property
    def last(self) -> str:
        """Return what came last, as the operator finds it in the file."""
        return f"第 {self.entries[-1].row} 行"

    def take(self, entries: Sequence[Entry]) -> None:
        self.entries += entries

    def count(self) -> Counter[Outcome]:
        return Counter(entry.outcome for entry in self.entries)

    def lines(self) -> Iterator[str]:
        """Yield the report as an operator reads it, the sums last."""
        yield from (f"提示：{fitting.one_line(warning)}" for warning in self.warnings)
        yield from map(str, self.entries)
        yield sums(f"共 {len(self.entries)} 行", self.count())


class Ledger(Report):
    """A report of any length: sums by kind, and in memory only the first lines that ask for a look.

    All lines go to `file` as they come, as a sheet: one for each record of the old site, whatever
    became of it.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        """Raises OSError, as `take` does, where the file cannot be written."""
        super().__init__()
        self.counts: Counter[tuple[str, Outcome]] = Counter()
        self.records = 0  # of the file; categories are none
        self.unshown = 0
        self.place = ""
        self.file: TextIO | None = None
        self.writer: Any = None
        if file is not None:
            self.write_to(file)

    def write_to(self, file: TextIO) -> None:
        self.file = file
        self.writer = csv.writer(file)
        self.writer.writerow(COLUMNS)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def last(self) -> str:
        return self.place

    def take(self, entries: Sequence[Entry]) -> None:
        for entry in map(short, entries):
            self.counts[entry.kind, entry.outcome] += 1
            self.records += entry.row > 0
            self.place = f"{entry.kind}第 {entry.row} 条" if entry.row else entry.kind
            if entry.notes and len(self.entries) < MOST_SHOWN:
                self.entries.append(entry)
            else:
                self.unshown += bool(entry.notes)
            if self.file:
                line = (entry.row or "", entry.kind, entry.title, entry.outcome)
                self.writer.writerow(map(content, (*line, "；".join(entry.notes))))
        if self.file:
            self.file.flush()

    def count(self, kind: str | None = None) -> Counter[Outcome]:
        found: Counter[Outcome] = Counter()
        for (of, outcome), number in self.counts.items():
            if kind in (None, of):
                found[outcome] += number
        return found

    def lines(self) -> Iterator[str]:
        yield from (f"提示：{fitting.one_line(warning)}" for warning in self.warnings)
        yield from map(str, self.entries)
        if self.unshown:
            yield f"另有 {self.unshown} 条有说明，没有列在这里；全部见 --report 指定的文件。"
        for kind in dict.fromkeys(kind for kind, _ in self.counts):
            counts = self.count(kind)
            yield sums(f"{kind} {counts.total()} 条", counts)
        yield f"旧网站的文件里共 {self.records} 条，每条都在上面某一类里。"


def short(entry: Entry) -> Entry:
    """Return an entry that can be kept, whatever the old site called its records."""
    notes = tuple(fitting.one_line(note[:LONGEST]) for note in entry.notes)
    return replace(entry, title=fitting.one_line(entry.title[:LONGEST]), notes=notes)


def sums(of: str, counts: Counter[Outcome]) -> str:
    return f"{of}：" + "，".join(f"{outcome} {counts[outcome]}" for outcome in Outcome)
