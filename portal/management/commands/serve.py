"""`manage.py serve`: the site under gunicorn, with a worker beside it, as it runs for real."""

from __future__ import annotations

import errno
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import guardian
from portal.management.holding import hold_data_folder

REASONS = {
    errno.EADDRINUSE: (
        "端口已被占用。如果网站已在运行，请先结束它，或用环境变量 PORT 换一个端口。"
    ),
    errno.EACCES: "没有权限使用这个端口。请用环境变量 PORT 换一个端口。",
}


class Command(BaseCommand):
    help = "以正式方式启动网站（gunicorn）与后台任务。按 Ctrl-C 一起结束。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--web-only",
            action="store_true",
            help="只启动网站；后台任务另外运行（manage.py worker），例如作为 systemd 的另一个服务",
        )

    def handle(self, *, web_only: bool, **options: Any) -> None:
        refuse_taken(settings.BIND, settings.PORT)
        hold_data_folder()
        if settings.METRICS_PORT:
            from portal.cms.seeing import counters

            counters.begin_anew()
        self.stdout.write(f"网站：{settings.SITE_URL}/    按 Ctrl-C 结束")
        self.stdout.flush()
        if not web_only:
            guardian.start()
        # gunicorn takes this process's place: Ctrl-C reaches it itself. The guardian, its child, goes
        # when it goes.
        command = [sys.executable, "-m", "gunicorn", "portal.wsgi", *self.flags()]
        os.execv(sys.executable, command)  # noqa: S606

    def flags(self) -> list[str]:
        return [
            f"--bind={settings.BIND}:{settings.PORT}",
            f"--workers={settings.WEB_WORKERS}",
            "--worker-class=portal.serving.Worker",
            "--threads=4",
            # As long as gunicorn takes them: each Chinese character of an address is nine bytes.
            "--limit-request-line=8190",
            # Nobody but us says where the site stands; whether a visitor came by https, our proxies say.
            "--forwarder-headers=",
            f"--forwarded-allow-ips={','.join(map(str, settings.TRUSTED_PROXIES))}",
            # Loaded before the fork: a mistake in the settings is one sentence, not one a worker.
            "--preload",
            "--no-control-socket",
            # Its warnings are about malformed requests, which strangers send all day.
            "--log-level=error",
        ]


def refuse_taken(host: str, port: int) -> None:
    """Raise CommandError where somebody else listens already: gunicorn would try five times, in English."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            # The system's own words would be English.
            reason = REASONS.get(
                error.errno or 0, "这个地址不能使用。请检查环境变量 BIND 和 PORT。"
            )
            raise CommandError(f"无法在 {host}:{port} 上启动：{reason}") from error
