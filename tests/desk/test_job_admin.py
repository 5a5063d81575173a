"""Jobs at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.publishing import State
from staffing.models import Job
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, press, said

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/job/"
ADD = f"{LIST}add/"


def days(number: int) -> Any:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def one_of_each() -> dict[str, Job]:
    return {
        "open": cast.job("在招岗位", valid_through=days(0)),
        "closed": cast.job("截止岗位", valid_through=days(-1)),
        "filled": cast.job("招满岗位", filled_at=timezone.now()),
    }


def test_the_list_says_why_nobody_can_apply(staff: Client, one_of_each: dict[str, Job]) -> None:
    page = staff.get(LIST).content.decode()

    for word in ("已发布", "已截止", "招满"):
        assert f">{word}</span>" in page
    assert "23.50–25 元/时" in page
    assert "宝安区" in page


@pytest.mark.parametrize("situation", ["open", "closed", "filled"])
def test_the_list_is_filtered_by_situation(
    staff: Client, one_of_each: dict[str, Job], situation: str
) -> None:
    listed = staff.get(LIST, {"recruiting": situation}).context["cl"].result_list

    assert list(listed) == [one_of_each[situation]]


def test_the_list_costs_the_same_whatever_its_length(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = timezone.now() - timedelta(minutes=5)
    same: dict[str, Any] = {"go_live_at": at, "first_published_at": at}
    cast.job(**same)
    cast.district("x", "不变的区")
    staff.get(LIST)
    with django_assert_num_queries(13):
        staff.get(LIST)
    for _ in range(8):
        cast.job(**same)

    with django_assert_num_queries(13):
        assert len(staff.get(LIST).context["cl"].result_list) == 9


def test_every_field_of_a_job_is_in_the_form(staff: Client) -> None:
    page = staff.get(ADD)

    shown = {name for part in page.context["adminform"] for name in _flat(part.fields)}
    fields = {field.name for field in Job._meta.concrete_fields if field.editable}
    assert fields - shown == {"id", "created_at", "updated_at"} & fields


def _flat(fields: Any) -> list[str]:
    return [name for field in fields for name in ([field] if isinstance(field, str) else field)]


def test_an_incomplete_job_is_kept_as_a_draft(staff: Client) -> None:
    response = press(staff, ADD, "_publish", title="电子厂普工", duties="流水线组装。")

    job = Job.objects.get()
    assert job.state == State.DRAFT
    assert job.duties == "流水线组装。"
    page = staff.get(response["Location"])
    errors = set(page.context["adminform"].form.errors)
    assert {"headcount", "pay_min", "valid_through", "district"} <= errors


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ("age_min", "15", "最低年龄不得低于 16 周岁。"),
        ("pay_min", "-1", "薪酬须大于 0"),
        ("pay_max", "1", "上限不得低于下限"),
        ("pay_min", "1e30", ""),
        ("pay_min", "NaN", ""),
        ("headcount", "0", ""),
        ("headcount", "99999999999", ""),
        ("valid_through", "2026-02-30", ""),
    ],
)
def test_what_cannot_be_is_refused_in_the_form(
    staff: Client, field: str, value: str, answer: str
) -> None:
    job = cast.job()

    page = press(staff, form_of(job), "_save", **{field: value})

    assert page.status_code == 200
    assert answer in page.content.decode()
    assert Job.objects.get().edit_version == job.edit_version


def test_jobs_are_filled_and_reopened(staff: Client) -> None:
    job = cast.job()

    act(staff, LIST, "fill_selected", job)
    job.refresh_from_db()
    assert not job.is_open
    assert "已经招满" in said(act(staff, LIST, "fill_selected", job))
    act(staff, LIST, "reopen_selected", job)

    job.refresh_from_db()
    assert job.is_open


@pytest.mark.parametrize(("before", "after"), [(10, 40), (0, 30), (-20, 30)])
def test_thirty_more_days_count_from_the_last_day_or_from_today(
    staff: Client, before: int, after: int
) -> None:
    job = cast.job(valid_through=days(before))

    act(staff, LIST, "extend_selected", job)

    job.refresh_from_db()
    assert job.valid_through == days(after)


def test_who_checked_the_papers_is_noted(staff: Client) -> None:
    job = cast.job()

    press(staff, form_of(job), "_publish", title="改标题不算核对")
    job.refresh_from_db()
    assert job.checked_by is None
    press(staff, form_of(job), "_publish", checked_mandate="on")

    checked = fresh(job)
    assert (checked.checked_by, checked.checked_on) == (cast.amin(), days(0))


def test_a_copy_asks_for_its_own_last_day(staff: Client) -> None:
    job = cast.job(external_id="A-7", filled_at=timezone.now())

    press(staff, form_of(job), "_copy")

    copy = Job.objects.exclude(pk=job.pk).get()
    assert (copy.external_id, copy.filled_at, copy.valid_through) == ("", None, None)
    assert copy.duties == job.duties


def test_the_pages_of_jobs_speak_chinese(staff: Client, one_of_each: dict[str, Job]) -> None:
    for path in (LIST, ADD, form_of(one_of_each["open"]), form_of(one_of_each["filled"])):
        assert english_in(staff.get(path).content.decode()) == []


def test_editors_have_no_business_here(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403
