"""What a site is asked about its health: each capability registers what it can look at."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

KEPT: Final = 5.0  # seconds: a balancer asks more often than anything changes
SLOW: Final = 2.0  # seconds; a look that takes longer is as bad as one that fails


@dataclass(frozen=True)
class State:
    """What a probe has seen. `words` are for the owner, in Chinese; `figure` for graphs.

    `fatal`: where this is not well, the node cannot serve, and a balancer should send nobody here.
    """

    ok: bool
    words: str
    figure: float | None = None
    fatal: bool = False


@dataclass(frozen=True)
class Result:
    """A probe and what it has seen."""

    key: str
    label: str
    state: State


@dataclass(frozen=True)
class Probe:
    key: str
    label: str
    look: Callable[[], State]
    fatal: bool


_probes: dict[str, Probe] = {}
_kept: dict[str, tuple[float, Result]] = {}


def probe(key: str, label: str, look: Callable[[], State], *, fatal: bool = False) -> None:
    """Register a look. `fatal`: without what it looks at, this node cannot serve. If the look fails with
    an exception, so does the node.
    """
    _probes[key] = Probe(key, label, look, fatal)


def results(*, only_fatal: bool = False) -> list[Result]:
    """Look at everything, in the order of registration; each at most once in five seconds a process.

    `only_fatal`: at nothing but what this node cannot serve without. A balancer that asks must not wait
    for a store of files that is away.
    """
    return [_result(each) for each in _probes.values() if each.fatal or not only_fatal]


def forget() -> None:
    """Look anew the next time."""
    _kept.clear()


def _result(each: Probe) -> Result:
    looked_at, result = _kept.get(each.key, (float("-inf"), None))
    if result is None or time.monotonic() - looked_at > KEPT:
        result = Result(each.key, each.label, _look(each))
        _kept[each.key] = time.monotonic(), result
    return result


def _look(each: Probe) -> State:
    began = time.monotonic()
    try:
        state = each.look()
    except Exception:
        logger.warning("the probe %s failed", each.key, exc_info=True)
        return State(False, "无法检查", fatal=each.fatal)
    if state.ok and time.monotonic() - began > SLOW:
        return State(False, "反应很慢", state.figure, fatal=each.fatal)
    return state


def _database() -> State:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return State(False, "连不上", fatal=True)
    return State(True, "正常")


probe("database", "数据库", _database, fatal=True)
