"""Reading the demo texts: TOML files beside this module, their keys named as the models' fields."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"


def read(name: str) -> dict[str, Any]:
    """Return one file, such as `content/site.toml`."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_all(folder: str) -> list[dict[str, Any]]:
    """Return all files of a folder, in the order of their names."""
    return [
        read(f"content/{folder}/{path.name}")
        for path in sorted((FOLDER / "content" / folder).glob("*.toml"))
    ]


def with_figures(body: str, figures: list[tuple[str, str]]) -> str:
    """Return `body` with each figure behind the first paragraph that follows its heading."""
    for heading, figure in figures:
        before, mark, after = body.partition(f"<h2>{heading}</h2>")
        paragraph, end, rest = after.partition("</p>")
        body = f"{before}{mark}{paragraph}{end}\n{figure}{rest}"
    return body
