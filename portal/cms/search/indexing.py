"""The index follows the content: written with every save, in the transaction of the save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connections, router, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.db.models.signals import post_delete, post_save

from portal.cms.deadlocks import again_if_deadlocked
from portal.cms.locking import let_others_write
from portal.cms.publishing import Publishable, is_rehearsal
from portal.cms.search.engines import Engine, engine_of
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.cms.search.register import Part, Searchable, searchable_of, searchables
from portal.cms.search.tokens import FACET, characters, tokens

# To be raised with every change of what `tokens` makes of a text: `prepare` then writes all anew.
VERSION = 2
TABLES = (Titles._meta.db_table, Texts._meta.db_table)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(number: int, moment: datetime, pk: int) -> int:
    """Return the place of an item; see IndexEntry. Moments before 1970 stand at its beginning."""
    seconds = min(max(int(moment.timestamp()), 0), IndexEntry.MOMENTS)
    return (number << 60) | (seconds << 27) | (pk & IndexEntry.IDS)


def places_of(number: int, since: datetime = EPOCH) -> tuple[int, int]:
    """Return the first and the last place there is for items of a kind that went live `since` then."""
    return place_of(number, since, 0), ((number + 1) << 60) - 1


class Words(NamedTuple):
    """What is indexed of an item."""

    title: str
    text: str
    facets: tuple[str, ...]

    def digest(self) -> str:
        return sha256(repr((VERSION, *self)).encode("utf-8", "replace")).hexdigest()


def index(item: Publishable) -> None:
    """Write an item into the index: one query where nothing that is indexed has changed, else seven."""
    index_all([item])


@transaction.atomic(savepoint=False)
def index_all(items: Sequence[Publishable]) -> None:
    """Write items of one model into the index, in place of what was there of them.

    One query where nothing that is indexed has changed; otherwise two for all of them, and four for
    each that has.
    """
    number = searchable_of(type(items[0])).number
    entries = IndexEntry.objects.filter(kind=number)
    known = {e.object_id: e for e in entries.filter(object_id__in=[item.pk for item in items])}
    fresh: list[tuple[IndexEntry, Words]] = []
    for item in items:
        words = words_of_item(item)
        place = place_of(number, item.go_live_at or item.created_at, item.pk)
        entry = IndexEntry(place=place, kind=number, object_id=item.pk, digest=words.digest())
        before = known.get(item.pk)
        if before is None or (before.place, before.digest) != (place, entry.digest):
            fresh.append((entry, words))
    if not fresh:
        return
    entries.filter(object_id__in=[entry.object_id for entry, _ in fresh]).delete()
    IndexEntry.objects.bulk_create(entry for entry, _ in fresh)
    with _writer() as (engine, cursor):
        for entry, words in fresh:
            places = {entry.place, known.get(entry.object_id, entry).place}
            for table, found in zip(TABLES, _tokens_of(words), strict=True):
                engine.erase(cursor, table, places)
                engine.write(cursor, table, entry.place, found)


def _tokens_of(words: Words) -> tuple[list[str], list[str]]:
    """Return what stands in the table of titles, and in that of texts."""
    facets = [FACET + facet for facet in words.facets]
    title = [*tokens(words.title)]
    text = [*title, *tokens(words.text)]
    return ([*title, *characters(title), *facets], [*text, *characters(text), *facets])


def words_of_item(item: Publishable) -> Words:
    searchable = searchable_of(type(item))
    return Words(searchable.title(item), searchable.text(item), tuple(searchable.facets(item)))


@transaction.atomic(savepoint=False)
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
            changed = partial(_row_changed, searchable, part)
            post_save.connect(changed, sender=part.model, dispatch_uid=key, weak=False)
            post_delete.connect(changed, sender=part.model, dispatch_uid=key, weak=False)


def _saved(
    sender: type[Publishable], instance: Publishable, raw: bool = False, **kwargs: Any
) -> None:
    # `loaddata` may not have brought yet what the words are read from; then `reindex`.
    if not raw and not is_rehearsal():
        index(instance)


def _deleted(sender: type[Publishable], instance: Publishable, **kwargs: Any) -> None:
    forget(sender, instance.pk)


def _row_changed(
    searchable: Searchable,
    part: Part,
    instance: Model,
    raw: bool = False,
    origin: Any = None,
    **kwargs: Any,
) -> None:
    """Index anew the items that a row belongs to.

    As the database has them: those in memory may hold their rows as they were before. One after the
    other: of two who change rows of an item at once, the later one must see the earlier one's.
    """
    if raw or is_rehearsal():
        return
    origin_model = origin.model if isinstance(origin, QuerySet) else type(origin)
    if origin_model is searchable.model:  # the item itself is deleted, and its rows with it
        return
    items = searchable.model._base_manager.filter(**{part.of_item: getattr(instance, part.of_row)})
    with transaction.atomic(savepoint=False):
        for item in items.order_by("pk").select_for_update():
            index(item)


def reindex(searchable: Searchable, batch: int = 100) -> Iterator[int]:
    """Write everything of one model anew, and take out what is gone; yield how many after each batch.

    Each batch is a transaction of its own, so that writers get their turn, and nothing is ever
    missing meanwhile: an item's old entry goes when its new one comes. Downwards, to the item that
    `is_current` looks at last: one that is interrupted is not taken for done.
    """
    _sweep(searchable)
    ids = searchable.model._base_manager.order_by("-pk").values_list("pk", flat=True)
    some = list(ids[:batch])
    while some:
        again_if_deadlocked(partial(_write_anew, searchable, some))
        yield len(some)
        if len(some) == batch:
            let_others_write()
        some = list(ids.filter(pk__lt=some[-1])[:batch])


@transaction.atomic
def _write_anew(searchable: Searchable, ids: Sequence[int]) -> None:
    """Write items into the index whatever it has of them, locked upwards as everybody locks several."""
    items = searchable.model._base_manager.prefetch_related(*searchable.prefetch).order_by("pk")
    there = list(items.filter(pk__in=ids).select_for_update())
    IndexEntry.objects.filter(kind=searchable.number, object_id__in=ids).update(digest="")
    if there:  # not deleted meanwhile
        index_all(there)


def _sweep(searchable: Searchable) -> None:
    """Take out the entries of one kind without an item, and tokens without an entry; three queries.

    Each is one statement: what is saved meanwhile, it sees with its entry and tokens, or not at all.
    """
    item = searchable.model._base_manager.filter(pk=OuterRef("object_id"))
    entries = IndexEntry.objects.filter(kind=searchable.number)
    entries.exclude(Exists(item)).delete()
    entry = IndexEntry.objects.filter(place=OuterRef("rowid"))
    for table in (Titles, Texts):
        rows = table._default_manager.filter(rowid__range=places_of(searchable.number))
        rows.exclude(Exists(entry)).delete()


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
        if not Texts.objects.filter(rowid=entry.place).exists():  # entries alone were copied
            return False
    return True
