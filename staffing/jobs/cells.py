"""What the cells of a sheet of jobs mean; their headers are told apart in `columns`.

    read_row(number, row, districts)  a `Planned`: the fields the row fills, or what is wrong with it

Nothing here asks the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.db import models

from portal.cms.sheets.reading import Row
from staffing.jobs import pay
from staffing.jobs.columns import field_of, plain, unit_of
from staffing.models import District, Job

Unit = Job.PayUnit

# What is told from several cells, or is several fields.
TOGETHER: Final = {"pay", "pay_unit", "hourly", "district", "address"}
# What people write besides the label of a choice.
ALSO: Final[dict[str, dict[str, str]]] = {
    "kind": {
        "短期工": Job.Kind.TEMPORARY, "暑假工": Job.Kind.TEMPORARY, "寒假工": Job.Kind.TEMPORARY,
        "小时工": Job.Kind.PART_TIME, "非全日制": Job.Kind.PART_TIME, "日结工": Job.Kind.DAILY,
        "正式工": Job.Kind.FULL_TIME, "长期工": Job.Kind.FULL_TIME,
    },
    "employer_type": {
        "派遣": Job.EmployerType.AGENCY_DISPATCH, "劳务派遣": Job.EmployerType.AGENCY_DISPATCH,
        "代理招聘": Job.EmployerType.AGENCY_RECRUIT, "代理": Job.EmployerType.AGENCY_RECRUIT,
        "直招": Job.EmployerType.OWN,
    },
    "settlement": {
        "每天": Job.Settlement.DAILY, "当天": Job.Settlement.DAILY, "当日": Job.Settlement.DAILY,
        "每日": Job.Settlement.DAILY, "每周": Job.Settlement.WEEKLY,
        "半月": Job.Settlement.HALF_MONTHLY, "每月": Job.Settlement.MONTHLY,
        "完工": Job.Settlement.ON_COMPLETION, "做完结": Job.Settlement.ON_COMPLETION,
    },
    "lodging": {
        **dict.fromkeys(("包吃住", "包吃包住", "包住宿", "提供住宿", "提供", "有"), Job.Lodging.PROVIDED),
        **dict.fromkeys(("住宿补助", "房补", "补贴", "住房补贴"), Job.Lodging.ALLOWANCE),
        **dict.fromkeys(("无", "不包", "不包住", "不提供", "自理", "没有"), Job.Lodging.NONE),
    },
    "pay_unit": {
        "小时": Unit.HOUR, "时薪": Unit.HOUR, "日": Unit.DAY, "日薪": Unit.DAY, "月薪": Unit.MONTH,
        "计件": Unit.PIECE,
    },
}  # fmt: skip
# 每月15号发, 次月底: when a month's pay comes.
BY_THE_MONTH: Final = re.compile("(?:每|次|下|隔)个?月.*")
# What says nothing yet, where a number, a day or one of some words belongs.
UNDECIDED: Final = {
    "若干", "不限", "不定", "待定", "待议", "另议", "面议", "详谈", "长期", "长期有效", "长期招聘",
    "-", "--", "—", "——", "/", "、", ".",
}  # fmt: skip
YES: Final = {"是", "有", "要", "需要", "需", "√", "✓", "1", "y", "yes", "true"}
NO: Final = {"否", "无", "不要", "不需要", "不需", "×", "0", "n", "no", "false"}
DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
NUMBER: Final = re.compile(r"(\d{1,9}(?:\.\d{1,2})?)\D{0,4}")
# In front of a district: 广东省深圳市宝安区沙井.
CITY: Final = re.compile(r"^(?:广东省?)?(?:深圳市?)?")


class Outcome(StrEnum):
    NEW = "新增"
    CHANGED = "更新"
    UNCHANGED = "未变"
    REFUSED = "不导入"


@dataclass
class Planned:
    """One row: the fields it fills, the job it is about, and what its owner should know."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    job: Job | None = None
    outcome: Outcome = Outcome.NEW
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.values.get("title", "")) or "（没有岗位名称）"

    @property
    def pay_text(self) -> str:
        names = ("pay_min", "pay_max", "pay_unit", "hourly_min", "hourly_max")
        return Job(**{n: self.values[n] for n in names if n in self.values}).pay_in_full

    def refuse(self, *problems: str) -> None:
        self.problems.extend(problems)
        self.outcome = Outcome.REFUSED


