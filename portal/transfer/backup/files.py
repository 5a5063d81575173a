"""The files that belong to the rows of a backup, held fast until they are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.core.files.storage import FileSystemStorage, Storage, default_storage

from portal.cms.media.models import MediaFile
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import private_storage
from portal.transfer.backup.manifest import MEDIA, PRIVATE, is_ours
from portal.transfer.whole.media import names_of

AT_ONCE: Final = 500


@dataclass(frozen=True)
class Stored:
    """A file that a row has, or may have: of the sizes of a picture, not all may have been made yet."""

    folder: str  # in the backup
    name: str  # in the storage
    needed: bool = True

    @property
    def part(self) -> str:
        return f"{self.folder}/{self.name}"


def storages() -> dict[str, Storage]:
    """Return where files lie, by the folder of a backup."""
    return {MEDIA: default_storage, PRIVATE: private_storage()}


def ask() -> None:
    """Raise OSError where a bucket does not answer, or is none: all its files would pass for lost."""
    for storage in storages().values():
        if location(storage) is None:
            storage.listdir("")


def wanted(alias: str) -> list[Stored]:
    """Return the files of all rows of a database, each once: two rows may have one."""
    by_need = sorted(named_in(alias), key=lambda stored: stored.needed)
    return [*{stored.part: stored for stored in by_need}.values()]


def named_in(alias: str) -> Iterator[Stored]:
    for file in MediaFile._base_manager.using(alias).order_by("pk").iterator(AT_ONCE):
        first, *others = names_of(file)
        yield Stored(MEDIA, first)
        yield from (Stored(MEDIA, name, needed=False) for name in dict.fromkeys(others))
    for kept in PrivateFile._base_manager.using(alias).order_by("pk").iterator(AT_ONCE):
        if kept.file.name:
            yield Stored(PRIVATE, kept.file.name)


def bytes_here() -> int:
    """Return how large the files on this disk are; those in a bucket nobody counts."""
    size = 0
    for storage in storages().values():
        for path in paths(storage):
            with suppress(FileNotFoundError):  # deleted just now
                size += path.stat().st_size
    return size


def paths(storage: Storage) -> Iterator[Path]:
    """Yield all files of a folder of this machine; none of a storage that is no folder."""
    if isinstance(location(storage), Path):
        for folder, _, names in os.walk(str(location(storage))):
            yield from (Path(folder, name) for name in names)


def location(storage: Storage) -> Path | None:
    # `default_storage` is a proxy, of no class of its own.
    return Path(storage.path("")) if isinstance(storage, FileSystemStorage) else None


class Held:
    """Hard links to files, so that what editors delete meanwhile is still there. They cost no room.

    A file never changes, and no name is given twice. Where there are no hard links, as to another disk,
    files are read as they are then, and who is gone by then is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def hold_all(self) -> None:
        """Hold whatever there is: what is deleted before the rows are read, nobody will ask for."""
        for name, storage in storages().items():
            root = location(storage)
            for path in paths(storage):
                if root is None or not self._link(
                    path, self.folder / name / path.relative_to(root)
                ):
                    break

    def hold(self, stored: Stored) -> None:
        """Hold one that came after the others."""
        target = self.folder / stored.part
        root = location(storages()[stored.folder])
        if root is not None and is_ours(stored.part) and not target.exists():
            self._link(root / stored.name, target)

    def _link(self, path: Path, target: Path) -> bool:
        """Return whether links are possible here."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except FileNotFoundError:
            return True  # deleted just now
        except OSError:
            return False
        return True

    def open(self, stored: Stored) -> IO[Any] | None:
        """Open a file; None where it is lost. Raises OSError: the storage does not answer."""
        if not is_ours(stored.part):  # a row that somebody wrote by hand
            return None
        try:
            held = self.folder / stored.part
            if held.exists():
                return held.open("rb")
            return storages()[stored.folder].open(stored.name)
        except FileNotFoundError:
            return None
