"""日程: what goes live, ends and falls due, on a page for each month and a list for each day.

Every kind of thing is asked once for the whole span, and answers with the first few rows of each day
and how many there are (`Source.due`): the queries of a page, and the rows it loads, do not grow with
what a month holds. Days are those of Asia/Shanghai.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.db.models import Count, F, Model, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber, TruncDate
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.admin.kinds import PUBLISHABLE, of
from portal.cms.accounts import User
from portal.cms.publishing import Publishable, Status
from portal.cms.review.waiting import drafts_of
from portal.cms.revisions.models import PendingDraft
from portal.cms.rows import without_texts
from portal.cms.times import YEARS
from staffing.models import Faq, Job, Licence, Service

# Entries of a day in the grid of a month, and in its own list.
A_FEW, MANY = 6, 300
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


# --- What falls due ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One kind of thing that falls due: rows, and the field that says when.

    `word` names it, in the colour of `style` (desk.css); `past_word` and `past_style` do once it has
    happened, where that makes a difference.
    """

    word: str
    style: str
    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    field: str
    timed: bool = True
    past_word: str = ""
    past_style: str = ""
    title: Callable[[Any], str] = str
    item: Callable[[Any], Model] = lambda row: row  # whose form the entry leads to

    def due(self, first: date, after: date, most: int) -> QuerySet[Any]:
        """Return at most `most` rows of each day of the span, the earliest first, as `at`.

        Each has in `of_day` how many there are on its day. One query.
        """
        span = (midnight(first), midnight(after)) if self.timed else (first, after)
        day = TruncDate(self.field) if self.timed else F(self.field)
        rows = self.rows().filter(**{f"{self.field}__gte": span[0], f"{self.field}__lt": span[1]})
        numbered = rows.annotate(
            at=F(self.field),
            place=Window(RowNumber(), partition_by=day, order_by=[F(self.field), F("pk")]),
            of_day=Window(Count("pk"), partition_by=day),
        )
        due: QuerySet[Any] = numbered.filter(place__lte=most).order_by("at", "pk")
        return due


@dataclass(frozen=True)
class Entry:
    """One thing on a day; `clock` is None where it is the whole day's."""

    day: date
    clock: time | None
    word: str
    style: str
    title: str
    url: str

    @property
    def order(self) -> tuple[bool, time]:
        """What has no time stands first, as in any calendar."""
        return self.clock is not None, self.clock or time.min


def going_live(model: type[Publishable]) -> Source:
    return Source(
        "定时上线",
        "scheduled",
        model,
        lambda: without_texts(of(model).kept().filter(status=Status.PUBLISHED)),
        "go_live_at",
        past_word="上线",
        past_style="live",
    )


def planned(model: type[Publishable], status: Status) -> Source:
    """Has a date, but nobody has published it: it will not appear by itself."""
    return Source(
        str(status.label),
        status.value,
        model,
        lambda: without_texts(of(model).kept().filter(status=status)),
        "go_live_at",
    )


def ending(model: type[Publishable]) -> Source:
    return Source(
        "到期下线",
        "expired",
        model,
        lambda: without_texts(of(model).kept().filter(status=Status.PUBLISHED)),
        "expire_at",
        past_word="已到期",
        past_style="expired",
    )


def changing(model: type[Publishable]) -> Source:
    def rows() -> QuerySet[Any]:
        drafts = drafts_of(model).filter(status=PendingDraft.Status.SCHEDULED)
        own = drafts.filter(object_id=OuterRef("pk"))
        changed = without_texts(of(model).filter(pk__in=drafts.values("object_id")))
        dated: QuerySet[Any] = changed.annotate(apply_at=Subquery(own.values("apply_at")[:1]))
        return dated

    return Source("修改生效", "scheduled", model, rows, "apply_at")


def closing_jobs() -> QuerySet[Any]:
    return without_texts(of(Job).kept().filter(status=Status.PUBLISHED, filled_at=None))


def answers_to_review() -> QuerySet[Any]:
    faqs = Faq.objects.filter(service__deleted_at=None).select_related("service")
    return faqs.only("question", "review_due", "service__name")


