"""Reading a sheet that people made in Excel or WPS: its first page, by the headers of its first row."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from itertools import chain, islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from portal.cms import zipped

# A few megabytes may unpack to a few thousand million: what is claimed is looked at before.
LARGEST: Final = 64 * 1024 * 1024
# An element takes fifty times its bytes once it is read, and so does an attribute.
MOST_ELEMENTS: Final = 2_500_000
MOST_ATTRIBUTES: Final = 6_000_000
# What it declares (entities, filled-in attributes) is multiplied as it is read. No sheet has one.
DOCTYPE: Final = b"<!DOCTYPE"
MOST_COLUMNS: Final = 100
# Sheets that were formatted to the bottom have a million empty rows.
LAST_ROW: Final = 20_000
# Among so many the headers are looked for: above them people write what the sheet is about.
TITLE_ROWS: Final = 10

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
    except (
        *(BadZipFile, InvalidFileException, ParseError, zlib.error),
        *(EOFError, OSError, LookupError, TypeError, ValueError),
        RuntimeError,  # locked with a password, or packed in a way of its own (NotImplementedError)
    ) as error:
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
    with zipped.opened(content) as archive:
        if is_too_large(archive):
            raise SheetError("表格展开后太大，请只留需要的工作表，另存后再上传。")
    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    try:
        page = book.worksheets[0]
        found = page.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(found, start=1):
            yield number, [text_of(cell) for cell in cells]
    finally:
        book.close()


def is_too_large(archive: ZipFile) -> bool:
    """Whether the parts come to more than one machine should read. Unpacks them, and keeps nothing.

    Raises BadZipFile where one is of another size than told, ValueError where one declares something.
    """
    if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
        return True
    size = elements = attributes = 0
    for entry in archive.infolist():
        end = b""
        for piece in zipped.unpacked(archive, entry):
            said = end + piece.replace(b"\0", b"")  # of UTF-16 as well
            if DOCTYPE in said:
                raise ValueError("A part has a document type")
            end = said[1 - len(DOCTYPE) :]
            size += len(piece)
            elements += piece.count(b"<")
            attributes += piece.count(b"=")
            if size > LARGEST or elements > MOST_ELEMENTS or attributes > MOST_ATTRIBUTES:
                return True
    return False


def text_of(value: Any) -> str:
    """Return a cell as it would be typed: days as ISO, whole numbers without `.0`."""
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
    return str(value).replace("\x00", "").strip()
