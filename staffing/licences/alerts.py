"""Who is told that a licence will end: 120, 90, 60, 30 and 7 days before, and when it has lapsed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.cms.delivery import Message, enqueue, periodic, topic
from staffing.desk import desk_link
from staffing.models import Licence, LicenceAlert

LAPSED: Final = 0
# One for dispatch is to be renewed 60 days before its end.
DAYS: Final = (LAPSED, 7, 30, 60, 90, 120)
TOPIC: Final = "licence"


def passed(valid_to: date, today: date) -> int | None:
    """Return the nearest of DAYS that the end of a licence has come within, if it has one."""
    left = (valid_to - today).days
    if left < 0:
        return LAPSED
    return next((days for days in DAYS if days and left <= days), None)


def run(now: datetime) -> None:
    """Announce each licence that has come nearer to its end, once for each of DAYS in each term.

    Of several that passed while no worker ran, the nearest is told. Each licence is a transaction: cut
    off anywhere, the next run tells the rest.
    """
    today = timezone.localdate(now)
    ending = Licence.objects.filter(valid_to__lte=today + timedelta(days=max(DAYS)))
    for licence in ending.order_by("pk"):
        assert licence.valid_to is not None  # noqa: S101 - it is compared above
        with transaction.atomic():
            alert, is_new = LicenceAlert.objects.get_or_create(
                licence=licence, valid_to=licence.valid_to, days=passed(licence.valid_to, today)
            )
            if is_new:
                enqueue(TOPIC, alert)


def render(alerts: Sequence[LicenceAlert]) -> Message:
    """Make one message of one alert, or of several; a query each."""
    lines = [line_of(alert) for alert in alerts]
    if len(alerts) == 1:
        (alert,) = alerts
        licence = alert.licence
        word = "已过期" if licence.lapsed else "将到期"
        return Message(f"{licence.get_kind_display()}{word}", lines, desk_link(licence))
    return Message(f"{len(alerts)} 份证照将到期或已过期", lines, desk_link(Licence))


def line_of(alert: LicenceAlert) -> str:
    """Say when it ends, as seen on the day the message is sent."""
    left = (alert.valid_to - timezone.localdate()).days
    end = f"{alert.valid_to.year}年{alert.valid_to.month}月{alert.valid_to.day}日"
    if left < 0:
        return f"{alert.licence}：有效期已于 {end} 届满，凭它提供的服务已停止对外受理"
    return f"{alert.licence}：有效期至 {end}，还有 {left} 天"


def is_true(alert: LicenceAlert) -> bool:
    """Whether it still ends then: one that was renewed meanwhile is no news."""
    return alert.licence.valid_to == alert.valid_to


topic(TOPIC, "证照到期提醒", render, wanted=is_true)
periodic("licence-alerts", "提醒将到期的证照", run, at=time(8, 30))
