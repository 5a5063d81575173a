"""Which licences the site's packages are under: `make sbom` writes docs/licences.md from docs/sbom.json.

python -m tests.audit.licences
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
SBOM, LIST = DOCS / "sbom.json", DOCS / "licences.md"

# Those under which an agency may run and change the site, and hand it on, as long as it names them.
# LGPL: psycopg, which we use as it is.
ALLOWED: Final = frozenset(
    [
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC-BY-4.0",  # texts in dj-email-url
        "CC0-1.0",
        "CNRI-Python",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
    ]
)
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
HEAD: Final = """\
# 许可证 · Licences

本站由下列开源软件组成（运行所需的全部 Python 包，含 PostgreSQL 与对象存储的可选包）。`make sbom` 生成此表和
[sbom.json](sbom.json)（CycloneDX 格式，可交给安全扫描工具）；`make test` 核对它们与锁定的版本一致、许可证都在允许之列。
django-prose-editor 里打包了 Tiptap 与 ProseMirror（MIT）。本站自己的代码是 [BSD-3-Clause](../LICENSE)。

| 名称 | 版本 | 许可证 |
|---|---|---|
"""


def components() -> list[dict[str, Any]]:
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
    own = [name for name in groups if (component["name"], name) not in READ]
    return sorted(set(exact or own))


def forget_tools() -> None:
    """Take out what the list says of the program that wrote it: that is no part of the site."""
    document = json.loads(SBOM.read_text(encoding="utf-8"))
    document["metadata"].pop("tools", None)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    SBOM.write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    forget_tools()
    rows = [
        f"| {each['name']} | {each['version']} | {'、'.join(licences(each))} |\n"
        for each in components()
    ]
    LIST.write_text(HEAD + "".join(rows), encoding="utf-8")
    unknown = {name for each in components() for name in licences(each)} - ALLOWED
    if unknown:
        sys.exit(
            f"请先看清这些许可证，再写进 tests/audit/licences.py：{'、'.join(sorted(unknown))}"
        )


if __name__ == "__main__":
    main()
