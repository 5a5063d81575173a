"""What the law asks of a job before it is published: pay, papers, licences, sources."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.cms.compliance.decisions import clear, findings, unresolved
from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Decision
from staffing.models import Job, Licence
from tests import cast

pytestmark = pytest.mark.django_db

BLOCK, MUST, HINT = Severity.BLOCK, Severity.MUST, Severity.HINT
Kind, Unit, Type = Job.Kind, Job.PayUnit, Job.EmployerType
DISPATCH = {"employer_type": Type.AGENCY_DISPATCH}
RECRUIT = {"employer_type": Type.AGENCY_RECRUIT}


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def checked(days_ago: int = 0) -> dict[str, Any]:
    ticks = ("business_licence", "recruitment_brief", "mandate", "agent_identity")
    return {f"checked_{tick}": True for tick in ticks} | {"checked_on": day(-days_ago)}


def found(**fields: Any) -> dict[str, Severity]:
    return {one.rule: one.severity for one in findings(cast.job(**fields))}


def only(rule: str, **fields: Any) -> Finding:
    return next(one for one in findings(cast.job(**fields)) if one.rule == rule)


# --- Pay: 2,600 a month, 24.50 an hour ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "unit", "pay", "more", "expected"),
    [
        (Kind.PART_TIME, Unit.HOUR, "24.50", {}, {}),
        (Kind.PART_TIME, Unit.HOUR, "24.49", {}, {"wage": BLOCK}),
        (Kind.PART_TIME, Unit.DAY, "98.00", {"hours_per_day": Decimal(4)}, {}),
        (
            Kind.PART_TIME,
            Unit.DAY,
            "97.90",
            {"hours_per_day": Decimal(4)},
            {"wage-converted": MUST},
        ),
        (Kind.PART_TIME, Unit.DAY, "190", {}, {"wage-converted": MUST}),
        (Kind.PART_TIME, Unit.WEEK, "489", {"hours_per_day": Decimal(4)}, {"wage-converted": MUST}),
        (Kind.FULL_TIME, Unit.MONTH, "2600", {}, {}),
        (Kind.FULL_TIME, Unit.MONTH, "2599.99", {}, {"wage": BLOCK}),
        (Kind.TEMPORARY, Unit.MONTH, "2599.99", {}, {"wage": BLOCK}),
        # 2,600 ÷ (21.75 × 8) = 14.94
        (Kind.TEMPORARY, Unit.HOUR, "15", {}, {}),
        (Kind.TEMPORARY, Unit.HOUR, "15", {"hours_per_day": None}, {"wage-hourly": HINT}),
        (Kind.TEMPORARY, Unit.HOUR, "24.50", {"hours_per_day": None}, {}),
        (Kind.TEMPORARY, Unit.HOUR, "14.90", {}, {"wage-converted": MUST}),
        (Kind.DAILY, Unit.DAY, "119", {}, {"wage-converted": MUST}),
        (Kind.DAILY, Unit.DAY, "120", {}, {}),
        (Kind.DAILY, Unit.DAY, "120", {"hours_per_day": None}, {"wage-hourly": HINT}),
        (Kind.DAILY, Unit.DAY, "98", {"hours_per_day": Decimal(4)}, {}),
        (Kind.DAILY, Unit.DAY, "60", {"hours_per_day": Decimal(4)}, {"wage-hourly": HINT}),
        (Kind.FULL_TIME, Unit.HOUR, "15", {"hours_per_day": Decimal(4)}, {}),
        # Of pay by the piece, what the firm says it comes to in an hour; without that nothing is published.
        (Kind.TEMPORARY, Unit.PIECE, "0.36", {}, {}),
        (Kind.TEMPORARY, Unit.PIECE, "0.36", {"hourly_min": Decimal(15)}, {}),
        (
            Kind.TEMPORARY,
            Unit.PIECE,
            "0.36",
            {"hourly_min": Decimal("14.90"), "pay_conditions": "不足的补足。"},
            {"wage-converted": MUST},
        ),
        (
            Kind.TEMPORARY,
            Unit.PIECE,
            "0.36",
            {"hourly_min": Decimal(24), "hours_per_day": Decimal(4)},
            {"wage-hourly": HINT},
        ),
        (Kind.PART_TIME, Unit.PIECE, "0.36", {"hourly_min": Decimal("24.50")}, {}),
        (
            Kind.PART_TIME,
            Unit.PIECE,
            "0.36",
            {"hourly_min": Decimal("24.49")},
            {"wage-converted": MUST},
        ),
        # Left behind when the unit was changed.
        (Kind.TEMPORARY, Unit.HOUR, "15", {"hourly_min": Decimal(1)}, {}),
    ],
)
def test_pay_under_the_minimum_wage(
    kind: str, unit: str, pay: str, more: dict[str, Any], expected: dict[str, Severity]
) -> None:
    cast.wage()
    fields = {"kind": kind, "pay_unit": unit, "pay_min": Decimal(pay), "pay_max": None, **more}
    paid_out = Job.Settlement.DAILY if kind == Kind.DAILY else Job.Settlement.WEEKLY
    assert found(settlement=paid_out, **fields) == expected


def test_the_table_is_that_of_the_city_and_of_today() -> None:
    cast.wage(in_force_from=day(1), hourly="99.00")
    low = {"kind": Kind.PART_TIME, "settlement": Job.Settlement.WEEKLY, "pay_min": Decimal(24)}
    assert found(**low) == {}  # 23.70, of the migration; the higher one holds from tomorrow on
    assert found(**low, city="东莞市") == {"wage-unknown": MUST}
    cast.wage("东莞市", hourly="30.00")
    assert found(**low, city="东莞市") == {"wage": BLOCK}


def test_other_work_for_the_same_piece_is_another_matter_to_decide() -> None:
    cast.wage()
    by_piece: dict[str, Any] = {"pay_unit": Unit.PIECE, "pay_min": Decimal("0.36"), "pay_max": None}
    job = cast.job(**by_piece, hourly_min=Decimal(14))
    (low,) = unresolved(job)
    assert low.field == "hourly_min"
    assert "折合每小时约 14.00 元" in low.message
    clear(job, cast.amin(), "试做期，不足的按最低工资补足")
    assert unresolved(job) == []
    job.hourly_min = Decimal(12)
    assert [one.rule for one in unresolved(job)] == ["wage-converted"]


@pytest.mark.parametrize("city", ["深圳", "深圳市", " 深圳市 "])
def test_a_city_is_known_with_and_without_its_last_sign(city: str) -> None:
    cast.wage()
    low = {"kind": Kind.PART_TIME, "settlement": Job.Settlement.WEEKLY, "pay_min": Decimal(24)}
    assert found(**low, city=city) == {"wage": BLOCK}


@pytest.mark.parametrize("city", ["广东深圳", "深圳市宝安区", "深 圳", "Shenzhen"])
def test_pay_in_a_city_the_table_does_not_know_needs_a_reason(city: str) -> None:
    job = cast.job(city=city, pay_unit=Unit.MONTH, pay_min=Decimal(1000), pay_max=None)
    assert [(one.rule, one.severity) for one in unresolved(job)] == [("wage-unknown", MUST)]
    clear(job, cast.amin(), "按东莞市现行标准核对过")
    assert unresolved(job) == []
    job.city = "惠州市"
    assert [one.rule for one in unresolved(job)] == ["wage-unknown"]


def test_a_wage_is_measured_by_what_holds_when_the_job_goes_live() -> None:
    cast.wage(in_force_from=day(3), hourly="99.00")
    low = {"kind": Kind.PART_TIME, "settlement": Job.Settlement.WEEKLY, "pay_min": Decimal(30)}
    assert found(**low, pay_max=None) == {}
    scheduled = {"go_live_at": timezone.now() + timedelta(days=3), "first_published_at": None}
    assert found(**low, pay_max=None, **scheduled) == {"wage": BLOCK}


def test_a_reason_for_one_pay_does_not_hold_for_a_lower_one() -> None:
    cast.wage()
    job = cast.job(pay_unit=Unit.HOUR, pay_min=Decimal("14.90"), pay_max=None)
    clear(job, cast.amin(), "含餐补后高于最低工资标准")
    assert unresolved(job) == []
    job.pay_min = Decimal("14.00")
    assert [one.rule for one in unresolved(job)] == ["wage-converted"]


def test_a_job_without_pay_is_asked_for_it_elsewhere() -> None:
    assert found(pay_min=None, pay_max=None) == {}


# --- Who employs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [DISPATCH, RECRUIT])
def test_who_hires_for_others_needs_a_licence_in_force(fields: dict[str, Any]) -> None:
    kind = Licence.Kind.DISPATCH if fields is DISPATCH else Licence.Kind.HR_SERVICE
    wrong = Licence.Kind.HR_SERVICE if fields is DISPATCH else Licence.Kind.DISPATCH
    fields = {**fields, **checked()}
    assert found(**fields) == {"licence": MUST}
    cast.licence(wrong)
    lapsed = cast.licence(kind, valid_to=day(-1))
    assert found(**fields) == {"licence": MUST}
    advice = only("licence", **fields).advice
    assert "罚款" in advice
    assert "劳动合同法" in advice or "暂行条例" in advice
    lapsed.valid_to = day(0)
    lapsed.save()
    assert found(**fields, valid_through=day(0)) == {}
    assert found(**fields, valid_through=day(1)) == {"licence-ends": HINT}
    cast.licence(kind, "示例0009号")  # without an end
    assert found(**fields, valid_through=day(1)) == {}


def test_a_licence_counts_from_its_first_day_on() -> None:
    fields = {**RECRUIT, **checked(), "valid_through": day(9)}
    cast.licence(Licence.Kind.HR_SERVICE, "示例0001号", valid_from=day(2), valid_to=day(400))
    assert found(**fields) == {"licence": MUST}
    assert "还没有生效" in only("licence", **fields).message
    scheduled = {"go_live_at": timezone.now() + timedelta(days=2), "first_published_at": None}
    assert found(**fields, **scheduled) == {}
    # The one before ends as this one begins: nothing to hint at.
    cast.licence(Licence.Kind.HR_SERVICE, "示例0002号", valid_from=day(-99), valid_to=day(2))
    assert found(**fields) == {}


def test_a_job_that_goes_live_after_its_licence_has_lapsed_needs_a_reason() -> None:
    cast.licence(Licence.Kind.HR_SERVICE, valid_to=day(2))
    fields = {**RECRUIT, **checked(), "first_published_at": None}
    assert found(**fields, go_live_at=timezone.now() + timedelta(days=3)) == {"licence": MUST}


def test_the_agencys_own_jobs_need_none() -> None:
    assert found(employer_type=Type.OWN) == {}


def test_a_job_without_licence_is_published_for_a_recorded_reason_only() -> None:
    job = cast.job(**DISPATCH, **checked())
    with pytest.raises(ValidationError, match="劳务派遣经营许可证没有登记"):
        clear(job, cast.amin())
    clear(job, cast.amin(), "延续已受理，陈总批准")
    decision = Decision.objects.get()
    assert (decision.by, decision.reason) == (cast.amin(), "延续已受理，陈总批准")
    # The reason was given for no licence at all, not for one that lapses later.
    cast.licence(valid_to=day(-1))
    assert [one.rule for one in unresolved(job)] == ["licence"]


def test_part_time_work_is_never_dispatched() -> None:
    cast.licence()
    part_time = {"kind": Kind.PART_TIME, "settlement": Job.Settlement.WEEKLY, **checked()}
    part_time |= {"pay_min": Decimal(30), "pay_max": None}
    assert found(**part_time, **DISPATCH) == {"dispatch-part-time": BLOCK}
    assert "第三十条" in only("dispatch-part-time", **part_time, **DISPATCH).advice


def test_dispatch_for_long_is_doubtful() -> None:
    cast.licence()
    assert found(duties="长期招人。", **DISPATCH, **checked()) == {"dispatch-long": HINT}
    assert found(duties="长期招人。") == {}


def test_part_time_work_is_paid_within_fifteen_days() -> None:
    part_time = {"kind": Kind.PART_TIME, "pay_min": Decimal(30), "pay_max": None}
    assert found(**part_time, settlement=Job.Settlement.MONTHLY) == {"settlement": MUST}
    assert found(**part_time, settlement=Job.Settlement.HALF_MONTHLY) == {}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (0, 14, {}),
        (0, 15, {"settlement": MUST}),
        (0, None, {"settlement": MUST}),
        (None, 14, {"settlement": MUST}),
    ],
)
def test_part_time_work_paid_on_completion_is_done_within_fifteen_days(
    first: int | None, last: int | None, expected: dict[str, Severity]
) -> None:
    part_time = {"kind": Kind.PART_TIME, "pay_min": Decimal(30), "pay_max": None}
    span = {
        "work_from": None if first is None else day(first),
        "work_to": None if last is None else day(last),
    }
    assert found(**part_time, **span, settlement=Job.Settlement.ON_COMPLETION) == expected


@pytest.mark.parametrize(
    ("kind", "settlement", "expected"),
    [
        (Kind.TEMPORARY, Job.Settlement.MONTHLY, {}),
        (Kind.TEMPORARY, Job.Settlement.WEEKLY, {}),
        (Kind.TEMPORARY, Job.Settlement.DAILY, {"dispatch-settlement": MUST}),
        (Kind.TEMPORARY, Job.Settlement.ON_COMPLETION, {"dispatch-settlement": MUST}),
        (Kind.DAILY, Job.Settlement.DAILY, {"dispatch-settlement": MUST}),
    ],
)
def test_who_is_dispatched_is_paid_by_the_month(
    kind: str, settlement: str, expected: dict[str, Severity]
) -> None:
    cast.licence()
    job = {"kind": kind, "settlement": settlement, **checked()}
    assert found(**DISPATCH, **job) == expected
    assert found(**job) == {}


@pytest.mark.parametrize("settlement", [*Job.Settlement])
def test_work_that_is_called_paid_by_the_day_is(settlement: str) -> None:
    expected = {} if settlement == Job.Settlement.DAILY else {"daily-settlement": MUST}
    assert found(kind=Kind.DAILY, settlement=settlement) == expected
    assert found(settlement=settlement) == {}


# --- Where it comes from --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (checked(), {}),
        (checked(180), {}),
        (checked(181), {"papers": MUST}),
        ({**checked(), "checked_on": None}, {"papers": MUST}),
        ({**checked(), "checked_mandate": False}, {"papers": MUST}),
        ({}, {"papers": MUST}),
    ],
)
def test_the_clients_papers_are_looked_at_and_again_after_half_a_year(
    fields: dict[str, Any], expected: dict[str, Severity]
) -> None:
    cast.licence()
    assert found(**DISPATCH, **fields) == expected


def test_the_missing_papers_are_named() -> None:
    fields = {**checked(), "checked_mandate": False, "checked_agent_identity": False}
    assert "委托书、经办人身份" in only("papers", **DISPATCH, **fields).message


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"is_repost": True}, {"repost": BLOCK, "repost-address": HINT}),
        ({"source_url": "https://example.gov.cn/1"}, {"repost": BLOCK}),
        (
            {"is_repost": True, "source_name": " ", "source_url": "https://example.gov.cn/1"},
            {"repost": BLOCK},
        ),
        ({"is_repost": True, "source_name": "市公共就业平台"}, {"repost-address": HINT}),
        ({"source_name": "市公共就业平台", "source_url": "https://example.gov.cn/1"}, {}),
    ],
)
def test_a_repost_names_its_source(fields: dict[str, Any], expected: dict[str, Severity]) -> None:
    assert found(**fields) == expected


def test_every_finding_that_stops_a_job_names_its_law() -> None:
    cast.wage()
    worst = cast.job(
        kind=Kind.PART_TIME, pay_min=Decimal(1), settlement=Job.Settlement.MONTHLY,
        is_repost=True, **DISPATCH,
    )  # fmt: skip
    stopping = [one for one in findings(worst) if one.severity != HINT]
    assert len(stopping) == 6
    for one in stopping:
        assert "条" in one.advice, one.rule


# --- Dates ----------------------------------------------------------------------------------------------


def test_what_nobody_can_apply_for_is_not_published() -> None:
    draft: dict[str, Any] = {"status": "draft", "go_live_at": None, "first_published_at": None}
    assert "valid_through" in cast.job(**draft, valid_through=day(-1)).publish_errors()
    assert cast.job(**draft, valid_through=day(0)).publish_errors() == {}
    ahead = {**draft, "go_live_at": timezone.now() + timedelta(days=3)}
    assert "valid_through" in cast.job(**ahead, valid_through=day(2)).publish_errors()
    # What was published may be corrected after its last day.
    assert cast.job(valid_through=day(-1)).publish_errors() == {}