def read_row(number: int, row: Row, districts: Mapping[str, District]) -> Planned:
    """Return what a row says; what cannot be read is a problem of that row. No query."""
    planned = Planned(number)
    headers = told_by(planned, row)
    cells = {name: row[header] for name, header in headers.items()}
    unit = unit_of(headers["pay"]) if "pay" in headers else None
    for name in cells:
        if name in TOGETHER:
            continue
        try:
            planned.values[name] = value_of(name, cells[name])
        except ValueError as error:
            if plain(cells[name]) in UNDECIDED:
                label = Job.label_of(name)
                planned.notes.append(f"“{label}”写的是“{cells[name]}”，没有填入")
            elif Job._meta.get_field(name).null:  # type: ignore[union-attr]
                # A draft does without it; whoever agrees to the import reads so.
                planned.notes.append(f"{error}这一项没有填入")
            else:
                planned.refuse(str(error))
    if planned.values.get("kind") == Job.Kind.DAILY:
        planned.values.setdefault("settlement", Job.Settlement.DAILY)
    read_place(planned, cells, districts)
    read_pay(planned, cells, unit)
    read_hourly(planned, cells)
    if not cells.get("title"):
        planned.refuse("没有岗位名称。")
    return planned


def told_by(planned: Planned, row: Row) -> dict[str, str]:
    """Return by which header each field is told: of several that are filled, the first."""
    headers: dict[str, str] = {}
    for header, cell in row.items():
        name = field_of(header)
        if plain(header) == "单位" and (word := span_in(cell)) in {"", *words_of("pay_unit")}:
            name = "pay_unit" if word else ""  # 元/小时, or 元 alone: no client
        if not name or not cell:
            continue
        first = headers.setdefault(name, header)
        if row[first] != cell:
            planned.notes.append(f"“{header}”没有用：“{first}”已填了同一项")
    return headers


def value_of(name: str, text: str) -> Any:
    """Return the value of a field that a cell means. Raises ValueError, with a sentence."""
    model_field: Any = Job._meta.get_field(name)
    label = str(model_field.verbose_name)
    if model_field.choices:
        return choice(name, text, label)
    if isinstance(model_field, models.DecimalField):
        return as_stored(model_field, number(text, label))
    for kind, read in READERS.items():
        if isinstance(model_field, kind):
            return read(text, label)
    return text


def as_stored(model_field: Any, value: Decimal) -> Decimal:
    """Return an amount with as many places as the database keeps, by which it compares as content.

    One with more is left for the field to refuse.
    """
    stored = value.quantize(Decimal(1).scaleb(-model_field.decimal_places))
    return stored if stored == value else value


def choice(name: str, text: str, label: str) -> str:
    value = words_of(name).get(plain(text))
    if value is None and name == "settlement" and BY_THE_MONTH.fullmatch(plain(text)):
        value = Job.Settlement.MONTHLY
    if value is None:
        known = "、".join(labels_of(name))
        raise ValueError(f"“{label}”没有“{text[:20]}”这一项；可以写{known}。")
    return value


def words_of(name: str) -> dict[str, str]:
    """Return which word means which choice."""
    return labels_of(name) | ALSO.get(name, {})


def labels_of(name: str) -> dict[str, str]:
    choices: Any = Job._meta.get_field(name).choices  # type: ignore[union-attr]
    return {plain(word): value for value, word in choices}


def day(text: str, label: str) -> date:
    try:
        if match := DAY.fullmatch(text):
            return date(*map(int, match.groups()))
    except ValueError:
        pass
    raise ValueError(f"“{label}”的日期“{text[:20]}”看不懂，请写成 2026-12-31。")


