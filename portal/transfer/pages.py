"""Standing pages of an old site: 关于我们, 联系我们."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.cms import redirects
from portal.cms.publishing import Status
from portal.cms.redirects.finding import is_there
from portal.cms.redirects.keys import key_of
from portal.cms.site import Page
from portal.transfer.batch import edited, give
from portal.transfer.parsing import RowError
from portal.transfer.report import Entry, Outcome

KIND: Final = "页面"
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
OTHERWISE: Final = re.compile(r"[^a-z0-9_-]+")
TAKEN: Final = "网址名“{}”不能用或已有别的单页，改为“{}”"


@dataclass(frozen=True)
class PageRow:
    """A page in our terms. It is known by the first of its addresses, which no other page has."""

    number: int
    title: str
    old_id: str
    slug: str  # as it was
    fields: Mapping[str, Any]
    date: datetime | None
    changed: datetime | None
    status: Status
    binned: bool
    notes: tuple[str, ...]
    addresses: tuple[str, ...]

    def skipped(self, *why: str) -> Entry:
        return Entry(self.number, self.title, Outcome.SKIPPED, (*why, *self.notes), KIND)


class Pages:
    """Makes and changes the pages of a batch; belongs into one transaction. They are few, and saved singly."""

    def __init__(self) -> None:
        self.pages: dict[int, Page] = {}  # by the numbers of the rows that are about them

    def write(self, row: PageRow) -> Entry:
        page = self.known(row) or Page()
        notes = row.notes
        try:
            if page.pk is None:
                page.slug = free_slug(row)
                if row.slug and page.slug != row.slug:
                    notes = (TAKEN.format(row.slug, page.slug), *notes)
            outcome = self.save(page, row)
        except RowError as error:
            self.pages[row.number] = page
            return row.skipped(str(error))
        except ValidationError as error:
            return row.skipped(*error.messages)
        self.pages[row.number] = page
        if hidden := hidden_behind_ours(row.addresses, page):
            notes = (*notes, f"这里已有这个网址的页面，旧网址不会跳转：{'、'.join(hidden)}")
        return Entry(row.number, page.title, outcome, notes, KIND)

    @staticmethod
    def known(row: PageRow) -> Page | None:
        """Return the page that an earlier run made; no editor saves it before this transaction ends."""
        found = redirects.item_at(row.addresses[0])
        if not isinstance(found, Page):
            return None
        return Page._base_manager.select_for_update().filter(pk=found.pk).first()

    @staticmethod
    def save(page: Page, row: PageRow) -> Outcome:
        """Save what the row says, and return whether that was anything new."""
        if page.deleted_at is not None:
            if row.binned:
                return Outcome.UNCHANGED
            raise RowError("同一个单页在回收站中，请先恢复或彻底删除")
        if edited([page]):
            raise RowError("单页已在后台修改过，没有覆盖")
        is_new = page.pk is None
        now = timezone.now()
        date = row.date or page.go_live_at or (now if row.status == Status.PUBLISHED else None)
        changed = give(page, {**row.fields, "status": row.status, "go_live_at": date})
        if not (is_new or changed or row.binned):
            return Outcome.UNCHANGED
        if row.status == Status.PUBLISHED:
            came = min(date or now, now) if is_new else now
            page.last_published_at = row.changed or came
        page.deleted_at = now if row.binned else None
        # Its slug is free, and a save makes the dates that the constraints ask for.
        page.clean_fields()
        page.clean()
        page.save()
        return Outcome.IMPORTED if is_new else Outcome.CHANGED


def hidden_behind_ours(addresses: Iterable[str], page: Page) -> list[str]:
    """Return the old addresses at which this site has another page: there, no redirect is looked for."""
    own = key_of(page.get_absolute_url())
    return [
        old
        for old in addresses
        if old.strip("/") and "?" not in old and key_of(old) != own
        if is_there(old) or is_there(f"{old}/")
    ]


def free_slug(row: PageRow) -> str:
    """Return the old slug if it can be one of ours and no page has it, else one with the old number."""
    numbered = f"page-{OTHERWISE.sub('-', row.old_id.lower()).strip('-')[:30]}"
    for slug in (row.slug.lower(), numbered, *(f"{numbered}-{n}" for n in range(2, 100))):
        reserved = {*Page.RESERVED, settings.ADMIN_PATH.split("/")[0]}
        if (
            SLUG.fullmatch(slug)
            and slug not in reserved
            and not Page.objects.filter(slug=slug).exists()
        ):
            return slug
    raise RowError(f"没有空着的网址名：{numbered}")
