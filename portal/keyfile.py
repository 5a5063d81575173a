"""The secret key as a file in the data folder, for an owner who sets no environment at all.

Imports no settings: settings import this module, and `python -m portal.keyfile` must run before a
first start, when there is no key to start with.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path

NAME = "secret_key"


def data_dir() -> Path:
    """Return the folder for database, uploads, key and backups: `DATA_DIR`, else `var/` here."""
    return Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / "var")


def read(folder: Path) -> str | None:
    """Return the stored key, or None where there is none. Raises OSError if it cannot be read."""
    path = folder / NAME
    return path.read_text().strip() or None if path.exists() else None


def ensure(folder: Path) -> None:
    """Make the data folder and a key in it, unless both are there. Safe to run at the same time twice.

    Raises OSError where the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / NAME).exists():
        return
    handle, complete = tempfile.mkstemp(dir=folder)  # for the owner's eyes alone
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        # Linked when it is whole: a start killed in between leaves no empty key. Of two first starts
        # at once one links its key, and the other finds it there.
        os.link(complete, folder / NAME)
    except FileExistsError:
        pass
    finally:
        os.unlink(complete)


if __name__ == "__main__":
    try:
        ensure(data_dir())
    except OSError:
        sys.exit(f"无法启动：数据文件夹 {data_dir()} 不能建立或写入。")
