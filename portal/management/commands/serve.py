"""`manage.py serve`: the site under gunicorn, as it runs for real."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "以正式方式启动网站（gunicorn）。按 Ctrl-C 结束。"

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"网站：{settings.SITE_URL}/    按 Ctrl-C 结束")
        self.stdout.flush()
        # gunicorn takes this process's place: Ctrl-C reaches it itself, and no child is left behind.
        command = [sys.executable, "-m", "gunicorn", "portal.wsgi", *self.flags()]
        os.execv(sys.executable, command)  # noqa: S606

    def flags(self) -> list[str]:
        return [
            f"--bind={settings.BIND}:{settings.PORT}",
            f"--workers={settings.WEB_WORKERS}",
            "--worker-class=gthread",
            "--threads=4",
            # Loaded before the fork: a mistake in the settings is one sentence, not one a worker.
            "--preload",
            "--no-control-socket",
            "--log-level=warning",
        ]
