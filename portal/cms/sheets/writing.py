"""Writing a sheet that Excel and WPS open: one page of rows under a row of headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from typing import Any, Final
from unicodedata import east_asian_width

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

# What a spreadsheet may take for the beginning of a formula, in Chinese typing too.
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
LONGEST_CELL: Final = 32_767
# Columns are as wide as what stands in the first rows, within reason.
LOOKED_AT: Final = 200
NARROWEST, WIDEST = 6, 50
# Numbers of more digits would be shown as 1.38E+10: they are codes, not amounts.
LONGEST_NUMBER: Final = 10**10


def write(headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> bytes:
    """Return an .xlsx; rows are taken one by one, so that a long sheet needs little memory.

    Texts stay texts, whatever they begin with: what a stranger typed is never reckoned, neither here
    nor after somebody saves the sheet as CSV. Moments are in Beijing time.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title or "数据")
    texts = ([content(value) for value in row] for row in rows)
    first = list(islice(texts, LOOKED_AT))
    for number, header in enumerate(headers, start=1):
        width = max(breadth(cell) for cell in (header, *(row[number - 1] for row in first)))
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = min(max(width + 2, NARROWEST), WIDEST)
    sheet.freeze_panes = "A2"
    sheet.append([heading(sheet, header) for header in headers])
    for row in chain(first, texts):
        sheet.append([cell(sheet, value) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def content(value: object) -> str | int | float | Decimal:
    """Return what a cell holds: a number that can be added up, or a text that does no harm."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if -LONGEST_NUMBER < value < LONGEST_NUMBER else str(value)
    text = ILLEGAL_CHARACTERS_RE.sub("", words(value))[: LONGEST_CELL - 1]
    return f"'{text}" if text.lstrip(" \n\u3000").startswith(FORMULA) else text


def words(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def breadth(value: object) -> int:
    """Return how many Latin letters a cell is wide; a Chinese character takes the room of two."""
    lines = str(value).splitlines() or [""]
    return max(sum(1 + (east_asian_width(sign) in "WF") for sign in line) for line in lines)


def heading(sheet: Any, text: str) -> Any:
    made = cell(sheet, content(text))
    made.font = Font(bold=True)
    return made


def cell(sheet: Any, value: Any) -> Any:
    made: Any = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        made.data_type = "s"  # openpyxl takes a text with = in front for a formula
        made.number_format = "@"  # nor does Excel look again when somebody clicks into it
        made.alignment = Alignment(vertical="top", wrap_text="\n" in value)
    return made
