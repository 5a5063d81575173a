"""Under which headers people write a field in a sheet of jobs.

field_of(header)   the field it names, "" for none
unit_of(header)    the unit of pay it tells: 时薪, 工价（元/天）
unused(sheet)      the headers that name no field
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from portal.cms.sheets.reading import Sheet
from staffing.jobs import pay
from staffing.models import Job

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
    "pay_unit": ("计薪单位", "单位（薪酬）", "薪酬单位", "计薪方式", "计价单位"),
    "hourly": ("折合时薪", "计件折合时薪", "约合时薪"),
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
IN_BRACKETS: Final = re.compile(r"（([^（）]*)）$")
UNIT_OF_HEADER: Final = {"时薪": Unit.HOUR, "日薪": Unit.DAY, "月薪": Unit.MONTH}


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
