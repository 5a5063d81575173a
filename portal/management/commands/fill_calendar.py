"""`manage.py fill_calendar`: public holidays and make-up days of this year and the next, from a library."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from staffing.hotlines import calendar


class Command(BaseCommand):
    help = "写入今年和明年的法定节假日与调休。可重复执行；自行录入的日期不受影响。"

    def handle(self, **options: Any) -> None:
        years = [calendar.known_days(year) for year in calendar.wanted_years()]
        changed = calendar.fill(years)
        if options["verbosity"] == 0:
            return
        for known in years:
            state = "含调休" if known.certain else "调休尚未公布，按法定节日推算"
            self.stdout.write(f"{known.year} 年：{len(known.days)} 天（{state}）")
        self.stdout.write(f"更新了 {changed} 天。")
