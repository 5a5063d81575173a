"""AVIF of whole pictures, beside their WebP sizes: half as large, and several times the work.

That is too long for an editor to wait (a photograph: 3 seconds more), so it is not made with the
upload: the worker makes what is missing, or `manage.py make_avif` all of it at once. A page offers what
is there, and shows WebP else. Shapes stay WebP: they are small already.
"""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, features

from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import FORMATS, WIDTHS, fitted, in_full_colour, resized
from portal.cms.media.turns import turn
from portal.cms.pagecache.epochs import content_changed

IS_SUPPORTED = features.check("avif")  # not in every Pillow that was not installed as a wheel
SAVE_OPTIONS = {"quality": 60, "speed": 6}
PATIENCE = 600.0  # seconds; nobody waits for it
LARGEST_FIRST = ("large", "medium", "small")


def name_of(file: MediaFile, size: str) -> str:
    """Return the name in the storage: that of the WebP size, so that both go with their picture."""
    webp: str = file.image_file._process_context(FORMATS[size]).name
    return f"{webp.removesuffix('.webp')}.avif"


def url_of(file: MediaFile, size: str) -> str:
    url: str = file.image_file.storage.url(name_of(file, size))
    return url


def is_made(file: MediaFile) -> bool:
    """Whether all sizes are there, as far as the row says: pages do not ask the storage.

    The row names what was made, so that it holds for no other picture put in its place.
    """
    return file.avif_name == name_of(file, "small")


def make(file: MediaFile) -> bool:
    """Make the sizes that are not there, and note it; return whether there were any.

    Takes seconds of one processor, for what is there three questions to the storage. Raises OSError
    where the picture is lost.
    """
    storage = file.image_file.storage
    missing = [size for size in LARGEST_FIRST if not storage.exists(name_of(file, size))]
    if missing:
        draw(file, missing)
    if not is_made(file):
        file.avif_name = name_of(file, "small")
        # Past `save`: the picture is no other one, and `updated_at` would say so to the feeds.
        with transaction.atomic():
            same = MediaFile.objects.filter(pk=file.pk, image_file=file.image_file.name)
            if same.update(avif_name=file.avif_name):
                content_changed()
                return bool(missing)
        # Replaced or deleted while it was drawn: nobody else would take these away.
        for size in LARGEST_FIRST:
            storage.delete(name_of(file, size))
        return False
    return bool(missing)


def draw(file: MediaFile, sizes: list[str]) -> None:
    storage = file.image_file.storage
    with (
        turn(PATIENCE),
        storage.open(file.image_file.name) as source,
        Image.open(source) as opened,
    ):
        measures = [(size, fitted(*opened.size, WIDTHS[size])) for size in sizes]
        # Lets the JPEG decoder do most of the shrinking, in a fraction of the time.
        opened.draft(None, (measures[0][1][0] * 2, measures[0][1][1] * 2))
        image = in_full_colour(opened)
        for size, measure in measures:
            target = io.BytesIO()
            resized(image, measure).save(target, "AVIF", **SAVE_OPTIONS)
            storage.save(name_of(file, size), ContentFile(target.getvalue()))
