"""How a picture of the library is put into a page."""

from __future__ import annotations

from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import SIZES, WIDTHS, Measure, fitted


def is_animated(file: MediaFile) -> bool:
    """Whether the sizes, which stand still, would lose something. The gate keeps no other GIF."""
    return str(file.image_file.name).endswith(".gif")


def image_attributes(file: MediaFile, size: str) -> dict[str, str | int]:
    """Return src, srcset, width and height of the <img> that shows `file` in this size. No query.

    A whole picture offers the smaller sizes too; a shape has one file. An animation stays the
    original. Raises KeyError for a size there is not.
    """
    measure = SIZES[size]
    image = file.image_file
    if is_animated(file):
        return {"src": image.url, "width": file.image_width or 1, "height": file.image_height or 1}
    width, height = measured(file, measure)
    attributes: dict[str, str | int] = {"src": getattr(image, size), "width": width}
    offered = {
        measured(file, WIDTHS[name])[0]: getattr(image, name)
        for name in WIDTHS
        if size in WIDTHS and measured(file, WIDTHS[name])[0] <= width
    }
    if len(offered) > 1:
        offered[width] = attributes["src"]
        attributes["srcset"] = ", ".join(f"{url} {w}w" for w, url in sorted(offered.items()))
    return attributes | {"height": height}


def measured(file: MediaFile, measure: Measure) -> tuple[int, int]:
    return fitted(file.image_width or 1, file.image_height or 1, measure)
