"""The bytes of a dump: how they are packed, and in which encoding they are text."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from portal.transfer.sources.records import SourceError

CHUNK = 1 << 20  # bytes
# GBK that is taken for UTF-8 breaks more than half of its bytes; a UTF-8 dump with titles cut in
# mid-character, or with a few binary columns, some in a thousand.
MOST_BROKEN = 0.1

GZIP = b"\x1f\x8b"
ANY_GZIP = 31  # zlib's word for the largest window, with gzip's head and foot
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ASCII = bytes(range(128))
# How files begin that look like a dump to their owner, and what to do instead.
OTHERS = {
    b"SQLite format 3\x00": "这是 SQLite 数据库，不是 SQL 文件。",
    b"PK\x03\x04": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"Rar!": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"7z\xbc\xaf": "这是压缩包，请先解压，再导入里面的 SQL 文件。",
    b"<?php": "这是 PHP 格式的备份（如帝国备份王），请改用 phpMyAdmin 或 mysqldump 导出 SQL 文件。",
    b"PRAGMA ": "这是从 SQLite 导出的文本，请直接导入 .db 数据库文件。",
    b"PGDMP": "这是 PostgreSQL 的备份，不支持。",
}


def unpacked(file: IO[bytes], chunk: int) -> Iterator[bytes]:
    """Yield the content of a file, which may be packed with gzip, never much more than `chunk` at once.

    Raises EOFError or zlib.error where a packed file is cut off or damaged, after what can be read.
    """
    is_packed = file.read(2) == GZIP
    file.seek(0)
    inflate = zlib.decompressobj(ANY_GZIP)
    while data := file.read(chunk):
        if not is_packed:
            yield data
            continue
        # Another packed file may follow, or zeros up to the end of a block.
        while data := data.lstrip(b"\0") if inflate.eof else data:
            inflate = zlib.decompressobj(ANY_GZIP) if inflate.eof else inflate
            yield inflate.decompress(data, chunk)
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    if is_packed and not inflate.eof:
        raise EOFError


def encoding_of(path: Path) -> str:
    """Return the encoding of a dump, by reading all of it. Raises SourceError if it is none.

    By counting: a title that was cut in mid-character must not turn the whole file into another.
    """
    broken = foreign = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        with path.open("rb") as file:
            for index, piece in enumerate(unpacked(file, CHUNK)):
                if index == 0 and piece.startswith(UTF16):  # what PowerShell makes of `mysqldump >`
                    return "utf-16"
                if index == 0:
                    refuse_others(path.name, piece.removeprefix(codecs.BOM_UTF8).lstrip())
                foreign += len(piece.translate(None, ASCII))
                broken += decoder.decode(piece).count("\ufffd") - piece.count("\ufffd".encode())
    except (EOFError, zlib.error):  # what could be read is known; `Text` says that the rest is not
        pass
    except OSError as error:
        raise SourceError(f"文件 {path.name} 打不开，或已损坏。") from error
    return "utf-8-sig" if broken <= foreign * MOST_BROKEN else "gb18030"


def refuse_others(name: str, start: bytes) -> None:
    """Raise SourceError for a file that begins as something else."""
    for beginning, problem in OTHERS.items():
        if start.startswith(beginning):
            raise SourceError(f"文件 {name} 无法导入：{problem}")
