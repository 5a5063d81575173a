"""Epochs: spans of time in which nothing that the site shows changes."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, TypeVar

from django.db import Error, connection, models, transaction
from django.db.models import F, Sum
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone

from portal.cms.pagecache.models import Changes
from portal.cms.publishing import Publishable

logger = logging.getLogger(__name__)

# Seconds between two looks at the database. Twice that is the promise: nothing older than a second.
INTERVAL: Final = 0.5
# How long an epoch lasts that begins after a moment of its own: a scheduled change that is due, but
# cannot be applied while a writer is in the way.
OVERDUE: Final = timedelta(seconds=2)
MISSING: Final[Any] = object()

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Epoch:
    """What is kept while nothing changes: by any key, for any reader, until the epoch ends."""

    def __init__(self, generation: int, ends_at: datetime | None) -> None:
        self.generation = generation
        self.ends_at = ends_at
        self.kept: dict[Any, Any] = {}
        self.fragments: OrderedDict[Any, Any] = OrderedDict()


# --- What ends an epoch -------------------------------------------------------------------------------


def content_changed() -> None:
    """Count a change of what the site shows, as part of the transaction that makes it.

    Saves and deletes of models that are watched call it; an `update()` or `bulk_create()` must be
    followed by a call. Two or three queries the first time in a transaction, then none.
    """
    # Django forgets what waits for the commit when a savepoint is rolled back, and so the count.
    if any(waiting is _look_again for _, waiting, *_ in connection.run_on_commit):
        return
    with transaction.atomic():
        free = Changes.objects.order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        row = free.values_list("pk", flat=True).first()
        if row is None:
            Changes.objects.create()
        else:
            Changes.objects.filter(pk=row).update(count=F("count") + 1)
        transaction.on_commit(_look_again)


def watch(*shown: type[models.Model]) -> None:
    """Let every save and delete of these models count, and every change of many-to-many rows.

    Not of a draft that never had a date: nobody sees it, and editors save it all day.
    """
    for model in shown:
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(_changed, sender=model, dispatch_uid=f"epochs:{model._meta.label}")
        _watched.add(model)


def watched() -> frozenset[type[models.Model]]:
    return frozenset(_watched)


def _changed(sender: Any, instance: models.Model, **kwargs: Any) -> None:
    # With a date it may have been on the site until this very save: withdrawn just before its moment, it
    # forgets that it was published.
    if not isinstance(instance, Publishable) or instance.first_published_at or instance.go_live_at:
        content_changed()


_watched: set[type[models.Model]] = set()

Source = Callable[[datetime], datetime | None]


def upcoming(source: Source) -> Source:
    """Register a function that tells the first moment after `now` at which pages change by the clock.

    It is asked once an epoch: what moves that moment must count as a change.
    """
    _sources.append(source)
    return source


_sources: list[Source] = []


# --- The present epoch --------------------------------------------------------------------------------


class Clock:
    """Knows the present epoch. One a process; its threads share it."""

    def __init__(self) -> None:
        self._epoch = Epoch(-1, None)
        self._look_at = 0.0  # by time.monotonic()
        self._looking = threading.Lock()
        self._held = threading.local()

    def present(self) -> Epoch:
        """Return the present epoch: one comparison, and a query when the last one is INTERVAL old.

        While the database cannot be reached, the last one goes on: nothing can change meanwhile.
        """
        if time.monotonic() >= self._look_at:
            self._look()
        return self._epoch

    def current(self) -> Epoch:
        """Return the epoch in which this thread renders (see `steady`), or else the present one."""
        held: Epoch | None = getattr(self._held, "epoch", None)
        if held is not None:
            return held
        epoch = self.present()
        if getattr(self._held, "steady", False):
            self._held.epoch = epoch
        return epoch

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Within, this thread stays in the epoch it asks for first.

        So what is read in one epoch is never kept in a later one, which would show it as new. A change
        of this thread's own ends that.
        """
        self._held.steady = True
        try:
            yield
        finally:
            self._held.steady, self._held.epoch = False, None

    def look_again(self) -> None:
        """Ask the database at the next request, whenever the last one was."""
        self._look_at = 0.0
        self._held.epoch = None

    def reset(self) -> None:
        """Forget everything that is kept."""
        self._epoch, self._look_at = Epoch(-1, None), 0.0

    def _look(self) -> None:
        # While one thread asks, the others go on with what they know, for another INTERVAL at most.
        overdue = time.monotonic() >= self._look_at + INTERVAL
        # Nor do they wait for a database that hangs: who asks does, and pages that are kept are answered.
        if not self._looking.acquire(timeout=INTERVAL if overdue else 0):
            return
        try:
            if time.monotonic() >= self._look_at:  # else somebody asked while this thread waited
                self._ask()
        finally:
            self._looking.release()

    def _ask(self) -> None:
        # From before the question: what is committed after it belongs to the next look.
        look_at = time.monotonic() + INTERVAL
        try:
            self._advance()
        except Error as error:
            logger.warning("the database does not answer, pages stay as they are: %s", error)
            connection.close()  # the next look opens another
        else:
            if self._epoch.ends_at is not None:
                left = (self._epoch.ends_at - timezone.now()).total_seconds()
                look_at = min(look_at, time.monotonic() + left)
        self._look_at = look_at

    def _advance(self) -> None:
        now = timezone.now()
        generation = Changes.objects.aggregate(all=Sum("count"))["all"] or 0
        epoch = self._epoch
        if generation == epoch.generation and not (epoch.ends_at and epoch.ends_at <= now):
            return
        moments = [moment for source in _sources if (moment := source(now)) is not None]
        ends = (moment if moment > now else now + OVERDUE for moment in moments)
        self._epoch = Epoch(generation, min(ends, default=None))


clock: Final = Clock()


def _look_again() -> None:
    clock.look_again()


# --- Kept for an epoch --------------------------------------------------------------------------------


def once(load: Callable[[], T]) -> Callable[[], T]:
    """Let a function without arguments run once an epoch; its result is shared, so nobody may change it.

    Within a transaction it runs each time: what is read there may never be committed.
    """

    @wraps(load)
    def kept() -> T:
        if connection.in_atomic_block:
            return load()
        epoch = clock.current()
        if load not in epoch.kept:
            epoch.kept[load] = load()
        result: T = epoch.kept[load]
        return result

    return kept


def once_each(most: int) -> Callable[[Callable[[K], T]], Callable[[K], T]]:
    """Likewise for a function of one argument: once an epoch for each value of it.

    So many results are kept; who comes in pushes the eldest out.
    """

    def keep(load: Callable[[K], T]) -> Callable[[K], T]:
        @wraps(load)
        def kept(key: K) -> T:
            if connection.in_atomic_block:
                return load(key)
            results: OrderedDict[K, Any] = clock.current().kept.setdefault(load, OrderedDict())
            # Asked once, not with `in`: another thread may push it out meanwhile.
            result: T = results.get(key, MISSING)
            if result is MISSING:
                result = results[key] = load(key)
                if len(results) > most:
                    results.popitem(last=False)
            return result

        return kept

    return keep
