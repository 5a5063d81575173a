"""Reading a sheet that people made in Excel or WPS: its first page, by the headers of its first row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any, Final

from portal.cms.sheets import books

MOST_COLUMNS: Final = 100
# Sheets that were formatted to the bottom have a million empty rows.
LAST_ROW: Final = 20_000
# Among so many the headers are looked for: above them people write what the sheet is about.
TITLE_ROWS: Final = 10
# As a spreadsheet has it; and what all of them may come to. One text may stand in a million cells.
LONGEST_CELL: Final = 32_767
MOST_SIGNS: Final = 10_000_000
TOO_LARGE: Final = (
    "表格展开后太大（约 15 万个有内容的单元格为限）；请只留需要的工作表和行列，另存后再上传。"
)

Row = dict[str, str]


class SheetError(ValueError):
    """The file is no sheet we can read; the message says why, in Chinese."""


@dataclass(frozen=True)
class Sheet:
    """`rows` have the number that a spreadsheet shows; blank ones are left out."""

    headers: list[str]
    rows: list[tuple[int, Row]]


def read(
    content: bytes, most: int, are_headers: Callable[[list[str]], bool] = lambda cells: True
) -> Sheet:
    """Return the first page of an .xlsx, of `most` rows at most. Raises SheetError.

    Cells are texts as they would be typed; of formulas, what they came to when it was saved. The rows
    above the first that `are_headers` are left out; where none are, the first row is taken for them.
    """
    headers: list[str] = []
    rows: list[tuple[int, Row]] = []
    try:
        filled = ((number, cells) for number, cells in lines(content) if any(cells))
        top = list(islice(filled, TITLE_ROWS))
        start = next((place for place, (_, cells) in enumerate(top) if are_headers(cells)), 0)
        for number, cells in chain(top[start:], filled):
            if not headers:
                headers = cells
                continue
            if len(rows) == most:
                raise SheetError(f"一次最多 {most} 行，请分成几个文件。")
            rows.append((number, row_of(headers, cells)))
    except books.TooLargeError as error:
        raise SheetError(TOO_LARGE) from error
    except books.UNREADABLE as error:
        if isinstance(error, SheetError):
            raise
        raise SheetError("文件已损坏，或不是 Excel 表格；旧格式的请另存为 xlsx。") from error
    if not rows:
        raise SheetError("表格里没有数据行；第一行应为列名，下面每行一条。")
    return Sheet([header for header in headers if header], rows)


def row_of(headers: list[str], cells: list[str]) -> Row:
    """Return the cells by their headers; of columns under the same header, the first that is filled."""
    row: Row = {}
    for header, cell in zip(headers, cells, strict=False):
        if header and not row.get(header):
            row[header] = cell
    return row


def lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    signs = 0
    with books.first_page(content) as page:
        found = page.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(found, start=1):
            texts = [text_of(cell) for cell in cells]
            signs += sum(map(len, texts))
            if signs > MOST_SIGNS:
                raise SheetError(TOO_LARGE)
            yield number, texts


def text_of(value: Any) -> str:
    """Return a cell as it would be typed: days as ISO, whole numbers without `.0`. Raises SheetError."""
    match value:
        case None:
            return ""
        case datetime():
            midnight = not (value.hour or value.minute or value.second)
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    text = str(value)
    if len(text) > LONGEST_CELL:
        raise SheetError(f"有一个单元格超过 {LONGEST_CELL} 字，请缩短后再上传。")
    return text.replace("\x00", "").strip()
