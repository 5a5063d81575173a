"""What waits of every kind that can be published: drafts, what is to be reviewed, what begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core import checks
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.kinds import errors_unless_named
from portal.cms.publishing import Publishable, PublishableQuerySet, State
from portal.cms.review.rule import deciding_permission
from portal.cms.review.waiting import returned_to, with_draft
from portal.cms.revisions.models import PendingDraft
from portal.cms.site import Page
from portal.districts.models import DistrictPage
from staffing.models import Case, Job, Service

# In the order of their cards; also what the calendar shows.
PUBLISHABLE: tuple[type[Publishable], ...] = (Article, Service, Case, Job, DistrictPage, Page)


@checks.register
def check_every_kind_has_cards(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Without them, nobody is told on the desk that something of a kind waits or goes live."""
    hint = "Add it to PUBLISHABLE in portal/admin/kinds.py."
    return errors_unless_named(PUBLISHABLE, "the desk shows nothing of it", hint, "portal.E002")


@dataclass(frozen=True)
class Moment:
    """The clock of one request, so that all matters look at the same instant (Asia/Shanghai)."""

    now: datetime
    today: date
    midnight: datetime

    @classmethod
    def current(cls) -> Moment:
        now = timezone.localtime()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(now, now.date(), midnight)


@dataclass(frozen=True)
class Matter:
    """One kind of thing that waits: its rows, for those who hold `permission`.

    `line` is for what is worth knowing and not pressing: a line below the cards, with the count in it.
    """

    key: str
    title: str
    advice: str
    model: type[Model]
    permission: str
    rows: Callable[[User, Moment], QuerySet[Any]]
    line: str = ""


def own_drafts(model: type[Publishable]) -> Matter:
    name = model._meta.verbose_name
    return Matter(
        key="drafts",
        title=f"我的{name}草稿",
        advice="写完后发布，不要的移入回收站。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: of(model).in_state(State.DRAFT).filter(created_by=user),
    )


def waiting(model: type[Publishable]) -> Matter:
    return Matter(
        key="review",
        title=f"待审{model._meta.verbose_name}",
        advice="看过后发布，或退回修改。",
        model=model,
        permission=deciding_permission(model),
        rows=lambda user, at: of(model).in_state(State.IN_REVIEW),
    )


def waiting_change(model: type[Publishable]) -> Matter:
    return Matter(
        key="change_review",
        title=f"待审的{model._meta.verbose_name}修改",
        advice="与线上版本对比后发布，或退回修改。",
        model=model,
        permission=deciding_permission(model),
        rows=lambda user, at: with_draft(of(model), Q(status=PendingDraft.Status.IN_REVIEW)),
    )


def failed_change(model: type[Publishable]) -> Matter:
    return Matter(
        key="change_failed",
        title=f"没有按时生效的{model._meta.verbose_name}修改",
        advice="打开看原因，改好后重新发布或定时。",
        model=model,
        permission=permission("publish", model),
        rows=lambda user, at: with_draft(of(model), ~Q(problem="")),
    )


def own_change(model: type[Publishable]) -> Matter:
    def rows(user: User, at: Moment) -> QuerySet[Any]:
        mine = Q(begun_by=user) | Q(updated_by=user)
        return with_draft(of(model), mine & Q(status=PendingDraft.Status.DRAFT))

    return Matter(
        key="changes",
        title=f"我未发布的{model._meta.verbose_name}修改",
        advice="改完后发布或提交审核，不要的就放弃修改。",
        model=model,
        permission=permission("change", model),
        rows=rows,
    )


def returned(model: type[Publishable]) -> Matter:
    return Matter(
        key="returned",
        title=f"退回给我的{model._meta.verbose_name}",
        advice="按意见改好后，重新提交审核。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: returned_to(user, of(model)),
    )


def starting(model: type[Publishable]) -> Matter:
    return Matter(
        key="starting",
        title=f"今天定时上线的{model._meta.verbose_name}",
        advice="到点自动上线；时间不对请现在改。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: (
            of(model).in_state(State.SCHEDULED, at.now).filter(go_live_at__lt=at.midnight)
        ),
    )


def ending(model: type[Publishable]) -> Matter:
    # Apart from `starting`: joined by «or», neither condition could use its index.
    return Matter(
        key="ending",
        title=f"今天到期下线的{model._meta.verbose_name}",
        advice="到点自动下线；还有用就延后“下线时间”。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: of(model).published(at.now).filter(expire_at__lt=at.midnight),
    )


def permission(verb: str, model: type[Model]) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def of(model: type[Publishable]) -> PublishableQuerySet:
    """Return all rows of a model that can be published, hidden ones too: this is the editors' side."""
    rows: PublishableQuerySet = model._default_manager.all()
    return rows
