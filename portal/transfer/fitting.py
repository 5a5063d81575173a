"""Words of an old site, cut to what our columns hold."""

from __future__ import annotations

import re
from typing import Final

# Control characters, and halves of characters, which no database takes.
UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
SENTENCE: Final = "。！？；!?;…"
PHRASE: Final = f"{SENTENCE}，、,：: —）)"


def one_line(text: str) -> str:
    """Return words in one line, each apart by one space."""
    return " ".join(UNWRITABLE.sub(" ", text).split())


def cut(text: str, most: int, ends: str = PHRASE) -> str:
    """Return the beginning of a line: to the last of `ends` in its second half, else to the last sign."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    last = max((head.rfind(end) for end in ends), default=-1)
    if last >= most // 2:
        head = head[: last + 1] if head[last] in SENTENCE else head[:last]
        return head.rstrip() if head.endswith(tuple(SENTENCE)) else f"{head.rstrip()}…"
    return f"{head}…"


def summary(text: str, most: int) -> str:
    """Return a summary, to the end of its last sentence that fits."""
    return cut(one_line(text), most, SENTENCE)
