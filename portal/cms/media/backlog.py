"""Pictures that may have no AVIF yet: all at once by a command, or one at a turn of the worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from portal.cms.media import avif
from portal.cms.media.display import is_animated
from portal.cms.media.models import MediaFile

AT_ONCE: Final = 500


def pictures(below: int | None = None) -> Iterator[MediaFile]:
    """Yield what AVIF can be made of, the newest first: they are what is being read.

    A query for each 500. None is open meanwhile: SQLite lets nobody write who reads what is old by now.
    """
    while True:
        rows = MediaFile.objects.exclude(image_file="")
        if below is not None:
            rows = rows.filter(pk__lt=below)
        files = list(rows.order_by("-pk")[:AT_ONCE])
        yield from (file for file in files if not is_animated(file))
        if len(files) < AT_ONCE:
            return
        below = files[-1].pk


class Backlog:
    """How far a worker has got in its round through the library."""

    def __init__(self) -> None:
        self.below: int | None = None

    def step(self, now: datetime) -> bool:
        """Make AVIF of the next picture without it; return whether there may be more.

        Takes seconds of one processor for a photograph. What is lost or cannot be drawn is passed over
        until the next round.
        """
        if not avif.IS_SUPPORTED:
            return False
        for file in pictures(self.below):
            self.below = file.pk
            if not avif.is_made(file):
                with suppress(OSError):  # the file; `make_avif` says which
                    avif.make(file)
                return True
        self.below = None
        return False
