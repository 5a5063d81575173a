"""An export as it comes: a zip that anybody may have made. Nothing in it is believed that is not checked."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from portal.transfer.sources.records import SourceError
from portal.transfer.whole.carried import CARRIED, Model, label_of
from portal.transfer.whole.manifest import (
    LONGEST,
    MEDIA,
    NAME,
    SCHEMA,
    Manifest,
    Part,
    parsed,
    problem_of,
)

BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
MOST_MEMBERS: Final = 2_000_000
ENCRYPTED: Final = 0x1
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
CHUNK: Final = 1 << 20


class Archive:
    """An open export whose names and sizes are as its manifest says."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        """Raises SourceError."""
        self.file = file
        self.members = members_of(file)
        self.manifest = self.read_manifest()
        self.parts = self.read_parts()
        self.media = {
            name.removeprefix(MEDIA): info
            for name, info in self.members.items()
            if name.startswith(MEDIA)
        }
        self.check_sizes()

    def read_manifest(self) -> Manifest:
        info = self.members.get(NAME)
        if info is None:
            raise SourceError("压缩包里没有 manifest.json，不是本系统整站导出的文件。")
        if info.file_size > LONGEST:
            raise SourceError("manifest.json 太大。")
        with self.opened(NAME) as stream:
            manifest = parsed(stream.read(LONGEST))
        if problem := problem_of(manifest):
            raise SourceError(f"manifest.json 不完整：{problem}。")
        return manifest

    def read_parts(self) -> dict[Model, Part]:
        """Return the part of each model; an older export may lack some. Raises SourceError."""
        models = {label_of(model): model for model in CARRIED}
        parts: dict[Model, Part] = {}
        for part in self.manifest.parts:
            model = models.get(part.model)
            if model is None or part.name != f"data/{part.model}.jsonl" or model in parts:
                raise SourceError(f"manifest.json 列出了不能导入的内容：{part.model[:60]}。")
            if part.name not in self.members:
                raise SourceError(f"压缩包不完整：没有 {part.name}。")
            parts[model] = part
        known = {NAME, SCHEMA, *(part.name for part in parts.values())}
        for name in self.members:
            if name not in known and not name.startswith(MEDIA):
                raise SourceError(f"压缩包里有清单之外的文件：{name[:100]}。")
        return parts

    def size(self) -> int:
        """Return how many bytes all of it comes to."""
        return sum(info.file_size for info in self.members.values())

    def check_sizes(self) -> None:
        """What the manifest says is what a zip may unpack to. Raises SourceError."""
        for part in self.parts.values():
            if self.members[part.name].file_size != part.bytes:
                raise SourceError(f"{part.name} 的大小与清单不符。")
        size = sum(info.file_size for info in self.media.values())
        if (len(self.media), size) != (self.manifest.media_files, self.manifest.media_bytes):
            raise SourceError("图片与文件的数量或大小与清单不符。")

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a member; never more comes out than its size. Raises SourceError where it is damaged."""
        try:
            with self.file.open(self.members[name]) as stream:
                yield cast("BinaryIO", stream)
        except BROKEN as error:
            raise SourceError(f"压缩包已损坏：{name} 无法读取。") from error

    def check_digest(self, part: Part) -> None:
        """Read a part once for its sum. Raises SourceError."""
        digest = hashlib.sha256()
        with self.opened(part.name) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        if digest.hexdigest() != part.sha256:
            raise SourceError(f"{part.name} 与清单中的校验和不符，文件被改动过或已损坏。")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an export. Raises SourceError."""
    try:
        file = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise SourceError(f"找不到文件 {path}。") from error
    except OSError as error:
        raise SourceError(f"文件 {path.name} 无法读取。") from error
    except (*BROKEN, ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"文件 {path.name} 不是完整的 zip 压缩包。") from error
    with file:
        yield Archive(file)


def members_of(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name. Raises SourceError."""
    infos = file.infolist()
    if len(infos) > MOST_MEMBERS:
        raise SourceError("压缩包里的文件太多。")
    members = {info.filename: info for info in infos}
    if len(members) < len(infos):
        raise SourceError("压缩包里有重名的文件。")
    if any(info.flag_bits & ENCRYPTED for info in infos):
        raise SourceError("压缩包有密码，请先解除。")
    if any(info.compress_type not in METHODS for info in infos):
        raise SourceError("压缩包的压缩方法不能用，请用普通的 zip。")
    return members
