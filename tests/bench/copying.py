"""More articles of those that are there: the database copies its own rows, many times as fast as we write.

What belongs to an article comes along: tags, reads, and the search index. Runs within the site.
"""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import DateTimeField, Model
from taggit.models import TaggedItem

from articles.models import Article, DailyReads, TagEntry
from portal.cms.search import indexing
from portal.cms.search.models import IndexEntry
from portal.cms.search.register import searchable_of


@transaction.atomic
def copy(articles: range, by: int, back: int) -> None:
    """Copy the articles with these ids; the copies' are higher `by` so much, and `back` so many seconds."""
    ids = f"BETWEEN {articles[0]} AND {articles[-1]}"
    kind, number = ContentType.objects.get_for_model(Article).pk, searchable_of(Article).number
    entries = f"kind = {number} AND object_id {ids}"
    place = by - (back << 27)  # see IndexEntry
    rows(Article, f"id {ids}", back, id=by)
    rows(TagEntry, f"article_id {ids}", back, article_id=by)
    rows(DailyReads, f"article_id {ids}", back, article_id=by)
    rows(TaggedItem, f"content_type_id = {kind} AND object_id {ids}", back, object_id=by)
    parts = ["part", "is_part"] if connection.vendor == "postgresql" else []
    for table in indexing.TABLES:
        found = f"rowid IN (SELECT place FROM {IndexEntry._meta.db_table} WHERE {entries})"  # noqa: S608  ours
        insert(
            table,
            found,
            {"rowid": f"rowid + {place}"} | {name: name for name in (*parts, "tokens")},
        )
    rows(IndexEntry, entries, back, place=place, object_id=by)
    with connection.cursor() as cursor:
        for reset in connection.ops.sequence_reset_sql(no_style(), [Article]):
            cursor.execute(reset)


def rows(model: type[Model], found: str, back: int, **higher: int) -> None:
    """Copy rows of a model: some columns higher, moments earlier, keys of their own."""
    columns = {}
    for field in model._meta.concrete_fields:
        name = field.column
        if name in higher:
            columns[name] = f"{name} + {higher[name]}"
        elif isinstance(field, DateTimeField):
            columns[name] = earlier(name, back)
        elif not field.primary_key:
            columns[name] = name
    insert(model._meta.db_table, found, columns)


def earlier(column: str, seconds: int) -> str:
    if connection.vendor == "postgresql":
        return f"{column} - interval '{seconds} seconds'"
    return f"datetime({column}, '-{seconds} seconds') || substr({column}, 20)"


def insert(table: str, found: str, columns: dict[str, str]) -> None:
    """Insert into a table, for each of its rows that is `found`, what the expressions make of it."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {found}")  # noqa: S608  ours
