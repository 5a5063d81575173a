"""What a sheet of jobs says: under which headers a field is written, and what its cells mean.

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

from portal.cms.sheets.reading import Row, Sheet
from staffing.jobs import pay
from staffing.models import District, Job

Unit = Job.PayUnit

# The headers under which people write a field; the first is the one of our own sheet.
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    # Not 编号: of most sheets those are 1 to n, and would name the jobs of another client's sheet.
    "external_id": ("外部编号",),
    "title": ("岗位名称", "岗位", "职位", "职位名称", "工种", "招聘岗位"),
    "kind": ("类别", "岗位类别", "用工类型", "工作性质"),
    "employer_type": ("招用方式", "用工方式"),
    "hiring_org": ("招用单位", "签合同的单位", "签约单位"),
    "client_name": ("用工单位", "企业名称", "公司", "单位", "客户"),
    "org_summary": ("单位简介", "企业简介", "公司简介"),
    "headcount": ("人数", "招聘人数", "需求人数", "招工人数"),
    "duties": ("工作内容", "岗位职责", "职责"),
    "requirements": ("任职要求", "要求", "岗位要求", "招聘要求"),
    "district": ("区", "区域", "所在区"),
    "address": ("工作地址", "地址", "工作地点", "地点"),
    "pay": ("薪酬", "工价", "薪资", "工资", "待遇", "薪资待遇", "时薪", "日薪", "月薪"),
    "pay_unit": ("单位（薪酬）", "薪酬单位", "计薪方式", "计价单位"),
    "pay_conditions": ("薪酬条件", "薪酬说明", "薪资说明"),
    "settlement": ("结算", "结算方式", "发薪方式"),
    "deductions": ("扣款说明", "扣款"),
    "shift": ("班次", "工作时间", "上班时间"),
    "hours_per_day": ("每日工时", "工时"),
    "rest_days": ("休息", "休息时间"),
    "work_from": ("开始日期", "到岗日期"),
    "work_to": ("结束日期",),
    "contract_form": ("合同形式", "合同"),
    "social_insurance": ("社会保险", "社保"),
    "age_min": ("最低年龄",),
    "education": ("学历", "学历要求"),
    "experience_months": ("工作经验（月）", "经验（月）"),
    "health_certificate": ("需要健康证", "健康证"),
    "lodging": ("住宿", "食宿"),
    "meals": ("用餐", "吃饭"),
    "transport": ("交通", "班车"),
    "valid_through": ("招聘截止", "截止日期", "有效期", "有效期至"),
    "contact_name": ("联系人",),
    "is_repost": ("转载的岗位", "转载"),
    "source_name": ("信息来源", "来源"),
    "source_url": ("来源网址",),
}
FIELD_OF: Final = {header: name for name, headers in HEADERS.items() for header in headers}
# What is told from several cells, or is several fields.
TOGETHER: Final = {"pay", "pay_unit", "district", "address"}
IN_BRACKETS: Final = re.compile(r"（([^（）]*)）$")
UNIT_OF_HEADER: Final = {"时薪": Unit.HOUR, "日薪": Unit.DAY, "月薪": Unit.MONTH}
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
YES: Final = {"是", "有", "要", "需要", "需", "√", "✓", "1", "y", "yes"}
NO: Final = {"否", "无", "不要", "不需要", "不需", "×", "0", "n", "no"}
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
        names = ("pay_min", "pay_max", "pay_unit")
        return Job(**{n: self.values[n] for n in names if n in self.values}).pay_text

    def refuse(self, *problems: str) -> None:
        self.problems.extend(problems)
        self.outcome = Outcome.REFUSED


def unused(sheet: Sheet) -> list[str]:
    """Return the headers that name no field."""
    return [header for header in sheet.headers if not field_of(header)]


def are_headers(cells: list[str]) -> bool:
    """Whether this is the row of headers: above it there may be the name of the sheet, or a remark."""
    return any(field_of(cell) == "title" for cell in cells)


def field_of(header: str) -> str:
    """Return the field that a header names, with what stands in brackets or without: 时薪（元）."""
    name = plain(header)
    return FIELD_OF.get(name) or FIELD_OF.get(IN_BRACKETS.sub("", name), "")


def unit_of(header: str) -> Job.PayUnit | None:
    """Return the unit of pay that a header tells: 时薪, or 工价（元/天）."""
    name = plain(header)
    bracket = IN_BRACKETS.search(name)
    told = pay.UNITS.get(bracket[1].removeprefix("元").lstrip("/每")) if bracket else None
    return told or UNIT_OF_HEADER.get(IN_BRACKETS.sub("", name))


def plain(text: str) -> str:
    """Return a header, or a choice, as it is compared: without spaces and the star of what is required."""
    folded = unicodedata.normalize("NFKC", text).replace("(", "（").replace(")", "）")
    return re.sub(r"[\s*:]+", "", folded)


def read_row(number: int, row: Row, districts: Mapping[str, District]) -> Planned:
    """Return what a row says; what cannot be read is a problem of that row. No query."""
    planned = Planned(number)
    cells: dict[str, str] = {}
    unit: Job.PayUnit | None = None
    for header, cell in row.items():
        name = field_of(header)
        if name and cell and name not in cells:
            cells[name] = cell
            unit = unit_of(header) if name == "pay" else unit
    for name in cells:
        if name in TOGETHER:
            continue
        try:
            planned.values[name] = value_of(name, cells[name])
        except ValueError as error:
            if plain(cells[name]) in UNDECIDED:
                label = Job.label_of(name)
                planned.notes.append(f"“{label}”写的是“{cells[name]}”，没有填入")
            else:
                planned.refuse(str(error))
    read_place(planned, cells, districts)
    read_pay(planned, cells, unit)
    if not cells.get("title"):
        planned.refuse("没有岗位名称。")
    return planned


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
    model_field: Any = Job._meta.get_field(name)
    known: dict[str, str] = {plain(word): value for value, word in model_field.choices}
    value: str | None = (known | ALSO.get(name, {})).get(plain(text))
    if value is None and name == "settlement" and BY_THE_MONTH.fullmatch(plain(text)):
        value = Job.Settlement.MONTHLY
    if value is None:
        raise ValueError(f"“{label}”没有“{text[:20]}”这一项；可以写{'、'.join(known)}。")
    return value


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


def read_pay(planned: Planned, cells: Mapping[str, str], unit: Job.PayUnit | None) -> None:
    if "pay_unit" in cells:
        word = plain(cells["pay_unit"]).removeprefix("元").removeprefix("/")
        try:
            unit = Job.PayUnit(choice("pay_unit", word, "薪酬单位"))
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
    amounts = {"pay_min": found.low, "pay_max": found.high, "pay_unit": found.unit.value}
    planned.values |= {
        name: as_stored(Job._meta.get_field(name), value) if isinstance(value, Decimal) else value
        for name, value in amounts.items()
    }
    if found.note:
        planned.values.setdefault("pay_conditions", found.note)
