"""The list of a `Publishable` in the admin: the state in one word, what is pending, light rows.

It is searched through the index (`found`), as readers search the site: an editor finds two characters
in the bodies of 100,000 articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import DeskChangeList
from portal.cms.publishing import PublishableQuerySet, State, Status
from portal.cms.review.waiting import drafts_of
from portal.cms.revisions.models import PendingDraft
from portal.cms.rows import without_texts
from portal.cms.search.finding import COUNTED, on_desk
from portal.cms.times import short

SEARCH_HELP = (
    "在标题和正文里找，草稿和已下线的也在内；也可以输入编号或网址。"
    "回收站里的，先在“状态”里选“回收站”。"
)
NUMBER = re.compile(r"[0-9]{1,18}")  # more digits are no number of a row


def badge(label: str, style: str, note: str = "") -> SafeString:
    """A word in the colour of `style` (desk.css), with an optional note after it."""
    word = format_html('<span class="state state-{}">{}</span>', style, label)
    return format_html('{} <span class="state-note">{}</span>', word, note) if note else word


def state_badge(state: State, go_live_at: datetime | None = None) -> SafeString:
    """The derived state in one word; for what is scheduled with its time."""
    note = short(go_live_at) if state == State.SCHEDULED else ""
    return badge(state.label, state.value, note)


def pending_badge(row: Any) -> SafeString:
    """What is pending of a published item, in one word; empty for most rows.

    For the rows of `PublishableChangeList`, which have it in them: no query.
    """
    status = getattr(row, "pending_status", None)
    if status is None:
        return SafeString("")
    if status == PendingDraft.Status.SCHEDULED:
        return badge("修改定时", status, f"{timezone.localtime(row.pending_at):%m-%d %H:%M}")
    return badge(PendingDraft.Status(status).label, status)


class StateFilter(admin.SimpleListFilter):
    """Filter by derived state. Without a choice, everything but the recycle bin is listed."""

    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in State]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        assert isinstance(queryset, PublishableQuerySet)  # noqa: S101 - for the type checker
        state = self.value()
        if state in State.values:
            return queryset.in_state(State(state))
        return queryset.kept()


class PendingFilter(admin.SimpleListFilter):
    """Filter by the pending drafts of what is published."""

    title = "未发布的修改"
    parameter_name = "pending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("any", "有未发布的修改"), *PendingDraft.Status.choices, ("failed", "没有按时生效")]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        drafts = drafts_of(queryset.model)
        if self.value() in PendingDraft.Status.values:
            drafts = drafts.filter(status=self.value())
        elif self.value() == "failed":
            drafts = drafts.exclude(problem="")
        elif self.value() != "any":
            return queryset
        return queryset.filter(pk__in=drafts.values("object_id"))


class WhenFilter(admin.SimpleListFilter):
    """Filter by the date readers are shown: lately, or a year.

    Django's `date_hierarchy` lists the days there are, which reads every row.
    """

    title = "发表日期"
    parameter_name = "when"
    LATELY: ClassVar[dict[str, str]] = {"7": "最近 7 天", "30": "最近 30 天"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = model_admin.model._default_manager.filter(status=Status.PUBLISHED, deleted_at=None)
        first = rows.order_by("go_live_at").values_list("go_live_at", flat=True).first()
        this = timezone.localdate().year
        years = range(this, timezone.localtime(first).year - 1, -1) if first else ()
        return [*self.LATELY.items(), *((str(year), f"{year} 年") for year in years)]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        chosen = self.value()
        if chosen in self.LATELY:
            since = timezone.now() - timedelta(days=int(chosen))
            return queryset.filter(go_live_at__gte=since)
        if chosen in dict(self.lookup_choices):
            begin, end = (
                timezone.make_aware(datetime(int(chosen) + years, 1, 1)) for years in (0, 1)
            )
            return queryset.filter(go_live_at__gte=begin, go_live_at__lt=end)
        return queryset


def shows_bin(request: HttpRequest) -> bool:
    """Whether the list asked for is that of the recycle bin."""
    return request.GET.get(StateFilter.parameter_name) == State.DELETED.value


def found(
    rows: models.QuerySet[Any], query: str, columns: Iterable[str], *, keep_order: bool
) -> models.QuerySet[Any]:
    """Return those of the rows that hold the words of a query: title first, then newest.

    Before all stands what is known by just this, in one of the `columns`. No more than COUNTED are
    found; as the rows are filtered already, none of these is lost to a filter. Four queries.
    """
    hits = on_desk(query, rows, COUNTED)
    if hits is None:
        return rows
    known = rows.filter(reduce(or_, known_by(query, columns), Q(pk__in=[])))
    by_name = list(known.order_by().values_list("pk", flat=True)[:COUNTED])
    in_title = [hit.pk for hit in hits if hit.in_title]
    ids = list(dict.fromkeys([*by_name, *(hit.pk for hit in hits)]))[:COUNTED]
    finds = rows.filter(pk__in=ids)
    if keep_order:
        return finds
    rank = Case(When(pk__in=by_name, then=0), When(pk__in=in_title, then=1), default=2)
    return finds.order_by(rank, Coalesce("go_live_at", "created_at").desc(), "-pk")


def known_by(query: str, columns: Iterable[str]) -> Iterator[Q]:
    """Yield the conditions that something has this number or name; of an address, its last part."""
    typed = query.strip()
    if typed.startswith(("/", "http://", "https://")):
        typed = typed.rstrip("/").rpartition("/")[2]
    for column in columns:
        if column != "pk":
            # The second half is what the index of `legacy_id` leaves out, and lets it be used.
            yield Q(**{column: typed}) & ~Q(**{column: ""})
        elif NUMBER.fullmatch(typed):
            yield Q(pk=typed)


class PublishableChangeList(DeskChangeList):
    """A list whose rows are light, and know what is pending of them (`pending_badge`)."""

    def get_ordering(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> list[Any]:
        """List what is published by its date, as readers see it; all else by the latest work.

        Each of the two orders has an index, so that no list is sorted.
        """
        by_date = bool({StateFilter.parameter_name: State.LIVE}.items() <= self.params.items())
        if (by_date or WhenFilter.parameter_name in self.params) and ORDER_VAR not in self.params:
            return ["-go_live_at", "-pk"]
        return super().get_ordering(request, queryset)

    @property
    def is_cut(self) -> bool:
        """Whether as many were found as are shown at most: there may be more."""
        return bool(self.query) and self.result_count >= COUNTED

    @property
    def most_found(self) -> int:
        return COUNTED

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> models.QuerySet[Any]:
        pending = drafts_of(self.model).filter(object_id=OuterRef("pk"))
        rows = without_texts(super().get_queryset(request, exclude_parameters))
        shown: models.QuerySet[Any] = rows.annotate(
            pending_status=Subquery(pending.values("status")[:1]),
            pending_at=Subquery(pending.values("apply_at")[:1]),
        )
        return shown
