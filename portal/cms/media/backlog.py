"""Pictures that may lack AVIF, or a shape that came after them: one at a turn of the worker.

AVIF of all of them at once is made by `manage.py make_avif`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.db import transaction

from portal.cms.media import avif
from portal.cms.media.display import is_animated
from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import FORMATS, SHAPES
from portal.cms.pagecache.epochs import content_changed

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


def lacking_of(file: MediaFile) -> list[Callable[[MediaFile], object]]:
    """Return what makes what a picture lacks, as far as its row says."""
    lacks_avif = avif.IS_SUPPORTED and not avif.is_made(file)
    return [*([] if file.shapes_made else [make_shapes]), *([avif.make] if lacks_avif else [])]


def make_shapes(file: MediaFile) -> None:
    """Make the shapes that are not there, and note it. Raises OSError where the picture is lost."""
    storage = file.image_file.storage
    # imagefield would log that with all it knows, in every round.
    if not storage.exists(file.image_file.name):
        raise FileNotFoundError(file.image_file.name)
    for shape in SHAPES:
        file.image_file.process(shape)
    # Past `save`: the picture is no other one, and `updated_at` would say so to the feeds.
    with transaction.atomic():
        same = MediaFile.objects.filter(pk=file.pk, image_file=file.image_file.name)
        if same.update(shapes_made=True):
            content_changed()
            return
    # Replaced or deleted meanwhile: nobody else would take these away.
    for shape in SHAPES:
        storage.delete(file.image_file._process_context(FORMATS[shape]).name)


class Backlog:
    """How far a worker has got in its round through the library."""

    def __init__(self) -> None:
        self.below: int | None = None

    def step(self, now: datetime) -> bool:
        """Make what the next picture lacks; return whether there may be more.

        Takes seconds of one processor for a photograph. What is lost or cannot be drawn is passed over
        until the next round.
        """
        for file in pictures(self.below):
            self.below = file.pk
            lacking = lacking_of(file)
            for make in lacking:
                with suppress(OSError):  # the file; `make_avif` says which
                    make(file)
            if lacking:
                return True
        self.below = None
        return False
