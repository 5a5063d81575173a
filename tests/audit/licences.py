"""Which licences the site's packages are under: `make sbom` writes docs/licences.md from docs/sbom.json.

python -m tests.audit.licences
"""

from __future__ import annotations

import json
import sys
from typing import Final

from portal.components import SBOM, components, licences

LIST: Final = SBOM.with_name("licences.md")

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
HEAD: Final = """\
# 许可证 · Licences

本站由下列开源软件组成（运行所需的全部 Python 包，含 PostgreSQL 与对象存储的可选包）。`make sbom` 生成此表和
[sbom.json](sbom.json)（CycloneDX 格式，可交给安全扫描工具）；`make test` 核对它们与锁定的版本一致、许可证都在允许之列。
django-prose-editor 里打包了 Tiptap 与 ProseMirror（MIT）。本站自己的代码是 [BSD-3-Clause](../LICENSE)。

| 名称 | 版本 | 许可证 |
|---|---|---|
"""


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
