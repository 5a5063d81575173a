"""Jobs out of a sheet: what each row says, and what it would do to the jobs there are.

    plan(sheet)            a `Planned` for every row, with what is wrong with it; writes nothing
    carry_out(planned, …)  make or change one job, in a transaction of its own

Nothing is published: new jobs are drafts, and what a row changes of a live job is its pending draft. A
row finds its job by 外部编号, or else by title, address and pay; so a sheet read twice does it once. Only
cells that are filled change something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import models, transaction

from portal.cms.locking import lock
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_as_read, same
from portal.cms.revisions.models import Event
from portal.cms.sheets.reading import Row, Sheet
from staffing.jobs import pay
from staffing.models import District, Job

if TYPE_CHECKING:
    from portal.cms.accounts import User

MOST_ROWS: Final = 1000
NOTE: Final = "从表格导入"
Unit = Job.PayUnit

# The headers under which people write a field; the first is the one of our own sheet.
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "external_id": ("外部编号", "岗位编号", "编号"),
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
        "每日": Job.Settlement.DAILY, "每周": Job.Settlement.WEEKLY,
        "半月": Job.Settlement.HALF_MONTHLY, "每月": Job.Settlement.MONTHLY,
        "完工": Job.Settlement.ON_COMPLETION, "做完结": Job.Settlement.ON_COMPLETION,
    },
    "lodging": {
        "包吃住": Job.Lodging.PROVIDED, "提供住宿": Job.Lodging.PROVIDED, "有": Job.Lodging.PROVIDED,
        "住宿补助": Job.Lodging.ALLOWANCE, "房补": Job.Lodging.ALLOWANCE,
        "无": Job.Lodging.NONE, "不包住": Job.Lodging.NONE, "自理": Job.Lodging.NONE,
    },
    "pay_unit": {
        "小时": Unit.HOUR, "时薪": Unit.HOUR, "日": Unit.DAY, "日薪": Unit.DAY, "月薪": Unit.MONTH,
        "计件": Unit.PIECE,
    },
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


# --- What a row says ----------------------------------------------------------------------------------


def unused(sheet: Sheet) -> list[str]:
    """Return the headers that name no field."""
    return [header for header in sheet.headers if plain(header) not in FIELD_OF]


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
        name = FIELD_OF.get(plain(header))
        if name is not None and cell and name not in cells:
            cells[name] = cell
            unit = UNIT_OF_HEADER.get(plain(header), unit) if name == "pay" else unit
    for name in cells:
        if name in TOGETHER:
            continue
        try:
            planned.values[name] = value_of(name, cells[name])
        except ValueError as error:
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
    if named and not address:
        address = rest
    elif not named:
        address = rest or address
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


# --- What becomes of it -------------------------------------------------------------------------------

Key = tuple[Any, ...]


def plan(sheet: Sheet) -> list[Planned]:
    """Return what every row would do. Three queries, and a few for each row whose job is there."""
    districts = {}
    for district in District.objects.all():
        for name in (district.name, re.sub(r"(?:新区|区)$", "", district.name)):
            districts[name] = district
    planned = [read_row(number, row, districts) for number, row in sheet.rows]
    by_external_id, by_key, binned = known_jobs(planned)
    seen: dict[Key, int] = {}
    for one in planned:
        external_id = one.values.get("external_id", "")
        key: Key = (external_id,) if external_id else key_of(one.values)
        if one.outcome == Outcome.REFUSED:
            continue
        if key in seen:
            one.refuse(f"和第 {seen[key]} 行是同一个岗位。")
            continue
        seen[key] = one.row
        if external_id in binned:
            one.refuse("这个外部编号的岗位在回收站里，请先恢复。")
            continue
        one.job = by_external_id.get(external_id) or (None if external_id else by_key.get(key))
        rehearse(one)
    return planned


def known_jobs(planned: list[Planned]) -> tuple[dict[str, Job], dict[Key, Job], set[str]]:
    """Return the jobs that rows may be about, by number and by what they say; and numbers in the bin."""
    numbers = {one.values["external_id"] for one in planned if one.values.get("external_id")}
    titles = {one.values["title"] for one in planned if one.values.get("title")}
    numbered = Job.objects.filter(external_id__in=numbers)
    by_number = {job.external_id: job for job in numbered if job.deleted_at is None}
    binned = {job.external_id for job in numbered if job.deleted_at is not None}
    # Of several alike, the latest: it is the one somebody works on.
    alike = Job.objects.kept().filter(title__in=titles).order_by("pk")
    return by_number, {key_of(vars(job)): job for job in alike}, binned


def key_of(values: Mapping[str, Any]) -> Key:
    names = ("title", "address", "pay_min", "pay_max")
    known = tuple(values.get(name) or "" for name in names)
    return (*known, values.get("pay_unit") if values.get("pay_min") else "")


def rehearse(one: Planned) -> None:
    """Find out what a row would do, and whether its job can be stored so."""
    item = Job() if one.job is None else working(one.job)
    before = None if one.job is None else content_as_read(item)
    put(item, one.values)
    try:
        # Constraints cost seven queries. Of those of a job, a row can only break that of age. And the
        # district has just been read.
        item.full_clean({"district"}, validate_constraints="age_min" in one.values)
    except ValidationError as error:
        one.refuse(*sentences(error))
        return
    if before is None:
        missing = item.publish_errors()
        if missing:
            labels = map(Job.label_of, missing)
            one.notes.append(f"发布前还要填写：{'、'.join(labels)}")
    elif same(before, content_as_read(item)):
        one.outcome = Outcome.UNCHANGED
    else:
        one.outcome = Outcome.CHANGED
        if one.job is not None and one.job.status == "published":
            one.notes.append("已发布：改动先存为草稿，发布后生效")


def working(job: Job) -> Job:
    """Return a job, in memory, as the desk works on it: with its pending draft."""
    fresh: Job = Job._base_manager.get(pk=job.pk)
    actions.show_pending(fresh, actions.pending_of(fresh))
    return fresh


def put(item: Job, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(item, name, value)


def sentences(error: ValidationError) -> Iterator[str]:
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{Job.label_of(name)}："
        yield f"{label}{''.join(messages)}"


def carry_out(one: Planned, by: User) -> Job | None:
    """Do what was planned; return the job that was made or changed. In a transaction of its own.

    What has changed since the plan counts: the job is locked, and compared again. Raises
    ValidationError where it can no longer be stored.
    """
    if one.outcome not in (Outcome.NEW, Outcome.CHANGED):
        return None
    with transaction.atomic():
        if one.job is None:
            item = Job(created_by=by, updated_by=by)
            put(item, one.values)
            item.full_clean(validate_constraints=False)  # the database does
            item.save()
            actions.record(item, Event.SAVED, by, note=NOTE)
            return item
        stored = lock(Job, one.job.pk)
        if stored is None or stored.deleted_at is not None:
            raise ValidationError("岗位刚刚被移走了。")
        changed = working(one.job)
        put(changed, one.values)
        actions.save(stored, content_as_read(changed), by, note=NOTE)
        return one.job
