"""What is met in pages becomes rows that wait for the owner, and messages to whoever is to hear of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.cms.delivery import Message, enqueue, topic
from portal.cms.delivery.models import DueTask
from portal.cms.tamper.models import OutsideHost
from portal.cms.tamper.reading import LINK, Sighting

logger = logging.getLogger(__name__)

TOPIC: Final = "tamper"
# The nightly task of `wire`. Until it has ended once, links are approved as they are met (`is_learning`).
TASK: Final = "tamper"
# How long a message waits for more to say: as long as one turn of the look at pages takes; of links, which
# are no emergency, the whole night.
TOGETHER: Final = timedelta(minutes=2)
LINKS_TOGETHER: Final = timedelta(hours=1)
# What was away for so long and is back is told of once more.
AWAY: Final = timedelta(days=7)
# New rows that one round makes: with so many there is enough to look into.
MOST_NEW: Final = 500
MOST_LINES: Final = 20


class Watch:
    """What one round over the pages has met, and on how many of them."""

    def __init__(self) -> None:
        self.pages: Counter[Sighting] = Counter()

    def note(self, seen: Mapping[str, Collection[Sighting]]) -> None:
        """Take in what was seen on pages, by their paths; a query, some more for what is new."""
        met: dict[Sighting, list[str]] = {}
        for path, sightings in seen.items():
            for sighting in sightings:
                met.setdefault(sighting, []).append(path)
        meet({sighting: paths for sighting, paths in met.items() if sighting not in self.pages})
        for sighting, paths in met.items():
            if sighting in self.pages or len(self.pages) < MOST_NEW:
                self.pages[sighting] += len(paths)

    def end(self) -> None:
        """Write down on how many pages each was; a query each."""
        now = timezone.now()
        for (kind, host), pages in self.pages.items():
            OutsideHost.objects.filter(kind=kind, host=host).update(pages=pages, last_at=now)
        self.pages.clear()


def meet(met: Mapping[Sighting, Sequence[str]]) -> None:
    """Note what is met for the first time in a round, and tell of what nobody has approved."""
    if not met:
        return
    now = timezone.now()
    hosts = {sighting.host for sighting in met}
    known = {Sighting(r.kind, r.host): r for r in OutsideHost.objects.filter(host__in=hosts)}
    new = [sighting for sighting in met if sighting not in known]
    for sighting, row in known.items():
        if sighting in met:
            _meet_again(row, now)
    if len(new) > MOST_NEW:
        logger.error("pages have %d unknown things of others; not all are noted", len(new))
    approved_at = now if new and is_learning() else None
    # What runs comes first: of what is too much, links are left out.
    for sighting in sorted(new, key=lambda each: (each.kind == LINK, each))[:MOST_NEW]:
        _meet_first(sighting, met[sighting], now, approved_at)


@transaction.atomic
def _meet_first(
    sighting: Sighting, paths: Sequence[str], now: datetime, approved_at: datetime | None
) -> None:
    first = {"page": paths[0][:500], "pages": len(paths), "first_at": now, "last_at": now}
    if sighting.kind == LINK:
        first["approved_at"] = approved_at
    row, made = OutsideHost.objects.get_or_create(
        kind=sighting.kind, host=sighting.host, defaults=first
    )
    if made:
        tell(row)


@transaction.atomic
def _meet_again(row: OutsideHost, now: datetime) -> None:
    was_away = row.last_at < now - AWAY
    OutsideHost.objects.filter(pk=row.pk).update(last_at=now)
    if was_away:
        tell(row, f"{timezone.localdate(now)}")


def tell(row: OutsideHost, occasion: str = "") -> None:
    if row.approved_at is None:
        wait = LINKS_TOGETHER if row.kind == LINK else TOGETHER
        enqueue(TOPIC, row, occasion=occasion, delay=wait)


def is_learning() -> bool:
    """Whether no nightly look has ended on this site yet; one query.

    The links that are met until then, whoever made the site has put there: nobody need approve them one
    by one. Code is never approved like that.
    """
    return not DueTask.objects.filter(name=TASK, finished_at__isnull=False).exists()


# --- Telling --------------------------------------------------------------------------------------------


def render(rows: Sequence[OutsideHost]) -> Message:
    code = [row for row in rows if row.kind != LINK]
    title = "页面里出现未经认可的外部代码" if code else "页面链到了未认可的网站"
    links = [row for row in rows if row.kind == LINK]
    lines = [f"{row.get_kind_display()}：{row}，在 {row.page}" for row in [*code, *links]]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"……共 {len(rows)} 项"]
    if code:
        lines.append("如果不是您或同事加上的，网站可能被人改动过，请尽快请技术人员检查。")
    return Message(title, lines, reverse("admin:cms_outsidehost_changelist"))


topic(
    TOPIC,
    "页面里出现未认可的外部代码或链接",
    render,
    wanted=lambda row: row.approved_at is None,
    repeatable=True,
    unwanted="已经认可。",
)
