"""Workers that tell search engines, killed with SIGKILL again and again, while these have moods.

Run by `make soak`, not by `make test`: `ROUNDS` deaths take minutes (ADDRESSES=… for fewer). In the end
every address was heard by both engines, and the outbox says so. What was heard twice had been in flight
when its worker died, or the engine gave no answer that it was taken.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from portal.cms.delivery.models import Delivery
from tests.loopback import SearchEngine, serving
from tests.pushers import Moody, Pushers, addresses
from tests.start.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("ROUNDS", "60"))
ADDRESSES = int(os.environ.get("ADDRESSES", "3000"))
BATCH = 20
S = Delivery.State


def open_ones() -> int:
    return Delivery.objects.exclude(state=S.DELIVERED).count()


def test_no_address_is_lost_however_often_its_worker_dies(tmp_path: Path) -> None:
    targets = addresses(ADDRESSES)
    chance = random.Random(20261123)
    deaths = in_flight = 0
    with serving(SearchEngine()) as server:
        server.answer = Moody(server, chance=7, calm=0.5)
        pushers = Pushers(server, tmp_path, BATCH)
        try:
            while deaths < ROUNDS and open_ones():
                in_flight += pushers.life(server, chance.uniform(0, 3))
                deaths += 1
            server.answer = server.play
            pushers.start()
            until(lambda: not open_ones(), "something is still on its way", 300)
        finally:
            pushers.kill()
    heard = server.heard
    assert len(heard) == ADDRESSES
    assert min(heard.values()) >= len(targets), "one engine has not heard of it"
    assert set(Delivery.objects.values_list("state", flat=True)) == {S.DELIVERED}
    print(
        f"{deaths} deaths, {in_flight} rows in flight at them; {ADDRESSES} addresses to "
        f"{len(targets)} engines in {len(server.posts)} messages, none lost"
    )
