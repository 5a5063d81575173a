"""What a site comes to: its rows and its pages, as JSON of what the environment names.

    DATA_DIR=... python -m tests.transfer.reading [--sums-alone] [tables left out]

Two sites with the same content print the same, whatever database each has. Reading a page may be noted, so
the rows come first; or alone.
"""

from __future__ import annotations

import json
import os
import subprocess  # this very module, with another environment
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
# What a backup or a move is itself noted in, and what makes pages of before stale.
MOVES_ON: Final = ("cms.BackupRun", "cms.Changes")
SUMS_ALONE: Final = "--sums-alone"


def sums(*left: str) -> dict[str, str]:
    """Return the sum of each table, but of those named and those that a move changes."""
    from portal.transfer.copying.sums import total_of
    from portal.transfer.copying.tables import copied

    labels = {model._meta.label: model for model in copied()}
    kept = labels.keys() - {*left, *MOVES_ON}
    return {label: str(total_of(labels[label], "default")) for label in sorted(kept)}


def pages() -> dict[str, str]:
    """Return the sum of a page of each kind. Searches are left out: each engine ranks in its own way."""
    from tests.transfer import whole_site

    read = whole_site.pages().items()
    return {url: sha256(content).hexdigest() for url, content in read if "search" not in url}


def read_elsewhere(env: Mapping[str, str], *left: str) -> dict[str, Any]:
    """Return the sums and pages of another site, as of a process of its own."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-m", "tests.transfer.reading", *left],
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings, setup_test_environment

    setup_test_environment()
    # As tests have it: static files by their plain names.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        found = {"sums": sums(*sys.argv[1:])}
        if SUMS_ALONE not in sys.argv:
            found["pages"] = pages()
        json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
