"""Measuring by turns, and what the figures come to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.bench.load import Load, load
from tests.bench.servers import Server

PATIENCE = 20  # seconds
QUIET = 0.1


class Probe(NamedTuple):
    """One of the things that are compared: some addresses of a server."""

    name: str
    server: Server
    paths: list[str]


class Figure(NamedTuple):
    """What one turn showed. CPU and times are in milliseconds, CPU for each request."""

    rate: float
    cpu: float
    p50: float
    p99: float
    errors: int


@dataclass
class Row:
    """The turns of one probe with so many clients."""

    name: str
    clients: int
    turns: list[Figure] = field(default_factory=list)

    def median(self, of: Callable[[Figure], float]) -> float:
        return statistics.median(map(of, self.turns))

    @property
    def rate(self) -> float:
        return self.median(lambda turn: turn.rate)

    @property
    def cpu(self) -> float:
        return self.median(lambda turn: turn.cpu)

    @property
    def p50(self) -> float:
        return self.median(lambda turn: turn.p50)

    @property
    def p99(self) -> float:
        return self.median(lambda turn: turn.p99)

    @property
    def errors(self) -> int:
        return sum(turn.errors for turn in self.turns)


def by_turns(probes: Iterable[Probe], clients: int, seconds: float, rounds: int) -> list[Row]:
    """Load each probe once a round; a first short one warms it and does not count."""
    rows = [(probe, Row(probe.name, clients)) for probe in probes]
    for probe, _ in rows:
        warm(probe)
    for _ in range(rounds):
        for probe, row in rows:
            row.turns.append(turn(probe, clients, seconds))
    return [row for _, row in rows]


def warm(probe: Probe) -> Load:
    return load(probe.server.port, probe.paths, 8, 1)


def settle(server: Server) -> None:
    """Wait until nothing of the last load is left to do: a query goes on when nobody waits for it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = server.cpu()
        time.sleep(QUIET)
        if server.cpu() - before < QUIET / 4:
            return


def turn(probe: Probe, clients: int, seconds: float) -> Figure:
    settle(probe.server)
    before = probe.server.cpu()
    seen = load(probe.server.port, probe.paths, clients, seconds)
    spent = probe.server.cpu() - before
    answered = max(seen.requests, 1)
    return Figure(seen.rate, 1000 * spent / answered, seen.p50, seen.p99, seen.errors)


def ratio(one: Row, other: Row, of: Callable[[Figure], float]) -> float:
    """Return the median of what the rounds say, each for itself: a round is as busy for both."""
    pairs = zip(one.turns, other.turns, strict=True)
    return statistics.median(of(a) / max(of(b), 1e-9) for a, b in pairs)


def rate_ratio(one: Row, other: Row) -> float:
    return ratio(one, other, lambda turn: turn.rate)


def cpu_ratio(one: Row, other: Row) -> float:
    return ratio(one, other, lambda turn: turn.cpu)
