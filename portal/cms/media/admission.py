"""The gate: no byte reaches the library that did not pass here."""

from __future__ import annotations

import secrets
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File

from portal.cms.media import documents, pictures

MAX_BYTES = 20 * 1024 * 1024
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

    What it is, its content decides; a name that says something else is a reason to refuse. Passing a
    second time changes nothing. Raises UploadError.
    """
    if isinstance(file, Admitted):
        return file
    typed = PurePath((file.name or "").replace("\\", "/")).name
    said = PurePath(typed).suffix.lstrip(".").lower()
    called = f"“{typed}”" if typed else "这个文件"
    content = read(file, called)
    title = "".join(filter(str.isprintable, PurePath(typed).stem)).strip()[:120]
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


def read(file: File[Any], called: str) -> bytes:
    if not file.size:
        raise UploadError(f"{called}是空文件。")
    if file.size > MAX_BYTES:
        raise UploadError(f"{called}超过 {MAX_BYTES // 2**20} MB 的上限；请压缩后再上传。")
    file.seek(0)
    content: bytes = file.read()
    return content


def redraw(content: bytes, name: str, called: str) -> tuple[bytes, str]:
    try:
        return pictures.redraw(content, name)
    except pictures.TooManyPixelsError as error:
        limit = pictures.MAX_PIXELS // 10_000
        raise UploadError(f"{called}的尺寸超过 {limit} 万像素的上限；请缩小后再上传。") from error
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
