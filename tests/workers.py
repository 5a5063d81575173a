"""Real workers, in processes of their own, on the tests' own database: they are there to be killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from portal.cms.delivery import Message, enqueue, topic
from portal.cms.delivery.models import Delivery, DeliveryTarget
from tests import cast
from tests.loopback import Mailbox

ROOT = Path(__file__).resolve().parents[1]

# `manage.py worker` with the topic below.
PROGRAM = """
import signal
import django
# A shell that runs the tests in the background has Ctrl-C ignored by all of its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
django.setup()
from django.core.management import call_command
from tests.workers import register
register()
call_command("worker")
"""


def register() -> None:
    """One message a page."""
    topic("news", "新单页", lambda pages: Message("新单页"), batch=1)


def somebody_to_tell() -> None:
    fields: dict[str, Any] = {"address": "amin@example.com", "topics": ["news"]}
    DeliveryTarget.objects.create(name="组", **fields)


def tell(slug: str) -> Delivery:
    with transaction.atomic():
        enqueue("news", cast.page(slug=slug))
    return Delivery.objects.latest("id")


def came(mailbox: Mailbox) -> Counter[int]:
    """Return which rows of the outbox came as a mail, and how often."""
    numbers = re.findall(r"Message-ID: <delivery-(\d+)@", "".join(mailbox.mails))
    return Counter(map(int, numbers))


class Workers:
    """Workers that send to a mailbox."""

    def __init__(self, mailbox: Mailbox, data: Path) -> None:
        self.started: list[subprocess.Popen[bytes]] = []
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DATA_DIR": str(data),
            "DATABASE_URL": database(),
            "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "SECRET_KEY": "k",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROGRAM]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment)  # noqa: S603 - ours
        self.started.append(process)
        return process

    def kill(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
        self.started.clear()


def database() -> str:
    """Return the address of the tests' own database, for other processes."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", os.environ["DATABASE_URL"], count=1)
