"""Periodic work: what is due is a row, so that any number of workers do it once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from portal.cms.delivery.fates import where
from portal.cms.delivery.models import DueTask

logger = logging.getLogger(__name__)

HEARTBEAT: Final = "heartbeat"
BEAT: Final = timedelta(minutes=1)
# After a failure; sooner than the next regular run, for most causes pass.
AGAIN: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Task:
    """Work that comes back: every day at a time of Asia/Shanghai, or after a span.

    `run` gets the present moment. It may be cut off anywhere and is then begun anew, so it works in
    steps that are each complete. One that returns True has more to do, and gets its next turn at once,
    after what else is waiting. Longer than `takes`, and another worker thinks this one dead.
    """

    name: str
    label: str
    run: Callable[[datetime], bool | None]
    at: time | None
    every: timedelta | None
    takes: timedelta

    def next_after(self, now: datetime) -> datetime:
        if self.at is None:
            assert self.every is not None  # noqa: S101 - `periodic` has seen to it
            return now + self.every
        today = timezone.make_aware(datetime.combine(timezone.localdate(now), self.at))
        return today if today > now else today + timedelta(days=1)


_tasks: dict[str, Task] = {}


def periodic(
    name: str,
    label: str,
    run: Callable[[datetime], bool | None],
    *,
    at: time | None = None,
    every: timedelta | None = None,
    takes: timedelta = timedelta(minutes=15),
) -> Task:
    """Register work that comes back, daily `at` a time or `every` so often.

    What was missed while no worker ran is done once when one starts, not as often as it was missed.
    """
    if (at is None) == (every is None):
        raise ValueError(f"{name}: either `at` or `every`")
    made = _tasks[name] = Task(name, label, run, at, every, takes)
    return made


def label_of(name: str) -> str:
    task = _tasks.get(name)
    return task.label if task else name


def make_rows() -> None:
    """Give each task that has none its row; two queries. Those of a span are due at once."""
    now = timezone.now()
    known = set(DueTask.objects.filter(name__in=_tasks).values_list("name", flat=True))
    new = [
        DueTask(name=task.name, due_at=task.next_after(now) if task.at else now)
        for task in _tasks.values()
        if task.name not in known
    ]
    DueTask.objects.bulk_create(new, ignore_conflicts=True)


def run_next(by: str) -> bool:
    """Run the task that is due first, if there is one; return whether there was. One query if not.

    Committed as begun before it runs. A failure is noted and logged, and stops nothing else.
    """
    now = timezone.now()
    free = DueTask.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    row = free.filter(due_at__lte=now, name__in=_tasks).order_by("due_at").first()
    if row is None:
        return False
    task, holder = _tasks[row.name], f"{by[:40]}:{uuid4().hex[:16]}"
    # The row as it was seen: two workers may have seen it.
    begun = free.filter(pk=row.pk, due_at=row.due_at).update(
        lease_until=now + task.takes, leased_by=holder, started_at=now
    )
    if begun:
        more, problem = _run(task, now)
        due_at = next_time(task, more=more, failed=bool(problem))
        DueTask.objects.filter(pk=row.pk, leased_by=holder).update(
            due_at=due_at,
            lease_until=None,
            leased_by="",
            problem=problem,
            **({} if problem else {"finished_at": timezone.now()}),
        )
    return True


def _run(task: Task, now: datetime) -> tuple[bool, str]:
    try:
        return bool(task.run(now)), ""
    except Exception as error:  # noqa: BLE001 - of whoever registered it; logged
        logger.error("the task %s failed: %s", task.name, where(error))
        return False, f"上次没有完成（{type(error).__name__}），稍后再试。"


def next_time(task: Task, *, more: bool, failed: bool) -> datetime:
    now = timezone.now()
    if more:
        return now
    return min(now + AGAIN, task.next_after(now)) if failed else task.next_after(now)


def hasten(name: str) -> None:
    """Let a task be due at once; one query. If it is running just now, it comes again when it would anyway."""
    DueTask.objects.filter(name=name).update(due_at=timezone.now())


def worker_is_alive() -> bool:
    """Whether a worker has been at work lately; one query."""
    since = timezone.now() - 3 * BEAT
    return DueTask.objects.filter(name=HEARTBEAT, finished_at__gte=since).exists()


def _beat(now: datetime) -> None:
    """Nothing but the note that it was done."""


periodic(HEARTBEAT, "后台任务的心跳", _beat, every=BEAT, takes=BEAT)
