"""A row of a sheet in our terms, or why it cannot be one. No query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from articles.models import Article
from portal.cms.publishing import Status
from portal.transfer import columns
from portal.transfer.report import Entry, Outcome

BODY: Any = Article._meta.get_field("body")


class RowError(Exception):
    """The row cannot be imported; the message says why, in Chinese."""


@dataclass
class Parsed:
    """A row in our terms. Empty values say nothing and change nothing."""

    number: int
    values: dict[str, str]
    date: datetime | None
    status: str
    notes: tuple[str, ...]
    # What no sheet says, but an old site does: fields of ours that are set as they are; that it was in
    # the recycle bin; when it was changed; where it could be read; what the report calls it.
    fields: Mapping[str, Any] = field(default_factory=dict)
    binned: bool = False
    changed: datetime | None = None
    addresses: tuple[str, ...] = ()
    kind: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What two rows of a sheet must not share: the old number, else title and date."""
        if self.legacy_id:
            return (self.legacy_id,)
        return (self.values["title"], str(self.date))

    @property
    def legacy_id(self) -> str:
        return self.values.get("legacy_id", "")

    @property
    def names_author(self) -> bool:
        return not {"author_name", "author_handle"}.isdisjoint(self.values)

    def skipped(self, *why: str) -> Entry:
        """Return the row's entry in the report if it is not imported after all."""
        notes = (*why, *self.notes) if self.kind else why
        return Entry(self.number, self.values["title"], Outcome.SKIPPED, notes, self.kind)

    def means(self, title: str, go_live_at: datetime | None) -> bool:
        """Whether a row without an old number is about the article with this title and date."""
        if title != self.values["title"]:
            return False
        # By the day in Asia/Shanghai: the old system may have told the time, or not.
        return self.date is None or (
            go_live_at is not None
            and timezone.localdate(go_live_at) == timezone.localdate(self.date)
        )


def parse(number: int, values: dict[str, str]) -> Parsed:
    """Read the cells, named as our fields. Raises RowError."""
    # NBSP and its kin look like a space, and would hide the title from a search for it.
    values["title"] = " ".join(values.get("title", "").split())
    if not values["title"]:
        raise RowError("没有标题")
    try:
        date = columns.parse_date(values.get("date", ""))
    except ValueError as error:
        raise RowError(f"日期“{values['date'][:40]}”无法识别") from error
    if "body" in values:
        values["body"] = BODY.sanitize(columns.as_html(values["body"]))
    status_text = values.get("status", "").lower()
    status = columns.STATUSES.get(status_text, Status.DRAFT if status_text else Status.PUBLISHED)
    unknown = status_text and status_text not in columns.STATUSES
    notes = (f"状态“{status_text}”无法识别，存为草稿",) if unknown else ()
    return Parsed(number, values, date, status, notes)
