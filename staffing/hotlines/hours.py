"""The clock of the hotlines: which is answered now, until when, and from when again.

Everything here is reckoning in Beijing time, from hotlines whose hours are loaded
(`Hotline.objects.for_display()`) and days of the calendar (`SpecialDay.objects.kinds`). No query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from staffing.models import Hotline, HotlineHours, SpecialDay

# How far ahead an opening is looked for: beyond the longest holiday, with its bridges.
AHEAD: Final = timedelta(days=14)
DAY: Final = timedelta(days=1)
MONDAY: Final = 1
WEEKDAYS: Final = "一二三四五六日"

Days = Mapping[date, SpecialDay.Kind]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reach:
    """Whether a hotline is answered at an instant, and when that changes.

    `closes_at` is set while it is open and will close within a fortnight; `opens_at` while it is closed
    and will open. `words` is the sentence for a visitor; empty where nobody said when anybody answers:
    then the number is offered at any time, as it always was.
    """

    open: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    words: str = ""

    @property
    def changes_at(self) -> datetime | None:
        """The next instant at which pages say something else of it."""
        return self.closes_at or self.opens_at


@dataclass(frozen=True)
class Offer:
    """The hotline that pages offer at an instant, and whether it is answered; until `changes_at`."""

    hotline: Hotline | None
    reach: Reach
    changes_at: datetime | None = None


def offered(hotlines: Sequence[Hotline], special: Days, at: datetime) -> Offer:
    """Return the first hotline that is answered at `at`; where none is, the first of all.

    One without hours takes nobody's place: nothing says that it is answered.
    """
    if not hotlines:
        return Offer(None, Reach(open=True))
    moments: list[datetime] = []
    for place, hotline in enumerate(hotlines):
        reach = reachable(hotline, special, at)
        if reach.changes_at is not None:
            moments.append(reach.changes_at)
        if reach.open and (reach.words or place == 0):
            break
    else:
        hotline, reach = hotlines[0], reachable(hotlines[0], special, at)
    # When it closes, or one before it opens.
    return Offer(hotline, reach, min(moments, default=None))


def reachable(hotline: Hotline, special: Days, at: datetime) -> Reach:
    """Return whether a hotline is answered at `at`.

    Without hours it says nothing about when it is answered, and counts as open.
    """
    if not hotline.hours.all():
        return Reach(open=True)
    now = timezone.localtime(at)
    spans = joined(spans_of(hotline, special, now))
    for opens, closes in spans:
        if opens <= now < closes:
            return _open_until(closes, now)
        if opens > now:
            return Reach(False, opens_at=opens, words=_closed_words(spans, opens, now))
    return Reach(False, words="现在没有人接听")


def spans_of(hotline: Hotline, special: Days, now: datetime) -> Iterator[Span]:
    """Yield the spans in which one hotline is answered, from those of yesterday, which may last."""
    first = now.date() - DAY
    for offset in range(AHEAD.days + 2):
        day = first + offset * DAY
        weekday = answered_as(hotline, special, day)
        for hours in hotline.hours.all():
            if hours.first_day <= weekday <= hours.last_day:
                yield _span(hours, day)


def answered_as(hotline: Hotline, special: Days, day: date) -> int:
    """Return the day of the week whose hours hold on a day; 0, which is none, where it rests."""
    kind = special.get(day)
    if kind == SpecialDay.Kind.REST and not hotline.on_holidays:
        return 0
    if kind == SpecialDay.Kind.WORK and hotline.on_makeup_days:
        return MONDAY
    return day.isoweekday()


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch as one: 24 hours a day never close."""
    result: list[Span] = []
    for opens, closes in sorted(spans):
        if result and opens <= result[-1][1]:
            result[-1] = (result[-1][0], max(closes, result[-1][1]))
        else:
            result.append((opens, closes))
    return result


def _span(hours: HotlineHours, day: date) -> Span:
    ends_on = day + DAY if hours.is_overnight else day
    return _instant(day, hours.opens), _instant(ends_on, hours.closes)


def _instant(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


# --- In words --------------------------------------------------------------------------------------


def _open_until(closes: datetime, now: datetime) -> Reach:
    if closes - now > AHEAD:
        return Reach(True, words="全天有人接听")
    return Reach(True, closes_at=closes, words=f"正在接听，到{_when(closes, now, ends=True)}")


def _closed_words(spans: list[Span], opens: datetime, now: datetime) -> str:
    """Say what just ended, if it was today, and when it begins again."""
    ended = [closes for _, closes in spans if closes <= now and closes.date() == now.date()]
    if opens.date() == now.date():
        before = "现在休息" if ended else "还没有上班"
    else:
        before = f"今天 {ended[-1]:%-H:%M} 已下班" if ended else "今天休息"
    return f"{before}，{_when(opens, now)} 起接听"


def _when(at: datetime, now: datetime, *, ends: bool = False) -> str:
    """Return an instant as one says it: `今天 18:00`, `明天 8:30`, `周一（10月12日）8:30`."""
    # What ends at midnight ends today.
    day = at.date() - DAY if ends and at.time() == time(0) else at.date()
    clock = "24:00" if day != at.date() else f"{at:%-H:%M}"
    near = {0: "今天", 1: "明天", 2: "后天"}.get((day - now.date()).days)
    named = f"{near} " if near else f"周{WEEKDAYS[day.weekday()]}（{day.month}月{day.day}日）"
    return f"{named}{clock}"