def number(text: str, label: str) -> Decimal:
    match = NUMBER.fullmatch(unicodedata.normalize("NFKC", text).replace(",", ""))
    if match is None:
        raise ValueError(f"“{label}”的数“{text[:20]}”看不懂。")
    return Decimal(match[1])


def whole(text: str, label: str) -> int:
    found = number(text, label)
    if found != int(found):
        raise ValueError(f"“{label}”要写整数。")
    return int(found)


def yes_or_no(text: str, label: str) -> bool:
    word = plain(text).lower()
    if word not in YES | NO:
        raise ValueError(f"“{label}”请写“是”或“否”。")
    return word in YES


READERS: Final[dict[type[models.Field[Any, Any]], Callable[[str, str], Any]]] = {
    models.BooleanField: yes_or_no,
    models.DateField: day,
    models.PositiveSmallIntegerField: whole,
}


def read_place(
    planned: Planned, cells: Mapping[str, str], districts: Mapping[str, District]
) -> None:
    """Tell the district from the rest: `宝安沙井` is 宝安区, and 沙井 in it."""
    named, address = cells.get("district", ""), cells.get("address", "")
    district, rest = split(named or address, districts)
    if district is None and named:
        planned.refuse(f"没有“{named[:20]}”这个区域；请先在“区域”里添加。")
    if district is not None:
        planned.values["district"] = district
    if not (named and address):  # one cell says both, or the district alone
        address = rest
    if address:
        planned.values["address"] = address


def split(text: str, districts: Mapping[str, District]) -> tuple[District | None, str]:
    rest = CITY.sub("", text.strip())
    for name in sorted(districts, key=len, reverse=True):
        if rest.startswith(name):
            return districts[name], rest.removeprefix(name).strip(" -·,，")
    return None, text


def span_in(text: str) -> str:
    """Return what a unit of pay is for: 小时 of 元/小时, nothing of 元."""
    return plain(text).removeprefix("元").removeprefix("/").removeprefix("每")


def read_pay(planned: Planned, cells: Mapping[str, str], unit: Job.PayUnit | None) -> None:
    if "pay_unit" in cells:
        try:
            unit = Job.PayUnit(choice("pay_unit", span_in(cells["pay_unit"]), "计薪单位"))
        except ValueError as error:
            planned.refuse(str(error))
    if "pay" not in cells:
        return
    try:
        found = pay.parse(cells["pay"], unit)
    except pay.PayError as error:
        planned.refuse(str(error))
        return
    if found.low is None:
        planned.notes.append(f"薪酬写的是“{found.note[:20]}”，没有填入；发布前须填写")
        return
    if found.unit is None:
        planned.refuse(f"薪酬“{cells['pay'][:20]}”没有写按时、按天还是按月。")
        return
    put_amounts(planned, "pay", found)
    planned.values["pay_unit"] = found.unit.value
    if found.note:
        planned.values.setdefault("pay_conditions", found.note)


def read_hourly(planned: Planned, cells: Mapping[str, str]) -> None:
    """Tell what pay by the piece comes to in an hour: `24-28`, `约 25 元/时`."""
    if "hourly" not in cells:
        return
    try:
        found = pay.parse(cells["hourly"], Unit.HOUR)
    except pay.PayError as error:
        planned.refuse(str(error))
        return
    if found.low is None or found.unit != Unit.HOUR:
        planned.refuse(f"折合时薪“{cells['hourly'][:20]}”要写每小时多少元。")
        return
    put_amounts(planned, "hourly", found)


def put_amounts(planned: Planned, name: str, found: pay.Pay) -> None:
    """Fill both fields: where one amount is told, an old upper one has no place any more."""
    for end, amount in (("min", found.low), ("max", found.high)):
        model_field = Job._meta.get_field(f"{name}_{end}")
        stored = as_stored(model_field, amount) if amount is not None else None
        planned.values[f"{name}_{end}"] = stored
