"""What the law asks of a job before it is published, beyond its required fields (domain §2.1, §2.2).

What is plainly against the law blocks. What takes a judgement, or a figure that had to be converted, asks
for a reason, which is recorded with who gave it. Each rule names its law in the advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from portal.cms.compliance.findings import Finding, Severity
from staffing.models import Job, Licence, MinimumWage

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript
    from portal.cms.compliance.register import Rule

ADULT: Final = 18
# 劳动和社会保障部 2008 年第 3 号: a month of work has 21.75 days of eight hours.
DAYS_A_MONTH: Final = Decimal("21.75")
DAYS_A_WEEK: Final = 5
HOURS_A_DAY: Final = 8
# 劳动合同法 §68: so many hours a day, on average, are 非全日制.
PART_TIME_HOURS: Final = 4
# The notice of five ministries wants what clients handed in looked at again every half year.
CHECKED_WITHIN: Final = timedelta(days=180)
MADE_UP: Final = re.compile("补足|不低于|保底")
# 劳动合同法 §72: 非全日制 is paid out at least so often.
PAID_WITHIN: Final = timedelta(days=15)
NOT_BY_THE_MONTH: Final = {Job.Settlement.DAILY, Job.Settlement.ON_COMPLETION}
UNITS_OF_TIME: Final = {*Job.PayUnit} - {Job.PayUnit.PIECE}
PAPERS: Final = (
    "checked_business_licence",
    "checked_recruitment_brief",
    "checked_mandate",
    "checked_agent_identity",
)
LICENCE_FOR: Final[dict[str, Licence.Kind]] = {
    Job.EmployerType.AGENCY_DISPATCH: Licence.Kind.DISPATCH,
    Job.EmployerType.AGENCY_RECRUIT: Licence.Kind.HR_SERVICE,
}
FINES: Final = {
    Licence.Kind.DISPATCH: "未经许可经营劳务派遣，没收违法所得并处一至五倍罚款，没有违法所得的可处"
    "五万元以下罚款（劳动合同法第五十七、九十二条）",
    Licence.Kind.HR_SERVICE: "未经许可从事职业中介，没收违法所得并处一万元以上五万元以下罚款"
    "（人力资源市场暂行条例第四十二条）",
}


def first_day(job: Job) -> date:
    """Return the day from which readers see a job: what is in force then, counts."""
    today = timezone.localdate()
    return today if job.go_live_at is None else max(today, timezone.localdate(job.go_live_at))


def minors(manuscript: Manuscript) -> Iterator[Finding]:
    """People of 16 and 17 may work, and not everywhere. No query."""
    job: Job = manuscript.item
    if job.age_min is not None and job.age_min < ADULT:
        yield manuscript.finding(
            "age_min",
            "minors",
            Severity.HINT,
            f"最低年龄 {job.age_min} 岁，会招到未成年工",
            advice="未成年工不得安排夜班、有毒有害等禁忌劳动，并须登记、定期体检；不需要就改为 18。",
        )


# --- Pay --------------------------------------------------------------------------------------------


def minimum_wage(manuscript: Manuscript) -> Iterator[Finding]:
    """Pay under what the city prescribes. One query.

    The hourly figure is for 非全日制, the monthly one for everybody else; pay in another unit is converted
    to hours, which is no more than an estimate.
    """
    job: Job = manuscript.item
    if job.pay_min is None or not job.city:
        return
    wage = MinimumWage.objects.at(job.city, first_day(job))
    if wage is None:
        yield manuscript.finding(
            "pay_min",
            "wage-unknown",
            Severity.HINT,
            f"没有{job.city}的最低工资标准，无法核对",
            advice="请在“最低工资标准”里录入当地现行标准。",
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
    if job.pay_unit not in UNITS_OF_TIME:
        if MADE_UP.search(job.pay_conditions):  # readers are told that it is made up for
            return
        message = "计件薪酬，无法直接与最低工资比较"
    else:
        hourly = per_hour(job)
        floor = least if by_the_hour else least / (DAYS_A_MONTH * HOURS_A_DAY)
        if hourly >= floor:
            yield from by_the_hour_after_all(manuscript, job, wage, hourly)
            return
        message = f"薪酬折合每小时约 {hourly:,.2f} 元，低于{basis}折合的 {floor:,.2f} 元"
    yield manuscript.finding(
        "pay_min",
        "wage-converted",
        Severity.MUST,
        message,
        # Another pay, or another figure of the city, is another matter to decide.
        detail=f"{job.pay_min.normalize():f}/{job.pay_unit}/{least.normalize():f}",
        advice=f"折算后不得低于当地最低工资标准（{law}）。请改正，或说明怎样折算；计件的，也可以在“薪酬条件”里写明不足时补足。",
    )


def by_the_hour_after_all(
    manuscript: Manuscript, job: Job, wage: MinimumWage, hourly: Decimal
) -> Iterator[Finding]:
    """A hint where pay by the hour or day passes by the monthly figure, and not by the hourly one.

    Whoever works four hours a day is 非全日制, whatever the job is called.
    """
    short = job.kind in (Job.Kind.TEMPORARY, Job.Kind.DAILY)
    short &= job.hours_per_day is None or job.hours_per_day <= PART_TIME_HOURS
    if short and job.pay_unit in (Job.PayUnit.HOUR, Job.PayUnit.DAY) and hourly < wage.hourly:
        yield manuscript.finding(
            "pay_min",
            "wage-hourly",
            Severity.HINT,
            f"薪酬折合每小时约 {hourly:,.2f} 元，低于{job.city}小时最低工资 {wage.hourly:,.2f} 元",
            advice="平均每天不超过四小时、每周不超过二十四小时的是非全日制用工（劳动合同法第六十八条），"
            "适用小时最低工资标准；全日制的，按月最低工资标准核对。",
        )


def per_hour(job: Job) -> Decimal:
    """Return about what an hour is paid; only for pay by a span of time."""
    assert job.pay_min is not None  # noqa: S101 - the caller has seen to it
    hours = job.hours_per_day or Decimal(HOURS_A_DAY)
    spans: dict[str, Decimal] = {
        Job.PayUnit.HOUR: Decimal(1),
        Job.PayUnit.DAY: hours,
        Job.PayUnit.WEEK: hours * DAYS_A_WEEK,
        Job.PayUnit.MONTH: hours * DAYS_A_MONTH,
    }
    return job.pay_min / spans[job.pay_unit]


def settlement(manuscript: Manuscript) -> Iterator[Finding]:
    """非全日制 is paid out every 15 days at the latest, who is dispatched by the month. No query."""
    job: Job = manuscript.item
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


# --- Who employs ------------------------------------------------------------------------------------


def dispatch(manuscript: Manuscript) -> Iterator[Finding]:
    """What may not be staffed by dispatch. No query."""
    job: Job = manuscript.item
    if job.employer_type != Job.EmployerType.AGENCY_DISPATCH:
        return
    if job.kind == Job.Kind.PART_TIME:
        yield manuscript.finding(
            "employer_type",
            "dispatch-part-time",
            Severity.BLOCK,
            "兼职（非全日制）岗位不能以派遣方式招用",
            advice="劳务派遣单位不得以非全日制用工形式招用被派遣劳动者（劳动合同法实施条例第三十条）；"
            "请改为代招（与用工单位签合同）、自招，或改变类别。",
        )
    for text in manuscript.texts:
        if (start := text.words.find("长期")) >= 0:
            yield text.finding(
                "dispatch-long",
                Severity.HINT,
                "派遣岗位写了“长期”",
                (start, start + 2),
                advice="派遣只能用于临时性（不超过六个月）、辅助性或替代性岗位"
                "（劳动合同法第六十六条）；请核对岗位性质。",
            )
            return


def licence(manuscript: Manuscript) -> Iterator[Finding]:
    """The agency's own licence for this way of hiring: there, and in force. One query; none for 自招."""
    job: Job = manuscript.item
    kind = LICENCE_FOR.get(job.employer_type)
    if kind is None or not job.title:  # nothing is said of a form that is still empty
        return
    start = first_day(job)
    rows = Licence.objects.filter(kind=kind).values_list("valid_from", "valid_to")
    terms = [(begins or date.min, ends or date.max) for begins, ends in rows]
    ends = max((end for begin, end in terms if begin <= start), default=None)
    if ends is None or ends < start:
        over = "已于" if ends and ends < timezone.localdate() else "将于"
        since = f"{over} {ends} 到期" if ends else "还没有生效" if terms else "没有登记"
        yield manuscript.finding(
            "employer_type",
            "licence",
            Severity.MUST,
            f"{kind.label}{since}，不能发布{job.get_employer_type_display()}岗位",
            detail=str(ends or ""),  # what was decided of one term does not hold for the next
            advice=f"{FINES[kind]}。请先在“证照”里更新；确需发布的，请写明理由和批准人。",
        )
    elif job.valid_through is not None and max(end for _, end in terms) < job.valid_through:
        yield manuscript.finding(
            "valid_through",
            "licence-ends",
            Severity.HINT,
            f"{kind.label}在 {ends} 到期，早于招聘截止",
            advice="请及时办理延续；到期后这类岗位不能再发布。",
        )


