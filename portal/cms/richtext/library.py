"""What a stored text says of the pictures it shows."""

from __future__ import annotations

from collections.abc import Collection

from portal.cms.media.models import MediaFile


def pictures(ids: Collection[int]) -> dict[int, dict[str, object]]:
    """Return, for those of `ids` that are pictures, what their <img> is stored with. One query."""
    found = MediaFile.objects.exclude(image_file="").in_bulk(list(ids))
    return {
        pk: {"src": file.image_file.url, "width": file.image_width, "height": file.image_height}
        for pk, file in found.items()
    }
