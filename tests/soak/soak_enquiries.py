"""Enquiries sent by many at once, to a real server that is killed with SIGKILL again and again.

Run by `make soak`, not by `make test`. Clients do what people do: press again until they read thanks.
In the end every enquiry that was thanked for is in the database, once; and colleagues were told of
each once, or its row in the outbox says that nobody knows.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, timedelta
from email import message_from_string
from email.policy import default
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.utils import timezone

from portal.cms.delivery.claiming import LEASE
from staffing.incoming.token import DIGITS
from tests import pristine
from tests.desk.forms import FormReader
from tests.loopback import Mailbox, serving
from tests.soak.soak_kills import Server, processes, rows
from tests.start.waiting import until

POSTS = int(os.environ.get("POSTS", "1000"))
CLIENTS = 16
QUESTION = re.compile(r"(.)加(.)等于几？")

SETUP = """
from portal.cms.delivery.models import DeliveryTarget
from staffing.models import FormPolicy
FormPolicy.objects.update(all_per_hour=10_000)
DeliveryTarget.objects.create(name="业务组", address="amin@example.com", topics=["enquiry"])
"""


class Stay(HTTPRedirectHandler):
    """Leaves redirects to whoever asked."""

    def redirect_request(self, *args: Any) -> None:
        return None


class Sender(threading.Thread):
    """A client that sends its enquiries one after the other, each until it is thanked for it."""

    def __init__(self, server: Server, numbers: range) -> None:
        super().__init__(daemon=True)
        self.server, self.numbers = server, numbers
        self.browser = build_opener(Stay)
        self.thanked: list[str] = []

    def run(self) -> None:
        for number in self.numbers:
            self.insist(f"+86138{number:08d}", f"198.18.{number // 250}.{number % 250}")

    def insist(self, phone: str, address: str) -> None:
        data: dict[str, Any] = {}
        while True:
            try:
                data = data or self.opened(address)
                data |= {"phone": phone, "name": "王女士", "company": "示例电子"}
                status, page = self.ask(address, data)
            except (URLError, HTTPException, OSError):
                time.sleep(0.1)  # killed: the page is still open, and its button is pressed again
                continue
            if status == 303:
                self.thanked.append(phone)
                return
            if status == 422 and (asked := QUESTION.search(page)):
                answer = sum(DIGITS.index(number) for number in asked.groups())
                data = {**typed(page), "agree": data["agree"], "answer": str(answer)}

    def opened(self, address: str) -> dict[str, Any]:
        _, page = self.ask(address)
        return {**typed(page), "agree": page.split('name="agree" value="')[1].split('"')[0]}

    def ask(self, address: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        body = urlencode(data, doseq=True).encode() if data else None
        url = f"{self.server.url}/enquiry/"
        request = Request(url, body, {"X-Forwarded-For": address})  # noqa: S310 - ours
        try:
            with self.browser.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()


def typed(page: str) -> dict[str, Any]:
    reader = FormReader()
    reader.feed(page)
    return reader.data


class Chaos(threading.Thread):
    """Kills all of the server, or one of its processes, every few seconds, and starts it again."""

    def __init__(self, server: Server, seed: int, pause: tuple[float, float]) -> None:
        super().__init__(daemon=True)
        self.server, self.pause, self.kills = server, pause, 0
        self.random = random.Random(seed)
        self.enough = threading.Event()

    def run(self) -> None:
        # However quick the machine is: once it kills for certain.
        while self.kills == 0 or not self.enough.wait(self.random.uniform(*self.pause)):
            assert self.server.process is not None
            if self.random.random() < 0.5:
                victim = self.random.choice(processes(self.server.process.pid))
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                self.kills += 1
                self.enough.wait(0.5)
                if victim != self.server.process.pid:
                    continue  # gunicorn or the guardian starts another
            else:
                self.kills += 1
            self.server.kill()
            self.server.start()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
def server(tmp_path: Path, mailbox: Mailbox) -> Iterator[Server]:
    server = Server(tmp_path)
    server.env["EMAIL_URL"] = f"smtp://127.0.0.1:{mailbox.port}"
    if pristine.MIGRATED.exists():  # by the tests that this one runs among
        shutil.copy(pristine.MIGRATED, tmp_path / "db.sqlite3")
    server.manage("migrate", "--verbosity=0")
    server.manage("collectstatic", "--noinput", "--verbosity=0")
    server.manage("shell", "--verbosity=0", "--command", SETUP)
    yield server
    server.kill()


def told(mailbox: Mailbox) -> Counter[str]:
    """Return of which enquiries mails came, and how often."""
    bodies = (message_from_string(mail, policy=default).get_content() for mail in mailbox.mails)
    return Counter(re.findall(r"\b\d\d-[2-9A-Z]{6}\b", "\n".join(bodies)))


def nothing_waits(data: Path) -> bool:
    """Let the leases end of what was in hand for so long that its worker must be dead, and look."""
    # As the database writes it. A mail to the mailbox next door takes no second.
    now = timezone.now().astimezone(UTC).replace(tzinfo=None)
    in_hand = now + LEASE - timedelta(seconds=15)
    waiting = "cms_delivery where state in ('pending', 'sending')"
    with sqlite3.connect(data / "db.sqlite3", timeout=20) as connection:
        connection.execute(
            "update cms_delivery set lease_until = ? where state = 'sending' and lease_until < ?",
            (str(now), str(in_hand)),
        )
    return rows(data, f"select count(*) from {waiting}") == [(0,)]  # noqa: S608 - ours


def send_and_kill(
    server: Server, data: Path, mailbox: Mailbox, posts: int, pause: tuple[float, float]
) -> None:
    server.start()
    share = -(-posts // CLIENTS)
    ranges = [range(n, min(n + share, posts)) for n in range(0, posts, share)]
    senders = [Sender(server, numbers) for numbers in ranges]
    chaos = Chaos(server, 20261123, pause)
    for thread in (chaos, *senders):
        thread.start()
    for sender in senders:
        sender.join(timeout=1800)
    chaos.enough.set()
    chaos.join(timeout=60)
    server.kill()  # once more, so that what hangs is let go
    server.start()

    thanked = [phone for sender in senders for phone in sender.thanked]
    assert len(thanked) == posts
    stored = Counter(phone for (phone,) in rows(data, "select phone from staffing_enquiry"))
    assert set(thanked) == set(stored), "thanked for, and not there"
    assert set(stored.values()) == {1}, "one is there twice"
    assert rows(data, "select count(*) from staffing_consent") == [(posts,)]
    assert rows(data, "pragma integrity_check") == [("ok",)]

    until(lambda: nothing_waits(data), "something is still on its way", 120)
    states: dict[str, str] = dict(
        rows(
            data,
            "select e.reference, d.state from staffing_enquiry e"
            " join cms_delivery d on d.object_id = e.id and d.topic = 'enquiry'",
        )
    )
    came = told(mailbox)
    assert len(states) == posts, "one is told to nobody, or twice"
    assert set(came.values()) <= {1}, "one was told twice"
    assert {name for name, state in states.items() if state == "delivered"} <= set(came)
    assert set(came) <= {
        name for name, state in states.items() if state in ("delivered", "unclear")
    }
    assert set(states.values()) <= {"delivered", "unclear"}
    print(f"{posts} enquiries, {chaos.kills} kills: {Counter(states.values())}")


def test_no_death_loses_an_enquiry_or_tells_of_it_twice(
    server: Server, tmp_path: Path, mailbox: Mailbox
) -> None:
    send_and_kill(server, tmp_path, mailbox, POSTS, (2, 8))
