"""Articles by the hundred thousand, with everything that belongs to one: index, tags, reads, ranking."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from articles.models import Article, Author, Category, DailyReads, Ranking, TagEntry
from portal.cms.pagecache.epochs import content_changed
from portal.cms.publishing import Status
from portal.cms.search import indexing
from portal.cms.search.engines import engine_of
from portal.cms.search.models import IndexEntry
from portal.cms.search.register import searchable_of
from portal.cms.search.tokens import FACET, characters, tokens
from tests.bench import copying, texts

BATCH = 500
WRITTEN = 100_000  # articles: more are copies of these, each time further back
YEARS = 8
TAGS_EACH = 3


def fill(count: int, length: int) -> dict[str, float]:
    """Make so many published articles of that length; return the rates, in rows a second.

    The search index is by far most of the work: about a millisecond and a half for 1,500 字.
    """
    quickly()
    writer = Writer(count, length)
    began = time.perf_counter()
    written = min(count, WRITTEN)
    with indexed_afterwards():
        for begin in range(0, written, BATCH):
            with transaction.atomic():
                made = writer.articles(begin, min(BATCH, written - begin))
                writer.tag(made)
                writer.read(made)
                with writer.indexing:
                    index_new(made)
        rows = time.perf_counter() - began
        repeat(written, count, writer.apart)
    tidy()
    ranked = time.perf_counter()
    Ranking.refresh()
    content_changed()
    return {
        "articles": count,
        "rows a second": written / rows,
        "of these seconds, index": writer.indexing.seconds / rows,
        "seconds for the ranking": time.perf_counter() - ranked,
    }


class Stopwatch:
    """Adds up the seconds spent within it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self.seconds += time.perf_counter() - self.began


class Writer:
    """Makes articles that lie evenly in the last years, the newest first."""

    def __init__(self, count: int, length: int) -> None:
        self.dice = Random(5)  # noqa: S311  no secret
        self.bodies = texts.Bodies(self.dice, length)
        self.now = timezone.now()
        self.apart = timedelta(days=365 * YEARS) / count
        self.today = timezone.localdate()
        self.categories = list(Category.objects.all()) or [
            Category.objects.create(name="用工政策", slug="policy")
        ]
        self.author = Author.objects.first() or Author.objects.create(
            name="编辑部", handle="bianji"
        )
        Tag.objects.bulk_create(
            [Tag(name=name, slug=f"tag-{number}") for number, name in enumerate(texts.TAGS)],
            ignore_conflicts=True,
        )
        self.tags = list(Tag.objects.filter(name__in=texts.TAGS).order_by("pk"))
        self.type = ContentType.objects.get_for_model(Article)
        self.indexing = Stopwatch()

    def articles(self, begin: int, count: int) -> list[Article]:
        return Article.objects.bulk_create(
            self.article(self.now - (begin + n + 1) * self.apart) for n in range(count)
        )

    def article(self, live: datetime) -> Article:
        # Few are read much, most hardly ever.
        reads = int(self.dice.paretovariate(0.8)) if self.dice.random() < 0.5 else 0
        return Article(
            title=texts.title(self.dice),
            category=self.dice.choice(self.categories),
            author=self.author,
            body=self.bodies.one(),
            status=Status.PUBLISHED,
            go_live_at=live,
            first_published_at=live,
            last_published_at=live,
            read_count=min(reads, 100_000),
        )

    def tag(self, made: list[Article]) -> None:
        """Tag them: the first tags stand on many articles, the last ones on few."""
        pairs = [(article, tag) for article in made for tag in self.some_tags()]
        TaggedItem.objects.bulk_create(
            TaggedItem(tag=tag, content_type=self.type, object_id=article.pk)
            for article, tag in pairs
        )
        TagEntry.objects.bulk_create(
            TagEntry(tag=tag, article=article, go_live_at=article.go_live_at)
            for article, tag in pairs
            if article.go_live_at is not None  # for the type checker: all of them are published
        )

    def some_tags(self) -> set[Tag]:
        last = len(self.tags) - 1
        return {self.tags[int(last * self.dice.random() ** 3)] for _ in range(TAGS_EACH)}

    def read(self, made: list[Article]) -> None:
        """Let one in two have been read on some day of the last forty."""
        DailyReads.objects.bulk_create(
            DailyReads(
                article=article,
                day=self.today - timedelta(days=self.dice.randrange(40)),
                reads=min(article.read_count, 1_000),
            )
            for article in made
            if article.read_count
        )


def index_new(made: list[Article]) -> None:
    """Write articles into the index that are not there yet, as `indexing.index` would one by one."""
    searchable = searchable_of(Article)
    entries: list[IndexEntry] = []
    engine = engine_of(connection)
    with connection.cursor() as cursor:
        for article in made:
            words = indexing.words_of_item(article)
            live = article.go_live_at or timezone.now()
            place = indexing.place_of(searchable.number, live, article.pk)
            entries.append(
                IndexEntry(
                    place=place,
                    kind=searchable.number,
                    object_id=article.pk,
                    digest=words.digest(),
                )
            )
            title = [*tokens(words.title)]
            text = [*title, *tokens(words.text)]
            facets = [FACET + facet for facet in words.facets]
            for table, found in zip(indexing.TABLES, (title, text), strict=True):
                engine.write(cursor, table, place, [*found, *characters(found), *facets])
        IndexEntry.objects.bulk_create(entries)


def quickly() -> None:
    """Let SQLite write without safety, and keep in memory what it works on: else a million takes hours."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
                cursor.execute(f"PRAGMA {pragma}")


def repeat(written: int, count: int, apart: timedelta) -> None:
    """Let the articles just written stand there again and again, each time before all others."""
    last = Article.objects.order_by("pk").values_list("pk", flat=True).reverse()[0]
    back = round(written * apart.total_seconds())
    for copy in range(1, -(-count // written)):
        few = min(written, count - copy * written)
        some = range(last - written + 1, last - written + 1 + few)
        copying.copy(some, by=copy * written, back=copy * back)


@contextmanager
def indexed_afterwards() -> Iterator[None]:
    """Let PostgreSQL make its GIN indexes of the finished tables, in a fraction of the time."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = ANY(%s) AND indexdef LIKE '%% USING gin %%'",
            [list(indexing.TABLES)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)


def tidy() -> None:
    """Let PostgreSQL count what it holds, as its autovacuum would in a minute; SQLite never does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
