"""用工成本: the sums, to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from staffing.models import ContributionRate
from staffing.tools.cost import Cost

MONEY = st.decimals(Decimal("0.01"), Decimal(1_000_000), places=2)
HOURS = st.decimals(Decimal(0), Decimal(300), places=1)


def rate(kind: str = "pension", **fields: Decimal | None) -> ContributionRate:
    figures = {"employer_percent": Decimal(16), "worker_percent": Decimal(8), **fields}
    return ContributionRate(kind=kind, **figures)


def test_the_wage_alone() -> None:
    cost = Cost(Decimal("6000"))
    assert (cost.pay, cost.a_head, cost.total) == (Decimal(6000),) * 3
    assert cost.overtime == []
    assert cost.contributions == []


def test_overtime_is_paid_by_the_hour_of_the_month() -> None:
    # 5,220 ÷ 21.75 ÷ 8 is 30 an hour.
    cost = Cost(
        Decimal(5220),
        workday_hours=Decimal(10),
        restday_hours=Decimal(8),
        holiday_hours=Decimal(8),
    )
    assert [(line.percent, line.amount) for line in cost.overtime] == [
        ("150%", Decimal(450)),
        ("200%", Decimal(480)),
        ("300%", Decimal(720)),
    ]
    assert cost.pay == 6870


def test_contributions_of_both_sides() -> None:
    injury = rate("injury", employer_percent=Decimal("0.14"), worker_percent=Decimal(0))
    cost = Cost(Decimal(6000), [rate(), injury], fee=Decimal(180), headcount=3)
    assert [(line.employer, line.worker) for line in cost.contributions] == [
        (Decimal(960), Decimal(480)),
        (Decimal("8.40"), Decimal(0)),
    ]
    assert cost.received == 5520
    assert cost.a_head == Decimal("7148.40")
    assert cost.total == Decimal("21445.20")


def test_the_base_stays_within_its_bounds() -> None:
    bounded = rate(base_min=Decimal(4000), base_max=Decimal(20_000))
    (low,) = Cost(Decimal(3000), [bounded]).contributions
    (high,) = Cost(Decimal(50_000), [bounded]).contributions
    (given_base,) = Cost(Decimal(50_000), [bounded], base=Decimal(5000)).contributions
    bases = [line.base for line in (low, high, given_base)]
    assert bases == [Decimal(4000), Decimal(20_000), Decimal(5000)]


@given(MONEY, HOURS, HOURS, st.integers(1, 1000))
def test_the_sum_is_that_of_its_lines(
    wage: Decimal, workday: Decimal, restday: Decimal, headcount: int
) -> None:
    cost = Cost(wage, [rate()], workday, restday, headcount=headcount)
    lines = [line.amount for line in cost.overtime]
    lines += [line.employer for line in cost.contributions]
    assert cost.a_head == wage + sum(lines)
    assert cost.total == cost.a_head * headcount
    assert cost.received + cost.worker == cost.pay
    assert cost.a_head.as_tuple().exponent == -2
