"""What the site is made of, and under which licences, as docs/sbom.json has it (CycloneDX, `make sbom`).

Imports no settings: the page 运行状态 shows it, and so does docs/licences.md, which is written without a site.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

SBOM: Final = Path(__file__).resolve().parent.parent / "docs" / "sbom.json"
# What packages say of themselves, by the name that others have for it.
OTHER_NAMES: Final = {
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Apache License 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
# Read in their files, because what they say of themselves is not to the point: by name and licence.
READ: Final = {
    # BSD with a notice under MIT; «other» is that QR Code is a trademark.
    ("qrcode", "Other/Proprietary License"),
}


def components() -> list[dict[str, Any]]:
    """Return the packages by name; none where the list was left out."""
    if not SBOM.exists():
        return []
    found: list[dict[str, Any]] = json.loads(SBOM.read_text(encoding="utf-8"))["components"]
    return sorted(found, key=lambda component: str(component["name"]).lower())


def licences(component: dict[str, Any]) -> list[str]:
    """Return the licences of a component. An exact name makes the group to which it belongs needless."""
    exact, groups = [], []
    for entry in component.get("licenses", []):
        if expression := entry.get("expression"):
            exact += expression.replace(" AND ", " OR ").strip("()").split(" OR ")
        elif identifier := entry["license"].get("id"):
            exact.append(identifier)
        else:
            name = entry["license"]["name"].removeprefix("License :: ")
            name = name.removeprefix("OSI Approved :: ")
            groups.append(OTHER_NAMES.get(name, name))
    own = [name for name in groups if (component.get("name"), name) not in READ]
    return sorted(set(exact or own))
