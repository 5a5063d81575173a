#!/usr/bin/env python
"""Django's command line for the portal; a mistake in the environment is one sentence, not a traceback."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        # Read before Django does: its command line would hide the sentence behind another error.
        import portal.settings  # noqa: F401
    except ImproperlyConfigured as error:
        sys.exit(f"无法启动：{error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
