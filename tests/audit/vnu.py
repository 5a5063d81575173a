"""The Nu Html Checker: the HTML of every page as the server sends it, and our style sheets."""

from __future__ import annotations

import json
import subprocess  # the checker is a Java program
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.audit.pages import Page
from tests.audit.results import Results
from tests.audit.site import ROOT
from tests.audit.tools import REPORTS, VNU, program

FOLDER = REPORTS / "vnu"

# Properties of today's CSS that the checker does not know yet: what it says, and why we keep them.
TOO_NEW = {
    "“field-sizing”: Property “field-sizing” doesn't exist.": (
        "text fields that grow with their text (CSS Basic UI 4); elsewhere they stay as they are"
    ),
    "“line-clamp”: Property “line-clamp” doesn't exist.": (
        "the name that follows -webkit-line-clamp, which it stands beside (CSS Overflow 4)"
    ),
    "“text-autospace”: Property “text-autospace” doesn't exist.": (
        "the gap between Chinese and Latin letters (CSS Text 4); elsewhere there is none"
    ),
}


def audit(pages: list[Page], results: Results) -> None:
    """Enter the errors and warnings of every page, and of every style sheet of ours."""
    FOLDER.mkdir()
    files = {f"{number:03}.html": page for number, page in enumerate(pages)}
    for name, page in files.items():
        (FOLDER / name).write_text(page.html, encoding="utf-8")
    found = messages("html", [FOLDER])
    elsewhere: list[str] = []
    for name, page in files.items():
        if page.typical:
            results.count(page.name, "vnu", found[name])
        else:
            elsewhere += [f"{page.address}: {message}" for message in found[name]]
    results.count("every other public page", "vnu", elsewhere)
    sheets = sorted((ROOT / "static").rglob("*.css"))
    broken = messages("css", sheets)
    of_sheets = [f"{sheet.name} {message}" for sheet in sheets for message in broken[sheet.name]]
    results.count("style sheets", "vnu", of_sheets)


def messages(kind: str, files: list[Path]) -> dict[str, list[str]]:
    """Return what the checker has to say of each file, by the file's name."""
    command = [
        program("java"),
        "-jar",
        str(VNU),
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
    ]
    checked = subprocess.run(  # noqa: S603 - ours
        [*command, f"--{kind}", *map(str, files)], check=True, capture_output=True, text=True
    )
    (FOLDER / f"{kind}.json").write_text(checked.stdout, encoding="utf-8")
    found = defaultdict(list)
    for message in json.loads(checked.stdout)["messages"]:
        if counts(message):
            name = Path(unquote(urlsplit(message["url"]).path)).name
            extract = " ".join(message.get("extract", "").split())
            found[name].append(f"{message['lastLine']}: {message['message']} {extract}")
    return found


def counts(message: dict[str, Any]) -> bool:
    """Errors and warnings count; what is merely noted, and CSS that is too new, does not."""
    noted = message["type"] == "info" and message.get("subType") != "warning"
    return not noted and message["message"].removeprefix("CSS: ") not in TOO_NEW
