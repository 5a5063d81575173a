"""What the law asks of a job before it is published, beyond its required fields.

What is plainly against the law blocks. What takes a judgement, or a figure that had to be converted, asks
for a reason, which is recorded with who gave it. Each rule names its law in the advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from portal.cms.compliance.findings import Finding, Severity
from staffing.jobs.wage_rules import minimum_wage, settlement
from staffing.models import Job, Licence
from staffing.models.job import PAPERS

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript
    from portal.cms.compliance.register import Rule

ADULT: Final = 18
# The notice of five ministries wants what clients handed in looked at again every half year.
CHECKED_WITHIN: Final = timedelta(days=180)
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
    start = job.first_day
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
