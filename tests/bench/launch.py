"""`python -m tests.bench.launch MODULE [FLAG…]`: gunicorn with the flags of `manage.py serve`.

The process becomes gunicorn; flags given here come after those of `serve`, and so in their place.
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def main(module: str, *flags: str) -> None:
    django.setup()
    from portal.management.commands.serve import Command

    command = [sys.executable, "-m", "gunicorn", module, *Command().flags(), *flags]
    os.execv(sys.executable, command)  # noqa: S606  ours


if __name__ == "__main__":
    main(*sys.argv[1:])
