"""Items of an old site in our terms: each becomes an article, a page, or a line of the report."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from hashlib import blake2s
from typing import Any, Final

from articles import tags
from articles.models import Category
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.richtext.words import words_of
from portal.transfer import fitting
from portal.transfer.bodies import carry
from portal.transfer.memory import Memory
from portal.transfer.pages import PageRow
from portal.transfer.parsing import Parsed
from portal.transfer.report import LONGEST as LONGEST_NOTE
from portal.transfer.report import Entry, Outcome
from portal.transfer.shelf import MissingError, Shelf
from portal.transfer.sources.records import Left, OldItem
from portal.transfer.topic import is_about_labour

ARTICLE: Final = "文章"
OTHER: Final = "其他"

LONGEST_ID: Final = 60
LONGEST_TITLE: Final = 200
LONGEST_PAGE_TITLE: Final = 60
LONGEST_SUMMARY: Final = 200
LONGEST_SEO_TITLE: Final = 60
LONGEST_SEO_DESCRIPTION: Final = 160
LONGEST_SOURCE: Final = 80
LONGEST_LEGACY: Final = 500
UNTITLED: Final = 30  # signs of the text that stand for a title


class Indexable(StrEnum):
    """What engines may have of the articles that move in."""

    ALL = "all"
    ON_TOPIC = "on-topic"
    NONE = "none"


class Translator:
    """Says what an item is here; of its files, those it shows are stored by then."""

    def __init__(self, memory: Memory, shelf: Shelf, indexable: Indexable) -> None:
        self.memory = memory
        self.shelf = shelf
        self.indexable = indexable
        # Of the categories that have moved in, by their old ids: the names of all, and those of ours
        # that are there to stay, which a dry run makes none of.
        self.names: dict[str, str] = {}
        self.categories: dict[str, Category] = {}
        self.hosts: Counter[str] = Counter()  # of other sites, in links

    def read(self, record: OldItem | Left) -> Parsed | PageRow | Entry:
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
        whole = f"{self.memory.site}:{record.old_id}"
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
