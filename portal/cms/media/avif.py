"""AVIF of whole pictures, beside their WebP sizes: half as large, and several times the work.

That is too long for an editor to wait (a photograph: 3 seconds more), so it is not made with the
upload: `manage.py make_avif` makes what is missing, whenever there is time. A page offers what is
there, and shows WebP else. Shapes stay WebP: they are small already.
"""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from PIL import Image, features

from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import FORMATS, WIDTHS, fitted, in_full_colour, resized

IS_SUPPORTED = features.check("avif")  # not in every Pillow that was not installed as a wheel
SAVE_OPTIONS = {"quality": 60, "speed": 6}
LARGEST_FIRST = ("large", "medium", "small")


def name_of(file: MediaFile, size: str) -> str:
    """Return the name in the storage: that of the WebP size, so that both go with their picture."""
    webp: str = file.image_file._process_context(FORMATS[size]).name
    return f"{webp.removesuffix('.webp')}.avif"


def url_of(file: MediaFile, size: str) -> str:
    url: str = file.image_file.storage.url(name_of(file, size))
    return url


def is_made(file: MediaFile) -> bool:
    """Whether all sizes are there; one question to the storage, for the one that is made last."""
    exists: bool = file.image_file.storage.exists(name_of(file, "small"))
    return exists


def make(file: MediaFile) -> None:
    """Make the sizes. Takes seconds of one processor. Raises OSError where the picture is lost."""
    storage = file.image_file.storage
    with storage.open(file.image_file.name) as source, Image.open(source) as opened:
        measures = [(size, fitted(*opened.size, WIDTHS[size])) for size in LARGEST_FIRST]
        # Lets the JPEG decoder do most of the shrinking, in a fraction of the time.
        opened.draft(None, (measures[0][1][0] * 2, measures[0][1][1] * 2))
        image = in_full_colour(opened)
        for size, measure in measures:
            name = name_of(file, size)
            if not storage.exists(name):
                target = io.BytesIO()
                resized(image, measure).save(target, "AVIF", **SAVE_OPTIONS)
                storage.save(name, ContentFile(target.getvalue()))
