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

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Django's own sentences may have several lines.
        sys.exit("无法启动：" + " ".join(str(error).split()))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        sys.exit(130)  # 128 + SIGINT, as shells have it
