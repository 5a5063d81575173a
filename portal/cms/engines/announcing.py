"""Telling search engines of pages that came, changed or went: into the outbox, with the save that did it.

The subject of what is told is an address (`PublicAddress`), for an address is all that engines hear. Its
`stamp` says which state of the page was told last, so that one change is told once; what comes or goes
by the clock is in the outbox beforehand, due at its moment. Whether an address leaves is asked when it
is sent, and again of the database: a page that engines may have leaves, and one that they may have had
and that now answers 404, 410 or 301. Drafts, and pages that say `noindex`, never do.

Lists are not told, and neither is what was imported, or was there before anybody wanted to hear: engines
find those by the sitemap, and count what they are told. The stamp is one for all engines: what changes
while one of them is switched off, or before it is added, that one does not hear of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from portal.cms.delivery import Message, outbox, periodic, topic
from portal.cms.delivery.models import SECRETS, Delivery, DeliveryTarget
from portal.cms.engines.models import PublicAddress
from portal.cms.engines.register import Indexed, all_indexed, indexed_of
from portal.cms.publishing import Publishable, State, Status, is_rehearsal
from portal.cms.redirects.keys import digest
from portal.cms.rows import without_texts

TOPIC: Final = "push"
# What engines take at once (Baidu: two thousand, IndexNow: ten thousand).
MOST: Final = 1_000
GONE: Final = "gone"
# How the occasion begins of what is told at a moment ahead.
AT: Final = "at "
# Nothing more becomes of such a row by itself.
STUCK: Final = (Delivery.State.FAILED, Delivery.State.UNCLEAR)
TOLD_ANEW: Final = "没有送达，后来重新推送过。"
# Readers saw such an item at some time, or will.
TO_BE_SEEN: Final = (Status.PUBLISHED, Status.WITHDRAWN)


def push_targets() -> list[DeliveryTarget]:
    """Return the engines that want to hear; one query."""
    return list(DeliveryTarget.objects.filter(active=True, kind__in=SECRETS))


# --- What there is to tell ----------------------------------------------------------------------------


def states(rows: Iterable[PublicAddress]) -> dict[PublicAddress, str]:
    """Return what there is to be told of each address: the stamp of a page that engines may have, GONE
    where one that they had is there no more, or "" for nothing.

    Two queries a kind, and one for each page of a district that is not shown.
    """
    by_kind: dict[int | None, list[PublicAddress]] = defaultdict(list)
    for row in rows:
        by_kind[row.content_type_id].append(row)
    kinds = {ContentType.objects.get_for_model(kind.model).pk: kind for kind in all_indexed()}
    found: dict[PublicAddress, str] = {}
    for content_type, some in by_kind.items():
        kind = kinds.get(content_type) if content_type else None
        found |= _states_of(kind, some) if kind else {row: _if_had(row) for row in some}
    return found


def _states_of(kind: Indexed, rows: list[PublicAddress]) -> dict[PublicAddress, str]:
    pks = {row.object_id for row in rows}
    public = {item.pk: item for item in kind.public().filter(pk__in=pks).only(*kind.columns)}
    others: list[Any] = []
    if rest := pks - public.keys():
        others = [*without_texts(kind.model._base_manager.filter(pk__in=rest))]
    hidden = {item.pk: _path_of(item) for item in others if kind.is_shown(item)}
    found = {}
    for row in rows:
        item = public.get(row.object_id)
        if item is not None and _path_of(item) == row.path:
            found[row] = _stamp(kind.stamp(item))
        else:
            # One that is shown, and says `noindex`, has not gone.
            found[row] = "" if hidden.get(row.object_id) == row.path else _if_had(row)
    return found


def _if_had(row: PublicAddress) -> str:
    return GONE if row.was_public else ""


def _stamp(at: datetime | None) -> str:
    return f"{at.timestamp():.6f}" if at else "0"


def _path_of(item: Any) -> str:
    path: str = item.get_absolute_url()
    return path


# --- Into the outbox ----------------------------------------------------------------------------------


def announce(item: Publishable, *, is_there: bool = True) -> None:
    """Tell engines what a save of an item, or its deletion, has changed of its pages.

    In the transaction that makes it true. One query where no engine wants to hear, none for what never
    was to be seen; else about ten.
    """
    if item.go_live_at is None and item.first_published_at is None:
        return
    targets = push_targets()
    if targets:
        rows = _addresses_of(item, is_there=is_there)
        tell(rows, targets)
        is_kept = is_there and item.status == Status.PUBLISHED and item.deleted_at is None
        moments = indexed_of(type(item)).moments(item) if is_kept else ()
        _tell_by_the_clock(rows, _path_of(item), moments, targets)


def tell(rows: Sequence[PublicAddress], targets: Iterable[DeliveryTarget]) -> int:
    """Put into the outbox those of which something else was told last; return how many that are."""
    told = 0
    with transaction.atomic():
        for row, stamp in states(rows).items():
            if stamp != row.stamp and _note(row, stamp) and stamp:
                push(row, targets)
                told += 1
    return told


def push(row: PublicAddress, targets: Iterable[DeliveryTarget]) -> None:
    """Put an address into the outbox, in the place of what failed of it before; two queries."""
    before = Delivery.objects.about(row).filter(topic=TOPIC, target__in=targets)
    before.filter(state__in=STUCK).update(state=Delivery.State.DROPPED, problem=TOLD_ANEW)
    outbox.put(TOPIC, row, targets, occasion=uuid4().hex)


def push_again(rows: Iterable[PublicAddress]) -> int:
    """Have all engines told of these once more, as far as there is anything to tell; return of how many."""
    targets = push_targets()
    with transaction.atomic():
        found = {row: stamp for row, stamp in states(rows).items() if stamp and targets}
        for row, stamp in found.items():
            if stamp != row.stamp:
                _note(row, stamp)
            push(row, targets)
    return len(found)


def addresses_to_push(items: Iterable[Publishable]) -> list[PublicAddress]:
    """Return where these items are now, made where engines were never told of them; a few queries each."""
    if not push_targets():
        return []
    rows = ((item, row) for item in items for row in _addresses_of(item, is_there=True))
    return [row for item, row in rows if row.path == _path_of(item)]


def _note(row: PublicAddress, stamp: str) -> bool:
    """Note what is told; return whether nobody else has, since the row was read."""
    was_public = row.was_public or stamp not in ("", GONE)
    fields = {"stamp": stamp, "was_public": was_public, "changed_at": timezone.now()}
    noted = PublicAddress.objects.filter(pk=row.pk, stamp=row.stamp).update(**fields)
    if noted:
        row.stamp, row.was_public = stamp, was_public
    return bool(noted)


def _tell_by_the_clock(
    rows: list[PublicAddress],
    here: str,
    moments: Iterable[datetime],
    targets: list[DeliveryTarget],
) -> None:
    """Have the outbox wait for the moments of an item, and for none that it had before."""
    now = timezone.now()
    # One moment has one name, in whatever zone it is given.
    ahead = {
        f"{AT}{moment.astimezone(UTC):%Y%m%dT%H%M%S.%f}": moment
        for moment in moments
        if moment > now
    }
    for row in rows:
        occasions = ahead if row.path == here else {}
        earlier = Delivery.objects.about(row).filter(topic=TOPIC, occasion__startswith=AT)
        outbox.take_back(earlier.exclude(occasion__in=occasions))
        for occasion, moment in occasions.items():
            outbox.put(TOPIC, row, targets, occasion, moment - now)


def _addresses_of(item: Publishable, *, is_there: bool) -> list[PublicAddress]:
    """Return the addresses an item has and had; that of now is made where engines may come to hear of it."""
    kind = ContentType.objects.get_for_model(item)
    rows = list(PublicAddress.objects.filter(content_type=kind, object_id=item.pk))
    path = _path_of(item)
    may_be_told = item.status in TO_BE_SEEN and getattr(item, "indexable", True)
    if may_be_told and path not in {row.path for row in rows}:
        first = item.first_published_at
        # Off the site by now: engines may have come by before they were told of anything.
        was_seen = first is not None and first <= timezone.now()
        was_public = was_seen and not (is_there and item.is_public)
        fresh = {
            "path": path, "content_type": kind, "object_id": item.pk, "was_public": was_public
        }  # fmt: skip
        row, made = PublicAddress.objects.get_or_create(key=digest(path), defaults=fresh)
        if not made:  # it was that of another item, which has moved
            row.content_type, row.object_id = kind, item.pk
            row.save(update_fields=["content_type", "object_id"])
        rows.append(row)
    return rows


# --- Out of it ----------------------------------------------------------------------------------------


def wanted(rows: list[PublicAddress]) -> set[PublicAddress]:
    """Return those that may leave now, and note what they tell; two queries a kind."""
    found = states(rows)
    for row, stamp in found.items():
        if stamp != row.stamp:  # the clock has brought it, or taken it away
            _note(row, stamp)
    return {row for row, stamp in found.items() if stamp}


def render(rows: list[PublicAddress]) -> Message:
    """Name each address once, however often it has changed since."""
    return Message("网址推送", list(dict.fromkeys(row.path for row in rows)))


topic(
    TOPIC,
    "网址推送",
    render,
    wanted_all=wanted,
    repeatable=True,
    batch=MOST,
    subscribed=False,
    unwanted="网页没有公开，或不让搜索引擎收录，没有推送。",
    to_engines=True,
)


# --- With every save, and without one -----------------------------------------------------------------


def watch() -> None:
    """Connect to the saves of every kind that is registered."""
    for kind in all_indexed():
        key = f"announcing:{kind.key}"
        post_save.connect(_saved, sender=kind.model, dispatch_uid=key)
        post_delete.connect(_deleted, sender=kind.model, dispatch_uid=key)


_untold: ContextVar[bool] = ContextVar("untold", default=False)


@contextmanager
def untold() -> Iterator[None]:
    """Within, or in what it decorates, nothing is told: a thousand pages at once are for the sitemap."""
    token = _untold.set(True)
    try:
        yield
    finally:
        _untold.reset(token)


def _saved(sender: Any, instance: Publishable, raw: bool = False, **kwargs: Any) -> None:
    if not (raw or is_rehearsal() or _untold.get()):
        announce(instance)


def _deleted(sender: Any, instance: Publishable, **kwargs: Any) -> None:
    if not (is_rehearsal() or _untold.get()):
        announce(instance, is_there=False)


def compare(now: datetime) -> None:
    """Tell of what came or went without a save: a district by its jobs, a job by its last day.

    Only districts come so; of the other kinds that are few, it is told what became of those that engines
    were told of. Articles come and go by a save or by the clock, and there are many. Of all kinds, what
    was scheduled before anybody wanted to hear, or by an import, is told at its moment.
    """
    if targets := push_targets():
        for kind in all_indexed():
            scheduled: Any = kind.model._default_manager
            soonest = scheduled.in_state(State.SCHEDULED).order_by("go_live_at", "pk")
            for item in without_texts(soonest)[:MOST]:
                with transaction.atomic():
                    announce(item)
            if kind.key != "articles":
                _compare(kind, targets)


def _compare(kind: Indexed, targets: list[DeliveryTarget]) -> None:
    content_type = ContentType.objects.get_for_model(kind.model)
    known = PublicAddress.objects.filter(content_type=content_type).order_by("pk")
    if kind.key == "districts":
        paths = set(known.values_list("path", flat=True))
        for item in without_texts(kind.public()):
            if _path_of(item) not in paths:
                with transaction.atomic():
                    announce(item)
    rest = known.iterator()
    while some := list(islice(rest, MOST)):
        if changed := [row for row, stamp in states(some).items() if stamp != row.stamp]:
            tell(changed, targets)


periodic("engines-compare", "核对网址推送状态", compare, at=time(3, 10))
