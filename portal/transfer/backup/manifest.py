"""What a backup says of itself: its parts with size and sum, its tables with their rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

FORMAT: Final = "hr-portal-backup"
VERSION: Final = 1
NAME: Final = "manifest.json"
SETTINGS: Final = "settings.json"
DATABASE: Final = "db.sqlite3"
PACKED: Final = "db.sqlite3.gz"
MEDIA: Final = "media"
PRIVATE: Final = "private"
LONGEST: Final = 512 * 1024 * 1024  # bytes of a manifest: a million files need a quarter of it


class BackupError(Exception):
    """There is no backup, or nothing was restored; the message says why, in Chinese."""


@dataclass(frozen=True)
class Part:
    """One file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    site: str  # SITE_URL
    made_at: str
    engine: str  # what the site ran on; what is in here is SQLite always
    migrations: tuple[tuple[str, str], ...]  # app and name of all that the database has had
    tables: dict[str, int]  # rows of each table
    database: Part  # unpacked
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = field(default_factory=tuple)  # files of rows that were not there
    format: str = FORMAT
    version: int = VERSION

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    def files(self) -> int:
        return sum(part.name.startswith((f"{MEDIA}/", f"{PRIVATE}/")) for part in self.parts)

    def size(self) -> int:
        """Return the bytes of all parts, and of the database as it is unpacked."""
        return self.database.size + sum(part.size for part in self.parts)


def parsed(text: bytes) -> Manifest:
    """Read a manifest. Raises BackupError: not ours, of a version to come, or not whole."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackupError("备份里的 manifest.json 不是 JSON。") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupError("manifest.json 不是本系统备份的清单。")
    if found.get("version") != VERSION:
        raise BackupError("这个备份是更新版本的程序做的，请先升级网站程序，再恢复。")
    try:
        manifest = Manifest(
            **{
                **found,
                **{name: text_of(found[name]) for name in ("site", "made_at", "engine")},
                "migrations": tuple((str(app), str(name)) for app, name in found["migrations"]),
                "tables": {str(name): int(rows) for name, rows in found["tables"].items()},
                "database": part_of(found["database"]),
                "parts": tuple(map(part_of, found["parts"])),
                "missing": tuple(map(str, found["missing"])),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BackupError("备份里的 manifest.json 不完整。") from error
    names = [part.name for part in manifest.parts]
    if len(set(names)) < len(names) or not {PACKED, SETTINGS} <= {*names}:
        raise BackupError("备份里的 manifest.json 不完整。")
    if stray := next((name for name in names if not is_ours(name)), None):
        raise BackupError(f"备份里有不该有的文件：{stray[:100]!r}。")
    return manifest


def part_of(found: dict[str, Any]) -> Part:
    size = found["size"]
    if type(size) is not int or size < 0:
        raise TypeError(size)
    return Part(text_of(found["name"]), size, text_of(found["sha256"]))


def text_of(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def is_ours(name: str) -> bool:
    """Whether a part is called as we call them: nothing leads out of the folder it is unpacked into."""
    if name in {PACKED, SETTINGS}:
        return True
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or len(path.parts) < 2:
        return False
    return path.parts[0] in {MEDIA, PRIVATE} and not set(name) & {"\\", "\x00"}
