"""Lists of what visitors sent: what there is to do first, and one person's by a key of their number."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.delivery.models import Delivery
from portal.cms.delivery.outbox import KEPT
from portal.cms.delivery.showing import delivery_badge

KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


class UnlessDone(admin.SimpleListFilter):
    """By status. Without a choice, what there is to do; but somebody who searches looks through all."""

    title = "状态"
    parameter_name = "status"
    unchosen: ClassVar[str]

    def to_do(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*model_admin.model.Status.choices, ("all", "全部")]

    def choices(self, changelist: ChangeList) -> Any:
        """Call the empty choice what it is: Django's would say 全部."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": self.unchosen} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in queryset.model.Status.values:
            return queryset.filter(status=self.value())
        return self.to_do(queryset) if shows_open_alone(request) else queryset


class PhoneFilter(admin.SimpleListFilter):
    """What one number sent, which the address names by its key: it stands in histories and logs."""

    title = "同一电话"
    parameter_name = "phone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name, "")
        return [(key, "只看这个电话的")] if key else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = self.value()
        if not key:
            return queryset
        # PostgreSQL takes no NUL in a text, and whoever makes up keys finds nothing anyway.
        return queryset.filter(phone_key=key) if KEY.fullmatch(key) else queryset.none()


def shows_open_alone(request: HttpRequest) -> bool:
    """Whether the list is the one that people work through: no status chosen, nothing searched for."""
    asked = (UnlessDone.parameter_name, SEARCH_VAR, PhoneFilter.parameter_name)
    return not any(request.GET.get(name) for name in asked)


# --- Whether colleagues were told ---------------------------------------------------------------------


def was_told(row: models.Model) -> list[tuple[Delivery, SafeString]]:
    """Return the messages about a row, each with its state as a word; one query."""
    rows = Delivery.objects.about(row).select_related("target").order_by("pk")
    return [(one, delivery_badge(one)) for one in rows]


def states_of_delivery(model: type[models.Model], pks: list[int]) -> dict[int, set[str]]:
    """Return what became of telling about each row; one query."""
    kind = ContentType.objects.get_for_model(model)
    rows = Delivery.objects.filter(content_type=kind, object_id__in=pks).order_by()
    states: dict[int, set[str]] = {}
    for pk, state in rows.values_list("object_id", "state"):
        states.setdefault(pk, set()).add(state)
    return states


def told_word(row: Any, states: set[str]) -> str:
    """Return what wants attention of the messages about a row, else that all have arrived."""
    for state in ("failed", "unclear", "pending", "sending"):
        if state in states:
            return str(Delivery.State(state).label)
    if "delivered" in states:
        return "已送达"
    return "没有通知" if is_untold(row, states) else ""


def is_untold(row: Any, messages_about: Any) -> bool:
    """Whether nobody was ever told: messages of long ago are forgotten."""
    return not messages_about and row.received_at > timezone.now() - KEPT
