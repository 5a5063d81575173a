"""A folder with the files of an old site, and the way from the addresses in its texts into the library.

The folder was copied from a server that may have been hacked: nothing outside it is read, whatever an
address or a link in it says, and every file passes the library's gate. Nothing is fetched.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2s
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote_to_bytes, urlsplit

from cabinet.models import Folder
from django.core.files.base import File
from django.db import transaction
from PIL import Image

from portal.cms.media.admission import UploadError
from portal.cms.media.fetching import FetchError, SpacerError, keep_picture
from portal.cms.media.models import MediaFile
from portal.cms.media.pictures import EXTENSIONS
from portal.cms.media.uploads import default_folder, store
from portal.cms.redirects.keys import letters

FOLDER = "旧站图片"
# What may stand before the folder in an address: /wp-content/uploads/, /static/upload/image/.
MOST_DROPPED = 3
LONGEST_PLACE = 1000
NOT_THERE = "文件夹里没有这个文件"
FOLDERS = 1000  # whose names are remembered
SIZED = re.compile(r"-([0-9]{1,5})x([0-9]{1,5})$")
SCALED = "-scaled"
# What ends the path of an address.
PARTING = re.compile("[%?#]")
EDITED = re.compile(r"-e[0-9]{10,16}$")


class MissingError(Exception):
    """A file that does not come along; the message says why, in Chinese."""


class Shelf:
    """The files of an old site by their addresses there.

    `recall` returns the file of the library that an earlier run stored for an address; `remember` is
    told of each new one, in the transaction that stores it. Both get the path alone, as people read it;
    one in capitals may be another file's. In a dry run nothing is stored.

    `is_sized` says that `a-300x200.jpg` is what the old system has made of `a.jpg`, as WordPress does.
    """

    def __init__(
        self,
        root: Path | None,
        hosts: Collection[str] = (),
        *,
        recall: Callable[[str], MediaFile | None] = lambda address: None,
        remember: Callable[[str, MediaFile], object] = lambda address, file: None,
        is_sized: bool = True,
        dry_run: bool = False,
    ) -> None:
        self.is_sized = is_sized
        self.root = None if root is None else root.resolve()
        bare = {host.lower().removeprefix("www.") for host in hosts}
        self.hosts = bare | {f"www.{host}" for host in bare}
        self.below = tuple(f".{host}" for host in bare)
        self.recall = recall
        self.remember = remember
        self.dry_run = dry_run
        self.names_in = lru_cache(FOLDERS)(self.read_names)
        self.made: dict[str, int] = {}  # ids of this run's files, by where they lay
        self.folder: Folder | None = None

    def keep(
        self, address: str, *, title: str = "", alt: str = "", caption: str = ""
    ) -> MediaFile | None:
        """Return the file of the library for an address; stored now, if it is not there yet.

        None in a dry run, where there would be one; it does not ask the gate. Takes a second or two for
        a large picture; to be called outside a transaction. Raises MissingError.
        """
        segments = self.segments(address)
        place = place_of(segments)
        if not segments or len(place) > LONGEST_PLACE:
            raise MissingError("在别的网站上，没有去取" if self.is_foreign(address) else NOT_THERE)
        if file := self.recall(place):
            return file
        problem = NOT_THERE if self.root else "没有用 --media 给出旧站的文件夹"
        for number, path in enumerate(self.paths(segments)):
            try:
                whole = self.place_of_whole(segments, path)
                return self.kept(place, whole, path, title=title, alt=alt, caption=caption)
            except UploadError as error:
                problem = problem if number else error.messages[0]
        raise MissingError(problem)

    def keep_content(self, content: bytes, *, alt: str = "") -> MediaFile | None:
        """Return the file of the library for a picture that stood in a text; None for a spacer, too.

        Raises MissingError.
        """
        place = f"/{blake2s(content, digest_size=16).hexdigest()}.data"
        if file := self.recall(place) or self.of_this_run(place):
            return file
        if self.dry_run:
            return None
        folder = self.folder_for_all()
        try:
            with transaction.atomic():
                file = keep_picture(content, "文中图片", folder=folder, image_alt_text=alt[:300])
                self.remember(place, file)
        except SpacerError:
            return None
        except FetchError as error:
            raise MissingError(error.messages[0]) from error
        self.made[place] = file.pk
        return file

    def kept(
        self, place: str, whole: str, path: Path, *, title: str, alt: str, caption: str
    ) -> MediaFile | None:
        if known := self.of_this_run(str(path)) or self.recall(whole):
            if not self.dry_run:
                self.remember(place, known)
            return known
        if self.dry_run:
            return None
        folder = self.folder_for_all()
        try:
            opened = path.open("rb")
        except OSError as error:
            raise UploadError(f"“{readable(path.name)}”无法读取。") from error
        with opened, transaction.atomic():
            file = store(
                File(opened, name=readable(path.name)),
                folder,
                title=title[:120],
                image_alt_text=alt[:300],
                caption=caption[:200],
            )
            self.remember(place, file)
        self.made[str(path)] = file.pk
        return file

    def place_of_whole(self, segments: list[str], path: Path) -> str:
        """Return the place that a file itself has, where it was found for the segments of an address."""
        parts = path.relative_to(self.root or path).parts
        return place_of([*segments[: len(segments) - len(parts)], *map(readable, parts)])

    def of_this_run(self, place: str) -> MediaFile | None:
        known: MediaFile | None = None
        if pk := self.made.get(place):
            known = MediaFile.objects.filter(pk=pk).first()
        return known

    def folder_for_all(self) -> Folder:
        """Return the folder for all. Outside a transaction, which would take it back with a bad file."""
        if self.folder is None:
            self.folder = default_folder(FOLDER)
        return self.folder

    def is_own(self, address: str) -> bool:
        """Whether an address is one of the old site's pages."""
        host = host_of(address)
        return not host or host in self.hosts

    def is_foreign(self, address: str) -> bool:
        """Whether no file of the site can be meant: its files may also lie on hosts below its own."""
        return not self.is_own(address) and not host_of(address).endswith(self.below)

    # --- From address to path ---------------------------------------------------------------------------

    def segments(self, address: str) -> list[str]:
        """Return the segments of the path that an address has on the old site; none for a foreign one.

        On a foreign host the same path means another picture. Only some caches name in it the host
        that they stand for: https://i0.wp.com/old.example/wp-content/…
        """
        segments = segments_of(address)
        if not self.is_foreign(address):
            return segments
        return segments[1:] if segments and segments[0] in self.hosts else []

    def paths(self, segments: list[str]) -> Iterator[Path]:
        """Yield the files, the likeliest first. The folder may be the site's root, or one below it, as that of the uploads."""
        if self.root is None or not segments:
            return
        name = segments[-1]
        found: dict[Path, str] = {}  # and by which name
        for called in names_of(name) if self.is_sized else [name]:
            for dropped in range(min(MOST_DROPPED, len(segments) - 1) + 1):
                path = self.path(self.root, [*segments[dropped:-1], called])
                if path is not None:
                    found.setdefault(path, called)
        if size := SIZED.search(PurePosixPath(name).stem):
            width, height = map(int, size.groups())
            # A picture of another shape was cut, or has nothing to do with this one.
            ranks = {
                p: 1 if found[p] == name else 0 if fits(p, width, height) else 2 for p in found
            }
            yield from sorted(found, key=ranks.__getitem__)
        else:
            yield from found

    def path(self, folder: Path, segments: list[str]) -> Path | None:
        """Return the file at the end of segments.

        Each is looked up among the names that are there, so none leads out of the folder.
        """
        for segment in segments:
            names = self.names_in(folder)
            name = names.get(segment) or names.get(folded(segment))
            if name is None:
                return None
            folder = folder / name
        return folder if folder.is_file() else None

    def read_names(self, folder: Path) -> Mapping[str, str]:
        """Return the names in a folder by themselves, and by how else they may be written."""
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if self.is_inside(entry))
        except OSError:
            return {}
        return {folded(name): name for name in reversed(names)} | {name: name for name in names}

    def is_inside(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_symlink():
            return True
        try:
            real = Path(entry.path).resolve(strict=True)
        except (OSError, RuntimeError):  # broken, or a loop
            return False
        return self.root is not None and real.is_relative_to(self.root)


def place_of(segments: list[str]) -> str:
    """Return a path as an address."""
    return PARTING.sub(lambda sign: f"%{ord(sign[0]):02X}", f"/{'/'.join(segments)}")


def fits(path: Path, width: int, height: int) -> bool:
    """Whether a picture, upright or not, may have become one of this size. Reads the head of a file."""
    try:
        with Image.open(path, formats=[*EXTENSIONS, "GIF"]) as image:
            sizes = (image.size, image.size[::-1])
    except Exception:  # noqa: BLE001  as the gate: Pillow raises anything
        return False
    return any(
        across >= width
        and down >= height
        and abs(across * height - down * width) <= max(image.size)
        for across, down in sizes
    )


def host_of(address: str) -> str:
    """Return the host that an address names; "" where it names none."""
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return "?"


def segments_of(address: str) -> list[str]:
    """Return the segments of an address's path as people read them; none where it has no path."""
    try:
        path = urlsplit(address.strip()).path
    except ValueError:
        return []
    text = letters(unquote_to_bytes(path)).replace("\\", "/")
    if "\0" in text:
        return []
    return [segment for segment in normpath(f"/{text}").split("/") if segment]


def folded(name: str) -> str:
    """Return a name as others may write it: in other case, on a Mac, or unpacked from a Chinese zip."""
    return unicodedata.normalize("NFC", readable(name)).lower()


def readable(name: str) -> str:
    """Return a name of the disk, which may be no UTF-8, in letters."""
    return letters(os.fsencode(name))


def names_of(name: str) -> list[str]:
    """Return the names under which WordPress may keep the picture of this name, the best first.

    `a-300x200.jpg` is made of `a.jpg`, as is `a-scaled.jpg`, by which it then goes.
    """
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    whole = SIZED.sub("", stem)
    if whole != stem:
        stems = [f"{whole}{SCALED}", whole, stem]
    else:
        stems = [stem, f"{stem}{SCALED}"]
    stems.append(EDITED.sub("", whole.removesuffix(SCALED)))
    return list(dict.fromkeys(f"{stem}{suffix}" for stem in stems))
