"""What became of every row of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    IMPORTED = "新增"
    CHANGED = "更新"
    UNCHANGED = "未变"
    SKIPPED = "跳过"


@dataclass(frozen=True)
class Entry:
    """One row: its number in the sheet, its title, what was done and what its owner should know."""

    row: int
    title: str
    outcome: Outcome
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        notes = f"（{'；'.join(self.notes)}）" if self.notes else ""
        return f"第 {self.row} 行 {self.outcome}：{self.title[:60]}{notes}"


@dataclass
class Report:
    """All rows, in order, and what concerns the sheet as a whole."""

    entries: list[Entry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self) -> Counter[Outcome]:
        return Counter(entry.outcome for entry in self.entries)

    def lines(self) -> Iterator[str]:
        """Yield the report as an operator reads it, the sums last."""
        yield from (f"提示：{warning}" for warning in self.warnings)
        yield from map(str, self.entries)
        sums = self.count()
        yield f"共 {len(self.entries)} 行：" + "，".join(f"{o} {sums[o]}" for o in Outcome)
