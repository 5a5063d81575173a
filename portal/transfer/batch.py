"""Rows that are imported in one transaction, with what they find there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils import timezone

from articles import tags
from articles.models import Article, Author, Category
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions import actions
from portal.cms.revisions.models import Revision
from portal.cms.site import SiteProfile
from portal.transfer import arrivals, columns
from portal.transfer.parsing import Parsed, RowError
from portal.transfer.report import Entry, Outcome

COPIED = (
    "title",
    "summary",
    "body",
    "source_name",
    "source_url",
    "original_title",
    "original_author",
    "legacy_url",
)
DEFAULT_CATEGORY = {"slug": "news", "name": "资讯"}
DEFAULT_AUTHOR = {"name": "编辑部", "handle": "bianjibu", "is_organization": True}
# What is found or made for an article is there: it need not be asked for once more.
GIVEN = {"category", "author", "tags", "cover"}
# What editors do to an item itself, and what only to its draft while it is published. Imports record
# neither.
DONE_TO_IT = ("changed", "published", "applied", "withdrawn", "binned", "unbinned")
DONE_TO_A_DRAFT = ("saved", "restored", "submitted", "sent_back", "unscheduled")
# Longer than any run takes: an article that is dated so shortly before it was made had no date.
RUN = timedelta(days=1)


@dataclass(frozen=True)
class Circumstances:
    """What a row is judged by."""

    started: datetime
    profile: SiteProfile
    logins: Collection[str]


class Batch:
    """Makes and changes the articles of some rows; belongs into one transaction.

    Changed articles are saved one by one, new ones together: about a dozen queries a batch, and four
    a row for the index.
    """

    def __init__(self, rows: Sequence[Parsed | Entry], given: Circumstances) -> None:
        self.rows = rows
        self.given = given
        self.known = find([row for row in rows if isinstance(row, Parsed)])
        self.edited = edited(self.known.values())  # their ids
        self.articles: dict[int, Article] = {}  # by the numbers of the rows that are about them
        self.touched: list[Article] = []
        self.new: list[tuple[Article, list[str]]] = []  # of those, the ones that are not saved yet
        self.categories: dict[str | None, Category] = {}
        self.authors: dict[tuple[str, str], Author] = {}

    def entries(self) -> list[Entry]:
        """Import the rows; return what became of each, in their order."""
        entries = [row if isinstance(row, Entry) else self.import_row(row) for row in self.rows]
        self.save_new()
        return entries

    def import_row(self, row: Parsed) -> Entry:
        article = self.articles[row.number] = self.article_of(row)
        try:
            outcome = self.save(article, row)
        except RowError as error:
            return row.skipped(str(error))
        except ValidationError as error:
            if article.pk is not None:  # another row may be about it, too
                article.refresh_from_db()
            return row.skipped(*error.messages)
        notes = tuple(self.notes(article, row))
        return Entry(row.number, article.title, outcome, notes, row.kind)

    def article_of(self, row: Parsed) -> Article:
        """Return the article the row is about, made before or only now.

        As the rows before it leave the site: they may have made the article, or renamed another.
        """
        if not row.legacy_id and self.is_moot(row):
            self.save_new()
            self.find_anew(row)
        return self.known.get(row.number) or Article(legacy_id=row.legacy_id, rights_basis="")

    def is_moot(self, row: Parsed) -> bool:
        """Whether rows before this one may have changed what it is about."""
        found = self.known.get(row.number)
        return any(
            article is found or row.means(article.title, article.go_live_at)
            for article in self.touched
        )

    def find_anew(self, row: Parsed) -> None:
        """Ask the database what the row is about now; four queries."""
        held = {article.pk: article for article in (*self.known.values(), *self.touched)}
        self.known.pop(row.number, None)
        for number, article in find([row]).items():
            # Of an article that was changed here, a second copy would undo the first.
            self.known[number] = held.get(article.pk, article)
            if article.pk not in held:
                self.edited |= edited([article])

    def save_new(self) -> None:
        if self.new:
            arrivals.save_new(self.new)
            self.new = []

    def save(self, article: Article, row: Parsed) -> Outcome:
        """Save what the row says, and return whether that was anything new."""
        if article.deleted_at is not None:
            if row.binned:
                return Outcome.UNCHANGED
            raise RowError("同一篇文章在回收站中，请先恢复或彻底删除")
        if article.pk in self.edited:
            raise RowError("文章已在后台修改过，没有覆盖")
        self.stand_after(article, row)
        changed = give(article, self.said(article, row))
        if article.pk is None:
            article.clean_fields(exclude=GIVEN)
            give(article, self.place(article, row))
            self.begin(article, row)
            self.touched.append(article)
            return Outcome.IMPORTED
        changed = changed or ("status" in row.values and row.status != article.status)
        if changed:
            article.full_clean(exclude=GIVEN)
        if give(article, self.place(article, row)) or changed:
            changed = True
            self.put(article, row)
            self.touched.append(article)
        changed = self.set_tags(article, row) or changed
        if row.binned:
            article.bin()
            changed = True
        return Outcome.CHANGED if changed else Outcome.UNCHANGED

    # --- What the row says ---------------------------------------------------------------------------

    def said(self, article: Article, row: Parsed) -> dict[str, Any]:
        """Return the fields that the row gives, or that follow from it. No query."""
        new: dict[str, Any] = {name: row.values[name] for name in COPIED if name in row.values}
        new |= kind_and_rights(article, row.values)
        new |= self.disclaimer(new.get("kind", article.kind), row.values.get("disclaimer"))
        if row.date or article.go_live_at is None:
            # Without dates, rows stand in lists in the order of the sheet: the first is the newest.
            new["go_live_at"] = row.date or self.given.started - timedelta(milliseconds=row.number)
        new |= row.fields
        if not new.get("body", article.body):
            new["indexable"] = False
        return new

    def stand_after(self, article: Article, row: Parsed) -> None:
        """Let the rows to come stand after this one, if an earlier run dated it, which broke off."""
        if row.date or article.pk is None or article.go_live_at is None:
            return
        if timedelta() <= article.created_at - article.go_live_at < RUN:
            started = article.go_live_at + timedelta(milliseconds=row.number)
            self.given = replace(self.given, started=min(started, self.given.started))

    def disclaimer(self, kind: str, text: str | None) -> dict[str, Any]:
        if text is None:
            return {}
        if text == getattr(self.given.profile, f"disclaimer_{kind}"):
            return {"disclaimer_choice": Article.DisclaimerChoice.DEFAULT}
        return {"disclaimer_choice": Article.DisclaimerChoice.CUSTOM, "disclaimer_text": text}

    def place(self, article: Article, row: Parsed) -> dict[str, Any]:
        """Return category and author: those the row names, or the usual where there is none."""
        new: dict[str, Any] = {}
        if "category" in row.values or article.category_id is None:
            new["category_id"] = self.category(row.values.get("category")).pk
        if row.names_author or article.author_id is None:
            new["author_id"] = self.author(row).pk
        return new

    def category(self, name: str | None) -> Category:
        if name not in self.categories:
            self.categories[name] = category_named(name)
        return self.categories[name]

    def author(self, row: Parsed) -> Author:
        names = (row.values.get("author_name", ""), row.values.get("author_handle", ""))
        if names not in self.authors:
            self.authors[names] = author_named(*names)
        return self.authors[names]

    # --- Into the database ---------------------------------------------------------------------------

    def begin(self, article: Article, row: Parsed) -> None:
        """Begin the life of a new article in the state the row gives."""
        names = tags.parse(row.values.get("tags", ""))
        if row.status == Status.WITHDRAWN:
            self.save_new()  # so that ids follow the rows: of two that are meant, the first is taken
            self.put(article, row)
            article.tags.set(names)
            return
        article.status = row.status
        if row.status == Status.PUBLISHED:
            now = timezone.now()
            article.last_published_at = row.changed or min(article.go_live_at or now, now)
        if row.binned:
            article.deleted_at = timezone.now()
        self.new.append((article, names))

    @staticmethod
    def put(article: Article, row: Parsed) -> None:
        """Save in the state the row gives; a row that says nothing leaves a state as it is."""
        if "status" not in row.values:
            article.save()
        elif row.status == Status.PUBLISHED:
            article.publish_as_is()
        elif row.status == Status.WITHDRAWN:
            article.first_published_at = article.first_published_at or article.go_live_at
            article.withdraw()
        else:
            article.status = row.status
            article.save()
        if article.status != Status.PUBLISHED:
            actions.drop_pending(article)

    @staticmethod
    def set_tags(article: Article, row: Parsed) -> bool:
        if "tags" not in row.values:
            return False
        wanted = tags.parse(row.values["tags"])
        if {tag.name.lower() for tag in article.tags.all()} == {name.lower() for name in wanted}:
            return False
        article.tags.set(wanted)
        return True

    def notes(self, article: Article, row: Parsed) -> list[str]:
        """Return what the owner should look at."""
        notes = list(row.notes)
        if row.names_author and (handle := self.author(row).handle) in self.given.logins:
            notes.append(f"公开账号“{handle}”与后台登录名相同，请在“作者”中修改")
        if not article.body:
            notes.append("没有正文：已设为不允许搜索引擎收录")
        if row.date is None and article.go_live_at is not None:
            notes.append("没有日期：按导入时间")
        if article.kind == Article.Kind.REPOST and not article.rights_basis:
            notes.append("转载，但没有刊登依据")
        return notes


def find(rows: Sequence[Parsed]) -> dict[int, Article]:
    """Return, by the numbers of the rows, the articles that they made before, locked; four queries."""
    by_id = Article.objects.filter(legacy_id__in={row.legacy_id for row in rows} - {""})
    # The second half is what the index of `legacy_id` leaves out, and lets it be used.
    ids = dict(by_id.exclude(legacy_id="").values_list("legacy_id", "pk"))
    titles = {row.values["title"] for row in rows if not row.legacy_id}
    same: dict[str, list[tuple[int, datetime | None]]] = defaultdict(list)
    by_title = Article.objects.filter(title__in=titles).order_by("pk")
    for title, pk, date in by_title.values_list("title", "pk", "go_live_at"):
        same[title].append((pk, date))
    made: dict[int, int | None] = {}
    for row in rows:
        title = row.values["title"]
        meant = (pk for pk, date in same[title] if row.means(title, date))
        made[row.number] = ids.get(row.legacy_id) if row.legacy_id else next(meant, None)
    locked = Article.objects.filter(pk__in=set(made.values()) - {None}).order_by("pk")
    found = {a.pk: a for a in locked.select_for_update().prefetch_related("tags")}
    return {number: found[pk] for number, pk in made.items() if pk in found}


def edited(items: Iterable[Publishable]) -> set[int]:
    """Return the ids of the items that an editor has worked on since they were imported; a query.

    `updated_by` says so, unless the editor's account is gone by now, or the site has moved without its
    accounts: what was recorded then is still there.
    """
    there = [item for item in items if item.pk is not None]
    found = {item.pk for item in there if item.updated_by_id is not None}
    unsure = [item for item in there if item.pk not in found]
    if not unsure:
        return found
    published = [item.pk for item in unsure if item.status == Status.PUBLISHED]
    done = Q(event__in=DONE_TO_IT) | (Q(event__in=DONE_TO_A_DRAFT) & ~Q(object_id__in=published))
    kind = ContentType.objects.get_for_model(unsure[0])
    rows = Revision.objects.filter(
        done, content_type=kind, object_id__in=[item.pk for item in unsure]
    )
    return found | set(rows.values_list("object_id", flat=True))


def give(item: Model, new: Mapping[str, Any]) -> bool:
    """Set fields; return whether that changed anything."""
    changed = {name: value for name, value in new.items() if getattr(item, name) != value}
    for name, value in changed.items():
        setattr(item, name, value)
    return bool(changed)


def kind_and_rights(article: Article, values: dict[str, str]) -> dict[str, Any]:
    """Return kind and rights basis; guessed only where there is no article yet."""
    new: dict[str, Any] = {}
    if "kind" in values or article.pk is None:
        guess = Article.Kind.REPOST if "source_name" in values else Article.Kind.ORIGINAL
        new["kind"] = columns.KINDS.get(values.get("kind", ""), guess)
    if basis := columns.RIGHTS.get(values.get("rights_basis", "")):
        new["rights_basis"] = basis
    elif article.pk is None and new["kind"] == Article.Kind.ORIGINAL:
        new["rights_basis"] = Article.RightsBasis.ORIGINAL
    return new


def category_named(name: str | None) -> Category:
    """Return the category of a name, made where there is none; without a name the usual one."""
    if name is None:
        usual = DEFAULT_CATEGORY["slug"]
        return Category.objects.get_or_create(slug=usual, defaults=DEFAULT_CATEGORY)[0]
    return Category.objects.filter(name=name[:20]).first() or new_category(name)


def new_category(name: str, slug: str = "", description: str = "") -> Category:
    """Make a category; its slug is a number where none is given, or the one that is given is taken."""
    number = Category.objects.count()
    # No slug is made from Chinese; the editor types a better one.
    while not slug or Category.objects.filter(slug=slug).exists():
        number += 1
        slug = f"category-{number}"
    return Category.objects.create(name=name[:20], slug=slug, description=description)


def author_named(name: str, handle: str) -> Author:
    """Return the author of a handle, else of a name, made where there is none; of neither the usual."""
    if not name and not handle:
        usual = DEFAULT_AUTHOR["handle"]
        return Author.objects.get_or_create(handle=usual, defaults=DEFAULT_AUTHOR)[0]
    if not handle and (found := Author.objects.filter(name=name[:30]).first()) is not None:
        return found
    if not handle:
        return author_by(name)
    handle = "".join(handle.split())[:30]
    return Author.objects.get_or_create(handle=handle, defaults={"name": (name or handle)[:30]})[0]


def author_by(name: str) -> Author:
    """Return the author who got the handle that is the name without blanks, made where there is none.

    “老 王” and “老王” are two: the second has a number. One who goes by another name meanwhile was
    renamed by an editor, and is still the one.
    """
    plain = handle = "".join(name.split())[:30]
    number = 1
    while (found := Author.objects.filter(handle=handle).first()) is not None:
        if "".join(found.name.split()) != plain:
            return found
        number += 1
        handle = f"{plain[:26]}{number}"
    return Author.objects.get_or_create(handle=handle, defaults={"name": name[:30]})[0]
