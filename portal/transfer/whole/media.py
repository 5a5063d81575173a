"""The files of the library in an export: which belong to a row, and whether each is what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Final

from portal.cms.media import avif, documents, pictures
from portal.cms.media.admission import MAX_BYTES
from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import FORMATS, SHAPES, WIDTHS

# What our own upload calls its files; storages add letters where a name is taken.
OURS: Final = re.compile(
    r"cabinet/[0-9]{4}/[0-9]{2}/[0-9a-f]{16}(_[A-Za-z0-9]{7})?\."
    r"(?:(?P<picture>jpe?g|png|webp|gif)|pdf|docx?|xlsx?|pptx?)"
)
HEAD: Final = 32  # bytes that tell what a picture is
EXTENSIONS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}


def is_ours(file: MediaFile) -> bool:
    """Whether the names of a row are such as an upload gives; one file, in the column it belongs to."""
    picture, document = file.image_file.name or "", file.download_file.name or ""
    match = OURS.fullmatch(picture or document)
    if match is None or (picture and document):
        return False
    return bool(match["picture"]) == bool(picture)


def original_of(file: MediaFile) -> str:
    return str(file.image_file.name or file.download_file.name)


def shapes_of(file: MediaFile) -> set[str]:
    """Return the names of the shapes of a picture in the storage."""
    return {file.image_file._process_context(FORMATS[shape]).name for shape in SHAPES}


def names_of(file: MediaFile) -> Iterator[str]:
    """Yield the names of all files that a row may have in the storage, the uploaded one first."""
    yield original_of(file)
    if file.image_file:
        widths = {file.image_file._process_context(FORMATS[width]).name for width in WIDTHS}
        yield from sorted(widths | shapes_of(file) | {avif.name_of(file, name) for name in WIDTHS})


def is_what_it_says(name: str, file: IO[bytes], size: int) -> bool:
    """Whether a file is of the kind that its name says, by its content. Reads documents whole."""
    suffix = PurePosixPath(name).suffix
    head = file.read(HEAD)
    if suffix == ".avif":
        return head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}
    if (found := pictures.format_of(head)) is not None:
        return EXTENSIONS[found] == (".jpg" if suffix in {".jpeg", ".jpe"} else suffix)
    if size > MAX_BYTES:
        return False
    content = head + file.read(MAX_BYTES)
    return f".{documents.extension_of(content)}" == suffix and not documents.has_macros(content)
