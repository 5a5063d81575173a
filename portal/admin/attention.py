"""需要处理: what waits for a person, as counts on the desk page and as a filter of the lists.

A `Matter` says once which rows want attention. The card on the desk counts them and links to the
list, where `AttentionFilter` shows the same rows: the number and the list cannot disagree.

All matters are counted in one query, each in a column of its own (`RowCount`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.admin.kinds import Matter, Moment
from portal.admin.matters import MATTERS
from portal.cms.accounts import User
from portal.cms.delivery.models import DeliveryTarget
from portal.cms.delivery.topics import subscribed_topics
from portal.cms.rows import RowCount
from staffing.models import Hotline, PrivacyAct, SpecialDay
from staffing.privacy.watching import reading_many

# Cards stop counting here: “99+” says enough, and no count then reads a whole table.
MOST = 100
DECEMBER = 12


@dataclass(frozen=True)
class Card:
    """One matter as the desk shows it: as a card, or as a line where there is one."""

    title: str
    advice: str
    count: str
    url: str
    line: str = ""


def matters_for(user: User) -> list[Matter]:
    """Return the matters that are this person's; no query once their rights are known.

    A card leads to a list: what has none yet has no card.
    """
    return [
        matter
        for matter in MATTERS
        if user.has_perm(matter.permission) and admin.site.is_registered(matter.model)
    ]


def cards(user: User) -> list[Card]:
    """Return what waits for this person, most pressing first.

    Five queries, and one more where somebody read many numbers.
    """
    return [
        *missing_hotline(user),
        *missing_target(user),
        *reading_many_numbers(user),
        *missing_calendar(user),
        *waiting_rows(user),
    ]


def waiting_rows(user: User) -> Iterator[Card]:
    at, matters = Moment.current(), matters_for(user)
    if not matters:
        return
    found = (matter.rows(user, at).order_by().values("pk")[:MOST] for matter in matters)
    counts = User.objects.filter(pk=user.pk).values_list(*map(RowCount, found)).get()
    for matter, count in zip(matters, counts, strict=True):
        if count:
            shown = f"{MOST - 1}+" if count == MOST else str(count)
            yield Card(
                title=matter.title,
                advice=matter.advice,
                count=shown,
                url=f"{list_url(matter.model)}?{AttentionFilter.parameter_name}={matter.key}",
                line=matter.line.format(shown),
            )


def missing_hotline(user: User) -> Iterator[Card]:
    """Something that is not there has no rows to list; the card leads to where it can be made."""
    if not user.has_perm("staffing.change_hotline"):
        return
    if not Hotline.objects.filter(primary=True).exists():
        yield Card(
            title="没有主热线",
            advice="每页顶部都留着它的位置；请添加号码，或把一个号码设为主热线。",
            count="!",
            url=list_url(Hotline),
        )


def missing_target(user: User) -> Iterator[Card]:
    """Without one, a lead waits until somebody happens to look at the desk."""
    if not user.has_perm("cms.change_deliverytarget"):
        return
    told = [key for target in DeliveryTarget.objects.filter(active=True) for key in target.topics]
    untold = [topic.label for topic in subscribed_topics() if topic.key not in told]
    if untold:
        yield Card(
            title="没有通知对象接收的消息",
            advice=f"{'、'.join(untold)}：不会通知任何人。请添加邮箱或群机器人，勾选并启用。",
            count=str(len(untold)),
            url=list_url(DeliveryTarget),
        )


def reading_many_numbers(user: User) -> Iterator[Card]:
    """For the owner: who has read more numbers today than work asks for."""
    if not user.has_perm("staffing.view_privacyact"):
        return
    if readers := reading_many():
        told = "、".join(f"{reader.name} {reader.numbers} 个" for reader in readers)
        yield Card(
            title="今天查看完整号码很多的人",
            advice=f"{told}，查看、下载或导出的；请问问原因。",
            count=str(len(readers)),
            url=list_url(PrivacyAct),
        )


def missing_calendar(user: User) -> Iterator[Card]:
    """In December the make-up days of the next year have long been announced; no query before."""
    today = timezone.localdate()
    if today.month < DECEMBER or not user.has_perm("staffing.change_specialday"):
        return
    made_up = SpecialDay.objects.filter(day__year=today.year + 1, kind=SpecialDay.Kind.WORK)
    if not made_up.exists():
        yield Card(
            title=f"{today.year + 1} 年的调休还没有录入",
            advice="按国务院办公厅的通知添加“调休上班”的日子，热线的接听时间才对。",
            count="!",
            url=list_url(SpecialDay),
        )


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


class AttentionFilter(admin.SimpleListFilter):
    """The matters of one model as a filter of its list. `PortalAdminSite` adds it to every list."""

    title = "需要处理"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(matter.key, matter.title) for matter in self.matters(request, model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for matter in self.matters(request, queryset.model):
            if matter.key == self.value():
                rows = matter.rows(request.user, Moment.current())  # type: ignore[arg-type]
                return queryset.filter(pk__in=rows.order_by().values("pk"))
        return queryset

    @staticmethod
    def matters(request: HttpRequest, model: type[Model]) -> list[Matter]:
        people_only: Any = request.user
        return [matter for matter in matters_for(people_only) if matter.model is model]
