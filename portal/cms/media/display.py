"""How a picture of the library is put into a page."""

from __future__ import annotations

from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.media import avif
from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import SIZES, WIDTHS, Measure, fitted


def is_animated(file: MediaFile) -> bool:
    """Whether the sizes, which stand still, would lose something. The gate keeps no other GIF."""
    return str(file.image_file.name).endswith(".gif")


def picture_html(
    file: MediaFile,
    size: str,
    *,
    sizes: str = "100vw",
    alt: str | None = None,
    lazy: bool = True,
    priority: bool = False,
) -> SafeString:
    """Return the <img> of `file`, in a <picture> where there is AVIF of it. No query.

    `size` is a name of `media.sizes`; `sizes` says how wide it stands in the page; `alt` replaces
    the library's text, and "" marks a picture as decoration. `priority` is for the one picture that
    a reader waits for. Width and height are always there: nothing moves when the picture arrives.
    """
    attributes = image_attributes(file, size)
    if "srcset" in attributes:
        attributes["sizes"] = sizes
    attributes["alt"] = file.image_alt_text if alt is None else alt
    if priority:
        attributes["fetchpriority"] = "high"
    elif lazy:
        attributes["loading"] = "lazy"
    attributes["decoding"] = "async"
    image = format_html("<img{}>", flatatt(attributes))
    if size not in WIDTHS or is_animated(file) or not avif.is_made(file):
        return image
    source = {"type": "image/avif", "srcset": srcset(avif_urls(file, size)), "sizes": sizes}
    return format_html("<picture><source{}>{}</picture>", flatatt(source), image)


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
    offered = {width: getattr(image, name) for width, name in offered_sizes(file, size).items()}
    if len(offered) > 1:
        attributes["srcset"] = srcset(offered)
    return attributes | {"height": height}


def offered_sizes(file: MediaFile, size: str) -> dict[int, str]:
    """Return the sizes that a browser may choose from, by their width: each width once."""
    if size not in WIDTHS:
        return {}
    width = measured(file, WIDTHS[size])[0]
    names = {measured(file, WIDTHS[name])[0]: name for name in WIDTHS}
    return {w: name for w, name in names.items() if w < width} | {width: size}


def avif_urls(file: MediaFile, size: str) -> dict[int, str]:
    return {width: avif.url_of(file, name) for width, name in offered_sizes(file, size).items()}


def srcset(urls: dict[int, str]) -> str:
    return ", ".join(f"{url} {width}w" for width, url in sorted(urls.items()))


def measured(file: MediaFile, measure: Measure) -> tuple[int, int]:
    return fitted(file.image_width or 1, file.image_height or 1, measure)
