"""How tags are typed and written: separated as Chinese writers separate, by 、 or ， as well as by commas."""

from __future__ import annotations

import re
from collections.abc import Iterable

SEPARATORS = re.compile(r"[,，、;；\n]+")
# A tag is a segment of a URL, where a slash would split it, and dots alone would be a folder.
UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f]+")
MAX_LENGTH = 30


def parse(text: str) -> list[str]:
    """Return the tags in `text`, in order, each once; unsafe signs go, long ones are cut."""
    whole = (UNSAFE.sub("", " ".join(part.split())) for part in SEPARATORS.split(text))
    names = (name.strip()[:MAX_LENGTH].strip() for name in whole)
    return list(dict.fromkeys(name for name in names if name.strip(".")))


def join(tags: Iterable[object]) -> str:
    """Return the tags as an editor would type them."""
    return "、".join(str(tag) for tag in tags)
