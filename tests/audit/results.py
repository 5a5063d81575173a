"""The one table the audit ends in, and below it what stands in the way of a full one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Figure(NamedTuple):
    """A cell: what was measured, and whether that is good enough."""

    text: str
    met: bool


@dataclass
class Results:
    """Figures by row and column, both in the order of their first appearance."""

    rows: dict[str, dict[str, Figure]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, row: str, column: str, figure: Figure) -> None:
        self.rows.setdefault(row, {})[column] = figure

    def count(self, row: str, column: str, found: list[str]) -> None:
        """Enter the number of these findings, none of which there should be."""
        self.add(row, column, Figure(str(len(found)), not found))
        self.problems += [f"{row}: {column}: {problem}" for problem in found]

    @property
    def missed(self) -> int:
        return sum(not figure.met for row in self.rows.values() for figure in row.values())

    def table(self) -> str:
        columns = list(dict.fromkeys(name for row in self.rows.values() for name in row))
        first = max(map(width, self.rows), default=0)
        return "\n".join(self.lines(columns, first))

    def lines(self, columns: list[str], first: int) -> Iterator[str]:
        yield " " * first + "".join(f"  {column}" for column in columns)
        for name, row in self.rows.items():
            cells = [shown(row.get(column)).rjust(len(column) + 2) for column in columns]
            yield name + " " * (first - width(name)) + "".join(cells)


def shown(figure: Figure | None) -> str:
    if figure is None:
        return "·"
    return figure.text if figure.met else f"✗ {figure.text}"


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
