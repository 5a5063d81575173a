"""What visitors type into the calculators. Forms by GET: the address of a page is its result."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from staffing.tools.cost import Cost
from staffing.tools.ratio import MOST, Ratio

# No month has more hours; and no wage in a calculator more digits.
MOST_HOURS: Final = 300
MOST_MONEY: Final = 10_000_000


class Calculator(forms.Form):
    """A form that is filled in by the address, and empty where the address says nothing of it."""

    error_css_class = "invalid"
    further: tuple[str, ...] = ()

    def __init__(self, query: QueryDict) -> None:
        asked = any(name in query for name in self.base_fields)
        # No colons: labels stand above their boxes.
        super().__init__(query if asked else None, label_suffix="")
        for field in self.fields.values():
            field.template_name = "enquiry/_field.html"  # type: ignore[attr-defined]

    def boxes(self) -> list[BoundField]:
        return [box for box in self if box.name not in self.further]

    def further_boxes(self) -> list[BoundField]:
        return [box for box in self if box.name in self.further]

    def problems(self) -> list[tuple[BoundField, str]]:
        """Return each box with something wrong, and what, from the top of the page."""
        return [(box, str(box.errors[0])) for box in self if box.errors]


def people(label: str, least: int = 0, **options: Any) -> forms.IntegerField:
    """Return a box for a number of people; what is wrong with it is said in a sentence."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "请填写人数，没有就填 0。" if not least else "请填写人数。",
            "invalid": "请填写整数，例如 180。",
            "min_value": f"人数不能小于 {least}。",
            "max_value": "人数太大了，请检查是否多打了几位。",
        },
        **options,
    )


def amount(label: str, most: int, example: str, **options: Any) -> forms.DecimalField:
    """Return a box for money or hours, to the cent."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_value=Decimal(most),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": f"请填写数字，例如 {example}。",
            "invalid": f"请填写数字，例如 {example}。",
            "min_value": "不能小于 0。",
            "max_value": "数字太大了，请检查是否多打了几位。",
            "max_decimal_places": "最多保留两位小数。",
        },
        **options,
    )


class RatioForm(Calculator):
    own = people("自有员工", help_text="与贵公司直接签订劳动合同的人数。")
    agency = people("派遣员工", help_text="由劳务派遣单位派来的人数，多家的加在一起。")

    @property
    def result(self) -> Ratio | None:
        """What comes out; None before the form is filled in, and of nobody."""
        if not self.is_bound or not self.is_valid():
            return None
        return Ratio(**self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("own") == 0 == data.get("agency"):
            self.add_error("own", "两项都是 0，算不出比例；请至少填一项。")
        return data


class CostForm(Calculator):
    further = ("workday_hours", "restday_hours", "holiday_hours", "base", "fee")

    city = forms.ChoiceField(label="城市", required=False)
    wage = amount("月工资", MOST_MONEY, "6000", help_text="元/月，不含加班费。")
    headcount = people("人数", 1, required=False, help_text="留空按 1 人计算。")
    workday_hours = amount(
        "工作日加班", MOST_HOURS, "20", required=False, help_text="小时/月，按 150% 计算。"
    )
    restday_hours = amount(
        "休息日加班",
        MOST_HOURS,
        "16",
        required=False,
        help_text="小时/月，不能安排补休的，按 200% 计算。",
    )
    holiday_hours = amount(
        "法定节假日加班", MOST_HOURS, "8", required=False, help_text="小时/月，按 300% 计算。"
    )
    base = amount(
        "缴费基数",
        MOST_MONEY,
        "5000",
        required=False,
        help_text="元/月；留空按当月应发工资估算，实际一般按上年度月平均工资核定。",
    )
    fee = amount("管理费", MOST_MONEY, "180", required=False, help_text="元/人·月，以合同为准。")

    def __init__(self, query: QueryDict, cities: Sequence[str]) -> None:
        super().__init__(query)
        self.cities = cities
        if len(cities) > 1:
            self.fields["city"].choices = [(city, city) for city in cities]  # type: ignore[attr-defined]
        else:
            del self.fields["city"]

    def clean_wage(self) -> Decimal:
        wage: Decimal = self.cleaned_data["wage"]
        if not wage:
            raise forms.ValidationError("月工资须大于 0。")
        return wage

    @property
    def chosen_city(self) -> str:
        """The city asked for, or the first."""
        return (self.is_valid() and self.cleaned_data.get("city")) or self.cities[0]

    def cost(self, rates: Sequence[Any]) -> Cost | None:
        """Return what comes out with these rates; None before the form is filled in."""
        if not self.is_bound or not self.is_valid():
            return None
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "city" and value is not None
        }
        return Cost(rates=rates, **given)
