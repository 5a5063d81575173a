"""The one allow-list: what the editor offers, and from it what the sanitiser lets through."""

from __future__ import annotations

from typing import Any

import nh3
from django_prose_editor.config import allowlist_from_extensions, html_tags

# The editor's extensions and their options, as django-prose-editor names them.
LIBRARY_EXTENSIONS: dict[str, Any] = {
    "Menu": {
        "groups": [
            {"group": group}
            for group in (
                "blockType -lists",
                "marks",
                "lists",
                "nodes -blockType -lists",
                "link",
                "table",
                "history",
                "utility",
            )
        ]
    },
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Strike": True,
    "Heading": {"levels": [2, 3, 4]},  # the page's own title is its only h1
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "History": True,
    "Placeholder": {"placeholder": "在这里写正文，也可以从 Word、WPS 或公众号粘贴。"},
}

# Ours, in static/cms/editor.js, with the tags that each may leave in the text. (The library has a
# Fullscreen, but does not know it for one of its own when it makes the allow-list.)
OWN_EXTENSIONS: dict[str, Any] = {
    "Picture": html_tags(
        ["figure", "img", "figcaption"], {"img": ["data-file", "src", "alt", "width", "height"]}
    ),
    **dict.fromkeys(
        ["Incoming", "Paste", "Find", "Fullscreen", "Count", "Shortcuts", "Labels"], html_tags([])
    ),
}

EXTENSIONS: dict[str, Any] = LIBRARY_EXTENSIONS | dict.fromkeys(OWN_EXTENSIONS, True)


def allowlist() -> dict[str, Any]:
    """Return the arguments for nh3 that let through what these extensions write, and no more."""
    allowed: dict[str, Any] = allowlist_from_extensions(LIBRARY_EXTENSIONS)
    for process in OWN_EXTENSIONS.values():
        process(True, allowed)
    # `rel` is the renderer's business; `data-type` only says again what `type` says.
    allowed["attributes"]["a"] -= {"rel"}
    allowed["attributes"]["ol"] -= {"data-type"}
    return allowed


ALLOWED = allowlist()
CLEANER = nh3.Cleaner(**ALLOWED)
