"""The search index against what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef

from portal.cms.pagecache.epochs import content_changed
from portal.cms.rows import in_lots
from portal.cms.search.indexing import TABLES, place_of, places_of, reindex, words_of_item
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.cms.search.register import Searchable, searchables

AT_ONCE: Final = 200
# Rows that are looked for in the index, each by so many of its tokens.
SAMPLE, TOKENS = 500, 4


class Steps(NamedTuple):
    """How many rows of one kind are out of step, and in which way."""

    missing: int = 0  # not in the index
    old: int = 0  # in it as they were
    gone: int = 0  # in it, and nowhere else
    bare: int = 0  # without tokens, or tokens without an entry


def steps_of(searchable: Searchable) -> Steps:
    """Compare one kind with the index; reads every text, as a reindex does, and writes nothing."""
    missing = old = 0
    items: Any = searchable.model._base_manager.prefetch_related(*searchable.prefetch)
    entries = IndexEntry.objects.filter(kind=searchable.number)
    for lot in in_lots(items, AT_ONCE):
        known = {
            entry.object_id: entry
            for entry in entries.filter(object_id__in=[item.pk for item in lot])
        }
        for item in lot:
            entry = known.get(item.pk)
            if entry is None:
                missing += 1
            elif entry.digest != words_of_item(item).digest() or entry.place != place_of(
                searchable.number, item.go_live_at or item.created_at, item.pk
            ):
                old += 1
    item = searchable.model._base_manager.filter(pk=OuterRef("object_id"))
    gone = entries.exclude(Exists(item)).count()
    return Steps(missing, old, gone, _bare(searchable))


def _bare(searchable: Searchable) -> int:
    count = 0
    entries = IndexEntry.objects.filter(kind=searchable.number)
    entry = IndexEntry.objects.filter(place=OuterRef("rowid"))
    for table in (Titles, Texts):
        tokens = table._default_manager.filter(rowid=OuterRef("place"))
        count += entries.exclude(Exists(tokens)).count()
        rows = table._default_manager.filter(rowid__range=places_of(searchable.number))
        count += rows.exclude(Exists(entry)).count()
    return count


def find() -> Iterator[str]:
    words = {
        "missing": "没有编入索引",
        "old": "索引是旧的",
        "gone": "已删除而仍在索引里",
        "bare": "索引不完整",
    }
    for searchable in searchables():
        steps = steps_of(searchable)
        told = [f"{count} 条{words[name]}" for name, count in steps._asdict().items() if count]
        if told:
            yield f"{searchable.label}：{'，'.join(told)}。"
    for table in damaged():
        yield f"全文索引 {table} 已损坏。"


def damaged() -> list[str]:
    """Return the tables of tokens that do not find what they hold; on SQLite, which keeps both apart.

    A sample: FTS5's own check of all of them keeps every writer out, half a minute on a large site.
    """
    if connection.vendor != "sqlite":
        return []
    places = list(IndexEntry.objects.order_by("place").values_list("place", flat=True))
    sample = places[:: max(1, len(places) // SAMPLE)]
    return [table for table in TABLES if not _finds(table, sample)]


def _finds(table: str, places: list[int]) -> bool:
    held = f"SELECT tokens FROM {table} WHERE rowid = %s"  # noqa: S608 - ours
    finds = f"SELECT 1 FROM {table} WHERE {table} MATCH %s AND rowid = %s"  # noqa: S608 - ours
    try:
        with connection.cursor() as cursor:
            for place in places:
                row = cursor.execute(held, [place]).fetchone()
                tokens = row[0].split()[:TOKENS] if row else []
                query = " AND ".join(f'"{token}"' for token in tokens)
                if tokens and cursor.execute(finds, [query, place]).fetchone() is None:
                    return False
    except DatabaseError:  # «database disk image is malformed»
        return False
    return True


def _build_anew(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608 - ours


def mend() -> int:
    """Write anew what is out of step, a whole kind at a time; nothing is missing meanwhile."""
    mended = 0
    for table in damaged():
        _build_anew(table)
        mended += 1
    for searchable in searchables():
        if count := sum(steps_of(searchable)):
            for _ in reindex(searchable):
                pass
            mended += count
    if mended:
        with transaction.atomic():
            content_changed()  # what is related to an article is found through the index
    return mended
