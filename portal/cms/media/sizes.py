"""The sizes a picture is shown in: WebP files, made when it is uploaded, never larger than itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagefield.backend_base import calculate_crop_box
from imagefield.processing import register
from PIL import Image

# A number is the largest width of the whole picture; a pair is a shape, cut around the focal point.
Measure = int | tuple[int, int]
WIDTHS: dict[str, Measure] = {"small": 480, "medium": 960, "large": 1600}
SHAPES: dict[str, Measure] = {
    "card": (640, 400),
    # What search engines are told of: 16:9, 4:3 and 1:1.
    "wide": (1200, 675),
    "photo": (640, 480),
    "square": (320, 320),
}
SIZES = WIDTHS | SHAPES
MAX_HEIGHT = 16_000  # WebP holds 16,383 pixels a side; long screenshots are longer

Handler = Callable[[Image.Image, Any], Image.Image]


def fitted(width: int, height: int, measure: Measure) -> tuple[int, int]:
    """Return what a picture of this width and height comes to: the measure, or less, never 0."""
    if isinstance(measure, int):
        factor = min(1.0, measure / width, MAX_HEIGHT / height)
        return max(1, round(width * factor)), max(1, round(height * factor))
    factor = min(1.0, width / measure[0], height / measure[1])
    return max(1, round(measure[0] * factor)), max(1, round(measure[1] * factor))


@register  # type: ignore[untyped-decorator]
def as_webp(get_image: Handler, measure: Measure) -> Handler:
    """The processor that imagefield calls, by its name, for every size."""

    def process(image: Image.Image, context: Any) -> Image.Image:
        context.save_kwargs.update(format="WEBP", quality=82, method=4)
        size = fitted(*image.size, measure)
        if isinstance(measure, int):
            # Lets the JPEG decoder do most of the shrinking, in a fraction of the time.
            image.draft(None, (size[0] * 2, size[1] * 2))
        image = in_full_colour(image)
        if isinstance(measure, int):
            return resized(image, size)
        box = calculate_crop_box(*image.size, *measure, context.ppoi)
        return resized(image, size, (box.left, box.top, box.left + box.width, box.top + box.height))

    return process


def in_full_colour(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that WebP and AVIF hold."""
    if image.mode in {"RGB", "RGBA"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def resized(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """Return the picture, or what is in the box, in this size; without cutting it out first."""
    # The gap: first to three times the size, cheaply; nobody sees the difference.
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def spec(measure: Measure) -> Callable[[Any, Any], None]:
    """Return what imagefield takes for a size that is of another format than the picture.

    The measure is part of the file's name: changed here, it makes new files.
    """

    def prepare(fieldfile: Any, context: Any) -> None:
        context.extension = ".webp"
        context.processors = [("as_webp", measure)]

    return prepare


# "preview" is what the focal point is set on: the same file as "small".
FORMATS = {name: spec(measure) for name, measure in SIZES.items()} | {
    "preview": spec(WIDTHS["small"])
}
