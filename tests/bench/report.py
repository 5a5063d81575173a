"""The table, and what must hold: said on the way, and written down at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.bench.figures import Row

FOLDER = Path(__file__).with_name("results")
HEAD = "| what | clients | requests/s | CPU ms | p50 ms | p99 ms | errors | ratio |"


@dataclass
class Report:
    lines: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    missed: int = 0

    def say(self, line: str = "") -> None:
        self.lines.append(line)
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def heading(self, text: str) -> None:
        self.say(f"\n## {text}\n")

    def head(self) -> None:
        self.say(HEAD)
        self.say("|---|--:|--:|--:|--:|--:|--:|---|")

    def row(self, row: Row, ratio: str = "") -> None:
        self.say(
            f"| {row.name} | {row.clients} | {row.rate:.0f} | {row.cpu:.3f} | {row.p50:.2f}"
            f" | {row.p99:.1f} | {row.errors} | {ratio} |"
        )

    def table(self, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        names = list(columns)
        self.say("| " + " | ".join(names) + " |")
        self.say("|---" + "|--:" * (len(names) - 1) + "|")
        for row in rows:
            self.say("| " + " | ".join(row) + " |")

    def must(self, what: str, value: float, *, most: float | None = None, least: float = 0) -> None:
        """Judge one line of what must hold; it is shown at the end."""
        holds = value >= least if most is None else value <= most
        bound = f"≥ {least:g}" if most is None else f"≤ {most:g}"
        self.missed += not holds
        self.verdicts.append(
            f"| {what} | {bound} | {value:.2f} | {'✓' if holds else '✗ does not hold'} |"
        )

    def finish(self) -> Path:
        self.heading("Must hold")
        self.say("| what | bound | measured | |")
        self.say("|---|--:|--:|---|")
        for verdict in self.verdicts:
            self.say(verdict)
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / f"{datetime.now().astimezone():%Y-%m-%d-%H%M}.md"
        file.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return file
