"""Counting how often redirects are followed, and what is asked for in vain.

Visitors pay for neither: this process remembers, and whoever comes a second after the last time writes it
down. What it remembers when it ends is lost. Of who asked, nothing is kept.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter, OrderedDict, defaultdict
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from portal.cms.locking import waiting_little
from portal.cms.redirects.keys import NUMBERED, key_of, pairs_of, written
from portal.cms.redirects.lost import is_probe
from portal.cms.redirects.models import MissedAddress, Redirect

logger = logging.getLogger(__name__)

INTERVAL: Final = 1.0  # seconds
BRIEFLY: Final = 0.05  # seconds
MOST_AT_ONCE: Final = 50
MOST_WAITING: Final = 500
# Rows of the log. A flood of made-up addresses fills neither it nor the disk.
MOST_ROWS: Final = 5_000
# After so many new ones in a day, one has to be asked for twice.
MOST_NEW: Final = 500
MOST_SEEN: Final = 2_000
KEPT: Final = timedelta(days=90)
LONGEST: Final = 500
LONGEST_HOST: Final = 100
# Numbers of people, and where their mail goes, stand in addresses that were pasted or mistyped.
# A day is none: old systems put it into every address.
PERSONAL: Final = re.compile(
    r"(?<!\d)(?!(?:19|20)\d{2}[-.]?[01]\d[-.]?[0-3]\d(?!-?\d))\d(?:[-.\s－．]?\d){6,}"
    r"|[^/\s@＠]+[@＠][^/\s@＠]+"
)
# What stands in their place: such a row of the log is not of one address alone.
LEFT_OUT: Final = "…"
# Scripts by which other systems show a page. With anything but numbers behind it, it is a robot.
OLD_SCRIPT: Final = re.compile(r"(?:/(?!wp-|admin)[a-z_]{1,20}){1,3}\.(?:php|aspx?)", re.IGNORECASE)


class Missed(NamedTuple):
    path: str
    host: str


_hits: Counter[int] = Counter()
_misses: Counter[Missed] = Counter()
_seen: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()
_writing = threading.Lock()
_write_at = 0.0  # by time.monotonic()


def hit(redirect: Redirect) -> None:
    """Count a redirect that was followed; three queries for whoever writes."""
    with _lock:
        if redirect.pk in _hits or len(_hits) < MOST_WAITING:
            _hits[redirect.pk] += 1
    _write_if_due()


def miss(path: str, query: str = "", referrer: str = "") -> None:
    """Count an address at which nothing is; nine queries for whoever writes."""
    shown = worth_noting(path, query)
    if not shown:
        return
    missed = Missed(shown, host_of(referrer))
    with _lock:
        if missed in _misses or len(_misses) < MOST_WAITING:
            _misses[missed] += 1
    _write_if_due()


def worth_noting(path: str, query: str = "") -> str:
    """Return an address as the log shows it, "" for what only a robot asks for.

    Of its parameters, those that are numbers; and nothing that may lead to a person.
    """
    text = written(path)
    pairs = [pair for pair in pairs_of(query) if NUMBERED.fullmatch(pair) or "=" not in pair]
    if is_probe(text) and not (pairs and OLD_SCRIPT.fullmatch(text)):
        return ""
    if not text and not pairs:
        return ""  # no letters, or the front page
    shown = "?".join(filter(None, (text or "/", "&".join(pairs))))
    shown = "".join(sign if sign.isprintable() else LEFT_OUT for sign in shown)
    return PERSONAL.sub(LEFT_OUT, shown)[:LONGEST]


def host_of(referrer: str) -> str:
    """Return from which site a visitor came, "" where the browser does not say."""
    try:
        return (urlsplit(referrer).hostname or "")[:LONGEST_HOST]
    except ValueError:
        return ""


def sweep(now: datetime) -> None:
    """Forget what nobody has asked for in a season."""
    MissedAddress.objects.filter(last_at__lt=now - KEPT).delete()


def reset() -> None:
    """Forget what has not been written down."""
    global _write_at
    _hits.clear()
    _misses.clear()
    _seen.clear()
    _write_at = 0.0


def _write_if_due() -> None:
    global _write_at
    if time.monotonic() < _write_at or not _writing.acquire(blocking=False):
        return
    try:
        _write_at = time.monotonic() + INTERVAL
        with _lock:
            hits, misses = dict(_hits), dict(_misses.most_common(MOST_AT_ONCE))
            _hits.clear()
            for missed in misses:
                del _misses[missed]
        try:
            with waiting_little(BRIEFLY), transaction.atomic():
                _write_hits(hits)
                _write_misses(misses)
        except Error as error:  # a writer in the way: with the next
            logger.info("visits to old addresses wait to be counted: %s", error)
            with _lock:
                _hits.update(hits)
                _misses.update(misses)
    finally:
        _writing.release()


def _write_hits(hits: dict[int, int]) -> None:
    """One query for all that were followed as often, mostly once."""
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for pk, times in hits.items():
        alike[times].append(pk)
    for times, pks in alike.items():
        rows = Redirect.objects.filter(pk__in=pks)
        rows.update(hits=F("hits") + times, last_hit_at=timezone.now())


def _write_misses(misses: dict[Missed, int]) -> None:
    if not misses:
        return
    now = timezone.now()
    keys = {missed: key_of(missed.path) for missed in misses}
    rows = MissedAddress.objects.filter(key__in=keys.values())
    known = set(rows.values_list("key", flat=True))
    alike: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    new: dict[str, MissedAddress] = {}
    for missed, times in misses.items():
        key = keys[missed]
        if key in known:
            alike[times, missed.host].append(key)
        elif key in new:
            new[key].hits += times
            new[key].from_host = new[key].from_host or missed.host
        else:
            new[key] = MissedAddress(
                path=missed.path,
                key=key,
                hits=times,
                from_host=missed.host,
                first_at=now,
                last_at=now,
            )
    for (times, host), same in alike.items():
        told = {"from_host": host} if host else {}
        rows.filter(key__in=same).update(hits=F("hits") + times, last_at=now, **told)
    _enter(list(new.values()))


def _enter(new: list[MissedAddress]) -> None:
    """Put new addresses into the log, as long as there is room in it and in the day."""
    if not new:
        return
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), clock_time()))
    of_today = MissedAddress.objects.filter(first_at__gte=midnight).count()
    free = max(0, MOST_NEW - of_today)
    entered = new[:free] + [row for row in new[free:] if row.hits > 1 or _seen_before(row.key)]
    if not entered:
        return
    MissedAddress.objects.bulk_create(entered, ignore_conflicts=True)
    excess = MissedAddress.objects.count() - MOST_ROWS
    if excess > 0:
        least = MissedAddress.objects.order_by("settled", "hits", "last_at").values("pk")[:excess]
        MissedAddress.objects.filter(pk__in=list(least.values_list("pk", flat=True))).delete()


def _seen_before(key: str) -> bool:
    if key in _seen:
        del _seen[key]
        return True
    _seen[key] = None
    if len(_seen) > MOST_SEEN:
        _seen.popitem(last=False)
    return False
