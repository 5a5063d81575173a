"""Archives that people send (Office files are ones), unpacked without believing what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from copy import copy
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

# A document has dozens of parts. Each takes a hundred times its bytes to be told of.
ENTRY: Final = b"PK\x01\x02"
MOST_PARTS: Final = 10_000
# Office writes nothing else. Of the others Python unpacks a part whole, however little is asked for:
# 700 bytes of bzip2 come to a gigabyte.
PACKED: Final = {ZIP_STORED, ZIP_DEFLATED}
PIECE: Final = 1024 * 1024


def opened(content: bytes) -> ZipFile:
    """Open an archive. Raises what `zipfile` does, BadZipFile too for one that Office would not write."""
    if content.count(ENTRY) > MOST_PARTS:
        raise BadZipFile("More parts than a document has")
    archive = ZipFile(BytesIO(content))
    # Of two by one name, Office may read the other one; and to it large and small letters are alike.
    if len({name.lower() for name in archive.namelist()}) < len(archive.namelist()):
        raise BadZipFile("Two parts of one name")
    if any(part.compress_type not in PACKED for part in archive.infolist()):
        raise BadZipFile("Packed in a way of its own")
    return archive


def unpacked(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """Yield a part piece by piece, all of it: who asks for none further has none further unpacked.

    Raises BadZipFile at the end if it was of another size than told: whoever reads it next, and asks
    for all at once, would have had more unpacked than they saw.
    """
    size = 0
    whole = copy(part)
    whole.file_size = sys.maxsize
    with archive.open(whole) as file:
        while piece := file.read(PIECE):
            size += len(piece)
            yield piece
    if size != part.file_size:
        raise BadZipFile("Of another size than told")
