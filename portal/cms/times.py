"""Moments as people at the desk read them, all in Beijing time, and the years they may name."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

# What else is typed as a year is a slip: 0226, 20226.
YEARS = range(1990, 2101)


def moment(at: datetime | None) -> str:
    """In a sentence: `2026年1月5日 09:00`."""
    if at is None:
        return ""
    return f"{timezone.localtime(at).year}年{this_year(at)}"


def this_year(at: datetime | None) -> str:
    """In a sentence about what is near: `1月5日 09:00`."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def short(at: datetime | None) -> str:
    """In the narrow columns of a list: `2026-01-05 09:00`."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at is not None else ""


def clock(at: datetime) -> str:
    """Where it was most likely today: `09:00`, and on any other day `1月5日 09:00`."""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else this_year(at)
