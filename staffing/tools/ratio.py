"""派遣比例: how many dispatched workers an employer may use. A pure rule, with its source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

RULE: Final = (
    "用工单位使用的被派遣劳动者数量不得超过其用工总量的 10%；"
    "用工总量是用工单位订立劳动合同人数与使用的被派遣劳动者人数之和。"
)
SOURCE: Final = "《劳务派遣暂行规定》第四条"
# B ÷ (A + B) ≤ 1/10 is B ≤ A ÷ 9; of people there are only whole ones.
OWN_FOR_EACH: Final = 9
# More than any employer has: a slip of the hand, not a question.
MOST: Final = 10_000_000


@dataclass(frozen=True)
class Ratio:
    """An employer with `own` labour contracts and `agency` dispatched workers."""

    own: int
    agency: int

    def __post_init__(self) -> None:
        if not (0 <= self.own <= MOST and 0 <= self.agency <= MOST):
            raise ValueError("A number of people is neither negative nor beyond all employers.")

    @property
    def total(self) -> int:
        """用工总量, of which the rule takes a tenth."""
        return self.own + self.agency

    @property
    def allowed(self) -> int:
        """The most dispatched workers the rule lets `own` contracts have."""
        return self.own // OWN_FOR_EACH

    @property
    def is_kept(self) -> bool:
        return self.agency <= self.allowed

    @property
    def room(self) -> int:
        """How many more may come; 0 where the rule is broken."""
        return max(self.allowed - self.agency, 0)

    @property
    def excess(self) -> int:
        """How many are too many; 0 where the rule is kept."""
        return max(self.agency - self.allowed, 0)

    @property
    def own_needed(self) -> int:
        """How many contracts of its own the employer lacks for those it uses."""
        return max(self.agency * OWN_FOR_EACH - self.own, 0)

    @property
    def percent(self) -> Decimal:
        """The share of the dispatched in per cent, rounded up: 10.01 is not shown as 10.0."""
        if not self.total:
            return Decimal("0.0")
        share = Decimal(100 * self.agency) / self.total
        return share.quantize(Decimal("0.1"), ROUND_CEILING)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        if not self.total:
            return "请填写人数。"
        if self.excess:
            return f"超出 {self.excess} 人：按 {self.own} 份自有劳动合同，最多可用 {self.allowed} 名派遣员工。"
        if self.room:
            return f"符合规定：最多可用 {self.allowed} 名派遣员工，还可以增加 {self.room} 名。"
        return f"符合规定：已达到上限 {self.allowed} 名，不能再增加派遣员工。"
