"""What the law asks of a job's pay: how much it is at least, and when it is paid out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from portal.cms.compliance.findings import Finding, Severity
from staffing.models import Job, MinimumWage

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript

# 劳动和社会保障部 2008 年第 3 号: a month of work has 21.75 days of eight hours.
DAYS_A_MONTH: Final = Decimal("21.75")
DAYS_A_WEEK: Final = 5
HOURS_A_DAY: Final = 8
# 劳动合同法 §68: so many hours a day, on average, are 非全日制.
PART_TIME_HOURS: Final = 4
# 劳动合同法 §72: 非全日制 is paid out at least so often.
PAID_WITHIN: Final = timedelta(days=15)
NOT_BY_THE_MONTH: Final = {Job.Settlement.DAILY, Job.Settlement.ON_COMPLETION}


def minimum_wage(manuscript: Manuscript) -> Iterator[Finding]:
    """Pay under what the city prescribes. One query.

    The hourly figure is for 非全日制, the monthly one for everybody else; pay in another unit is converted
    to hours, which is no more than an estimate. Of pay by the piece that estimate is the firm's own; without
    it no job is published.
    """
    job: Job = manuscript.item
    if job.pay_min is None or not job.city:
        return
    wage = MinimumWage.objects.at(job.city, job.first_day)
    if wage is None:
        yield manuscript.finding(
            "pay_min",
            "wage-unknown",
            Severity.MUST,
            f"没有“{job.city}”的最低工资标准，无法核对",
            detail=job.city,
            advice="工资不得低于当地最低工资标准（劳动法第四十八条）。请把“市”写成深圳市这样的全称，"
            "或在“最低工资标准”里录入当地现行标准；确需发布的，请说明怎样核对过。",
        )
        return
    by_the_hour = job.kind == Job.Kind.PART_TIME
    least, unit = (wage.hourly, "小时") if by_the_hour else (wage.monthly, "月")
    basis = f"{job.city}{unit}最低工资 {least:,.2f} 元（{wage.in_force_from} 起施行）"
    law = "劳动合同法第七十二条" if by_the_hour else "劳动法第四十八条"
    if job.pay_unit == (Job.PayUnit.HOUR if by_the_hour else Job.PayUnit.MONTH):
        if job.pay_min < least:
            yield manuscript.finding(
                "pay_min",
                "wage",
                Severity.BLOCK,
                f"薪酬 {job.pay_text}低于{basis}",
                advice=f"工资不得低于当地最低工资标准（{law}）。请改正薪酬。",
            )
        return
    paid, _, span = job.pay_by_time
    if paid is None:
        return
    hourly = per_hour(job, paid, span)
    floor = least if by_the_hour else least / (DAYS_A_MONTH * HOURS_A_DAY)
    if hourly >= floor:
        yield from by_the_hour_after_all(manuscript, job, wage, hourly)
        return
    yield manuscript.finding(
        "hourly_min" if job.hourly_text else "pay_min",
        "wage-converted",
        Severity.MUST,
        f"薪酬折合每小时约 {hourly:,.2f} 元，低于{basis}折合的 {floor:,.2f} 元",
        # Another pay, or another figure of the city, is another matter to decide.
        detail=f"{paid.normalize():f}/{job.pay_unit}/{least.normalize():f}",
        advice=f"折算后不得低于当地最低工资标准（{law}）。请改正，或说明怎样折算。",
    )


def by_the_hour_after_all(
    manuscript: Manuscript, job: Job, wage: MinimumWage, hourly: Decimal
) -> Iterator[Finding]:
    """A hint where pay by the hour or day passes by the monthly figure, and not by the hourly one.

    Whoever works four hours a day is 非全日制, whatever the job is called.
    """
    short = job.kind in (Job.Kind.TEMPORARY, Job.Kind.DAILY)
    short &= job.hours_per_day is None or job.hours_per_day <= PART_TIME_HOURS
    short &= job.pay_by_time[2] in (Job.PayUnit.HOUR, Job.PayUnit.DAY)
    if short and hourly < wage.hourly:
        yield manuscript.finding(
            "hourly_min" if job.hourly_text else "pay_min",
            "wage-hourly",
            Severity.HINT,
            f"薪酬折合每小时约 {hourly:,.2f} 元，低于{job.city}小时最低工资 {wage.hourly:,.2f} 元",
            advice="平均每天不超过四小时、每周不超过二十四小时的是非全日制用工（劳动合同法第六十八条），"
            "适用小时最低工资标准；全日制的，按月最低工资标准核对。",
        )


def per_hour(job: Job, paid: Decimal, span: Job.PayUnit) -> Decimal:
    """Return about what an hour is paid of what is paid for a span of time."""
    hours = job.hours_per_day or Decimal(HOURS_A_DAY)
    spans = {
        Job.PayUnit.HOUR: Decimal(1),
        Job.PayUnit.DAY: hours,
        Job.PayUnit.WEEK: hours * DAYS_A_WEEK,
        Job.PayUnit.MONTH: hours * DAYS_A_MONTH,
    }
    return paid / spans[span]


def settlement(manuscript: Manuscript) -> Iterator[Finding]:
    """非全日制 is paid out every 15 days at the latest, who is dispatched by the month, 日结 by the day.

    No query.
    """
    job: Job = manuscript.item
    if job.kind == Job.Kind.DAILY and job.settlement != Job.Settlement.DAILY:
        yield manuscript.finding(
            "settlement",
            "daily-settlement",
            Severity.MUST,
            f"类别是日结，结算却是{job.get_settlement_display()}",
            detail=job.settlement,
            advice="招聘信息应当真实（人力资源市场暂行条例第二十四条）；"
            "请把结算改为日结，或改变类别。确需这样的，请说明。",
        )
    if job.kind == Job.Kind.PART_TIME and (found := waits_too_long(job)):
        yield manuscript.finding(
            "settlement",
            "settlement",
            Severity.MUST,
            found,
            detail=job.settlement,
            advice="非全日制用工结算支付周期最长不得超过十五日（劳动合同法第七十二条）；"
            "请改为日结、周结或半月结。不是非全日制用工的，请说明。",
        )
    dispatched = job.employer_type == Job.EmployerType.AGENCY_DISPATCH
    if dispatched and (job.kind == Job.Kind.DAILY or job.settlement in NOT_BY_THE_MONTH):
        yield manuscript.finding(
            "settlement",
            "dispatch-settlement",
            Severity.MUST,
            f"派遣岗位是{job.get_kind_display()}、{job.get_settlement_display()}",
            detail=f"{job.kind}/{job.settlement}",
            advice="派遣单位应与劳动者订立二年以上固定期限劳动合同，按月支付劳动报酬"
            "（劳动合同法第五十八条）；请改为月结，或改为代招、自招。确需这样的，请说明。",
        )


def waits_too_long(job: Job) -> str:
    """Return what is wrong with when part-time work is paid out; "" where nothing is."""
    if job.settlement == Job.Settlement.MONTHLY:
        return "兼职岗位按月结算"
    if job.settlement != Job.Settlement.ON_COMPLETION:
        return ""
    if job.work_from is None or job.work_to is None:
        return "兼职岗位完工才结算，没有写从哪天做到哪天"
    days = job.work_to - job.work_from + timedelta(days=1)
    return f"兼职岗位做满 {days.days} 天才结算" if days > PAID_WITHIN else ""