# --- Where it comes from ----------------------------------------------------------------------------


def papers(manuscript: Manuscript) -> Iterator[Finding]:
    """Whether what the client handed in was looked at, and not too long ago. No query."""
    job: Job = manuscript.item
    if job.employer_type == Job.EmployerType.OWN or not job.title:
        return
    missing = [
        Job.label_of(name).removeprefix("已核对") for name in PAPERS if not getattr(job, name)
    ]
    if missing:
        message, detail = f"没有核对：{'、'.join(missing)}", "missing"
    elif job.checked_on is None or job.checked_on < timezone.localdate() - CHECKED_WITHIN:
        message, detail = "用工单位的材料超过六个月没有重新核对", str(job.checked_on)
    else:
        return
    yield manuscript.finding(
        "checked_business_licence",
        "papers",
        Severity.MUST,
        message,
        detail=detail,
        advice="接受委托招聘须查验招聘简章、营业执照、经办人身份证件和委托证明"
        "（人力资源市场暂行条例第二十六条）；核对后在“核对记录”里勾选。",
    )


def repost(manuscript: Manuscript) -> Iterator[Finding]:
    """A job taken from elsewhere says where. No query."""
    job: Job = manuscript.item
    if job.is_repost and not job.source_url:
        yield manuscript.finding(
            "source_url",
            "repost-address",
            Severity.HINT,
            "转载的岗位没有来源网址",
            advice="请填写原文的网址，便于读者和我们自己核对；只在线下发布的可以不填。",
        )
    if (job.is_repost or job.source_url) and not job.source_name.strip():
        yield manuscript.finding(
            "source_name",
            "repost",
            Severity.BLOCK,
            "转载的岗位没有注明来源",
            advice="转载的招聘信息应当注明信息来源（人力资源市场暂行条例第二十四条）。",
        )


JOB_RULES: Final[tuple[Rule, ...]] = (
    minors,
    minimum_wage,
    settlement,
    dispatch,
    licence,
    papers,
    repost,
)
