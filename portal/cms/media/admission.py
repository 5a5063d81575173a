"""The gate: no byte reaches the library that did not pass here."""

from __future__ import annotations

import secrets
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File

from portal.cms.media import documents, pictures
from portal.cms.media.turns import BusyError, turn

MAX_BYTES = 20 * 1024 * 1024
LONGEST_CALLED = 60  # signs of a file's name in a sentence
ACCEPTED = "只接受 JPG、PNG、WebP、GIF 图片，以及 PDF、Word、Excel、PPT 文件"
PICTURE_EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "png", "webp", "gif"})


class UploadError(ValidationError):
    """A file we do not keep; the message tells the editor why, and what helps."""


class Admitted(ContentFile):  # type: ignore[type-arg]
    """A file that passed. Its name is ours; `title` is what the editor's name for it said."""

    def __init__(self, content: bytes, extension: str, title: str) -> None:
        super().__init__(content, name=f"{secrets.token_hex(8)}.{extension}")
        self.title = title

    @property
    def is_picture(self) -> bool:
        return PurePath(str(self.name)).suffix.lstrip(".") in PICTURE_EXTENSIONS


def admit(file: File[Any]) -> Admitted:
    """Return `file` as it may be stored: pictures drawn anew, documents as they are.

    What it is, its content decides; a name that says something else is a reason to refuse. It is read
    once: what was looked at is what is kept. Passing a second time changes nothing. Takes seconds for a
    large picture, and waits for others that are being drawn. Raises UploadError.
    """
    if isinstance(file, Admitted):
        return file
    # Without signs that nobody sees: some turn the order of the others around.
    typed = "".join(filter(str.isprintable, (file.name or "").replace("\\", "/")))
    path = PurePath(PurePath(typed).name)
    said = path.suffix.lstrip(".").lower()
    called = called_by(path)
    content = read(file, called)
    title = path.stem.strip()[:120]
    if name := pictures.format_of(content):
        if said in documents.EXTENSIONS:
            raise UploadError(f"{called}的内容是图片，与后缀 .{said} 不符；请改正后缀再上传。")
        return Admitted(*redraw(content, name, called), title)
    extension = documents.extension_of(content)
    if extension is None:
        raise UploadError(f"{called}{reason_to_refuse(content, said)}")
    if said in PICTURE_EXTENSIONS or (said in documents.EXTENSIONS and said != extension):
        raise UploadError(
            f"{called}的内容是 {extension.upper()} 文件，与后缀 .{said} 不符；请改正后缀再上传。"
        )
    if documents.has_macros(content):
        raise UploadError(f"{called}含有宏，打开时可能运行程序；请另存为不含宏的文件再上传。")
    return Admitted(content, extension, title)


def called_by(path: PurePath) -> str:
    """Return how a sentence calls a file: by its name, the middle left out where that is long."""
    name = path.name
    if len(name) > LONGEST_CALLED:
        name = f"{name[: LONGEST_CALLED - 20]}…{name[-19:]}"
    return f"“{name}”" if name else "这个文件"


def read(file: File[Any], called: str) -> bytes:
    # Without a look at `size`: it is what somebody said, or what was true a moment ago.
    file.seek(0)
    content: bytes = file.read(MAX_BYTES + 1)
    if not content:
        raise UploadError(f"{called}是空文件。")
    if len(content) > MAX_BYTES:
        raise UploadError(f"{called}超过 {MAX_BYTES // 2**20} MB 的上限；请压缩后再上传。")
    return content


def redraw(content: bytes, name: str, called: str) -> tuple[bytes, str]:
    try:
        with turn():
            return pictures.redraw(content, name)
    except BusyError as error:
        raise UploadError(f"网站正在处理其他图片，{called}还没有收下；请稍后再上传。") from error
    except pictures.TooManyPixelsError as error:
        limit = error.limit // 10_000
        kind = "WebP 图片" if error.limit < pictures.MAX_PIXELS else ""
        raise UploadError(
            f"{called}的尺寸超过{kind} {limit} 万像素的上限；请缩小后再上传。"
        ) from error
    except pictures.UnreadableError as error:
        raise UploadError(f"{called}已损坏或不完整，无法读取；请重新导出后再上传。") from error


def reason_to_refuse(content: bytes, said: str) -> str:
    """Complete a sentence that begins with the file's name."""
    if content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"hevc"}:
        return "是 HEIC 图片，多数浏览器不能显示；请导出为 JPG 再上传。"
    if said in PICTURE_EXTENSIONS:
        return f"的内容不是图片，与后缀 .{said} 不符，不能上传。"
    if said in documents.EXTENSIONS:
        return f"的内容不是 {said.upper()} 文件，与后缀 .{said} 不符，不能上传。"
    return f"不能上传：{ACCEPTED}。"
