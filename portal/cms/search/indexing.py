"""The index follows the content: written with every save, in the transaction of the save."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple

from django.db import connections, router, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from portal.cms.publishing import Publishable
from portal.cms.search.engines import Engine, engine_of
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.cms.search.register import Searchable, searchable_of, searchables
from portal.cms.search.tokens import FACET, characters, tokens

# To be raised with every change of what `tokens` makes of a text: `reindex` then writes all anew.
VERSION = 1
TABLES = (Titles._meta.db_table, Texts._meta.db_table)


def place_of(number: int, moment: datetime, pk: int) -> int:
    """Return the place of an item; see IndexEntry. Moments before 1970 stand at its beginning."""
    seconds = min(max(int(moment.timestamp()), 0), IndexEntry.MOMENTS)
    return (number << 60) | (seconds << 27) | (pk & IndexEntry.IDS)


class Words(NamedTuple):
    """What is indexed of an item."""

    title: str
    text: str
    facets: tuple[str, ...]

    def digest(self) -> str:
        return sha256(repr((VERSION, *self)).encode("utf-8", "replace")).hexdigest()


def index(item: Publishable) -> None:
    """Write an item into the index, in place of what was there of it.

    One query where nothing that is indexed has changed, seven otherwise.
    """
    number = searchable_of(type(item)).number
    words = words_of_item(item)
    place = place_of(number, item.go_live_at or item.created_at, item.pk)
    digest = words.digest()
    entries = IndexEntry.objects.filter(kind=number, object_id=item.pk)
    before = entries.first()
    if before is not None and (before.place, before.digest) == (place, digest):
        return
    entries.delete()
    entries.create(place=place, kind=number, object_id=item.pk, digest=digest)
    title = [*tokens(words.title)]
    text = [*title, *tokens(words.text)]
    facets = [FACET + facet for facet in words.facets]
    with _writer() as (engine, cursor):
        for table, found in zip(TABLES, (title, text), strict=True):
            engine.erase(cursor, table, {place, before.place if before else place})
            engine.write(cursor, table, place, chain(found, characters(found), facets))


def words_of_item(item: Publishable) -> Words:
    searchable = searchable_of(type(item))
    return Words(searchable.title(item), searchable.text(item), tuple(searchable.facets(item)))


def forget(model: type[Publishable], pk: int) -> None:
    """Take an item that is deleted for good out of the index."""
    entries = IndexEntry.objects.filter(kind=searchable_of(model).number, object_id=pk)
    places = set(entries.values_list("place", flat=True))
    with _writer() as (engine, cursor):
        for table in TABLES:
            engine.erase(cursor, table, places)
    entries.delete()


@contextmanager
def _writer() -> Iterator[tuple[Engine, CursorWrapper]]:
    connection = connections[router.db_for_write(IndexEntry)]
    with connection.cursor() as cursor:
        yield engine_of(connection), cursor


def watch() -> None:
    """Connect to the saves of everything that is registered, and of the rows that belong to it."""
    for searchable in searchables():
        key = f"search:{searchable.key}"
        post_save.connect(_saved, sender=searchable.model, dispatch_uid=key)
        post_delete.connect(_deleted, sender=searchable.model, dispatch_uid=key)
        for part in searchable.parts:
            changed = partial(_row_changed, searchable)
            post_save.connect(changed, sender=part.model, dispatch_uid=key, weak=False)
            post_delete.connect(changed, sender=part.model, dispatch_uid=key, weak=False)


def _saved(sender: type[Publishable], instance: Publishable, **kwargs: Any) -> None:
    index(instance)


def _deleted(sender: type[Publishable], instance: Publishable, **kwargs: Any) -> None:
    forget(sender, instance.pk)


def _row_changed(searchable: Searchable, instance: Model, **kwargs: Any) -> None:
    part = next(part for part in searchable.parts if isinstance(instance, part.model))
    # As the database has it: the one in memory may hold its rows as they were before.
    item = searchable.model._base_manager.filter(pk=getattr(instance, part.parent_id)).first()
    if item is not None:  # else it is on its way out with its rows
        index(item)


def reindex(searchable: Searchable, batch: int = 100) -> Iterator[int]:
    """Write everything of one model anew, and take out what is gone; yield how many after each batch.

    Each batch is a transaction of its own, so that writers get their turn, and nothing is ever
    missing meanwhile: an item's old entry goes when its new one comes.
    """
    items = searchable.model._base_manager.order_by("pk")
    entries = IndexEntry.objects.filter(kind=searchable.number)
    last = 0
    while True:
        with transaction.atomic():
            some = list(items.filter(pk__gt=last).select_for_update()[:batch])
            gone = entries.filter(object_id__gt=last).exclude(object_id__in=[i.pk for i in some])
            if some:
                gone = gone.filter(object_id__lt=some[-1].pk)
            for pk in list(gone.values_list("object_id", flat=True)):
                forget(searchable.model, pk)
            entries.filter(object_id__in=[item.pk for item in some]).update(digest="")
            for item in some:
                index(item)
        if not some:
            return
        last = some[-1].pk
        yield len(some)


def is_current() -> bool:
    """Whether the first item of each model is indexed as it would be today.

    Not after an import into the database that passed us by, nor after a change of VERSION.
    """
    for searchable in searchables():
        item = searchable.model._base_manager.order_by("pk").first()
        if item is None:
            continue
        entry = IndexEntry.objects.filter(kind=searchable.number, object_id=item.pk).first()
        if entry is None or entry.digest != words_of_item(item).digest():
            return False
    return True
