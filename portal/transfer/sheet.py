"""Reading a sheet of rows: CSV in the encodings Chinese offices use, or XLSX.

Rows come as they are read, so a sheet of any length needs the memory of one row.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

# The longest article one cell may hold; the csv module refuses more than 128 KiB unless told.
MAX_CELL = 16 * 1024 * 1024
CHUNK = 1 << 20
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Row = dict[str, str]
# The header of what stands beyond the last one: a comma too many shifts a whole line.
BEYOND = ""


class SheetError(Exception):
    """The file is no sheet we can read; the message says why, in Chinese."""


def read(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield each row as (number as a spreadsheet shows it, cells by header); blank rows are left out.

    Raises SheetError, also in mid-file where a CSV breaks off inside a cell.
    """
    if not path.is_file():
        raise SheetError(f"找不到文件 {path}。")
    lines = read_xlsx(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else read_csv(path)
    try:
        yield from with_headers(lines)
    except (OSError, csv.Error, BadZipFile, InvalidFileException, KeyError) as error:
        raise SheetError(f"文件 {path.name} 不完整或已损坏：{error}") from error


def with_headers(lines: Iterator[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Row]]:
    """Turn lines into rows by the first line that is not blank, whose last cells may be blank."""
    headers: list[str] = []
    for number, cells in lines:
        cells = [cell.replace("\x00", "").strip() for cell in cells]
        if not any(cells):
            continue
        if headers:
            beyond = {BEYOND: "".join(cells[len(headers) :])}
            yield number, {**dict(zip(headers, cells, strict=False)), **beyond}
        else:
            last = max(index for index, cell in enumerate(cells, start=1) if cell)
            headers = list(cells[:last])


def read_csv(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding_of(path), newline="") as file:
        first_line = file.readline()
        file.seek(0)
        # Excel writes tabs as «Unicode text», and semicolons in some locales.
        delimiter = max(",\t;，", key=first_line.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1  # a cell may hold line breaks


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


def read_xlsx(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, [cell_text(cell) for cell in cells]
    finally:
        book.close()


def cell_text(value: Any) -> str:
    """Return a cell as it would be typed: dates as ISO, whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
