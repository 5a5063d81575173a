"""Noting where old addresses lead: by imports, and when a page moves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from portal.cms.pagecache.epochs import content_changed
from portal.cms.redirects.keys import LONGEST, key_of
from portal.cms.redirects.models import Redirect

# Of the redirects that follow a page of this site to its new address.
AUTO: Final = "auto"
AT_ONCE: Final = 500
# What an old address may be given in place of.
CHANGING: Final = ("old", "target", "content_type", "object_id", "code", "origin")
FRONT: Final = key_of("/")

Goal = models.Model | str
Pair = tuple[str, Goal]


def remember(pairs: Iterable[Pair], origin: str) -> list[str]:
    """Note that old addresses lead to items or to paths; return those that lead elsewhere, and stay.

    One address has one answer, and whoever came first keeps it: another item of the same old site, and
    that of another old site, have to find themselves another, as long as the first one is there. A page
    of ours that moved (AUTO) was there last, and comes before both. What was made by hand nobody
    overwrites. An address that is the goal's own, or the front page, is passed over. Noting the same
    twice changes nothing.

    Two queries for five hundred; one for each that leads elsewhere.
    """
    refused: list[str] = []
    with transaction.atomic():
        rest = iter(pairs)
        while chunk := list(islice(rest, AT_ONCE)):
            refused += _remember(_rows(chunk, origin), origin)
    return refused


def item_at(address: str) -> models.Model | None:
    """Return the item that an old address is remembered for, hidden ones too; two queries."""
    row = Redirect.objects.filter(key=key_of(address), object_id__isnull=False).first()
    item: models.Model | None = row.item if row else None
    return item


def _remember(rows: dict[str, Redirect], origin: str) -> list[str]:
    known = {row.key: row for row in Redirect.objects.filter(key__in=rows)}
    refused, changed, new = [], [], []
    for key, row in rows.items():
        there = known.get(key)
        if there is None:
            new.append(row)
        elif _goal(there) == _goal(row):
            continue
        elif _gives_way(there, origin):
            row.pk = there.pk
            changed.append(row)
        else:
            refused.append(row.old)
    # Somebody else may have noted the same meanwhile: they came first.
    Redirect.objects.bulk_create(new, ignore_conflicts=True)
    Redirect.objects.bulk_update(changed, CHANGING)
    if new or changed:
        content_changed()
    return refused


def _gives_way(there: Redirect, origin: str) -> bool:
    """Whether what is there may lead elsewhere; a query where it is the same import's."""
    if origin == AUTO:
        return there.origin != ""
    return there.origin == origin and there.object_id is not None and there.item is None


def _goal(row: Redirect) -> tuple[object, ...]:
    return row.code, row.target, row.content_type_id, row.object_id


def _rows(pairs: Iterable[Pair], origin: str) -> dict[str, Redirect]:
    """Return the rows to be, by key; of one address the first goal counts."""
    rows: dict[str, Redirect] = {}
    for old, goal in pairs:
        row = Redirect(old=old[:LONGEST], origin=origin)
        if isinstance(goal, models.Model):
            row.content_type = ContentType.objects.get_for_model(goal)
            row.object_id = goal.pk
        else:
            row.target = goal
        row.make_key()
        if row.key not in (FRONT, key_of(_address(goal))):
            rows.setdefault(row.key, row)
    return rows


def _address(goal: Goal) -> str:
    address: str = goal if isinstance(goal, str) else getattr(goal, "get_absolute_url", str)()
    return address
