"""Jobs at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.accounts import User
from portal.cms.compliance.models import Decision
from portal.cms.publishing import State
from portal.cms.revisions.models import Event, Revision
from staffing.models import District, Job, Licence
from staffing.models.job import PAPERS
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
    ("typed", "field", "answer"),
    [
        ({"education": "有叉车证"}, "education", "看不懂学历“有叉车证”。请写不限、初中、高中"),
        ({"pay_unit": "piece"}, "hourly_min", "正常产量下一小时约合多少元"),
        ({}, "district", "盐田区还没有邮政编码，请先在“区域”里补上再发布。"),
    ],
)
def test_what_search_engines_could_not_be_told_is_not_published(
    staff: Client, typed: dict[str, str], field: str, answer: str
) -> None:
    draft: dict[str, Any] = {"status": "draft", "go_live_at": None, "first_published_at": None}
    if not typed:
        draft["district"] = District.objects.create(slug="yantian", name="盐田区")
    job = cast.job(**draft)

    response = press(staff, form_of(job), "_publish", **typed)

    assert fresh(job).state == State.DRAFT
    errors = staff.get(response["Location"]).context["adminform"].form.errors
    assert set(errors) == {field}
    assert answer in errors[field][0]


def test_nor_is_it_renewed(staff: Client) -> None:
    job = cast.job(education="有叉车证")
    assert "看不懂学历" in said(staff.post(verb(job, "renew"), follow=True))
    assert fresh(job).valid_through == job.valid_through


def test_a_district_has_its_postal_code(staff: Client) -> None:
    sent = {"name": "盐田区", "slug": "yantian", "order": "10"}
    address = "/admin/staffing/district/add/"
    for code, right in (("", False), ("5180", False), ("518081", True)):
        staff.post(address, {**sent, "postal_code": code})
        assert District.objects.exists() is right


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ("age_min", "15", "最低年龄不得低于 16 周岁。"),
        ("pay_min", "-1", "薪酬须大于 0"),
        ("pay_max", "1", "上限不得低于下限"),
        ("pay_min", "1e30", ""),
        ("hourly_min", "0", "折合时薪须大于 0"),
        ("hourly_max", "20", "折合时薪须大于 0，上限不得低于下限。"),
        ("pay_min", "NaN", ""),
        ("headcount", "0", ""),
        ("hours_per_day", "0", "每日工时至少 0.5 小时。"),
        ("hours_per_day", "25", "每日工时最多 24 小时。"),
        ("headcount", "99999999999", ""),
        ("valid_through", "2026-02-30", ""),
    ],
)
def test_what_cannot_be_is_refused_in_the_form(
    staff: Client, field: str, value: str, answer: str
) -> None:
    job = cast.job(hourly_min="24.00")

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

    act(staff, LIST, "renew_selected", job)

    job.refresh_from_db()
    assert job.valid_through == days(after)


def verb(job: Job, name: str) -> str:
    return f"{LIST}{job.pk}/{name}/"


def test_each_row_and_the_form_offer_what_can_be_done(staff: Client) -> None:
    job, filled = cast.job("在招岗位"), cast.job("招满岗位", filled_at=timezone.now())
    draft = cast.job("草稿岗位", status="draft", go_live_at=None, first_published_at=None)

    page = staff.get(LIST).content.decode()

    for name in ("fill", "renew"):
        assert f'formaction="{verb(job, name)}"' in page
        assert f'formaction="{verb(filled, name)}"' not in page
        assert f'formaction="{verb(draft, name)}"' not in page
    assert f'formaction="{verb(filled, "reopen")}"' in page
    assert '<form id="job-verbs" method="post">' in page
    form = staff.get(form_of(job)).content.decode()
    assert f'formaction="{verb(job, "renew")}"' in form
    assert '<form id="job-verbs" method="post">' in form


def test_one_click_fills_reopens_and_renews_and_leads_back(staff: Client) -> None:
    job = cast.job(valid_through=days(2))
    back = f"http://testserver{LIST}?recruiting=open"

    response = staff.post(verb(job, "fill"), headers={"referer": back})
    assert response["Location"] == back
    assert fresh(job).filled_at is not None
    assert "已经招满" in said(staff.post(verb(job, "fill"), follow=True))
    staff.post(verb(job, "reopen"))
    assert fresh(job).filled_at is None
    response = staff.post(verb(job, "renew"), headers={"referer": "https://evil.example/"})
    assert response["Location"] == LIST

    assert fresh(job).valid_through == days(32)
    notes = Revision.objects.about(job).filter(event=Event.CHANGED).order_by("pk")
    assert [(one.note, one.by) for one in notes] == [
        (word, cast.amin()) for word in ("标记招满", "取消招满", "延长 30 天")
    ]


def test_renewing_leaves_the_pending_draft_alone(staff: Client) -> None:
    job = cast.job(valid_through=days(2))
    press(staff, form_of(job), "_save", title="还没有发布的新名称")

    staff.post(verb(job, "renew"))

    assert (fresh(job).title, fresh(job).valid_through) == ("电子厂普工", days(32))
    page = staff.get(form_of(job)).context["adminform"].form
    assert page["title"].value() == "还没有发布的新名称"
    assert page["valid_through"].value() == days(32)


def test_a_job_is_not_renewed_while_its_papers_are_old(staff: Client) -> None:
    cast.licence()
    ticks: dict[str, Any] = dict.fromkeys(PAPERS, True)
    job = cast.job(employer_type=Job.EmployerType.AGENCY_DISPATCH, **ticks, checked_on=days(-200))

    response = staff.post(verb(job, "renew"), follow=True)

    assert "超过六个月没有重新核对" in said(response)
    assert fresh(job).valid_through == job.valid_through
    press(staff, form_of(job), "_publish", checked_again="on")
    assert (fresh(job).checked_on, fresh(job).checked_by) == (days(0), cast.amin())
    staff.post(verb(job, "renew"))
    assert fresh(job).valid_through == days(60)


def test_a_job_is_not_opened_again_while_its_licence_is_lapsed(staff: Client) -> None:
    cast.licence(valid_to=days(-1))
    ticks: dict[str, Any] = dict.fromkeys(PAPERS, True)
    job = cast.job(
        employer_type=Job.EmployerType.AGENCY_DISPATCH,
        filled_at=timezone.now(),
        **ticks,
        checked_on=days(0),
    )

    assert "已于" in said(staff.post(verb(job, "reopen"), follow=True))
    assert fresh(job).filled_at is not None
    Licence.objects.update(valid_to=days(90))
    staff.post(verb(job, "reopen"))
    assert fresh(job).is_open


@pytest.mark.parametrize("name", ["fill", "reopen", "renew"])
def test_the_verbs_are_for_those_who_may_change_jobs(
    name: str, staff: Client, editor: Client, client: Client
) -> None:
    job = cast.job(filled_at=timezone.now() if name == "reopen" else None)
    assert editor.post(verb(job, name)).status_code == 403
    assert client.post(verb(job, name)).status_code == 302  # to the login
    assert staff.get(verb(job, name)).status_code == 405
    assert staff.post(f"{LIST}987654/{name}/").status_code == 404
    assert staff.post(f"{LIST}x/{name}/").status_code == 404
    assert fresh(job).edit_version == job.edit_version


def test_who_may_not_publish_is_not_offered_them(client: Client) -> None:
    rights = Permission.objects.filter(codename__in=["view_job", "change_job"])
    helper = User.objects.create_user("xiaogong", name="小龚", is_staff=True)
    helper.user_permissions.set(rights)
    client.force_login(helper)
    job = cast.job()
    assert "formaction" not in client.get(LIST).content.decode()
    assert "只能由有发布权限的同事" in said(client.post(verb(job, "fill"), follow=True))
    assert fresh(job).filled_at is None


def test_a_job_long_over_has_no_page_to_look_at(staff: Client) -> None:
    job = cast.job(valid_through=days(-31))
    page = staff.get(form_of(job)).content.decode()
    assert "查看页面" not in page
    assert "页面已撤下" in staff.get(LIST).content.decode()


def test_a_job_without_licence_needs_a_reason(staff: Client) -> None:
    draft: dict[str, Any] = {"status": "draft", "go_live_at": None, "first_published_at": None}
    ticks: dict[str, Any] = dict.fromkeys(PAPERS, True) | {"checked_on": days(0)}
    job = cast.job(employer_type=Job.EmployerType.AGENCY_DISPATCH, **draft, **ticks)

    refused = press(staff, form_of(job), "_publish")
    assert "劳务派遣经营许可证没有登记" in said(staff.get(refused["Location"]))
    assert fresh(job).state == State.DRAFT
    press(staff, form_of(job), "_publish", override_reason="延续已受理，陈总批准")

    assert fresh(job).state == State.LIVE
    decision = Decision.objects.about(job).get()
    assert (decision.by, decision.reason) == (cast.amin(), "延续已受理，陈总批准")


def test_who_checked_the_papers_is_noted(staff: Client) -> None:
    job = cast.job()

    press(staff, form_of(job), "_publish", title="改标题不算核对")
    job.refresh_from_db()
    assert job.checked_by is None
    press(staff, form_of(job), "_publish", checked_mandate="on")

    checked = fresh(job)
    assert (checked.checked_by, checked.checked_on) == (cast.amin(), days(0))


def test_taking_a_tick_away_is_no_check(staff: Client) -> None:
    ticks: dict[str, Any] = dict.fromkeys(PAPERS, True)
    job = cast.job(**ticks, checked_on=days(-90))

    press(staff, form_of(job), "_publish", checked_mandate="")
    checked = fresh(job)
    assert (checked.checked_mandate, checked.checked_on) == (False, days(-90))
    # One of four is looked at: the others are as old as they were.
    press(staff, form_of(job), "_publish", checked_mandate="on")
    assert (fresh(job).checked_mandate, fresh(job).checked_on) == (True, days(-90))
    press(staff, form_of(job), "_publish", checked_again="on")
    assert (fresh(job).checked_on, fresh(job).checked_by) == (days(0), cast.amin())


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
