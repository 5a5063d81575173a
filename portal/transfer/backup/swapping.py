"""Puts a restored folder in the place of what is there, by renaming: a kill in between loses nothing.

A note beside them says how far it got, and whoever starts next goes on from there (`finish`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from portal.transfer.backup.manifest import DATABASE, MEDIA, PRIVATE, BackupError

NOTE: Final = "restoring.json"
LATER: Final = ".later"
# What SQLite keeps beside its file belongs to that file: with another one it would ruin both.
LOGS: Final = ("-wal", "-shm")
# The rows into a database that is no file, what is there out of its place, what was restored into it.
ROWS, OUT, IN = "rows", "out", "in"

Places = Mapping[str, Path]


def places() -> Places:
    """Return where each part of a restored folder belongs on this site."""
    kept: dict[str, Path] = {}
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        kept = {DATABASE: file, **{DATABASE + log: Path(f"{file}{log}") for log in LOGS}}
    if not settings.S3_BUCKET:
        kept |= {MEDIA: Path(settings.MEDIA_ROOT), PRIVATE: Path(settings.PRIVATE_ROOT)}
    return kept


def check(places: Places) -> None:
    """Raise BackupError where renaming will not do: a folder on another disk, or a disk of its own."""
    here = settings.DATA_DIR.stat().st_dev
    known = mounts()
    ours = mount_of(settings.DATA_DIR / NOTE, known)
    for place in places.values():
        elsewhere = place.parent.exists() and place.parent.stat().st_dev != here
        if elsewhere or place.is_mount() or mount_of(place, known) != ours:
            raise BackupError(
                f"{place} 不在数据文件夹所在的磁盘上，或者是一个挂载点，不能自动替换；"
                "请按 docs/backup.md 用 tar 解开，手工移动。"
            )


def mounts() -> set[Path]:
    """Return where something is mounted, as Linux says: what is of the same disk does not look like it."""
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return set()
    # A space or a line break stands there as the number of its byte.
    paths = (re.sub(rb"\\(\d{3})", byte_of, line.split()[4]) for line in lines)
    return {Path(os.fsdecode(path)) for path in paths}


def mount_of(place: Path, known: set[Path]) -> Path | None:
    """Return the mount below which a name lies: between two of them, nothing can be renamed."""
    path = place.parent.resolve() / place.name
    return next((folder for folder in (path, *path.parents) if folder in known), None)


def byte_of(octal: re.Match[bytes]) -> bytes:
    return bytes([int(octal[1], 8)])


def begin(restored: Path, replaced: Path, places: Places, *, rows: bool = False) -> None:
    """Note that what is there goes into `replaced`, and what was restored to its place.

    From now on whoever starts ends it. `rows`: not before the database has those of the restored folder.
    """
    replaced.mkdir(mode=0o700)
    note = {
        "restored": str(restored),
        "replaced": str(replaced),
        "places": {name: str(place) for name, place in places.items()},
    }
    write_note({**note, "phase": ROWS if rows else OUT})


def awaited_rows() -> Path | None:
    """Return the file whose rows the database is still to have, or may have already."""
    note = read_note() if is_half_done() else {}
    return Path(note["restored"], DATABASE) if note.get("phase") == ROWS else None


def rows_are_there() -> None:
    write_note({**read_note(), "phase": OUT})


def give_up() -> None:
    """Leave all as it is. Only as long as nothing was moved."""
    replaced = Path(read_note()["replaced"])
    note_path().unlink()
    with suppress(OSError):
        replaced.rmdir()


def is_half_done() -> bool:
    return note_path().exists()


def is_needed(restored: Path) -> bool:
    """Whether a swap that was cut off is to go on with a restored folder."""
    return is_half_done() and read_note()["restored"] == str(restored)


def finish() -> bool:
    """Do what is noted, or go on where it was cut off; return whether there was a note. Nobody may be using the site.

    Raises OSError: what is there cannot be moved away, and is left as it was; or not all is in its place yet.
    """
    if not is_half_done():
        return False
    note = read_note()
    restored, replaced = Path(note["restored"]), Path(note["replaced"])
    kept = {name: Path(place) for name, place in note["places"].items()}
    if note["phase"] == OUT:
        move_all_out(replaced, kept)
        sync(replaced)
        write_note({**note, "phase": IN})
    # The file before what else there is; it is in its place, or it is still here.
    for name, place in kept.items():
        if not (restored / name).exists():
            continue
        if name == DATABASE:
            for log in LOGS:  # of a database that somebody made in between
                move_out(Path(f"{place}{log}"), replaced / f"{name}{log}")
        move_out(place, replaced / name)
        place.parent.mkdir(parents=True, exist_ok=True)
        (restored / name).rename(place)
        sync(place.parent)
    note_path().unlink()
    sync(settings.DATA_DIR)
    shutil.rmtree(restored, ignore_errors=True)
    return True


def move_all_out(replaced: Path, places: Places) -> None:
    """Move what is there into `replaced`. Raises OSError; then all is where it was, and no swap half done."""
    try:
        for name, place in places.items():
            move_out(place, replaced / name)
    except OSError:
        put_back(replaced, places)
        raise


def put_back(replaced: Path, places: Places) -> None:
    for name, place in places.items():
        if not place.exists():
            with suppress(FileNotFoundError):
                (replaced / name).rename(place)
    give_up()


def move_out(place: Path, target: Path) -> None:
    """Keep what is there under another name; what is there once more, under one more."""
    while target.exists():
        target = target.with_name(target.name + LATER)
    with suppress(FileNotFoundError):
        place.rename(target)


def note_path() -> Path:
    return settings.DATA_DIR / NOTE


def read_note() -> dict[str, Any]:
    note: dict[str, Any] = json.loads(note_path().read_text())
    return note


def write_note(note: dict[str, object]) -> None:
    """Whole, or as it was."""
    beside = note_path().with_suffix(".new")
    with beside.open("w") as file:
        json.dump(note, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(note_path())
    sync(settings.DATA_DIR)


def sync(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
