"""How long a text is, counted as the line below the editor counts it (static/cms/editor/status.js)."""

from __future__ import annotations

import re

A_MINUTE = 400  # 字 that people read in one
# Script=Han, which Python's expressions have no name for: radicals, 々〇, and the ideographs.
HAN = re.compile(
    "[\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufad9\U00016fe2\U00016fe3\U00016ff0\U00016ff1\U00020000-\U0003ffff]"
)
# A number with its signs is one word: 3.5, 18-22, 10%.
WORD = re.compile(r"[^\W_]+(?:[.,'’@/-][^\W_]+)*")


def length_of(text: str) -> int:
    """Return how many 字 the text has: Chinese characters, and words and numbers in other letters."""
    rest, characters = HAN.subn(" ", text)
    return characters + len(WORD.findall(rest))


def minutes_for(length: int) -> int:
    """Return how long reading so many 字 takes, in whole minutes, rounded up."""
    return -(-length // A_MINUTE)
