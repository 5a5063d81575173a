"""Reading a sheet of rows: CSV in the encodings Chinese offices use, or XLSX.

Rows come as they are read, so a CSV of any length needs the memory of one row.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from portal.cms.sheets import books

# The longest article one cell may hold; the csv module refuses more than 128 KiB unless told.
MAX_CELL = 16 * 1024 * 1024
CHUNK = 1 << 20
# An operator's own sheet may be so many times as large as one that somebody uploads.
TIMES = 10
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Row = dict[str, str]
# The header under which a row says what is wrong with it.
PROBLEM = ""


# The cells of a line, or a sentence that says why they cannot be told.
Line = Sequence[str] | str


class SheetError(Exception):
    """The file is no sheet we can read; the message says why, in Chinese."""


def read(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield each row as (number as a spreadsheet shows it, cells by header); blank rows are left out.

    A row that cannot be told apart from its neighbours has a sentence under PROBLEM. Raises
    SheetError for a file that is no sheet, or has no row.
    """
    if not path.is_file():
        raise SheetError(f"找不到文件 {path}。")
    is_book = path.suffix.lower() in {".xlsx", ".xlsm"}
    empty = True
    try:
        for row in with_headers(read_xlsx(path) if is_book else read_csv(path)):
            empty = False
            yield row
    except books.TooLargeError as error:
        raise SheetError(
            f"文件 {path.name} 展开后太大，请另存为 UTF-8 的 CSV，那没有大小的限制。"
        ) from error
    except books.UNREADABLE as error:
        raise SheetError(f"文件 {path.name} 已损坏，或不是表格。") from error
    if empty:
        raise SheetError(f"文件 {path.name} 里没有数据行；第一行应为列名，下面每行一篇。")


def with_headers(lines: Iterator[tuple[int, Line]]) -> Iterator[tuple[int, Row]]:
    """Turn lines into rows by the first line that is not blank, whose last cells may be blank."""
    headers: list[str] = []
    for number, line in lines:
        if isinstance(line, str):
            yield number, {PROBLEM: line}
            continue
        cells = [cell.replace("\x00", "").strip() for cell in line]
        if not any(cells):
            continue
        if headers:
            too_many = any(cells[len(headers) :])
            problem = "单元格比列名多，可能有逗号没有加引号" if too_many else ""
            yield number, {**dict(zip(headers, cells, strict=False)), PROBLEM: problem}
        else:
            last = max(index for index, cell in enumerate(cells, start=1) if cell)
            headers = list(cells[:last])


def read_csv(path: Path) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a CSV, a sentence in place of each whose quotes do not match.

    What follows such a line may be the rest of it, so lines go on from the first that is as wide as
    the first of all.
    """
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding_of(path), newline="") as file:
        first_line = file.readline()
        file.seek(0)
        # Excel writes tabs as «Unicode text», and semicolons in some locales.
        delimiter = max(",\t;，", key=first_line.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        width, broken = 0, False
        while True:
            number = reader.line_num + 1  # a cell may hold line breaks
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                broken = True
                yield number, f"引号不配对（到第 {reader.line_num} 行），请检查这一行的双引号"
                continue
            width = width or len(cells)
            if broken and len(cells) != width:
                yield number, "接在引号不配对的一行之后，无法判断是不是单独的一行"
                continue
            broken = False
            yield number, cells


def encoding_of(path: Path) -> str:
    """Return the encoding: UTF-8 if the bytes allow it, else GB18030 (which takes UTF-8 for its own)."""
    with path.open("rb") as file:
        if file.read(2) in UTF16:
            return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise SheetError(f"文件 {path.name} 的编码无法识别，请另存为 UTF-8 的 CSV 或 XLSX。")


def read_xlsx(path: Path) -> Iterator[tuple[int, Line]]:
    with books.first_page(path.read_bytes(), TIMES) as page:
        for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
            yield number, [cell_text(cell) for cell in cells]


def cell_text(value: Any) -> str:
    """Return a cell as it would be typed: dates as ISO, whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
