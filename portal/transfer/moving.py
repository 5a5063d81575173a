"""An old site moves in: categories, files, articles and pages, and where their addresses lead now.

One way for all systems; what is particular to one, its source has said in our terms (`records`). What
is written stays where a run breaks off, and the next one finds it there: articles by their old number,
all else by an old address, which is a redirect by now. So a run that is done again changes nothing, and
one that was killed is gone on with.

What is slow, cleaning texts and storing pictures, is done outside transactions; those are short, since
editors work meanwhile.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from hashlib import blake2s
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError, OperationalError, transaction
from django.db.models.functions import Lower
from taggit.models import Tag

from articles import tags
from articles.models import Article, Category
from portal.cms.addresses import address
from portal.cms.locking import let_others_write
from portal.cms.media.models import MediaFile
from portal.cms.pagecache.epochs import content_changed
from portal.cms.publishing import Status
from portal.cms.redirects.finding import MOST_PATTERNS
from portal.cms.redirects.keys import FURTHER_PAGE, LONGEST, key_of
from portal.cms.redirects.models import Redirect
from portal.cms.richtext.words import words_of
from portal.cms.site import Page
from portal.transfer import fitting
from portal.transfer.articles import refresh_rankings
from portal.transfer.batch import Batch, new_category
from portal.transfer.bodies import carry, most_linked
from portal.transfer.memory import Memory
from portal.transfer.pages import PageRow, Pages
from portal.transfer.parsing import Parsed
from portal.transfer.report import LONGEST as LONGEST_NOTE
from portal.transfer.report import Entry, Ledger, Outcome
from portal.transfer.shelf import MissingError, Shelf
from portal.transfer.sources.records import Left, OldCategory, OldFile, OldItem, OldPlace, Source
from portal.transfer.topic import is_about_labour
from portal.transfer.writing import REFUSED, Writer

CATEGORY: Final = "栏目"
FILE: Final = "附件"
ARTICLE: Final = "文章"
OTHER: Final = "其他"

# A batch: some tenths of a second to write.
ROWS: Final = 50
CHARACTERS: Final = 100_000
MOST_AT_ONCE: Final = 1000  # of what is only reported
PLACES: Final = 500

LONGEST_ID: Final = 60
LONGEST_TITLE: Final = 200
LONGEST_PAGE_TITLE: Final = 60
LONGEST_SUMMARY: Final = 200
LONGEST_SEO_TITLE: Final = 60
LONGEST_SEO_DESCRIPTION: Final = 160
LONGEST_SOURCE: Final = 80
LONGEST_CATEGORY: Final = 20
LONGEST_LEGACY: Final = 500
UNTITLED: Final = 30  # signs of the text that stand for a title
NAMED: Final = 5  # addresses that a note names
HOSTS: Final = 10  # that a warning names
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PAGE_NUMBER: Final = r"(\d+)"


class Indexable(StrEnum):
    """What engines may have of the articles that move in."""

    ALL = "all"
    ON_TOPIC = "on-topic"
    NONE = "none"


# Told of what is passed through now, and how much of it is done, in the source's units.
Progress = Callable[[str, int, int], None]


def move(
    source: Source,
    ledger: Ledger | None = None,
    *,
    media: Path | None = None,
    hosts: Collection[str] = (),
    indexable: Indexable = Indexable.ALL,
    dry_run: bool = False,
    progress: Progress = lambda what, done, size: None,
) -> Ledger:
    """Bring in what a source has; the ledger gets one entry for each of its records, once it is written.

    `media` is the folder with the old site's files, `hosts` are those its pictures had besides its own.
    A dry run does the same, and takes each batch back; it stores no file. Raises SourceError, and what
    the database raises where it refuses more than a row: what the ledger has is there by then.
    """
    ledger = Ledger() if ledger is None else ledger
    run = Move(source, ledger, media, hosts, indexable, dry_run=dry_run, progress=progress)
    try:
        run.bring_categories()
        run.bring_files()
        run.bring_items()
        run.bring_places()
    finally:
        ledger.warnings += [
            warning for warning in source.warnings if warning not in ledger.warnings
        ]
        if run.hosts:
            ledger.warnings.append(
                f"正文里的链接最常指向的外站：{most_linked(run.hosts, HOSTS)}。"
                "有不认得的，旧站可能被挂过黑链：在报告里搜这个域名，就知道是哪几篇。"
            )
    if not dry_run:
        refresh_rankings(ledger)
    return ledger


class Move(Writer[Parsed | PageRow]):
    """One run."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        media: Path | None,
        hosts: Collection[str],
        indexable: Indexable,
        *,
        dry_run: bool,
        progress: Progress,
    ) -> None:
        super().__init__(ledger, dry_run=dry_run)
        self.source = source
        self.indexable = indexable
        self.progress = progress
        self.size = source.size()
        self.memory = Memory(source.site)
        # By their old ids, the names of all, and the categories of ours that are there to stay.
        self.names: dict[str, str] = {}
        self.categories: dict[str, Category] = {}
        self.hosts: Counter[str] = Counter()  # of other sites, in links
        self.shelf = Shelf(
            media,
            {*source.hosts, *hosts},
            recall=self.memory.recall,
            remember=self.memory.remember_file,
            is_sized=source.is_sized,
            dry_run=dry_run,
        )

    # --- Categories ----------------------------------------------------------------------------------

    def bring_categories(self) -> None:
        for old in self.source.categories():
            try:
                with transaction.atomic():
                    entry = self.category(old)
                    if self.dry_run:
                        transaction.set_rollback(True)
            except OperationalError:  # refuses all
                raise
            except DatabaseError as error:
                self.categories.pop(old.old_id, None)
                entry = Entry(0, old.name, Outcome.SKIPPED, (REFUSED.format(error),), CATEGORY)
            self.report.take([entry])

    def category(self, old: OldCategory) -> Entry:
        name = fitting.one_line(old.name)
        notes = []
        if len(name) > LONGEST_CATEGORY:
            notes.append(f"名称最长 {LONGEST_CATEGORY} 字，原为“{name[:100]}”")
        name = (name or f"栏目 {old.old_id}")[:LONGEST_CATEGORY]
        self.names[old.old_id] = name
        mark = self.memory.mark("category", old.old_id)
        found = self.memory.remembered(Category, mark)
        outcome = Outcome.UNCHANGED
        if found is None and (found := Category.objects.filter(name=name).first()) is not None:
            notes.append("与已有的同名栏目合并")
        if found is None:
            slug = old.slug.lower()
            found = new_category(
                name,
                slug if SLUG.fullmatch(slug) else "",
                fitting.one_line(old.description),
            )
            outcome = Outcome.IMPORTED
            if self.dry_run:
                return Entry(0, name, outcome, tuple(notes), CATEGORY)
        self.categories[old.old_id] = found
        refused = self.memory.remember((address, found) for address in (mark, *self.addresses(old)))
        self.remember_patterns(old, found)
        return Entry(0, name, outcome, (*notes, *refusals(refused)), CATEGORY)

    @staticmethod
    def addresses(old: OldCategory) -> Iterator[str]:
        """Yield the addresses of a category; of further pages, what all look-ups make of them."""
        yield from old.addresses
        for pattern in old.patterns:
            yield from filter(None, [short(pattern)])

    def remember_patterns(self, old: OldCategory, category: Category) -> None:
        new = [
            Redirect(
                kind=Redirect.Kind.PATTERN, old=pattern, item=category, origin=self.memory.origin
            )
            for pattern in old.patterns
            if len(pattern) <= LONGEST and not short(pattern)
        ]
        for row in new:
            row.make_key()
        known = set(
            Redirect.objects.filter(key__in=[row.key for row in new]).values_list("key", flat=True)
        )
        if fresh := [row for row in new if row.key not in known]:
            Redirect.objects.bulk_create(fresh, ignore_conflicts=True)
            content_changed()

    # --- Files ---------------------------------------------------------------------------------------

    def bring_files(self) -> None:
        for record in self.source.files():
            try:
                entry = self.file(record)
            except OperationalError:
                raise
            except DatabaseError as error:
                why = REFUSED.format(error)
                entry = Entry(record.number, record.title, Outcome.SKIPPED, (why,), FILE)
            self.report.take([entry])
            self.tell(FILE)

    def file(self, record: OldFile | Left) -> Entry:
        title = fitting.one_line(record.title)
        if isinstance(record, Left):
            return Entry(record.number, title, Outcome.SKIPPED, (record.reason,), FILE)
        title = title or record.address
        before = self.memory.stored
        try:
            file = self.shelf.keep(
                record.address, title=title, alt=record.alt, caption=record.caption
            )
        except MissingError as missing:
            return Entry(
                record.number, title, Outcome.SKIPPED, (str(missing), record.address), FILE
            )
        if file is None:  # a dry run
            return Entry(record.number, title, Outcome.IMPORTED, (), FILE)
        notes = []
        if record.addresses and not self.dry_run:
            notes = refusals(self.memory.remember((address, file) for address in record.addresses))
        if self.memory.stored == before:
            return Entry(record.number, title, Outcome.UNCHANGED, tuple(notes), FILE)
        let_others_write()
        return Entry(record.number, title, Outcome.IMPORTED, tuple(notes), FILE)

    # --- Articles and pages --------------------------------------------------------------------------

    def bring_items(self) -> None:
        batch: list[Parsed | PageRow | Entry] = []
        length = count = 0
        for record in self.source.items():
            row = self.read(record)
            batch.append(row)
            if isinstance(record, OldItem):
                length += len(record.html)
                count += 1
            if count == ROWS or length >= CHARACTERS or len(batch) == MOST_AT_ONCE:
                self.write_if_any(batch, count)
                batch, length, count = [], 0, 0
            self.tell("内容")
        self.write_if_any(batch, count)

    def write_if_any(self, batch: Sequence[Parsed | PageRow | Entry], count: int) -> None:
        """Write a batch with so many rows among its entries; in most exports few records are any."""
        if count:
            self.write(batch)
            let_others_write()
        else:
            self.report.take([row for row in batch if isinstance(row, Entry)])

    def tell(self, what: str) -> None:
        self.progress(what, self.source.done(), self.size)

    def read(self, record: OldItem | Left) -> Parsed | PageRow | Entry:
        """Return a record in our terms; its files are stored by then."""
        if isinstance(record, Left):
            title = fitting.one_line(record.title[:LONGEST_NOTE])
            return Entry(record.number, title, Outcome.SKIPPED, (record.reason,), OTHER)
        base = next(iter(record.addresses), "")
        carried = carry(record.html, self.shelf, record.gallery, base=base, hosts=self.hosts)
        notes = [*record.notes, *carried.notes]
        return (self.page if record.kind == "page" else self.article)(record, carried.html, notes)

    def page(self, record: OldItem, html: str, notes: list[str]) -> PageRow:
        title = self.title(record, html, LONGEST_PAGE_TITLE, notes)
        summary = fitting.summary(record.summary, LONGEST_SUMMARY)
        fields = {"title": title, "body": html, "summary": summary}
        return PageRow(
            number=record.number,
            title=title,
            old_id=record.old_id,
            slug=record.slug,
            fields=fields | self.fields(record, html, notes),
            date=record.date,
            changed=record.changed or record.date,
            status=record.status,
            binned=record.binned,
            notes=tuple(notes),
            addresses=(self.memory.mark("page", record.old_id), *record.addresses),
        )

    def article(self, record: OldItem, html: str, notes: list[str]) -> Parsed:
        category = self.categories.get(record.category)
        values = {
            "title": self.title(record, html, LONGEST_TITLE, notes),
            "body": html,
            "summary": fitting.summary(record.summary, LONGEST_SUMMARY),
            "category": "" if category else self.names.get(record.category, ""),
            "author_name": fitting.one_line(record.author),
            "source_name": fitting.one_line(record.source_name)[:LONGEST_SOURCE],
            "tags": tags.join(map(fitting.one_line, record.tags)),
            "legacy_id": self.legacy_id(record),
            "legacy_url": fitting.one_line(next(iter(record.addresses), ""))[:LONGEST_LEGACY],
            "status": record.status,
        }
        fields = self.fields(record, html, notes) | self.cover(record, notes)
        fields["pinned"] = record.pinned
        if category:
            fields["category_id"] = category.pk
        if record.status != Status.PUBLISHED and record.date is None:
            fields["go_live_at"] = None
        return Parsed(
            number=record.number,
            values={name: value for name, value in values.items() if value},
            date=record.date,
            status=record.status,
            notes=tuple(notes),
            fields=fields,
            binned=record.binned,
            changed=record.changed or record.date,
            addresses=record.addresses,
            kind=ARTICLE,
        )

    def legacy_id(self, record: OldItem) -> str:
        whole = f"{self.source.site}:{record.old_id}"
        if len(whole) <= LONGEST_ID:
            return whole
        return blake2s(whole.encode(), digest_size=16).hexdigest()

    @staticmethod
    def title(record: OldItem, html: str, most: int, notes: list[str]) -> str:
        whole = fitting.one_line(record.title)
        if not whole:
            words = fitting.one_line(words_of(html))
            notes.append("没有标题，用了正文的开头" if words else "没有标题")
            return fitting.cut(words, UNTITLED) or f"无标题 {record.old_id}"
        if len(whole) > most:
            notes.append(f"标题太长，已截短；原为：{whole[:LONGEST_NOTE]}")
        return fitting.cut(whole, most)

    def fields(self, record: OldItem, html: str, notes: list[str]) -> dict[str, Any]:
        """Return what an article and a page have in common, and no sheet says."""
        fields: dict[str, Any] = {
            "seo_title": fitting.cut(fitting.one_line(record.seo_title), LONGEST_SEO_TITLE),
            "seo_description": fitting.summary(record.seo_description, LONGEST_SEO_DESCRIPTION),
            "indexable": self.indexable != Indexable.NONE,
        }
        if self.indexable == Indexable.ON_TOPIC and record.kind == "article":
            fields["indexable"] = is_about_labour(record.title, words_of(html))
            if not fields["indexable"]:
                notes.append("与主业无关：已设为不允许搜索引擎收录")
        return fields

    def cover(self, record: OldItem, notes: list[str]) -> dict[str, Any]:
        if not record.cover:
            return {}
        # Of an export in parts, another may have had the file: its page is known here.
        file = self.memory.remembered(MediaFile, record.cover) if "?" in record.cover else None
        try:
            file = file or self.shelf.keep(record.cover)
        except MissingError as missing:
            notes.append(f"封面没有带入：{record.cover}（{str(missing).rstrip('。')}）")
            return {}
        return {"cover_id": file.pk} if file is not None and file.image_file else {}

    def import_rows(self, rows: Sequence[Parsed | PageRow | Entry]) -> list[Entry]:
        batch = Batch([row for row in rows if isinstance(row, Parsed)], self.given)
        pages = Pages()
        entries = {entry.row: entry for entry in batch.entries()}
        self.given = batch.given
        for row in rows:
            if isinstance(row, PageRow):
                entries[row.number] = pages.write(row)
        items: dict[int, Article | Page] = {**batch.articles, **pages.pages}
        refused = self.remember_items(rows, items)
        return [
            row if isinstance(row, Entry) else noted(entries[row.number], refused[row.number])
            for row in rows
        ]

    def remember_items(
        self, rows: Sequence[Parsed | PageRow | Entry], items: Mapping[int, Article | Page]
    ) -> dict[int, list[str]]:
        """Note where the addresses of rows lead now; return those that lead elsewhere, by row."""
        refused: dict[int, list[str]] = defaultdict(list)
        pairs: dict[str, tuple[str, Article | Page]] = {}
        numbers: dict[str, int] = {}
        for row in rows:
            item = None if isinstance(row, Entry) else items.get(row.number)
            if isinstance(row, Entry) or item is None or item.pk is None:
                continue
            for old in (each[:LONGEST] for each in row.addresses):
                key = key_of(old)
                if pairs.setdefault(key, (old, item))[1] is item:
                    numbers.setdefault(old, row.number)
                else:
                    refused[row.number].append(old)
        for old in self.memory.remember(pairs.values()):
            refused[numbers[old]].append(old)
        return refused

    # --- Lists ---------------------------------------------------------------------------------------

    def bring_places(self) -> None:
        places, refused = iter(self.source.places()), 0
        while chunk := list(islice(places, PLACES)):
            with transaction.atomic():
                refused += len(self.memory.remember(self.pairs(chunk)))
                if self.dry_run:
                    transaction.set_rollback(True)
            let_others_write()
        if refused:
            self.report.warnings.append(
                f"标签、作者或日期列表的旧网址，有 {refused} 个已指向别处，没有改动。"
            )
        patterns = Redirect.objects.filter(kind=Redirect.Kind.PATTERN).count()
        if patterns > MOST_PATTERNS:
            self.report.warnings.append(
                f"成类的跳转有 {patterns} 条，只有最早的 {MOST_PATTERNS} 条起作用：请在“跳转”中删去不用的。"
            )

    @staticmethod
    def pairs(places: Iterable[OldPlace]) -> Iterator[tuple[str, str]]:
        """Yield where lists lead now. A tag that no article brought along has no page. One query."""
        named = [(place, "".join(tags.parse(place.tag)[:1])) for place in places]
        lower = {name.lower() for _, name in named if name}
        known = Tag.objects.annotate(lower=Lower("name")).filter(lower__in=lower)
        written = {tag.lower: tag.name for tag in known}
        for place, name in named:
            if place.target:
                yield place.address, place.target
            elif name.lower() in written:
                yield place.address, address("articles:tag", written[name.lower()])


def short(pattern: str) -> str:
    """Return the address that look-ups make of a list's further pages; "" where they make none."""
    whole = pattern.replace(PAGE_NUMBER, "2").rstrip("/").lower()
    first = FURTHER_PAGE.sub("", whole)
    return first if first != whole and "?" not in whole else ""


def refusals(addresses: Sequence[str]) -> list[str]:
    if not addresses:
        return []
    named = "、".join(address[:100] for address in addresses[:NAMED])
    more = f" 等 {len(addresses)} 个" if len(addresses) > NAMED else ""
    return [f"旧网址已指向别处，没有改动：{named}{more}"]


def noted(entry: Entry, refused: Sequence[str]) -> Entry:
    return replace(entry, notes=(*entry.notes, *refusals(refused))) if refused else entry
