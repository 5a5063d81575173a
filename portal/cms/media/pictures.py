"""Pictures drawn anew: what is stored is what our own encoder wrote, without metadata or hidden extras."""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps

MAX_PIXELS = 50_000_000
MAX_FRAMES = 500
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
SRGB = ImageCms.createProfile("sRGB")

# Pillow itself looks at the size in the header; beyond its own limit it must stop, not warn.
warnings.simplefilter("error", Image.DecompressionBombWarning)


class TooManyPixelsError(Exception):
    """The header promises a picture beyond MAX_PIXELS; nothing of it was decoded."""


class UnreadableError(Exception):
    """The file begins like a picture, and goes on otherwise."""


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
    try:
        with Image.open(io.BytesIO(content), formats=[name]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooManyPixelsError
            if name == "GIF" and is_animated(image):
                return encode_animation(image), "gif"
            return encode_still(image, "PNG" if name == "GIF" else name)
    except TooManyPixelsError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError from error
    except Exception as error:
        # Broken data makes Pillow's decoders raise OSError, SyntaxError, ValueError, IndexError,
        # struct.error and more; a programming error of ours would fail every picture in the tests.
        raise UnreadableError from error


def is_animated(image: Image.Image) -> bool:
    """Whether there are several frames, few and small enough to be drawn all."""
    limit = min(MAX_FRAMES, MAX_PIXELS // (image.width * image.height))
    frames = 1
    try:
        while frames <= limit:
            image.seek(frames)
            frames += 1
    except EOFError:
        pass
    image.seek(0)
    return 1 < frames <= limit


def encode_animation(image: Image.Image) -> bytes:
    frames = []
    durations = []
    for index in range(MAX_FRAMES):
        try:
            image.seek(index)
        except EOFError:
            break
        frame = image.convert("RGBA")
        frame.info = {}
        frames.append(frame)
        durations.append(image.info.get("duration", 100))
    target = io.BytesIO()
    frames[0].save(
        target,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=image.info.get("loop", 0),
        disposal=2,
    )
    return target.getvalue()


def encode_still(image: Image.Image, name: str) -> tuple[bytes, str]:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    image = in_plain_mode(in_srgb(image), name)
    # Encoders take comments, profiles and the like from here even when not asked to.
    image.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    target = io.BytesIO()
    image.save(target, name, **SAVE_OPTIONS[name])
    return target.getvalue(), EXTENSIONS[name]


def in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture with its colour profile applied, so that it may be dropped."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    flat = image.convert("RGB") if alpha else image
    try:
        converted = ImageCms.profileToProfile(
            flat, ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):  # a broken profile is as good as none
        return image
    if converted is None:
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted


def in_plain_mode(image: Image.Image, name: str) -> Image.Image:
    """Return the picture in a mode that the format, and every browser, knows."""
    one_colour_is_clear = "transparency" in image.info and image.mode != "P"
    if image.mode in MODES[name] and not one_colour_is_clear:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey: convert() alone would make them white
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    clear = name != "JPEG" and image.has_transparency_data
    return image.convert("RGBA" if clear else "RGB")
