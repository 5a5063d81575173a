"""Files as bytes, good and bad, made here: what editors upload, and what they should not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from typing import Any
from unittest import mock

from django.core.files.base import ContentFile
from imagefield.fields import ImageFieldFile
from PIL import Image

from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def named(content: bytes, name: str) -> ContentFile[bytes]:
    return ContentFile(content, name=name)


def image(
    size: tuple[int, int] = (800, 600), mode: str = "RGB", colour: Any = "teal"
) -> Image.Image:
    return Image.new(mode, size, colour)


def encoded(picture: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, format, **options)
    return target.getvalue()


@cache
def plain_jpeg(size: tuple[int, int]) -> bytes:
    return encoded(image(size), "JPEG")


def jpeg(size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    return encoded(image(size), "JPEG", **options)


def png(size: tuple[int, int] = (800, 600)) -> bytes:
    return encoded(image(size), "PNG")


def photograph() -> bytes:
    """As a phone writes it: lying on its side, with the place and the phone's name in it."""
    upright = image((300, 400))
    upright.paste("red", (0, 0, 300, 40))  # the top, as the photographer saw it
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to show
    exif[0x0110] = "示例手机 SECRET-PHONE"
    exif[0x8825] = {1: "N", 2: (22.0, 32.0, 0.0)}  # GPS
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    return encoded(lying, "JPEG", exif=exif, comment=b"SECRET-COMMENT")


def gif(frames: int, size: tuple[int, int] = (60, 40)) -> bytes:
    pictures = [image(size, colour=(n * 40 % 256, 90, 200)) for n in range(frames)]
    return encoded(
        pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=80, loop=0
    )


def png_of_100_megapixels() -> bytes:
    """A header that promises 10,000 × 10,000 pixels, in 100 bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1000)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def office(part: str = "word/document.xml", *more: str) -> bytes:
    """A docx, xlsx or pptx as far as its parts go."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("[Content_Types].xml", part, *more):
            archive.writestr(name, "<xml/>")
    return target.getvalue()


def old_office(stream: str) -> bytes:
    return OLE + b"\x00" * 500 + stream.encode("utf-16-le") + b"\x00" * 500


def picture(name: str = "车间.jpg", size: tuple[int, int] = (800, 600), **fields: Any) -> MediaFile:
    """A picture of the library; its sizes are drawn once a process, which is half a second of work."""
    draw = ImageFieldFile._process

    def drawn(file: ImageFieldFile, processors: Any = None, context: Any = None) -> bytes:
        key = (size, repr(context.processors), repr(context.ppoi), repr(context.save_kwargs))
        if key not in DRAWN:
            DRAWN[key] = draw(file, processors, context)
        return DRAWN[key]

    with mock.patch.object(ImageFieldFile, "_process", drawn):
        return store(named(plain_jpeg(size), name), **fields)


DRAWN: dict[tuple[object, ...], bytes] = {}


def document(name: str = "用工协议.pdf", **fields: Any) -> MediaFile:
    return store(named(PDF, name), **fields)
