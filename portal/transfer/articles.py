"""Importing articles from the rows of a sheet.

Idempotent: a row finds the article it made before by its old number, else by title and date. A bad
row is reported and left out; the rest goes on. All rows are one transaction, so that a run that is
interrupted leaves nothing half-imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from articles import tags
from articles.models import Article, Author, Category, Ranking
from portal.cms.accounts import User
from portal.cms.publishing import Status
from portal.cms.revisions import actions
from portal.cms.site import SiteProfile
from portal.transfer import columns
from portal.transfer.report import Entry, Outcome, Report
from portal.transfer.sheet import PROBLEM, Row, SheetError

COPIED = ("summary", "source_name", "source_url", "original_title", "original_author", "legacy_url")
DEFAULT_CATEGORY = {"slug": "news", "name": "资讯"}
DEFAULT_AUTHOR = {"name": "编辑部", "handle": "bianjibu"}


class RowError(Exception):
    """The row cannot be imported; the message says why, in Chinese."""


class DryRun(Exception):  # noqa: N818
    """Raised to roll a trial run back."""


def import_articles(
    rows: Iterable[tuple[int, Row]],
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Import all rows in one transaction and report each; a dry run does the same and rolls back.

    About ten queries a row. Raises what reading `rows` raises; nothing is imported then.
    """
    report = Report()
    try:
        with transaction.atomic():
            run = ArticleImport(report)
            for done, (number, row) in enumerate(rows, start=1):
                run.import_row(number, row)
                progress(done)
            Ranking.refresh()
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    return report


@dataclass
class Parsed:
    """A row in our terms. Empty values say nothing and change nothing."""

    values: dict[str, str]
    date: datetime | None
    status: str
    notes: list[str]


