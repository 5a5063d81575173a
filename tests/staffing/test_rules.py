"""Policies, notices, wages and special days: what a site begins with, and what the tables refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from portal.cms.site import SiteProfile
from staffing.models import (
    Consent,
    Form,
    FormPolicy,
    LicenceAlert,
    MinimumWage,
    PrivacyNotice,
    SpecialDay,
)
from staffing.models.calendar import is_worked, working_days_after
from tests import cast
from tests.desk.english import english_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Purpose = PrivacyNotice.Purpose

# --- What a new site has ---------------------------------------------------------------------------


def test_every_form_has_rules_and_a_notice() -> None:
    assert set(FormPolicy.objects.values_list("form", flat=True)) == set(Form.values)
    for form in Form:
        assert PrivacyNotice.objects.current(form, Purpose.HANDLING) is not None
    assert PrivacyNotice.objects.current(Form.APPLICATION, Purpose.FORWARDING) is not None
    assert PrivacyNotice.objects.current(Form.COMPANY, Purpose.FORWARDING) is None


def test_a_dormitory_shares_an_address() -> None:
    rules = FormPolicy.objects.values_list("form", "per_address_hour", "per_address_day")
    assert set(rules) == {
        ("company", 5, 20),
        ("call_back", 30, 200),
        ("application", 30, 200),
        ("complaint", 5, 20),
        ("takedown", 5, 20),
    }


def test_notices_say_what_the_law_asks_for_and_how_long_the_rules_keep() -> None:
    profile = SiteProfile(
        name="鹏聘",
        legal_name="深圳市鹏聘人力资源有限公司（示例）",
        complaint_email="ts@example.com",
        address="宝安区",
    )
    hotline = cast.hotline()
    for notice in PrivacyNotice.objects.filter(purpose=Purpose.HANDLING):
        words = notice.words(profile, hotline=hotline)
        assert "处理者：深圳市鹏聘人力资源有限公司（示例）" in words
        assert "联系方式：电话 0755-8882 8155，邮箱 ts@example.com，地址 宝安区" in words
        assert f"保存 {FormPolicy.of(Form(notice.form)).retention_days} 天" in words
        for right in ("查询", "复制", "更正", "删除", "撤回同意"):
            assert right in words
        assert "{" not in words
        assert english_in(f"<p>{words}</p>") == []


def test_notices_say_what_else_a_lead_holds() -> None:
    for form in (Form.COMPANY, Form.CALL_BACK, Form.APPLICATION):
        for kept in ("哪个页面提交", "最先打开的页面", "从哪个网站来", "搜索过的词", "网络地址"):
            assert kept in cast.notice(form).text
    assert "见网站的“联系我们”页面" in cast.notice().words(SiteProfile(name="鹏聘"))


def test_the_words_name_whom_data_is_handed_to() -> None:
    notice = cast.notice("application", "forwarding")
    assert "示例电子" in notice.words(SiteProfile(name="鹏聘"), "示例电子")
    assert "提供给用工单位" in notice.words(SiteProfile(name="鹏聘"))
    assert "{" not in notice.words(SiteProfile(name="鹏聘"))


def test_the_first_wage_waits_for_somebody_to_check_it() -> None:
    wage = MinimumWage.objects.at("深圳市", date(2026, 11, 23))
    assert wage is not None
    assert (wage.monthly, wage.hourly) == (Decimal(2520), Decimal("23.7"))
    assert not wage.is_checked


def test_making_the_rows_again_changes_nothing_and_spares_what_the_owner_changed() -> None:
    FormPolicy.objects.filter(form=Form.COMPANY).update(retention_days=90)
    cast.notice("company", title="新的一版")
    migration = import_module("staffing.migrations.0005_rules")
    migration.add(apps, SimpleNamespace(connection=connection))
    assert FormPolicy.of(Form.COMPANY).retention_days == 90
    assert PrivacyNotice.objects.filter(form=Form.COMPANY).count() == 2
    assert (FormPolicy.objects.count(), MinimumWage.objects.count()) == (5, 1)


# --- Rules of forms --------------------------------------------------------------------------------


def test_a_form_whose_row_was_lost_has_the_rules_of_a_new_site() -> None:
    FormPolicy.objects.all().delete()
    assert FormPolicy.of(Form.COMPANY).per_phone_day == 3


@pytest.mark.parametrize("days", [0, 4000, -1])
def test_nothing_is_kept_for_ever_or_not_at_all(days: int) -> None:
    policy = FormPolicy.of(Form.COMPANY)
    policy.retention_days = days
    with pytest.raises(ValidationError) as refusal:
        policy.full_clean()
    assert english_in(f"<p>{refusal.value.messages}</p>") == []


# --- Notices ---------------------------------------------------------------------------------------


@time_machine.travel("2026-11-23 10:00 +0800")
def test_the_latest_version_in_force_holds() -> None:
    first = cast.notice("company")
    coming = cast.notice("company", text="新的说法", in_force_from=date(2026, 12, 1))
    assert PrivacyNotice.objects.current(Form.COMPANY, Purpose.HANDLING) == first
    with time_machine.travel("2026-12-01 00:00 +0800"):
        assert PrivacyNotice.objects.current(Form.COMPANY, Purpose.HANDLING) == coming


def test_what_somebody_agreed_to_is_not_changed() -> None:
    notice = cast.notice()
    notice.text = "改了错别字"
    notice.full_clean()
    Consent.objects.create(enquiry=cast.application(), notice=notice)
    with pytest.raises(ValidationError, match="请新增一版"):
        notice.full_clean()
    notice.refresh_from_db()
    notice.full_clean()


def test_nor_is_what_stood_beside_a_complaint() -> None:
    notice = cast.notice("takedown")
    cast.ticket(notice=notice)
    notice.title = "另一个标题"
    with pytest.raises(ValidationError, match="请新增一版"):
        notice.full_clean()


def test_a_consent_to_hand_on_has_to_say_to_whom() -> None:
    words = {"text": "我们会把资料提供给用工单位。"}
    cast.notice("application", "forwarding").full_clean()
    cast.notice("application", **words).full_clean()
    with pytest.raises(ValidationError, match="请写上"):
        cast.notice("application", "forwarding", **words).full_clean()


def test_only_applications_are_handed_on() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PrivacyNotice.objects.create(form=Form.COMPANY, purpose=Purpose.FORWARDING, title="转交")


# --- Wages -----------------------------------------------------------------------------------------


def test_the_wage_of_a_day_is_the_latest_before_it() -> None:
    new = cast.wage(in_force_from=date(2026, 7, 1))
    wages = MinimumWage.objects
    old = wages.at("深圳市", date(2026, 6, 30))
    assert wages.at("深圳市", date(2026, 7, 1)) == new
    assert old is not None
    assert old.hourly == Decimal("23.7")
    assert wages.at("深圳市", date(2025, 2, 28)) is None
    assert wages.at("广州市") is None


@time_machine.travel("2026-11-23 10:00 +0800")
@pytest.mark.parametrize(
    ("checked_on", "is_checked"),
    [(None, False), (date(2025, 11, 22), False), (date(2025, 11, 23), True)],
)
def test_a_figure_is_to_be_checked_once_a_year(checked_on: date | None, is_checked: bool) -> None:
    assert cast.wage(checked_on=checked_on).is_checked is is_checked


# --- Days ------------------------------------------------------------------------------------------


def test_working_days_are_those_of_the_week_unless_the_calendar_says_otherwise() -> None:
    cast.special_day(date(2026, 10, 1))
    cast.special_day(date(2026, 10, 10), SpecialDay.Kind.WORK)
    special = SpecialDay.objects.kinds(date(2026, 9, 30), date(2026, 10, 11))
    assert len(special) == 2
    assert not is_worked(date(2026, 10, 1), special)  # a Thursday
    assert is_worked(date(2026, 10, 10), special)  # a Saturday
    assert not is_worked(date(2026, 10, 11), special)
    # Wednesday → Friday, over the holiday; Friday → Saturday, which is worked.
    assert working_days_after(date(2026, 9, 30), 1, special) == date(2026, 10, 2)
    assert working_days_after(date(2026, 10, 9), 2, special) == date(2026, 10, 12)
    assert working_days_after(date(2026, 10, 9), 0, special) == date(2026, 10, 9)


def test_a_day_is_entered_once() -> None:
    cast.special_day(date(2026, 10, 1))
    with pytest.raises(ValidationError, match="已经录入过了"):
        SpecialDay(day=date(2026, 10, 1)).full_clean()


# --- Licences --------------------------------------------------------------------------------------


def test_a_term_is_announced_once_at_each_distance() -> None:
    end = date(2027, 1, 1)
    licence = cast.licence(valid_to=end)
    LicenceAlert.objects.create(licence=licence, valid_to=end, days=60)
    LicenceAlert.objects.create(licence=licence, valid_to=end, days=30)
    LicenceAlert.objects.create(licence=licence, valid_to=date(2030, 1, 1), days=60)
    with pytest.raises(IntegrityError), transaction.atomic():
        LicenceAlert.objects.create(licence=licence, valid_to=end, days=60)
