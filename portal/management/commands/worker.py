"""`manage.py worker`: sends what waits to be sent, and does what comes back by the clock."""

from __future__ import annotations

import signal
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.cms.delivery.worker import Worker
from portal.management.holding import hold_data_folder


class Command(BaseCommand):
    help = (
        "运行后台任务：发送通知、到点的修改、定期清理。serve 会自动启动它；"
        "另外单独运行几个也可以，不会重复发送。按 Ctrl-C 结束。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        # The process that has started it: when that is gone, so is the worker.
        parser.add_argument("--child-of", type=int, help=SUPPRESS)

    def handle(self, *, child_of: int | None, **options: Any) -> None:
        worker = Worker(parent=child_of)
        signal.signal(signal.SIGTERM, worker.end)
        # Ignored already where a guardian has started it, for Ctrl-C is the web server's there.
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, worker.end)
        hold_data_folder()
        if settings.METRICS_PORT:
            from portal.cms.seeing import counters

            counters.serve()
        worker.run()
