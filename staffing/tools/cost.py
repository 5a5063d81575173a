"""用工成本: what one worker costs in a month. Pure sums; the figures come from the dated tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Final

from staffing.models import ContributionRate

OVERTIME_SOURCE: Final = "《劳动法》第四十四条"
# 月计薪天数 and the hours of a working day: what turns the wage of a month into that of an hour.
PAID_DAYS: Final = Decimal("21.75")
HOURS_A_DAY: Final = 8
WORKDAY, RESTDAY, HOLIDAY = Decimal("1.5"), Decimal(2), Decimal(3)
CENT: Final = Decimal("0.01")


def money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Overtime:
    """The overtime of a month on days of one sort, and what it earns."""

    label: str
    factor: Decimal
    hours: Decimal
    amount: Decimal

    @property
    def percent(self) -> str:
        return f"{self.factor * 100:.0f}%"


@dataclass(frozen=True)
class Contribution:
    """What is paid in for one insurance, reckoned from `base`."""

    rate: ContributionRate
    base: Decimal
    employer: Decimal
    worker: Decimal


@dataclass(frozen=True)
class Cost:
    """A month of `headcount` people at `wage` each.

    `base` is what contributions are reckoned from, where that is not the pay of this month. Each line is
    rounded to the cent, as on a payslip, and sums are those of the lines.
    """

    wage: Decimal
    rates: Sequence[ContributionRate] = ()
    workday_hours: Decimal = Decimal(0)
    restday_hours: Decimal = Decimal(0)
    holiday_hours: Decimal = Decimal(0)
    base: Decimal | None = None
    fee: Decimal = Decimal(0)
    headcount: int = 1

    @cached_property
    def overtime(self) -> list[Overtime]:
        hourly = self.wage / PAID_DAYS / HOURS_A_DAY
        sorts = (
            ("工作日加班", WORKDAY, self.workday_hours),
            ("休息日加班", RESTDAY, self.restday_hours),
            ("法定节假日加班", HOLIDAY, self.holiday_hours),
        )
        return [
            Overtime(label, factor, hours, money(hourly * factor * hours))
            for label, factor, hours in sorts
            if hours
        ]

    @cached_property
    def pay(self) -> Decimal:
        """应发工资."""
        return money(self.wage) + sum((line.amount for line in self.overtime), Decimal(0))

    @cached_property
    def contributions(self) -> list[Contribution]:
        return [self._contribution(rate) for rate in self.rates]

    def _contribution(self, rate: ContributionRate) -> Contribution:
        base = self.pay if self.base is None else self.base
        if rate.base_max is not None:
            base = min(base, rate.base_max)
        if rate.base_min is not None:
            base = max(base, rate.base_min)
        return Contribution(
            rate,
            money(base),
            money(base * rate.employer_percent / 100),
            money(base * rate.worker_percent / 100),
        )

    @property
    def employer(self) -> Decimal:
        """单位缴纳."""
        return sum((line.employer for line in self.contributions), Decimal(0))

    @property
    def worker(self) -> Decimal:
        """个人缴纳, which is taken off the pay and costs the employer nothing more."""
        return sum((line.worker for line in self.contributions), Decimal(0))

    @property
    def received(self) -> Decimal:
        """What is paid out, before tax."""
        return self.pay - self.worker

    @property
    def a_head(self) -> Decimal:
        return self.pay + self.employer + money(self.fee)

    @property
    def total(self) -> Decimal:
        return self.a_head * self.headcount
