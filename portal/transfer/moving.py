"""An old site moves in: categories, files, articles and pages, and where their addresses lead now.

One way for all systems: what is particular to one, its source has said in the terms of `records`. What
is written stays where a run breaks off, and the next one finds it there: articles by their old number,
all else by an old address, which is a redirect by now. So a run that is done again changes nothing, and
one that was killed is gone on with.

What is slow, cleaning texts and storing pictures, is done outside transactions; those are short, since
editors work meanwhile.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import DatabaseError, OperationalError, transaction
from django.db.models.functions import Lower
from taggit.models import Tag

from articles import tags
from articles.models import Article, Category
from portal.cms.addresses import address
from portal.cms.locking import let_others_write
from portal.cms.pagecache.epochs import content_changed
from portal.cms.redirects.finding import MOST_PATTERNS
from portal.cms.redirects.keys import FURTHER_PAGE, LONGEST, key_of
from portal.cms.redirects.models import Redirect
from portal.cms.site import Page
from portal.transfer import fitting
from portal.transfer.articles import refresh_rankings
from portal.transfer.batch import Batch, new_category
from portal.transfer.bodies import most_linked
from portal.transfer.memory import Memory
from portal.transfer.pages import PageRow, Pages
from portal.transfer.parsing import Parsed
from portal.transfer.report import Entry, Ledger, Outcome
from portal.transfer.shelf import MissingError, Shelf
from portal.transfer.sources.records import Left, OldCategory, OldFile, OldItem, OldPlace, Source
from portal.transfer.translating import Indexable, Translator
from portal.transfer.writing import REFUSED, Writer

CATEGORY: Final = "栏目"
FILE: Final = "附件"

# A batch: some tenths of a second to write.
ROWS: Final = 50
CHARACTERS: Final = 100_000
MOST_AT_ONCE: Final = 1000  # of what is only reported
PLACES: Final = 500

LONGEST_CATEGORY: Final = 20
NAMED: Final = 5  # addresses that a note names
HOSTS: Final = 10  # that a warning names
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PAGE_NUMBER: Final = r"(\d+)"

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
        if run.translator.hosts:
            ledger.warnings.append(
                f"正文里的链接最常指向的外站：{most_linked(run.translator.hosts, HOSTS)}。"
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
        self.progress = progress
        self.size = source.size()
        self.memory = Memory(source.site)
        self.shelf = Shelf(
            media,
            {*source.hosts, *hosts},
            recall=self.memory.recall,
            remember=self.memory.remember_file,
            is_sized=source.is_sized,
            dry_run=dry_run,
        )
        self.translator = Translator(self.memory, self.shelf, indexable)

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
                self.translator.categories.pop(old.old_id, None)
                entry = Entry(0, old.name, Outcome.SKIPPED, (REFUSED.format(error),), CATEGORY)
            self.report.take([entry])

    def category(self, old: OldCategory) -> Entry:
        name = fitting.one_line(old.name)
        notes = []
        if len(name) > LONGEST_CATEGORY:
            notes.append(f"名称最长 {LONGEST_CATEGORY} 字，原为“{name[:100]}”")
        name = (name or f"栏目 {old.old_id}")[:LONGEST_CATEGORY]
        self.translator.names[old.old_id] = name
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
        self.translator.categories[old.old_id] = found
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
            row = self.translator.read(record)
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
