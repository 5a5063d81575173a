"""The manifest: which site an export is of, of which version, and what it should hold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from portal.transfer.sources.records import SourceError

FORMAT: Final = "hr-portal"
VERSION: Final = 1
NAME: Final = "manifest.json"
SCHEMA: Final = "schema.json"
MEDIA: Final = "media/"
LONGEST: Final = 1024 * 1024  # bytes of a manifest


@dataclass(frozen=True)
class Part:
    """The rows of one model, a line each."""

    name: str  # in the zip
    model: str
    rows: int
    bytes: int
    sha256: str
    last_number: int  # that the table has given, to rows that are gone by now as well


@dataclass(frozen=True)
class Manifest:
    site: str  # SITE_URL
    exported_at: str
    migrations: dict[str, str]  # the last of each app: what the columns are like
    parts: tuple[Part, ...] = ()
    media_files: int = 0
    media_bytes: int = 0
    left: dict[str, str] = field(default_factory=dict)  # what is not in it, and why
    format: str = FORMAT
    version: int = VERSION

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


def parsed(text: bytes) -> Manifest:
    """Read a manifest. Raises SourceError: not ours, or of a version to come."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError("manifest.json 不是 JSON。") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise SourceError("manifest.json 不是本系统整站导出的清单。")
    if found.get("version") != VERSION:
        raise SourceError(
            f"这个文件的格式版本是 {str(found.get('version'))[:20]}，本站能读的是 {VERSION}；"
            "请先把网站程序升级到导出时的版本或更新的版本。"
        )
    try:
        return Manifest(**{**found, "parts": tuple(Part(**part) for part in found["parts"])})
    except (KeyError, TypeError) as error:
        raise SourceError("manifest.json 不完整。") from error


def problem_of(manifest: Manifest) -> str:
    """Return what is wrong with the kinds of the values; "" if nothing is."""
    numbers: list[Any] = [manifest.media_files, manifest.media_bytes]
    texts: list[Any] = [manifest.site, manifest.exported_at]
    for part in manifest.parts:
        numbers += [part.rows, part.bytes, part.last_number]
        texts += [part.name, part.model, part.sha256]
    if not all(type(number) is int and number >= 0 for number in numbers):
        return "数字不对"
    if not all(isinstance(text, str) for text in texts):
        return "文字不对"
    if not isinstance(manifest.migrations, dict):
        return "没有数据库版本"
    if not all(isinstance(text, str) for pair in manifest.migrations.items() for text in pair):
        return "数据库版本不对"
    return ""
