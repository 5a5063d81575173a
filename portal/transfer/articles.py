"""Importing articles from the rows of a sheet.

Idempotent: a row finds the article it made before by its old number, else by title and date. A bad
row is reported and left out; the rest goes on. Rows are written in batches, each one short transaction:
SQLite has one writer, and editors save meanwhile. What is written stays where a run breaks off; the next
one finds it there, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import DatabaseError

from articles.models import Ranking
from portal.cms.locking import let_others_write
from portal.transfer import columns
from portal.transfer.batch import Batch
from portal.transfer.parsing import Parsed, RowError, parse
from portal.transfer.report import Entry, Outcome, Report
from portal.transfer.sheet import PROBLEM, Row, SheetError
from portal.transfer.writing import Writer

# A batch: some tenths of a second to write.
ROWS = 100
CHARACTERS = 100_000


def import_articles(
    rows: Iterable[tuple[int, Row]],
    report: Report | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Import all rows; `report` has each once it is written, and `progress` hears how many it has.

    A dry run does the same, and rolls each batch back: others write meanwhile, but what a batch would
    have made is not there for the next. Raises what reading `rows` raises, and what the database does
    where it refuses more than a row, as where somebody else writes for too long: what the report has is
    imported by then.
    """
    run = ArticleImport(Report() if report is None else report, dry_run=dry_run)
    for batch in run.batches(rows):
        if run.report.entries:
            let_others_write()
        run.write(batch)
        progress(len(run.report.entries))
    if not dry_run:
        refresh_rankings(run.report)
    return run.report


def refresh_rankings(report: Report) -> None:
    try:
        Ranking.refresh()
    except DatabaseError:  # readers make it anew, too
        report.warnings.append("文章已经导入，榜单还没有更新；有人访问时会自动更新。")


class ArticleImport(Writer[Parsed]):
    """One run: what it has seen so far."""

    def __init__(self, report: Report, *, dry_run: bool) -> None:
        super().__init__(report, dry_run=dry_run)
        self.seen: dict[tuple[str, ...], int] = {}
        self.fields: dict[str, str | None] = {}

    def batches(self, rows: Iterable[tuple[int, Row]]) -> Iterator[list[Parsed | Entry]]:
        """Yield the rows in our terms, as many at once as a short transaction writes."""
        batch: list[Parsed | Entry] = []
        length = 0
        for number, row in rows:
            batch.append(self.read(number, row))
            length += sum(map(len, row.values()))
            if len(batch) == ROWS or length >= CHARACTERS:
                yield batch
                batch, length = [], 0
        if batch:
            yield batch

    def read(self, number: int, row: Row) -> Parsed | Entry:
        """Return the row in our terms, or its entry in the report if it cannot be imported."""
        values = self.named(row)
        try:
            if row.get(PROBLEM):
                raise RowError(row[PROBLEM])
            parsed = parse(number, values)
            first = self.seen.setdefault(parsed.key, number)
            if first != number:
                raise RowError(f"与第 {first} 行重复")
        except RowError as error:
            return Entry(number, values.get("title", ""), Outcome.SKIPPED, (str(error),))
        return parsed

    def named(self, row: Row) -> dict[str, str]:
        """Return the cells by our field names; unknown columns are reported once.

        Raises SheetError where no column can be the title.
        """
        for header in row:
            if header not in self.fields and header != PROBLEM:
                self.fields[header] = columns.field_of(header)
                if self.fields[header] is None:
                    self.report.warnings.append(f"不认识的列“{header}”，未导入。")
        if "title" not in self.fields.values() and not row.get(PROBLEM):
            raise SheetError("表格里没有“标题”列；第一行应为列名。")
        return {
            field: row[header] for header, field in self.fields.items() if field and row.get(header)
        }

    def import_rows(self, rows: Sequence[Parsed | Entry]) -> list[Entry]:
        batch = Batch(rows, self.given)
        entries = batch.entries()
        self.given = batch.given
        return entries
