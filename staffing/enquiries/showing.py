"""A lead as the desk reads it: facts and texts in which no number can be read, unless it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from portal.cms.phones import display, tel_url
from portal.cms.times import short
from staffing.models import Enquiry
from staffing.models.journal import without_phones


@dataclass(frozen=True)
class Fact:
    """One line about a lead; `url` leads to what it names."""

    label: str
    text: str
    url: str = ""
    long: bool = False

    def masked(self) -> Fact:
        """Return the same without any number; its address would hold it as well."""
        text = without_phones(self.text)
        return self if text == self.text else Fact(self.label, text, long=self.long)


def facts(lead: Enquiry, *, revealed: bool = False) -> list[Fact]:
    """Return what the visitor told us, without what they left empty. No query once it is joined.

    People write their number into any box there is, so it is masked in all of them.
    """
    shown = (fact if revealed else fact.masked() for fact in _told(lead))
    return [_phone(lead, revealed=revealed), *(fact for fact in shown if fact.text)]


def _phone(lead: Enquiry, *, revealed: bool) -> Fact:
    if revealed:
        return Fact("电话", display(lead.phone), tel_url(lead.phone))
    return Fact("电话", lead.masked_phone or "已清除")


def _told(lead: Enquiry) -> Iterator[Fact]:
    yield Fact("称呼", lead.name)
    yield Fact("公司", lead.company)
    yield Fact("微信", lead.wechat)
    yield Fact("方便接听", lead.call_when)
    yield Fact("咨询的服务", str(lead.service or ""))
    yield Fact("应聘的岗位", str(lead.job or ""))
    yield Fact("区域", str(lead.district or ""))
    yield Fact("工种", lead.job_type)
    yield Fact("人数", f"{lead.headcount} 人" if lead.headcount else "")
    yield Fact("到岗日期", f"{lead.starts_on or lead.available_from or ''}")
    yield Fact("用工时长", lead.duration)
    yield Fact("预算", lead.budget)
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
    return [fact.masked() for fact in told if fact.text] or [Fact("来源", "没有记录")]


def keeping(lead: Enquiry) -> str:
    if lead.erased_at:
        return f"个人信息已于 {short(lead.erased_at)} 清除。"
    return f"个人信息保留到 {lead.keep_until}，之后的当晚自动清除。"
