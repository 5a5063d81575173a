"""What the files of pictures consist of, told without decoding: before a decoder walks through it.

Decoders take each part for itself, however small it is. A file of 20 MB may hold five million comments,
or ask for a drawing of 50 million pixels twenty thousand times: seconds to hours of a processor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# A photograph has 30, a film of 500 frames 1,000. PNG comes in pieces of 4 to 64 KB.
MOST_PARTS: Final = 10_000
# What is dear, of one picture: scans go over the whole of it (as it loads, it becomes sharper in about ten),
# and these chunks unpack to a megabyte each.
COSTLY: Final = {"JPEG": {b"\xda"}, "PNG": {b"iCCP", b"zTXt", b"iTXt"}}
MOST_COSTLY: Final = 100
# What a JPEG's own data holds of 0xFF: a stuffed zero, a mark to start again, or padding.
NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
LEAST_WITH_LENGTH: Final = 0xC0
SKIPPED: Final = b"\0"
EXTENSION, FRAME, TRAILER = 0x21, 0x2C, 0x3B


class Part(NamedTuple):
    """A part by its kind, from here to there; the last may be cut off."""

    kind: bytes
    start: int
    end: int


def is_overloaded(content: bytes, name: str) -> bool:
    """Whether a picture of this format has more parts than any camera or program writes.

    Takes milliseconds: it stops counting there. WebP has its parts counted by its decoder, in no time.
    """
    costly = 0
    for number, part in enumerate(parts(content, name)):
        costly += part.kind in COSTLY.get(name, ())
        if number >= MOST_PARTS or costly > MOST_COSTLY:
            return True
    return False


def parts(content: bytes, name: str) -> Iterator[Part]:
    """Yield the parts of a picture in their order, up to its end or to where it is broken."""
    match name:
        case "JPEG":
            return jpeg_parts(content)
        case "PNG":
            return png_parts(content)
        case "GIF":
            return gif_parts(content)
        case "WEBP":
            return webp_parts(content)
    raise ValueError(name)


def jpeg_parts(content: bytes) -> Iterator[Part]:
    """Yield the segments; that of a scan goes as far as its data.

    The decoder skips what is none, byte by byte, and goes on at the next: so does this, or scans hide
    behind a byte that is too many.
    """
    place, is_drawn = 0, False
    while place < len(content):
        kind, end = content[place : place + 2], place + 2
        if kind[:1] != b"\xff" or kind[1:] in {b"\0", b"\xff", b""}:
            yield Part(SKIPPED, place, place + 1)
            place += 1
            continue
        if kind[1] >= LEAST_WITH_LENGTH and not 0xD0 <= kind[1] <= EOI:
            end += max(2, number(content, end, 2))
        if kind[1] == SOS:
            is_drawn = True
            following = NEXT_MARKER.search(content, end)
            end = following.start() if following else len(content)
        yield Part(kind[1:], place, end)
        if kind[1] == EOI and is_drawn:  # before, Pillow looks for a picture behind it
            return
        place = end


def png_parts(content: bytes) -> Iterator[Part]:
    """Yield the chunks behind the signature."""
    place = 8
    while place + 8 <= len(content):
        kind, end = content[place + 4 : place + 8], place + 12 + number(content, place, 4)
        yield Part(kind, place, end)
        if kind == b"IEND":
            return
        place = end


def gif_parts(content: bytes) -> Iterator[Part]:
    """Yield extensions (by 0x21 and what they say) and frames (0x2C); bytes of no meaning one by one."""
    place = after_palette(content, 10, 13)
    while place < len(content):
        kind, end = content[place : place + 1], place + 1
        if content[place] == EXTENSION:
            kind, end = content[place : place + 2], place + 2
            # Each block for itself: of a comment the decoder keeps them all.
            while end < len(content) and content[end]:
                yield Part(kind, place, end)
                end += 1 + content[end]
            end += 1
        elif content[place] == FRAME:
            end = after_blocks(content, after_palette(content, place + 9, place + 10) + 1)
        yield Part(kind, place, end)
        if content[place] == TRAILER:
            return
        place = end


def webp_parts(content: bytes) -> Iterator[Part]:
    """Yield the chunks within the first."""
    place = 12
    while place + 8 <= len(content):
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        end = place + 8 + size + size % 2
        yield Part(content[place : place + 4], place, end)
        place = end


def gif_size(content: bytes) -> tuple[int, int]:
    """Return width and height of the whole, in which the frames lie."""
    return little(content, 6), little(content, 8)


def frames(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield how far each frame of a GIF reaches to the right and down."""
    for part in gif_parts(content):
        if part.kind[0] == FRAME:
            left, top, width, height = (little(content, part.start + n) for n in (1, 3, 5, 7))
            yield left + width, top + height


def after_palette(content: bytes, flags: int, place: int) -> int:
    """Return where it goes on behind a palette, of which the byte at `flags` tells."""
    said = number(content, flags, 1)
    return place + (3 << ((said & 7) + 1) if said & 0x80 else 0)


def after_blocks(content: bytes, place: int) -> int:
    """Return where it goes on behind a row of blocks of up to 255 bytes."""
    while place < len(content) and content[place]:
        place += 1 + content[place]
    return place + 1


def number(content: bytes, place: int, size: int) -> int:
    return int.from_bytes(content[place : place + size], "big")


def little(content: bytes, place: int) -> int:
    return int.from_bytes(content[place : place + 2], "little")
