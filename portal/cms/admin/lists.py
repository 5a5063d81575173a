"""The list of a `Publishable` in the admin: the state in one word, what is pending, light rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.publishing import PublishableQuerySet, State
from portal.cms.review.waiting import drafts_of
from portal.cms.revisions.models import PendingDraft
from portal.cms.rows import without_texts
from portal.cms.times import short


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


def shows_bin(request: HttpRequest) -> bool:
    """Whether the list asked for is that of the recycle bin."""
    return request.GET.get(StateFilter.parameter_name) == State.DELETED.value


class PublishableChangeList(ChangeList):
    """A list whose rows are light, and know what is pending of them (`pending_badge`)."""

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
