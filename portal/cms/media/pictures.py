"""Pictures drawn anew: what is stored is what our own encoder wrote, without metadata or hidden extras.

Pillow holds four bytes a pixel, and twice that while it turns or converts. So what is drawn here takes up
to 500 MB (50 million pixels that lie on their side, or are in inks; a test measures it), and only one is
drawn at a time (`turns`).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any, Final

from PIL import ExifTags, Image, ImageCms

from portal.cms.media.structure import frames, gif_size, is_overloaded

MAX_PIXELS = 50_000_000
# WebP's decoder holds each pixel four times over.
MAX_PIXELS_OF = {"WEBP": 20_000_000}
MAX_FRAMES = 500
# Of an animation: several whole frames are held while one is made of the one before.
MAX_CANVAS = 4_000_000
SIGNATURES = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "GIF": (b"GIF87a", b"GIF89a"),
}
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "progressive": True, "optimize": True},
    "PNG": {},
    "WEBP": {"quality": 92, "method": 2},
}
MODES = {
    "JPEG": {"L", "RGB"},
    "PNG": {"1", "L", "LA", "P", "RGB", "RGBA"},
    "WEBP": {"RGB", "RGBA"},
}
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
# What EXIF says of how the camera was held, and how the picture is turned back.
TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SRGB = ImageCms.createProfile("sRGB")

# Pillow itself looks at the size in the header; beyond its own limit it must stop, not warn.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class TooManyPixelsError(Exception):
    """The header promises a picture of more pixels than `limit`; nothing of it was decoded."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class UnreadableError(Exception):
    """The file begins like a picture, and goes on otherwise; or in more parts than any has."""


def format_of(content: bytes) -> str | None:
    """Return the format that the first bytes say, for the four that we take."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    for name, signatures in SIGNATURES.items():
        if content.startswith(signatures):
            return name
    return None


def redraw(content: bytes, name: str) -> tuple[bytes, str]:
    """Return the picture encoded by us, in sRGB and upright, and its extension. Takes seconds when large.

    An animated GIF stays one as long as all its frames together keep within MAX_PIXELS; of any other
    animation the first frame remains. Raises TooManyPixelsError or UnreadableError.
    """
    if is_overloaded(content, name):
        raise UnreadableError
    try:
        if name == "GIF" and is_animated(content):
            return encode_animation(content), "gif"
        return encode_still(content, name)
    except TooManyPixelsError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(MAX_PIXELS) from error
    except Exception as error:
        # Broken data makes Pillow's decoders raise OSError, SyntaxError, ValueError, IndexError,
        # struct.error and more; a programming error of ours would fail every picture in the tests.
        raise UnreadableError from error


def opened(content: bytes, name: str) -> Image.Image:
    """Open a picture of this format; nothing of it is decoded. Raises TooManyPixelsError."""
    image = Image.open(io.BytesIO(content), formats=[name])
    limit = min(MAX_PIXELS, MAX_PIXELS_OF.get(name, MAX_PIXELS))
    if image.width * image.height > limit:
        raise TooManyPixelsError(limit)
    return image


def is_animated(content: bytes) -> bool:
    """Whether a GIF has several frames, few and small enough to be drawn all.

    One that reaches beyond the whole would enlarge it, whatever size we had looked at before.
    """
    width, height = gif_size(content)
    canvas = width * height
    if not 0 < canvas <= MAX_CANVAS:
        return False
    limit = min(MAX_FRAMES, MAX_PIXELS // canvas)
    count = 0
    for right, bottom in frames(content):
        count += 1
        if count > limit or right > width or bottom > height:
            return False
    return count > 1


def encode_animation(content: bytes) -> bytes:
    image = opened(content, "GIF")
    target = io.BytesIO()
    drawn = whole_frames(image)
    next(drawn).save(
        target,
        "GIF",
        save_all=True,
        append_images=drawn,
        loop=image.info.get("loop", 0),
        disposal=2,
    )
    return target.getvalue()


def whole_frames(image: Image.Image) -> Iterator[Image.Image]:
    """Yield each frame as it is seen, with the time it stays: the encoder asks for one after another."""
    for index in range(MAX_FRAMES):
        try:
            image.seek(index)
        except EOFError:
            return
        frame = image.convert("RGBA")
        frame.info = {"duration": image.info.get("duration", 100)}
        yield frame


def encode_still(content: bytes, name: str) -> tuple[bytes, str]:
    kind: Final = "PNG" if name == "GIF" else name
    # One name for the picture, here and below: what is converted is let go at once.
    image = opened(content, name)
    image.load()
    image = upright(image)
    image = in_srgb(image)
    image = in_plain_mode(image, kind)
    # Encoders take comments, profiles and the like from here even when not asked to.
    image.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    target = io.BytesIO()
    image.save(target, kind, **SAVE_OPTIONS[kind])
    return target.getvalue(), EXTENSIONS[kind]


def upright(image: Image.Image) -> Image.Image:
    """Return the picture turned as its camera says. Not by ImageOps, which writes the metadata anew."""
    turning = TURNED.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return image if turning is None else image.transpose(turning)


def in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture with its colour profile applied, so that it may be dropped."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    mode = "RGB" if image.mode == "CMYK" else image.mode
    try:
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(described, SRGB, image.mode, mode)
        if mode != image.mode:
            return ImageCms.applyTransform(image, transform) or image
        # In its place: another whole picture is 200 MB. What is clear stays clear.
        ImageCms.applyTransform(image, transform, inPlace=True)
    except (ImageCms.PyCMSError, OSError):  # a broken profile is as good as none
        pass
    return image


def in_plain_mode(image: Image.Image, name: str) -> Image.Image:
    """Return the picture in a mode that the format, and every browser, knows."""
    one_colour_is_clear = "transparency" in image.info and image.mode != "P"
    if image.mode in MODES[name] and not one_colour_is_clear:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey: convert() alone would make them white
        return image.point(lambda value: value * (1 / 256)).convert("L")
    clear = name != "JPEG" and image.has_transparency_data
    return image.convert("RGBA" if clear else "RGB")
