"""What stands in search results as the title of a page: 主题_栏目_品牌, as much of it as is shown.

`static/desk/snippet.js` follows the same rules while an editor writes.
"""

from __future__ import annotations

from typing import Final

from portal.cms.compliance.typography import length

# In 字: engines cut off what is longer.
MOST: Final = 30


def compose(subject: str, section: str = "", brand: str = "") -> str:
    """Return the title: over thirty 字 the brand goes, then the section.

    The subject is an editor's, and is never cut; a brand that it names is not named again.
    """
    parts = [subject, section, "" if brand in subject else brand]
    shown = [part for part in parts if part]
    while len(shown) > 1 and sum(map(length, shown)) > MOST:
        shown.pop()
    return "_".join(shown)