SOURCES: tuple[Source, ...] = (
    *(source(model) for model in PUBLISHABLE for source in (going_live, ending, changing)),
    *(planned(model, s) for model in PUBLISHABLE for s in (Status.IN_REVIEW, Status.DRAFT)),
    Source("招聘截止", "in_review", Job, closing_jobs, "valid_through", timed=False),
    Source("证照到期", "expired", Licence, Licence.objects.all, "valid_to", timed=False),
    Source(
        "问答复核",
        "withdrawn",
        Faq,
        answers_to_review,
        "review_due",
        timed=False,
        title=lambda faq: f"{faq.service}：{faq.question}",
        item=lambda faq: faq.service,
    ),
)


def sources_for(user: User) -> list[Source]:
    """Return what this person may see; no query once their rights are known."""
    return [source for source in SOURCES if may_see(user, source.model)]


def may_see(user: User, model: type[Model]) -> bool:
    # A question is part of its service, and has no rights of its own.
    opts = (Service if model is Faq else model)._meta
    names = (f"{opts.app_label}.{verb}_{opts.model_name}" for verb in ("view", "change"))
    return any(map(user.has_perm, names))


# --- The days ---------------------------------------------------------------------------------------


@dataclass
class Day:
    """A day of the page: its first entries, and how many more there are."""

    date: date
    outside: bool = False  # of the month the page is about
    today: bool = False
    entries: list[Entry] = field(default_factory=list)
    total: int = 0

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.date.weekday()]

    @property
    def more(self) -> int:
        return self.total - len(self.entries)


def days(user: User, first: date, after: date, most: int) -> dict[date, Day]:
    """Return each day of the span with what falls due on it; one query for each kind of thing."""
    today = timezone.localdate()
    span = (first + timedelta(days=n) for n in range((after - first).days))
    found = {day: Day(day, today=day == today) for day in span}
    for source in sources_for(user):
        counted = set()
        for row in source.due(first, after, most):
            entry = entry_of(source, row)
            found[entry.day].entries.append(entry)
            if entry.day not in counted:
                counted.add(entry.day)
                found[entry.day].total += row.of_day
    for day in found.values():
        day.entries = sorted(day.entries, key=lambda entry: entry.order)[:most]
    return found


def entry_of(source: Source, row: Any) -> Entry:
    at = timezone.localtime(row.at) if source.timed else None
    past = bool(source.past_word) and row.at <= timezone.now()
    item = source.item(row)
    return Entry(
        day=row.at if at is None else at.date(),
        clock=None if at is None else at.time(),
        word=source.past_word if past else source.word,
        style=source.past_style if past else source.style,
        title=source.title(row),
        url=reverse(f"admin:{item._meta.label_lower.replace('.', '_')}_change", args=[item.pk]),
    )


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# --- The pages --------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the month of `?month=2026-11`, or the day of `?day=2026-11-25`; by default this month.

    What is no month, or lies too far away, shows this month and says so.
    """
    user = cast("User", request.user)
    asked_day, asked_month = request.GET.get("day"), request.GET.get("month")
    day = parsed(asked_day or "")
    if day is not None:
        page = day_page(user, day)
        return TemplateResponse(request, "admin/calendar_day.html", {**context, **page})
    month = parsed(f"{asked_month}-01")
    page = month_page(user, month or timezone.localdate().replace(day=1))
    page["unknown"] = bool(asked_day) or (bool(asked_month) and month is None)
    return TemplateResponse(request, "admin/calendar.html", {**context, **page})


def parsed(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
    return day if day.year in YEARS else None


def month_page(user: User, first: date) -> dict[str, Any]:
    """Return the weeks that the month touches; their days before and after it are there, too."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    found = days(user, weeks[0][0], weeks[-1][-1] + timedelta(days=1), A_FEW)
    for day in found.values():
        day.outside = (day.date.year, day.date.month) != (first.year, first.month)
    return {
        "title": f"{first.year}年{first.month}月日程",
        "weekdays": WEEKDAYS,
        "weeks": [[found[day] for day in week] for week in weeks],
        "nothing": not any(day.total for day in found.values() if not day.outside),
        "previous": neighbour(first - timedelta(days=1)),
        "next": neighbour(first + timedelta(days=31)),
        "this_month": (first.year, first.month)
        == (timezone.localdate().year, timezone.localdate().month),
    }


def neighbour(day: date) -> date | None:
    return day.replace(day=1) if day.year in YEARS else None


def day_page(user: User, day: date) -> dict[str, Any]:
    found = days(user, day, day + timedelta(days=1), MANY)[day]
    return {"title": f"{day.year}年{day.month}月{day.day}日（{found.weekday}）日程", "day": found}
