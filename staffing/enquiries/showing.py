"""A lead as the desk reads it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from staffing.models import Enquiry
from staffing.privacy.showing import Fact, phone_fact, shown


def facts(lead: Enquiry, *, revealed: bool = False) -> list[Fact]:
    """Return what the visitor told us. No query once it is joined."""
    if lead.erased_at is not None:
        return [Fact("电话", "已清除"), *shown(_told(lead), revealed=False)]
    return [phone_fact(lead, revealed=revealed), *shown(_told(lead), revealed=revealed)]


def _told(lead: Enquiry) -> Iterator[Fact]:
    yield Fact("称呼", lead.name)
    yield Fact("公司", lead.company)
    yield Fact("方便接听", lead.call_when)
    yield Fact("咨询的服务", str(lead.service or ""))
    yield Fact("应聘的岗位", str(lead.job or ""))
    yield Fact("区域", str(lead.district or ""))
    yield Fact("工种", lead.job_type)
    yield Fact("人数", f"{lead.headcount} 人" if lead.headcount else "")
    yield Fact("到岗日期", f"{lead.starts_on or lead.available_from or ''}")
    yield Fact("用工时长", lead.duration)
    if lead.birth_year:
        age = timezone.localdate().year - lead.birth_year
        yield Fact("出生年份", f"{lead.birth_year}（{age - 1}–{age} 岁）")
    yield Fact("住宿", "需要住宿" if lead.needs_lodging else "")
    yield Fact("工作经历", lead.experience, long=True)
    yield Fact("留言", lead.message, long=True)


def source(lead: Enquiry) -> list[Fact]:
    """Return where a lead came from, as far as their browser told."""
    told = (
        Fact("提交时所在页", lead.page, lead.page),
        Fact("进入网站的页面", lead.landing_page, lead.landing_page),
        Fact("来自哪个网站", lead.referrer_host),
        Fact("站内搜过", lead.search_words),
    )
    return shown(told, revealed=False) or [Fact("来源", "没有记录")]
