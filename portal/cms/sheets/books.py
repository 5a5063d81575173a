"""An .xlsx that somebody has sent: measured before openpyxl opens it, and then its first page alone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.defined_name import DefinedNameList

from portal.cms import zipped

# A few megabytes may unpack to a few thousand million: what is claimed is looked at before.
LARGEST: Final = 64 * 1024 * 1024
# What they come to in memory: 600 bytes each of a cell with an attribute (of which one row may have any
# number), of a style, a relation and the like, and of an attribute. 300 MB; a test measures it. 5,000 rows
# of 30 filled columns stay below.
MOST_ELEMENTS: Final = 500_000
MOST_OTHERS: Final = 150_000
MOST_ATTRIBUTES: Final = 500_000
MOST: Final = (LARGEST, MOST_ELEMENTS, MOST_OTHERS, MOST_ATTRIBUTES)
# All but the cells, and the texts that stand in them.
OTHER: Final = re.compile(rb"<(?![/?!])(?!(?:\w+:)?(?:c|v|t|row|si|is)[\s/>])")
# What it declares (entities, filled-in attributes) is multiplied as it is read. No sheet has one.
DOCTYPE: Final = b"<!DOCTYPE"
# What damaged and forged files come to, here and while their rows are read.
UNREADABLE: Final = (
    *(BadZipFile, InvalidFileException, ParseError, zlib.error),
    *(EOFError, OSError, LookupError, TypeError, ValueError),
    RuntimeError,  # locked with a password, or packed in a way of its own (NotImplementedError)
)


class TooLargeError(Exception):
    """It would come to more than one machine should read."""


class FirstPage(ExcelReader):
    """Opens one page, and no other part of which this is not made.

    Whatever is opened is so as often as it is named, which may be a hundred thousand times; and charts,
    with their pictures, are kept in memory.
    """

    def read_worksheets(self) -> None:
        pages = (page for page, kind in self.parser.find_sheets() if "chartsheet" not in kind.Type)
        self.parser.sheets = list(islice(pages, 1))
        self.parser.defined_names = DefinedNameList()  # type: ignore[attr-defined]
        super().read_worksheets()


@contextmanager
def first_page(content: bytes, times: int = 1) -> Iterator[Any]:
    """Open an .xlsx, and yield its first page, of which rows can be read one by one.

    Cells are values; of formulas, what they came to when it was saved. `times` as large as an upload may
    be one of the operator's own. Raises TooLargeError, and any of UNREADABLE.
    """
    with zipped.opened(content) as archive:
        if is_too_large(archive, times):
            raise TooLargeError
    reader = FirstPage(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        reader.read()
        yield reader.wb.worksheets[0]
    finally:
        reader.archive.close()


def is_too_large(archive: ZipFile, times: int = 1) -> bool:
    """Whether the parts come to more than one machine should read. Unpacks them, and keeps nothing.

    Raises BadZipFile where one is of another size than told, ValueError where one declares something.
    """
    if sum(entry.file_size for entry in archive.infolist()) > LARGEST * times:
        return True
    size = elements = others = attributes = 0
    for entry in archive.infolist():
        end = b""
        for piece in zipped.unpacked(archive, entry):
            said = end + piece.replace(b"\0", b"")  # of UTF-16 as well
            if DOCTYPE in said:
                raise ValueError("A part has a document type")
            end = said[1 - len(DOCTYPE) :]
            size += len(piece)
            elements += said.count(b"<") - said.count(b"</")
            others += sum(1 for _ in OTHER.finditer(said))
            attributes += said.count(b"=")
            counted = size, elements, others, attributes
            if any(count > most * times for count, most in zip(counted, MOST, strict=True)):
                return True
    return False
