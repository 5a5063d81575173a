"""Downloads by what they are: PDF and Office, recognised by their content, never by their name."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib

from portal.cms import zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = {
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
}
# Where it stands in files of before 2007, that one of them holds programs: a project of Visual Basic, which
# PowerPoint packs (VbaInfoAtom, and whether it is empty), or a sheet of Excel's older language (BOUNDSHEET).
OLE_RUN = (
    re.compile(re.escape("_VBA_PROJECT".encode("utf-16-le"))),
    re.compile(rb"\x02\0\0\x04\x0c\0\0\0.{4}[^\0]\0\0\0", re.DOTALL),
    re.compile(rb"\x85\0[\x08-\x60]\0.{4}[\0-\x02]\x01[\x01-\x1f]", re.DOTALL),
)
# What a part is, its content type decides: a macro may lie under any name.
CONTENT_TYPES = "[Content_Types].xml"
LARGEST_TYPES = 1024 * 1024
# The last two: nobody writes these words by references (vba&#80;roject) or entities but to hide them.
RUN = (b"vbaproject", b"macroenabled", b"macrosheet", b"&#", b"<!doctype")
OOXML_PARTS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, EOFError, LookupError),
    RuntimeError,  # locked with a password, or packed in a way of its own (NotImplementedError)
)
EXTENSIONS = frozenset({"pdf", *OLE_STREAMS.values(), *OOXML_PARTS.values()})


def extension_of(content: bytes) -> str | None:
    """Return the extension of a PDF or Office document; None for anything else."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(OLE):
        streams = (ext for name, ext in OLE_STREAMS.items() if name.encode("utf-16-le") in content)
        return next(streams, None)
    names, types = ooxml(content)
    if types:
        parts = (ext for part, ext in OOXML_PARTS.items() if any(n.startswith(part) for n in names))
        return next(parts, None)
    return None


def has_macros(content: bytes) -> bool:
    """Whether opening the document may run a program."""
    if content.startswith(OLE):
        return any(run.search(content) for run in OLE_RUN)
    names, types = ooxml(content)
    # It may be UTF-16; these words are ASCII.
    said = types.replace(b"\0", b"").lower()
    return any(word in said for word in RUN) or any(
        name.lower().endswith("vbaproject.bin") for name in names
    )


def ooxml(content: bytes) -> tuple[list[str], bytes]:
    """Return the names in a zip archive, and its content types: all that is unpacked of it.

    None of either if it is no Office document that can be read.
    """
    if not content.startswith(b"PK\x03\x04"):
        return [], b""
    types = b""
    try:
        with zipped.opened(content) as archive:
            for piece in zipped.unpacked(archive, archive.getinfo(CONTENT_TYPES)):
                types += piece
                if len(types) > LARGEST_TYPES:  # behind so much a macro could stand, unread
                    return [], b""
            return archive.namelist(), types
    except UNREADABLE:
        return [], b""
