"""Downloads by what they are: PDF and Office, recognised by their content, never by their name."""

from __future__ import annotations

import io
import struct
import zipfile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = {
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
}
OOXML_PARTS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
EXTENSIONS = frozenset({"pdf", *OLE_STREAMS.values(), *OOXML_PARTS.values()})


def extension_of(content: bytes) -> str | None:
    """Return the extension of a PDF or Office document; None for anything else."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(OLE):
        streams = (ext for name, ext in OLE_STREAMS.items() if name.encode("utf-16-le") in content)
        return next(streams, None)
    names = ooxml_names(content)
    if "[Content_Types].xml" in names:
        parts = (ext for part, ext in OOXML_PARTS.items() if any(n.startswith(part) for n in names))
        return next(parts, None)
    return None


def has_macros(content: bytes) -> bool:
    """Whether opening the document may run a program."""
    if content.startswith(OLE):
        return "_VBA_PROJECT".encode("utf-16-le") in content
    return any(name.lower().endswith("vbaproject.bin") for name in ooxml_names(content))


def ooxml_names(content: bytes) -> list[str]:
    """Return the names in a zip archive, without unpacking any of it; none if it is no archive."""
    if not content.startswith(b"PK\x03\x04"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, struct.error):
        return []