class ArticleImport:
    """One run: what it has seen and made so far."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.started = timezone.now()
        self.profile = SiteProfile.load()
        self.seen: dict[tuple[str, ...], int] = {}
        self.logins = set(User.objects.values_list("username", flat=True))
        self.fields: dict[str, str | None] = {}

    def import_row(self, number: int, row: Row) -> None:
        """Import one row in a savepoint of its own, and report it."""
        values = self.named(row)
        title = values.get("title", "")
        try:
            with transaction.atomic():
                if row.get(PROBLEM):
                    raise RowError(row[PROBLEM])
                entry = self.save(number, self.parse(values))
        except RowError as error:
            entry = Entry(number, title, Outcome.SKIPPED, (str(error),))
        except ValidationError as error:
            entry = Entry(number, title, Outcome.SKIPPED, tuple(error.messages))
        except DatabaseError as error:
            entry = Entry(number, title, Outcome.SKIPPED, (f"数据库不接受这一行：{error}",))
        self.report.entries.append(entry)

    def named(self, row: Row) -> dict[str, str]:
        """Return the cells by our field names; unknown columns are reported once.

        Raises SheetError where no column can be the title.
        """
        for header in row:
            if header not in self.fields and header != PROBLEM:
                self.fields[header] = columns.field_of(header)
                if self.fields[header] is None:
                    self.report.warnings.append(f"不认识的列“{header}”，未导入。")
        if "title" not in self.fields.values() and not row.get(PROBLEM):
            raise SheetError("表格里没有“标题”列；第一行应为列名。")
        return {
            field: row[header] for header, field in self.fields.items() if field and row.get(header)
        }

    def parse(self, values: dict[str, str]) -> Parsed:
        # NBSP and its kin look like a space, and would hide the title from a search for it.
        values["title"] = title = " ".join(values.get("title", "").split())
        if not title:
            raise RowError("没有标题")
        try:
            date = columns.parse_date(values.get("date", ""))
        except ValueError as error:
            raise RowError(f"日期“{values['date'][:40]}”无法识别") from error
        status_text = values.get("status", "").lower()
        status = columns.STATUSES.get(
            status_text, Status.DRAFT if status_text else Status.PUBLISHED
        )
        notes = []
        if status_text and status_text not in columns.STATUSES:
            notes.append(f"状态“{status_text}”无法识别，存为草稿")
        return Parsed(values, date, status, notes)

    def save(self, number: int, parsed: Parsed) -> Entry:
        self.refuse_second(number, parsed)
        article = self.find(parsed)
        is_new = article is None
        article = article or Article(legacy_id=parsed.values.get("legacy_id", ""), rights_basis="")
        if article.deleted_at is not None:
            raise RowError("同一篇文章在回收站中，请先恢复或彻底删除")
        if article.updated_by_id is not None:
            raise RowError("文章已在后台修改过，没有覆盖")
        changed = self.apply(article, parsed, number)
        changed = changed or self.changes_status(article, parsed)
        if is_new or changed:
            article.full_clean(exclude={"tags"})
            self.put(article, parsed)
        changed = self.set_tags(article, parsed) or changed
        outcome = Outcome.IMPORTED if is_new else Outcome.CHANGED if changed else Outcome.UNCHANGED
        return Entry(number, article.title, outcome, tuple(self.notes(article, parsed)))

    @staticmethod
    def changes_status(article: Article, parsed: Parsed) -> bool:
        """Whether the row gives a state, and another than the article has."""
        return "status" in parsed.values and parsed.status != article.status

    def refuse_second(self, number: int, parsed: Parsed) -> None:
        """Refuse a row that says the same article as an earlier one of this sheet."""
        values = parsed.values
        key = (
            (values.get("legacy_id", ""),)
            if "legacy_id" in values
            else (values["title"], str(parsed.date))
        )
        first = self.seen.setdefault(key, number)
        if first != number:
            raise RowError(f"与第 {first} 行重复")

    def find(self, parsed: Parsed) -> Article | None:
        """Return the article this row made before, if any."""
        if legacy_id := parsed.values.get("legacy_id"):
            return Article.objects.filter(legacy_id=legacy_id).first()
        same = Article.objects.filter(title=parsed.values["title"])
        if parsed.date is not None:
            # By the day in Asia/Shanghai: the old system may have told the time, or not.
            start = timezone.localtime(parsed.date).replace(hour=0, minute=0, second=0)
            same = same.filter(go_live_at__gte=start, go_live_at__lt=start + timedelta(days=1))
        return same.order_by("pk").first()

    def apply(self, article: Article, parsed: Parsed, number: int) -> bool:
        """Set what the row says; return whether that changed anything."""
        new: dict[str, Any] = {n: parsed.values[n] for n in COPIED if n in parsed.values}
        new["title"] = parsed.values["title"]
        if "body" in parsed.values:
            field: Any = Article._meta.get_field("body")
            new["body"] = field.sanitize(columns.as_html(parsed.values["body"]))
        new |= self.classified(article, parsed)
        new |= self.disclaimer(new.get("kind", article.kind), parsed)
        if parsed.date or article.go_live_at is None:
            # Without dates, rows stand in lists in the order of the sheet: the first is the newest.
            new["go_live_at"] = parsed.date or self.started - timedelta(milliseconds=number)
        if not new.get("body", article.body):
            new["indexable"] = False
        changed = {name: value for name, value in new.items() if getattr(article, name) != value}
        for name, value in changed.items():
            setattr(article, name, value)
        return bool(changed)

    def classified(self, article: Article, parsed: Parsed) -> dict[str, Any]:
        """Return category, author, kind and rights basis; made or guessed only where there is none."""
        values, new = parsed.values, dict[str, Any]()
        if "category" in values or article.category is None:
            new["category"] = self.category(values.get("category"))
        if {"author_name", "author_handle"} & values.keys() or article.author is None:
            new["author"] = self.author(parsed)
        if "kind" in values or article.pk is None:
            guess = Article.Kind.REPOST if "source_name" in values else Article.Kind.ORIGINAL
            new["kind"] = columns.KINDS.get(values.get("kind", ""), guess)
        if basis := columns.RIGHTS.get(values.get("rights_basis", "")):
            new["rights_basis"] = basis
        elif article.pk is None and new["kind"] == Article.Kind.ORIGINAL:
            new["rights_basis"] = Article.RightsBasis.ORIGINAL
        return new

    def category(self, name: str | None) -> Category:
        if name is None:
            return Category.objects.get_or_create(
                slug=DEFAULT_CATEGORY["slug"], defaults=DEFAULT_CATEGORY
            )[0]
        found = Category.objects.filter(name=name[:20]).first()
        if found is None:
            # No slug is made from Chinese (exemplars §4.1); the editor types a better one.
            number = Category.objects.count() + 1
            while Category.objects.filter(slug=f"category-{number}").exists():
                number += 1
            found = Category.objects.create(name=name[:20], slug=f"category-{number}")
        return found

    def author(self, parsed: Parsed) -> Author:
        name, handle = parsed.values.get("author_name", ""), parsed.values.get("author_handle", "")
        if not name and not handle:
            return Author.objects.get_or_create(
                handle=DEFAULT_AUTHOR["handle"], defaults=DEFAULT_AUTHOR
            )[0]
        if not handle:
            found = Author.objects.filter(name=name[:30]).first()
            if found is not None:
                return found
        handle = "".join((handle or name).split())[:30]
        if handle in self.logins:
            parsed.notes.append(f"公开账号“{handle}”与后台登录名相同，请在“作者”中修改")
        return Author.objects.get_or_create(
            handle=handle, defaults={"name": (name or handle)[:30]}
        )[0]

    def disclaimer(self, kind: str, parsed: Parsed) -> dict[str, Any]:
        text = parsed.values.get("disclaimer")
        if text is None:
            return {}
        if text == getattr(self.profile, f"disclaimer_{kind}"):
            return {"disclaimer_choice": Article.DisclaimerChoice.DEFAULT}
        return {"disclaimer_choice": Article.DisclaimerChoice.CUSTOM, "disclaimer_text": text}

    def put(self, article: Article, parsed: Parsed) -> None:
        """Save in the state the row gives; a row that says nothing leaves a state as it is."""
        if article.pk is not None and "status" not in parsed.values:
            article.save()
        elif parsed.status == Status.PUBLISHED:
            article.publish_as_is()
        elif parsed.status == Status.WITHDRAWN:
            article.first_published_at = article.first_published_at or article.go_live_at
            article.withdraw()
        else:
            article.status = parsed.status
            article.save()
        if article.status != Status.PUBLISHED:
            actions.drop_pending(article)

    def set_tags(self, article: Article, parsed: Parsed) -> bool:
        if "tags" not in parsed.values:
            return False
        wanted = tags.parse(parsed.values["tags"])
        if {tag.name.lower() for tag in article.tags.all()} == {name.lower() for name in wanted}:
            return False
        article.tags.set(wanted)
        return True

    def notes(self, article: Article, parsed: Parsed) -> list[str]:
        """Return what the owner should look at."""
        notes = list(parsed.notes)
        if not article.body:
            notes.append("没有正文：已设为不允许搜索引擎收录")
        if parsed.date is None:
            notes.append("没有日期：按导入时间")
        if article.kind == Article.Kind.REPOST and not article.rights_basis:
            notes.append("转载，但没有刊登依据")
        return notes
