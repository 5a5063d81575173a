"""Real workers that tell a search engine, in processes of their own: they are there to be killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from django.utils import timezone

from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.engines import announcing
from portal.cms.engines.models import PublicAddress
from tests import cast
from tests.loopback import SearchEngine, hangs_up, says
from tests.workers import ROOT, database

S = Delivery.State

# `manage.py worker`, with the engine on loopback, and less patience than a day has.
PROGRAM = """
import socket
from datetime import timedelta
import django
django.setup()
from django.core.management import call_command
from portal.cms.delivery import claiming, robots, worker
from portal.cms.engines import announcing, push
soon = timedelta(seconds=0.2)
claiming.BACK_OFF, claiming.PAUSE, claiming.MOST_ATTEMPTS = (soon,), soon, 10_000
push.LATER = push.SHORTEST_PAUSE = push.LONGEST_PAUSE = soon
robots.SECONDS = {patience}
push.tomorrow = lambda: push.timezone.now() + soon
push.connect = lambda engine, deadline: socket.create_connection(("127.0.0.1", {port}), 5)
topic = claiming.topic_of(announcing.TOPIC)
announcing.topic(**{{**vars(topic), "wanted_all": topic.wanted, "wanted": None, "batch": {batch}}})
worker.IDLE = 0.05
call_command("worker")
"""


def addresses(many: int) -> list[DeliveryTarget]:
    """Put so many addresses into the outbox, of pages that have gone, for both engines."""
    targets = [cast.push_target("baidu"), cast.push_target("indexnow")]
    rows = [
        PublicAddress(path=f"/articles/{n}/", key=f"{n:032}", was_public=True, stamp="gone")
        for n in range(many)
    ]
    for row in PublicAddress.objects.bulk_create(rows):
        announcing.push(row, targets)
    return targets


class Moody:
    """An engine with moods: takes it, thinks for long, hangs up before or after, is busy, is over quota."""

    def __init__(self, server: SearchEngine, chance: int, calm: float) -> None:
        self.server, self.calm = server, calm
        self.chance = random.Random(chance)  # noqa: S311 - no secret
        self.stalls: list[Callable[[BaseHTTPRequestHandler], None]] = [
            hangs_up,
            says({"error": 500, "message": "internal error, please try later"}, 500),
            says({}, 429, **{"Retry-After": "1"}),
            says({"error": 400, "message": "over quota"}, 400),
            says({"error": 401, "message": "token is not valid"}, 401),
            self.think,
        ]

    def think(self, visit: BaseHTTPRequestHandler) -> None:
        self.server.over.wait(self.chance.uniform(0.2, 1.5))
        self.server.take(visit)

    def __call__(self, visit: BaseHTTPRequestHandler) -> None:
        mood = (
            self.server.play
            if self.chance.random() < self.calm
            else self.chance.choice(self.stalls)
        )
        try:
            mood(visit)
        except OSError:
            pass  # the worker was killed meanwhile


class Pushers:
    """Workers that tell an engine, one after the other, each killed by the next."""

    def __init__(self, server: SearchEngine, data: Path, batch: int, patience: float = 1.0) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DATA_DIR": str(data),
            "DATABASE_URL": database(),
            "SECRET_KEY": "k",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        self.program = PROGRAM.format(port=server.server_port, batch=batch, patience=patience)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-c", self.program]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)  # noqa: S603 - ours

    def kill(self) -> int:
        """Kill the worker; return how many rows it had in hand, whose lease is then over."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        now = timezone.now()
        flying = Delivery.objects.filter(state=S.SENDING, lease_until__gt=now)
        return flying.update(lease_until=now)

    def life(self, server: SearchEngine, seconds: float) -> int:
        """One worker from its first message to its death; return what it had in hand then."""
        before = len(server.posts)
        self.start()
        deadline = time.monotonic() + 60
        while len(server.posts) == before and Delivery.objects.exclude(state=S.DELIVERED).exists():
            assert time.monotonic() < deadline, "no worker came to work"
            time.sleep(0.02)
        time.sleep(seconds)
        return self.kill()
