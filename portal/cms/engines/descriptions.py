"""What stands in search results below the title of a page, where no editor wrote it for that.

`static/desk/snippet.js` follows the same rules while an editor writes.
"""

from __future__ import annotations

from typing import Final

from portal.cms.compliance.typography import COUNTED, length
from portal.cms.richtext.render import plain

# In 字, the last in signs: of Latin words one 字 may be long.
MOST: Final = 80
LEAST: Final = 50
SHORT: Final = 40
MOST_SIGNS: Final = 160
# Of the text: as much as is ever shown, and what a cut looks at.
READ: Final = 2 * MOST_SIGNS
ENDS: Final = "。！？"
PAUSES: Final = "；，、"


def described(written: str, summary: str, html: str) -> str:
    """Return an editor's own words as they are, or else those made of the item."""
    return one_line(written) or of(summary, html)


def of(summary: str, html: str) -> str:
    """Return up to eighty 字: the summary; the beginning of the text behind one that is short.

    Nothing is said twice, where a text begins with its summary. Reads no more of the text than that.
    """
    words = one_line(summary)
    if length(words) < SHORT:
        text = plain(html, READ)
        if not words or text.startswith(words.rstrip(ENDS + "…")):
            words = text or words
        elif text:
            words += text if words[-1] in f"{ENDS}{PAUSES}：…" else f"。{text}"
    return cut(words)


def one_line(text: str) -> str:
    return " ".join((text or "").split())


def cut(words: str) -> str:
    """Return the words, or as many as are shown: whole sentences where one ends late enough, else up to
    a pause, else to the last 字.
    """
    shown = words[: end_of(words)]
    if shown == words:
        return words
    for signs, rest in ((ENDS, 1), (PAUSES, 0)):
        place = max(shown.rfind(sign) for sign in signs)
        if length(shown[: place + 1]) >= LEAST:
            return shown[: place + rest] + ("" if rest else "…")
    return f"{shown[: MOST_SIGNS - 1].rstrip()}…"


def end_of(words: str) -> int:
    """Return where what is shown ends: behind the last 字 and its punctuation."""
    for count, match in enumerate(COUNTED.finditer(words)):
        if count == MOST:
            return min(match.start(), MOST_SIGNS)
    return min(len(words), MOST_SIGNS)
